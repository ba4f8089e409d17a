"""The section Rules: every rule function, with what is known and what is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stackproof import InputError, Stack

TEXT = """\
Parameters:
  Environment: {Type: String, Default: prod}
  Zones: {Type: CommaDelimitedList, Default: 'a,b'}
  Subnets: {Type: 'List<AWS::EC2::Subnet::Id>', Default: 'subnet-11111111,subnet-22222222'}
  Given: {Type: String}
Resources:
  V: {Type: AWS::EC2::VPC}
Rules:
  Safe:
    RuleCondition: %s
    Assertions:
      - Assert: %s
        AssertDescription: It is safe.
"""
ALWAYS = "!Equals [a, a]"
HOLDS = {
    "Equals": "!Equals [!Ref Environment, prod]",
    "Not": "!Not [!Equals [!Ref Environment, dev]]",
    "And": "!And [!Equals [a, a], !Equals [b, b]]",
    "Or": "!Or [!Equals [a, b], !Equals [b, b]]",
    "Contains": "{'Fn::Contains': [[dev, prod], !Ref Environment]}",
    "Contains of a parameter": "{'Fn::Contains': [!Ref Zones, b]}",
    "EachMemberIn": "{'Fn::EachMemberIn': [!Ref Zones, [a, b, c]]}",
    "EachMemberIn of none": "{'Fn::EachMemberIn': [[], [a]]}",
    "EachMemberEquals": "{'Fn::EachMemberEquals': [[a, a], a]}",
    "unknown value": "{'Fn::Contains': [[dev, prod], !Ref Given]}",
    "unknown member": "{'Fn::EachMemberIn': [[!Ref Given, a], [a, b]]}",
    "unknown list": "{'Fn::EachMemberIn': [{'Fn::ValueOfAll': ['AWS::EC2::Subnet::Id', VpcId]}, [a]]}",
    "ValueOf": "!Equals [{'Fn::ValueOf': [Subnets, VpcId]}, vpc-1]",
    "ValueOfAll": "{'Fn::EachMemberEquals': [{'Fn::ValueOfAll': ['AWS::EC2::VPC::Id', Tags.Department]}, IT]}",
    "RefAll": "{'Fn::EachMemberIn': [!Ref Subnets, {'Fn::RefAll': 'AWS::EC2::Subnet::Id'}]}",
}
FAILS = {
    "Equals": "!Equals [!Ref Environment, dev]",
    "Not": "!Not [!Equals [!Ref Environment, prod]]",
    "And": "!And [!Equals [a, a], !Equals [b, c]]",
    "Or": "!Or [!Equals [a, b], !Equals [b, c]]",
    "Contains": "{'Fn::Contains': [[dev, test], !Ref Environment]}",
    "EachMemberIn": "{'Fn::EachMemberIn': [!Ref Zones, [a]]}",
    "EachMemberIn whatever is unknown": "{'Fn::EachMemberIn': [[!Ref Given, c], [a, b]]}",
    "EachMemberEquals": "{'Fn::EachMemberEquals': [!Ref Zones, a]}",
}


@pytest.mark.parametrize("name", HOLDS)
def test_rule_holds(name: str, stack: Callable[..., Stack]) -> None:
    """A rule that holds, or that nobody can decide, lets the stack be."""
    assert list(stack(TEXT % (ALWAYS, HOLDS[name])).resources) == ["V"]


@pytest.mark.parametrize("name", FAILS)
def test_rule_fails(name: str, stack: Callable[..., Stack]) -> None:
    """A rule that fails says its description, where its assertion stands."""
    with pytest.raises(InputError) as caught:
        stack(TEXT % (ALWAYS, FAILS[name]))
    assert str(caught.value) == "web.yaml:12: Rule Safe: It is safe."


def test_condition_of_a_rule(stack: Callable[..., Stack]) -> None:
    """A rule whose condition fails asserts nothing."""
    text = TEXT % ("!Equals [!Ref Environment, prod]", "!Equals [!Select [0, !Ref Zones], a]")
    assert list(stack(text, Environment="dev", Zones="x").resources) == ["V"]
    with pytest.raises(InputError, match="Rule Safe"):
        stack(text, Environment="prod", Zones="x")


CONTAINS = (
    "Template error: every Fn::Contains object requires two parameters, a list of strings and what it is compared with"
)


def test_undecided_condition_of_a_rule(stack: Callable[..., Stack]) -> None:
    """Nobody knows whether the rule applies, so it refuses nothing."""
    assert list(stack(TEXT % ("!Equals [!Ref Given, prod]", "!Equals [a, b]")).resources) == ["V"]
    with pytest.raises(InputError, match="Rule Safe"):
        stack(TEXT % ("!Equals [!Ref Given, prod]", "!Equals [a, b]"), Given="prod")


ERRORS = {
    "an unknown parameter": (
        "!Equals [!Ref Environmen, a]",
        "Template format error: Unresolved dependencies [Environmen]. Cannot reference resources in the Rules block "
        "of the template; did you mean 'Environment'?",
    ),
    "a resource": (
        "!Equals [!Ref V, a]",
        "Template format error: Unresolved dependencies [V]. Cannot reference resources in the Rules block of the "
        "template",
    ),
    "an unknown function": ("{'Fn::Contain': [[a], a]}", "Template error: unknown function Fn::Contain"),
    "no boolean": (
        "a",
        "Template error: a condition must be a boolean: use Fn::And, Fn::Equals, Fn::Not, Fn::Or or Condition",
    ),
    "Contains of one": (
        "{'Fn::Contains': [[a]]}",
        CONTAINS,
    ),
    "Contains of no list": (
        "{'Fn::Contains': [a, a]}",
        CONTAINS,
    ),
    "EachMemberIn of no list": (
        "{'Fn::EachMemberIn': [[a], a]}",
        "Template error: Fn::EachMemberIn requires two lists",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_wrong_rule(name: str, stack: Callable[..., Stack]) -> None:
    """A rule that is wrong in itself is refused in its line."""
    assertion, message = ERRORS[name]
    with pytest.raises(InputError) as caught:
        stack(TEXT % (ALWAYS, assertion))
    assert str(caught.value).startswith(f"web.yaml:12: {message}")


def test_assertion_without_assert(stack: Callable[..., Stack]) -> None:
    """A misspelt assertion is refused; it would hold for ever."""
    text = "Resources: {V: {Type: a}}\nRules:\n  R:\n    Assertions:\n      - Asert: !Equals [a, b]\n"
    with pytest.raises(InputError) as caught:
        stack(text)
    assert str(caught.value) == "web.yaml:5: Template format error: rule R has an assertion without Assert"
