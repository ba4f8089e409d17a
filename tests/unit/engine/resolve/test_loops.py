"""``Fn::ForEach`` is written out before anything is resolved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stackproof import InputError, Stack
from stackproof.resolve.values import plain_value
from stackproof.symbols import Reference

EXTENDED = {"Transform": "AWS::LanguageExtensions"}
VPC: dict[str, Any] = {"Type": "AWS::EC2::VPC"}


def _topics(*names: str) -> dict[str, Any]:
    return {f"Topic{name}": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": f"t-{name}"}} for name in names}


TOPIC = {"Topic${Name}": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::Sub": "t-${Name}"}}}}

RESOURCES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a list": ({"Resources": {"Fn::ForEach::Topics": ["Name", ["A", "B"], TOPIC]}}, _topics("A", "B")),
    "an empty list beside a resource": (
        {"Resources": {"V": VPC, "Fn::ForEach::Topics": ["Name", [], TOPIC]}},
        {"V": VPC},
    ),
    "a parameter": (
        {
            "Parameters": {"Names": {"Type": "CommaDelimitedList", "Default": "A, B"}},
            "Resources": {"Fn::ForEach::Topics": ["Name", {"Ref": "Names"}, TOPIC]},
        },
        _topics("A", "B"),
    ),
    "a map": (
        {
            "Mappings": {"M": {"all": {"Names": ["A", "B"]}}},
            "Resources": {"Fn::ForEach::Topics": ["Name", {"Fn::FindInMap": ["M", "all", "Names"]}, TOPIC]},
        },
        _topics("A", "B"),
    ),
    "a list that holds a list parameter": (
        {
            "Parameters": {"Names": {"Type": "CommaDelimitedList", "Default": "A,B"}},
            "Resources": {"Fn::ForEach::Topics": ["Name", [{"Ref": "Names"}, "C"], TOPIC]},
        },
        _topics("A", "B", "C"),
    ),
    "Ref of the variable": (
        {"Resources": {"Fn::ForEach::T": ["N", ["A"], {"T${N}": {**VPC, "Properties": {"CidrBlock": {"Ref": "N"}}}}]}},
        {"TA": {**VPC, "Properties": {"CidrBlock": "A"}}},
    ),
    "a type by variable": (
        {"Resources": {"Fn::ForEach::T": ["N", ["VPC", "EIP"], {"A${N}": {"Type": "AWS::EC2::${N}"}}]}},
        {"AVPC": {"Type": "AWS::EC2::VPC"}, "AEIP": {"Type": "AWS::EC2::EIP"}},
    ),
    "&{} keeps letters and digits": (
        {
            "Resources": {
                "Fn::ForEach::T": ["N", ["10.0.0.0/16"], {"V&{N}": {**VPC, "Properties": {"CidrBlock": "${N}"}}}]
            }
        },
        {"V1000016": {**VPC, "Properties": {"CidrBlock": "10.0.0.0/16"}}},
    ),
    "nested": (
        {
            "Resources": {
                "Fn::ForEach::Outer": [
                    "X",
                    ["A", "B"],
                    {"Fn::ForEach::Inner": ["Y", ["1", "2"], {"V${X}${Y}": {**VPC, "Metadata": {"a": {"Ref": "X"}}}}]},
                ]
            }
        },
        {f"V{x}{y}": {**VPC, "Metadata": {"a": x}} for x in "AB" for y in "12"},
    ),
    "an inner collection by the outer variable": (
        {
            "Mappings": {"M": {"A": {"Names": ["1"]}, "B": {"Names": ["2", "3"]}}},
            "Resources": {
                "Fn::ForEach::Outer": [
                    "X",
                    ["A", "B"],
                    {"Fn::ForEach::Inner": ["Y", {"Fn::FindInMap": ["M", {"Ref": "X"}, "Names"]}, {"V${X}${Y}": VPC}]},
                ]
            },
        },
        {"VA1": VPC, "VB2": VPC, "VB3": VPC},
    ),
    "properties": (
        {
            "Resources": {
                "V": {
                    **VPC,
                    "Properties": {"Fn::ForEach::P": ["N", ["Dns", "Ipv6"], {"Enable${N}": True}], "CidrBlock": "x"},
                }
            }
        },
        {"V": {**VPC, "Properties": {"EnableDns": True, "EnableIpv6": True, "CidrBlock": "x"}}},
    ),
    "text of another variable stays": (
        {
            "Resources": {
                "Fn::ForEach::T": [
                    "N",
                    ["A"],
                    {"V${N}": {**VPC, "Properties": {"CidrBlock": {"Fn::Sub": "${AWS::Region} ${!N}"}}}},
                ]
            }
        },
        {"VA": {**VPC, "Properties": {"CidrBlock": "eu-west-1 ${N}"}}},
    ),
}


@pytest.mark.parametrize("name", RESOURCES)
def test_resources(name: str, notation: Callable[[Any], str], stack: Callable[..., Stack]) -> None:
    """The stack holds what the loop makes, in its order, and no loop."""
    template, expected = RESOURCES[name]
    resources = stack(notation(EXTENDED | template)).resources
    assert {key: plain_value(resource.attributes) for key, resource in resources.items()} == expected


def test_conditions_and_outputs(stack: Callable[..., Stack]) -> None:
    """Conditions, the resources that they decide, and outputs can be made in loops."""
    made = stack("""\
Transform: [AWS::LanguageExtensions]
Conditions:
  Fn::ForEach::C: [N, [A, B], {'Has${N}': !Equals [!Ref N, A]}]
Resources:
  Fn::ForEach::R: [N, [A, B], {'V${N}': {Type: AWS::EC2::VPC, Condition: 'Has${N}'}}]
