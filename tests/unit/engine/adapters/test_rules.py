"""Ids under which cfn-lint knows the policies: permanent, distinct, and in the range of rules that are not its own."""

import re

import pytest

from stackproof.adapters.cfnlint import rule_id, rules
from stackproof.adapters.judged import UNJUDGED, policies
from stackproof.findings import Rule, Severity


def test_every_policy_has_a_rule_and_templates_that_cannot_be_judged_too() -> None:
    made = rules()
    assert {rule.policy.id for rule in made.values()} == {UNJUDGED.id, *(loaded.policy.id for loaded in policies())}


def test_ids_are_distinct_whatever_the_severity() -> None:
    """A policy keeps its number when its severity changes."""
    ids = [rule.id for rule in rules().values()]
    assert len({id_[1:] for id_ in ids}) == len(ids)
    assert [id_ for id_ in ids if not re.fullmatch(r"[EWI]9[1-9][0-9]{2}", id_)] == []


def test_no_policy_has_the_id_of_templates_that_cannot_be_judged() -> None:
    assert UNJUDGED.id not in {loaded.policy.id for loaded in policies()}


@pytest.mark.parametrize(
    ("severity", "id_"),
    [
        (Severity.CRITICAL, "E9301"),
        (Severity.HIGH, "E9301"),
        (Severity.MEDIUM, "W9301"),
        (Severity.LOW, "I9301"),
    ],
)
def test_severity_is_the_letter(severity: Severity, id_: str) -> None:
    assert rule_id(Rule("SP301", "Databases are encrypted", severity)) == id_
