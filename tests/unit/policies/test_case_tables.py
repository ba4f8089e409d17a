"""Every case of every table: the policy finds exactly what the case names, and nothing else."""

from pathlib import Path

import pytest

from stackproof.judge.discover import LoadedPolicy, discover
from stackproof.paths import own_policies
from stackproof.policy import TEMPLATE
from stackproof.policy.cases import Case, load_cases, try_case

TABLES = Path(__file__).parent
POLICIES = {policy.name: policy for policy in discover([own_policies()])}
CASES = {
    path.relative_to(TABLES).with_suffix("").as_posix(): load_cases(path) for path in sorted(TABLES.rglob("*.yaml"))
}

ALWAYS_DECIDED = {"ec2/network_acls_in_use": "who refers to a network ACL stands in the templates"}
"""Policies that no unknown value can stop, with the reason: they need no unproven case."""


@pytest.mark.parametrize(
    ("policy", "case"),
    [
        pytest.param(POLICIES[name], case, id=f"{name}: {case}")
        for name, cases in CASES.items()
        if name in POLICIES
        for case in cases
    ],
)
def test_policy_finds_exactly_what_the_case_names(policy: LoadedPolicy, case: Case) -> None:
    """Failing and unproven resources with their property paths; everything else passes."""
    assert try_case(policy, case) == case.expected, f"{case.mark}: {case.name}"


def test_every_policy_has_a_table_and_every_table_a_policy() -> None:
    """The two are named alike."""
    assert sorted(CASES) == sorted(POLICIES)


@pytest.mark.parametrize("name", sorted(CASES.keys() & POLICIES.keys()))
def test_table_shows_every_verdict(name: str) -> None:
    """A failing case, a case in which something passes and nothing else is found, and an undecidable one."""
    cases = CASES[name]
    assert any(case.fail for case in cases)
    quiet = [case for case in cases if not case.fail and not case.unproven]
    assert any(try_case(POLICIES[name], case).passed for case in quiet)
    if name not in ALWAYS_DECIDED and POLICIES[name].policy.types != TEMPLATE:
        assert any(case.unproven for case in cases)


def test_exceptions_are_needed() -> None:
    """Nothing is excepted that has an unproven case after all."""
    assert [name for name in ALWAYS_DECIDED if name not in CASES or any(case.unproven for case in CASES[name])] == []
