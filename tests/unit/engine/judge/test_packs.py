"""Packs follow from the controls that policies answer to."""

from __future__ import annotations

import pytest

from stackproof import InputError
from stackproof.findings import Rule, Severity
from stackproof.judge.packs import chosen, packs

RULES = (
    Rule("SP301", "Encrypted", Severity.HIGH, controls=("FSBP RDS.3", "NIST SC-28", "NIST SC-13")),
    Rule("SP302", "Private", Severity.HIGH, controls=("FSBP RDS.2", "CIS 2.3.3")),
    Rule("OWN100", "Named", Severity.LOW, controls=("ACME 1",)),
)
FOUND = packs(RULES, own=["SP301", "SP302"])


def test_a_policy_is_in_the_pack_of_each_body_whose_controls_it_names() -> None:
    assert dict(FOUND) == {
        "acme": {"OWN100"},
        "cis": {"SP302"},
        "fsbp": {"SP301", "SP302"},
        "nist": {"SP301"},
        "stackproof": {"SP301", "SP302"},
    }


@pytest.mark.parametrize(
    ("names", "ids"),
    [(["cis"], {"SP302"}), (["CIS"], {"SP302"}), (["cis", "nist"], {"SP301", "SP302"}), (["acme"], {"OWN100"})],
)
def test_several_packs_are_asked_together(names: list[str], ids: set[str]) -> None:
    assert chosen(names, FOUND) == ids


@pytest.mark.parametrize(("name", "near"), [("fsb", "; did you mean 'fsbp'?"), ("hipaa", ""), ("", "")])
def test_a_pack_without_policies_is_an_error(name: str, near: str) -> None:
    with pytest.raises(InputError) as refused:
        chosen([name], FOUND)
    assert str(refused.value) == f"no policy belongs to a pack '{name}'{near}; see stackproof list packs"