Outputs:
  Fn::ForEach::O: [N, [A, B], {'Id${N}': {Condition: 'Has${N}', Value: !Ref 'V${N}', Export: {Name: !Sub 'x-${N}'}}}]
""")
    assert list(made.resources) == ["VA"]
    assert {name: (output.value, output.export) for name, output in made.outputs.items()} == {
        "IdA": (Reference("web", "VA"), "x-A")
    }


def test_marks_stay(stack: Callable[..., Stack]) -> None:
    """What a loop makes stands where the loop's text stands."""
    made = stack("""\
Transform: AWS::LanguageExtensions
Resources:
  Fn::ForEach::R:
    - N
    - [A, B]
    - V${N}:
        Type: AWS::EC2::VPC
        Properties:
          CidrBlock: x
""")
    assert str(made["VB"].mark) == "web.yaml:6"
    assert str(made["VB"].mark_of("CidrBlock")) == "web.yaml:9"


LOOP = "Transform: AWS::LanguageExtensions\nParameters: {P: {Type: String}}\nResources:\n  Fn::ForEach::R: %s\n"
DEMAND = "Template error: Fn::ForEach requires an identifier, a collection and a map of outputs"
ERRORS = {
    "two arguments": ("[N, [A]]", DEMAND),
    "no list": ("N", DEMAND),
    "no collection": ("[N, A, {'V${N}': {Type: a}}]", DEMAND),
    "no map": ("[N, [A], x]", DEMAND),
    "a function as identifier": (
        "[[N], [A], {'V${N}': {Type: a}}]",
        "Template error: Fn::ForEach needs a literal string here",
    ),
    "a name twice": (
        "[N, [A, B], {V: {Type: a}}]",
        "Template format error: duplicate key 'V' made by Fn::ForEach",
    ),
    "one member twice": (
        "[N, [A, A], {'V${N}': {Type: a}}]",
        "Template format error: duplicate key 'VA' made by Fn::ForEach",
    ),
    "a name with a hyphen": (
        "[N, [a-b], {'V${N}': {Type: a}}]",
        "Template format error: Resource name Va-b is non alphanumeric.",
    ),
    "an unknown collection": (
        "[N, !Split [',', !Ref AWS::StackId], {'V${N}': {Type: a}}]",
        "Template error: the collection of Fn::ForEach is ${Fn::Split ,, ${AWS::StackId}}, which is known only after "
        "deployment",
    ),
    "an unknown member": (
        "[N, [!Ref AWS::AccountId], {'V${N}': {Type: a}}]",
        "Template error: a member of the collection of Fn::ForEach is not known: ${AWS::AccountId}",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_wrong_loop(name: str, stack: Callable[..., Stack]) -> None:
    """A wrong loop is refused where it stands."""
    loop, message = ERRORS[name]
    with pytest.raises(InputError) as caught:
        stack(LOOP % loop)
    assert str(caught.value) == f"web.yaml:4: {message}"


@pytest.mark.parametrize("section", ["Resources", "Conditions", "Outputs"])
def test_loop_without_the_transform(section: str, stack: Callable[..., Stack]) -> None:
    """Without the transform a loop is refused; it must never be passed over."""
    text = f"{section}:\n  Fn::ForEach::L: [N, [A], {{'V${{N}}': {{Type: a}}}}]\n"
    if section != "Resources":
        text += "Resources: {V: {Type: a}}\n"
    with pytest.raises(InputError) as caught:
        stack(text)
    assert (
        str(caught.value) == "web.yaml:2: Template format error: Fn::ForEach needs 'Transform: AWS::LanguageExtensions'"
    )


def test_loop_in_properties_without_the_transform(stack: Callable[..., Stack]) -> None:
    """Inside of a resource too."""
    text = "Resources:\n  V:\n    Type: a\n    Properties:\n      Fn::ForEach::L: [N, [A], {'V${N}': 1}]\n"
    with pytest.raises(InputError, match=r"^web\.yaml:5: Template error: unknown function Fn::ForEach::L"):
        stack(text)


def test_quotas_hold_for_the_result(stack: Callable[..., Stack]) -> None:
    """A loop does not lift the limit of 500 resources."""
    numbers = ", ".join(f"'{n}'" for n in range(501))
    with pytest.raises(InputError, match="501 Resources; CloudFormation accepts at most 500"):
        stack(LOOP % f"[N, [{numbers}], {{'V${{N}}': {{Type: a}}}}]")


def test_exploding_loops(stack: Callable[..., Stack]) -> None:
    """Eight loops of ten in each other would make a hundred million resources."""
    text = "{'V${I0}${I1}${I2}${I3}${I4}${I5}${I6}${I7}': {Type: a}}"
    for depth in range(7, -1, -1):
        loop = f"[I{depth}, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'], {text}]"
        text = f"{{'Fn::ForEach::L{depth}': {loop}}}"
    with pytest.raises(InputError, match=r"^web\.yaml:2: Fn::ForEach makes more than 250,000 values$"):
        stack(f"Transform: AWS::LanguageExtensions\nResources: {text}\n")


def test_loop_over_a_parameter_without_a_value_is_not_known(stack: Callable[..., Stack]) -> None:
    """What it makes can be referred to and is not judged; the template counts as one with a macro."""
    made = stack(
        LOOP % "[N, !Split [',', !Ref P], {'V${N}': {Type: AWS::EC2::VPC}}]"
        + "  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref VA}}\n"
    )
    assert list(made.resources) == ["Topic"]
    assert str(made["Topic"]["DisplayName"]) == "${VA}"
    assert made.template.macros == ("Fn::ForEach::R",)
