"""What a policy says about itself is complete and well-formed, so that reports and generated pages read well."""

import re

import pytest

from stackproof.judge.discover import LoadedPolicy, discover
from stackproof.paths import own_policies

POLICIES = discover([own_policies()])

CONTROL = re.compile(r"FSBP [A-Z][A-Za-z0-9]*\.\d+|CIS \d+(\.\d+){1,2}|NIST [A-Z]{2}-\d+(\(\d+\))?")
VERBS = frozenset(
    re.findall(
        r"\w+",
        """
        Add Allow Attach Avoid Call Change Choose Create Declare Define Delete Deny Describe Disable Drop Enable Encrypt
        Force Give Grant Keep Let Limit List Make Move Name Open Place Point Put Raise Redirect Refer Remove Replace
        Require Restrict Rotate Route Send Set Split Spread State Store Switch Take Turn Use Write
        """,
    )
)

each_policy = pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)


@each_policy
def test_title_is_a_sentence_without_full_stop(policy: LoadedPolicy) -> None:
    """It begins with a capital letter or a name, and says the desired state."""
    first = (policy.title[0], policy.title[-1])
    assert first[0].isupper()
    assert first[1] not in ".!?:;"
    assert len(policy.title) <= 100


@each_policy
def test_rationale_is_given_in_sentences(policy: LoadedPolicy) -> None:
    """Why the state is demanded."""
    assert re.fullmatch(r"[A-Z0-9].{20,}\.", policy.policy.rationale)


@each_policy
def test_remediation_is_one_sentence_that_starts_with_a_verb(policy: LoadedPolicy) -> None:
    """It tells the reader what to do."""
    remediation = policy.policy.remediation
    assert remediation.split()[0] in VERBS
    assert remediation.endswith(".")
    assert ". " not in remediation


@each_policy
def test_controls_are_well_formed(policy: LoadedPolicy) -> None:
    """``FSBP EC2.13``, ``CIS 5.2`` (AWS Foundations 3.0.0), ``NIST AC-4`` (800-53 revision 5); none twice."""
    controls = policy.policy.controls
    assert [control for control in controls if not CONTROL.fullmatch(control)] == []
    assert len(set(controls)) == len(controls)


@each_policy
def test_types_are_resource_types_once_each(policy: LoadedPolicy) -> None:
    """A misspelt type would judge nothing."""
    types = policy.policy.types
    assert types
    assert len(set(types)) == len(types)
    assert types == ("Template",) or all(re.fullmatch(r"[A-Za-z0-9]+(::[A-Za-z0-9]+){2}", name) for name in types)
