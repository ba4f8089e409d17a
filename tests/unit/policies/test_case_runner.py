"""The case-table runner itself: what it reads, what it compares, and its errors, because users write tables too."""

import pytest

from stackproof.errors import InputError
from stackproof.judge.discover import discover
from stackproof.paths import own_policies
from stackproof.policy.cases import Outcome, parse_cases, try_case

POLICIES = {policy.name: policy for policy in discover([own_policies()])}
SUBNETS = POLICIES["ec2/subnets_give_no_public_address"]

CASE = """
- case: one of three
  why: for this test
  fail: {Public: MapPublicIpOnLaunch}
  unproven: {Asked: [MapPublicIpOnLaunch]}
  template:
    Parameters: {Public: {Type: String}}
    Resources:
      Public: {Type: AWS::EC2::Subnet, Properties: {MapPublicIpOnLaunch: true}}
      Asked: {Type: AWS::EC2::Subnet, Properties: {MapPublicIpOnLaunch: !Ref Public}}
      Silent: {Type: AWS::EC2::Subnet}
"""


def test_case_is_met() -> None:
    """What is found is what is named; what is not named passes."""
    (case,) = parse_cases(CASE)
    outcome = try_case(SUBNETS, case)
    assert outcome == case.expected
    assert outcome.passed == ("Silent",)
    assert (str(case), case.why, case.mark.line) == ("one of three", "for this test", 2)


def test_what_is_not_named_must_pass() -> None:
    """A finding that the case does not name, and a name without a finding, are differences."""
    fewer = CASE.replace("fail: {Public: MapPublicIpOnLaunch}", "fail: {}")
    more = CASE.replace("fail: {Public: MapPublicIpOnLaunch}", "fail: {Public: MapPublicIpOnLaunch, Silent: ''}")
    other = CASE.replace("fail: {Public: MapPublicIpOnLaunch}", "fail: {Public: CidrBlock}")
    for text in (fewer, more, other):
        (case,) = parse_cases(text)
        assert try_case(SUBNETS, case) != case.expected


def test_values_are_given_as_text() -> None:
    """Booleans and numbers as CloudFormation writes them, lists with commas."""
    (case,) = parse_cases(CASE.replace("  why: for this test", "  parameters: {Public: true}"))
    assert case.parameters == {"Public": "true"}
    assert try_case(SUBNETS, case) == Outcome(dict.fromkeys(("Public", "Asked"), ("MapPublicIpOnLaunch",)), {})
    (case,) = parse_cases(CASE.replace("  why: for this test", "  parameters: {Public: [1, b]}"))
    assert case.parameters == {"Public": "1,b"}


def test_region_of_every_stack_or_of_each() -> None:
    """One for all, or by the name; nobody knows of the others."""
    (case,) = parse_cases(CASE.replace("  why: for this test", "  region: eu-west-1"))
    assert case.regions == {"template": "eu-west-1"}
    assert case.deployment["template"].context.region == "eu-west-1"
    text = "- case: two\n  region: {edge: us-east-1}\n  stacks: {edge: {Resources: {}}, app: {Resources: {}}}"
    text = text.replace("Resources: {}", "Resources: {Topic: {Type: AWS::SNS::Topic}}")
    (case,) = parse_cases(text)
    assert {name: stack.context.region for name, stack in case.deployment.stacks.items()} == {
        "edge": "us-east-1",
        "app": None,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "cases:1: a case table is a list of cases"),
        ("[]", "cases:1: a case table is a list of cases"),
        ("- 1", "cases:1: a case is a mapping"),
        ("- {template: {}}", "cases:1: the key 'case' is missing here"),
        ("- {case: a, templates: {}}", "cases:1: unknown key 'templates'; did you mean 'template'?"),
        ("- case: a", "cases:1: a case holds either 'template' or 'stacks'"),
        ("- case: a\n  template: {}\n  stacks: {}", "cases:1: a case holds either 'template' or 'stacks'"),
        ("- case: a\n  fail: [Database]\n  template: {Resources: {}}", "cases:2: this is a mapping"),
        ("- case: a\n  template: {}", "cases:2: Template format error: At least one Resources member must be defined."),
        (CASE + CASE, "cases:13: a second case 'one of three', the first at line 2"),
    ],
)
def test_wrong_table(text: str, message: str) -> None:
    """One line that names the place."""
    with pytest.raises(InputError) as caught:
        parse_cases(text)
    assert str(caught.value) == message


def test_unknown_parameter() -> None:
    """A value that no template asks for is a mistake."""
    (case,) = parse_cases(CASE.replace("  why: for this test", "  parameters: {Publik: x}"))
    with pytest.raises(InputError, match=r"no template has the parameter 'Publik'; did you mean 'Public'\?"):
        try_case(SUBNETS, case)
