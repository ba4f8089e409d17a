"""Every intrinsic function, in every notation: what it resolves to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stackproof import Stack
from stackproof.resolve.values import plain_value
from stackproof.symbols import Condition, Deferred, Imported, Pseudo, Reference, SsmParameter, Symbol, Text, Unbound

VPC = Reference("web", "Vpc")
VPC_CIDR = Reference("web", "Vpc", "CidrBlock")
GIVEN = Unbound("Given")
ACCOUNT = Pseudo("AWS::AccountId")
ZONES = Deferred("Fn::GetAZs", ("eu-west-1",))
OPEN = Condition("web", "Open", Deferred("Fn::Equals", (ACCOUNT, "111111111111")))
NO_VALUE = {"Ref": "AWS::NoValue"}
LONG = "2001:db8:1234:1a00::/56"

CASES: dict[str, tuple[Any, Any]] = {
    "data stays data": ({"a": [1, True, "x", 1.5]}, {"a": [1, True, "x", 1.5]}),
    # Ref
    "Ref of a parameter": ({"Ref": "Name"}, "shop"),
    "Ref of a number is text": ({"Ref": "Count"}, "2"),
    "Ref of a list parameter": ({"Ref": "Ports"}, ["80", "443"]),
    "Ref of a resource": ({"Ref": "Vpc"}, VPC),
    "Ref of a parameter without a value": ({"Ref": "Given"}, GIVEN),
    "Ref of an SSM parameter": (
        {"Ref": "Image"},
        SsmParameter("Image", "/ami", "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"),
    ),
    "Ref of AWS::NoValue leaves a name out": ({"a": NO_VALUE, "b": 1}, {"b": 1}),
    "Ref of AWS::NoValue leaves an element out": (["x", NO_VALUE, "y"], ["x", "y"]),
    # Fn::GetAtt
    "GetAtt with a list": ({"Fn::GetAtt": ["Vpc", "CidrBlock"]}, VPC_CIDR),
    "GetAtt with a text": ({"Fn::GetAtt": "Vpc.CidrBlock"}, VPC_CIDR),
    "GetAtt with dots in the attribute": (
        {"Fn::GetAtt": ["Vpc", "Endpoint.Address"]},
        Reference("web", "Vpc", "Endpoint.Address"),
    ),
    "GetAtt with a parameter as attribute": (
        {"Fn::GetAtt": ["Vpc", {"Ref": "Name"}]},
        Reference("web", "Vpc", "shop"),
    ),
    "GetAtt with an unknown attribute": (
        {"Fn::GetAtt": ["Vpc", {"Ref": "Given"}]},
        Deferred("Fn::GetAtt", ("Vpc", GIVEN)),
    ),
    # Fn::Sub
    "Sub of a parameter": ({"Fn::Sub": "a-${Name}-b"}, "a-shop-b"),
    "Sub without a variable": ({"Fn::Sub": "plain"}, "plain"),
    "Sub of nothing": ({"Fn::Sub": ""}, ""),
    "Sub with spaces inside of the braces": ({"Fn::Sub": "${ Name }"}, "shop"),
    "Sub of a literal": ({"Fn::Sub": "${!Name} ${Name}"}, "${Name} shop"),
    "Sub leaves what is no variable": ({"Fn::Sub": "$Name {Name} $ ${Name"}, "$Name {Name} $ ${Name"),
    "Sub of a resource": ({"Fn::Sub": "id ${Vpc}"}, Text(("id ", VPC))),
    "Sub of nothing but a resource": ({"Fn::Sub": "${Vpc}"}, VPC),
    "Sub of an attribute": ({"Fn::Sub": "${Vpc.CidrBlock}!"}, Text((VPC_CIDR, "!"))),
    "Sub of a pseudo parameter": ({"Fn::Sub": "${AWS::Region}"}, "eu-west-1"),
    "Sub with its own variables": (
        {"Fn::Sub": ["${A}/${B}/${Name}", {"A": "x", "B": {"Ref": "Count"}}]},
        "x/2/shop",
    ),
    "Sub's own variable hides a parameter": ({"Fn::Sub": ["${Name}", {"Name": "own"}]}, "own"),
    "Sub's own variable may hold a dot": ({"Fn::Sub": ["${A.B}", {"A.B": "own"}]}, "own"),
    "Sub of one variable twice": ({"Fn::Sub": ["${A}${A}", {"A": {"Ref": "Vpc"}}]}, Text((VPC, VPC))),
    "Sub inside of Sub": (
        {"Fn::Sub": ["<${A}>", {"A": {"Fn::Sub": ["(${B})", {"B": {"Fn::Sub": "${Name}"}}]}}]},
        "<(shop)>",
    ),
    # Fn::Join
    "Join": ({"Fn::Join": ["-", ["a", {"Ref": "Name"}, 1, True]]}, "a-shop-1-true"),
    "Join of one": ({"Fn::Join": ["-", ["a"]]}, "a"),
    "Join of none": ({"Fn::Join": ["-", []]}, ""),
    "Join with nothing between": ({"Fn::Join": ["", ["a", "b"]]}, "ab"),
    "Join of a list parameter": ({"Fn::Join": [":", {"Ref": "Ports"}]}, "80:443"),
    "Join leaves AWS::NoValue out": ({"Fn::Join": ["-", ["a", NO_VALUE, "b"]]}, "a-b"),
    "Join of a resource": ({"Fn::Join": ["-", ["a", {"Ref": "Vpc"}, "b"]]}, Text(("a-", VPC, "-b"))),
    "Join of zones": ({"Fn::Join": [",", {"Fn::GetAZs": ""}]}, Deferred("Fn::Join", (",", ZONES))),
    # Fn::Select
    "Select": ({"Fn::Select": [1, ["a", "b"]]}, "b"),
    "Select with text as index": ({"Fn::Select": ["0", ["a", "b"]]}, "a"),
    "Select with a parameter as index": ({"Fn::Select": [{"Ref": "Count"}, ["a", "b", "c"]]}, "c"),
    "Select from a list parameter": ({"Fn::Select": [1, {"Ref": "Ports"}]}, "443"),
    "Select an object": ({"Fn::Select": [0, [{"a": 1}]]}, {"a": 1}),
    "Select from zones": ({"Fn::Select": [0, {"Fn::GetAZs": ""}]}, Deferred("Fn::Select", (0, ZONES))),
    "Select with an unknown index": (
        {"Fn::Select": [{"Ref": "Given"}, ["a"]]},
        Deferred("Fn::Select", (GIVEN, ("a",))),
    ),
    # Fn::Split
    "Split": ({"Fn::Split": ["|", "a|b||c"]}, ["a", "b", "", "c"]),
    "Split of a text without the delimiter": ({"Fn::Split": ["|", "a"]}, ["a"]),
    "Split by more than one character": ({"Fn::Split": ["::", "a::b"]}, ["a", "b"]),
    "Split of a reference": ({"Fn::Split": ["/", {"Ref": "Vpc"}]}, Deferred("Fn::Split", ("/", VPC))),
    # Fn::If
    "If holds": ({"Fn::If": ["Yes", "a", "b"]}, "a"),
    "If does not hold": ({"Fn::If": ["No", "a", "b"]}, "b"),
    "If leaves a name out": ({"a": {"Fn::If": ["No", 1, NO_VALUE]}}, {}),
    "If leaves an element out": ([{"Fn::If": ["Yes", NO_VALUE, 1]}], []),
    "If inside of If": ({"Fn::If": ["Yes", {"Fn::If": ["No", 1, [2]]}, 3]}, [2]),
    "If that is not decided": ({"Fn::If": ["Open", "a", {"Ref": "Vpc"}]}, Deferred("Fn::If", (OPEN, "a", VPC))),
    # Fn::FindInMap
    "FindInMap": ({"Fn::FindInMap": ["Sizes", "small", "Class"]}, "t3.micro"),
    "FindInMap of a list": ({"Fn::FindInMap": ["Sizes", "small", "Zones"]}, ["a", "b"]),
    "FindInMap of a number": ({"Fn::FindInMap": ["Sizes", "small", "Price"]}, 1.5),
    "FindInMap by region": ({"Fn::FindInMap": ["Regions", {"Ref": "AWS::Region"}, "Code"]}, "ew1"),
    "FindInMap inside of FindInMap": (
        {"Fn::FindInMap": ["Sizes", {"Fn::FindInMap": ["Aliases", "s", "Name"]}, "Class"]},
        "t3.micro",
    ),
    "FindInMap with an unknown key": (
        {"Fn::FindInMap": ["Sizes", {"Ref": "Given"}, "Class"]},
        Deferred("Fn::FindInMap", ("Sizes", GIVEN, "Class")),
    ),
    # Fn::ImportValue
    "ImportValue": ({"Fn::ImportValue": "net-Vpc"}, Imported("net-Vpc")),
    "ImportValue of a made name": ({"Fn::ImportValue": {"Fn::Sub": "${Name}-Vpc"}}, Imported("shop-Vpc")),
    "ImportValue of an unknown name": (
        {"Fn::ImportValue": {"Fn::Sub": "${AWS::StackName}-Vpc"}},
        Imported(Text((Pseudo("AWS::StackName"), "-Vpc"))),
    ),
    # Fn::GetAZs
    "GetAZs of this region": ({"Fn::GetAZs": ""}, ZONES),
    "GetAZs by Ref": ({"Fn::GetAZs": {"Ref": "AWS::Region"}}, ZONES),
    "GetAZs of another region": ({"Fn::GetAZs": "us-east-1"}, Deferred("Fn::GetAZs", ("us-east-1",))),
    # Recorded: AWS deploys a template with `!GetAZs` and nothing behind it.
    "GetAZs without an argument": ({"Fn::GetAZs": None}, ZONES),
    # Fn::Cidr
    "Cidr": ({"Fn::Cidr": ["10.0.0.0/22", 3, 8]}, ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]),
    "Cidr with its default of 8 bits": ({"Fn::Cidr": ["10.0.0.0/23", 2]}, ["10.0.0.0/24", "10.0.1.0/24"]),
    "Cidr with text as numbers": ({"Fn::Cidr": ["10.0.0.0/23", "2", "8"]}, ["10.0.0.0/24", "10.0.1.0/24"]),
    "Cidr of single addresses' pairs": ({"Fn::Cidr": ["10.0.0.0/30", 2, 1]}, ["10.0.0.0/31", "10.0.0.2/31"]),
    "Cidr of the most blocks": ({"Fn::Select": [255, {"Fn::Cidr": ["10.0.0.0/16", 256, 8]}]}, "10.0.255.0/24"),
    "Cidr of IPv6": ({"Fn::Cidr": [LONG, 2, 64]}, ["2001:db8:1234:1a00::/64", "2001:db8:1234:1a01::/64"]),
    "Cidr of IPv6 with its default of 64 bits": ({"Fn::Cidr": [LONG, 1]}, ["2001:db8:1234:1a00::/64"]),
    "Cidr of a reference": (
        {"Fn::Cidr": [{"Fn::GetAtt": ["Vpc", "CidrBlock"]}, 6, 8]},
        Deferred("Fn::Cidr", (VPC_CIDR, 6, 8)),
    ),
    "Select from Cidr": ({"Fn::Select": [1, {"Fn::Cidr": ["10.0.0.0/16", 2, 8]}]}, "10.0.1.0/24"),
    # Fn::Base64
    "Base64": ({"Fn::Base64": "Zürich"}, "WsO8cmljaA=="),
    "Base64 of Sub": ({"Fn::Base64": {"Fn::Sub": "${Name}"}}, "c2hvcA=="),
    "Base64 of a reference keeps its text": (
        {"Fn::Base64": {"Fn::Sub": "id=${Vpc}"}},
        Deferred("Fn::Base64", (Text(("id=", VPC)),)),
    ),
    # Nested in each other
    "Select of Split of Join": (
        {"Fn::Select": [1, {"Fn::Split": ["-", {"Fn::Join": ["-", ["a", {"Ref": "Name"}]]}]}]},
        "shop",
    ),
    "Join of If of FindInMap": (
        {"Fn::Join": ["/", [{"Fn::If": ["Yes", {"Fn::FindInMap": ["Sizes", "small", "Class"]}, "x"]}, "y"]]},
        "t3.micro/y",
    ),
    "Sub of Select of Cidr": (
        {"Fn::Sub": ["net ${N}", {"N": {"Fn::Select": ["0", {"Fn::Cidr": ["10.0.0.0/16", 1, 4]}]}}]},
        "net 10.0.0.0/28",
    ),
}

EXTENDED: dict[str, tuple[Any, Any]] = {
    "FindInMap has its value": (
        {"Fn::FindInMap": ["Sizes", "small", "Class", {"DefaultValue": "x"}]},
        "t3.micro",
    ),
    "FindInMap takes its default": ({"Fn::FindInMap": ["Sizes", "huge", "Class", {"DefaultValue": "x"}]}, "x"),
    "FindInMap's default may be a function": (
        {"Fn::FindInMap": ["Sizes", "huge", "Class", {"DefaultValue": {"Ref": "Name"}}]},
        "shop",
    ),
    "Length": ({"Fn::Length": ["a", "b", "c"]}, 3),
    "Length of a list parameter": ({"Fn::Length": {"Ref": "Ports"}}, 2),
    "Length of Split": ({"Fn::Length": {"Fn::Split": ["|", "a|b|c|d"]}}, 4),
    "Length of zones": ({"Fn::Length": {"Fn::GetAZs": ""}}, Deferred("Fn::Length", (ZONES,))),
    "ToJsonString of an object": (
        {"Fn::ToJsonString": {"a": 1, "b": [True, "ü"], "c": {"Ref": "Name"}}},
        '{"a":1,"b":[true,"ü"],"c":"shop"}',
    ),
    "ToJsonString of a list": ({"Fn::ToJsonString": [1, {"Fn::If": ["No", 1, NO_VALUE]}]}, "[1]"),
    "ToJsonString inside of ToJsonString": (
        {"Fn::ToJsonString": {"a": {"Fn::ToJsonString": {"b": "c"}}}},
        r'{"a":"{\"b\":\"c\"}"}',
    ),
    "ToJsonString of a reference": (
        {"Fn::ToJsonString": {"a": {"Ref": "Vpc"}}},
        "${Fn::ToJsonString {'a': Reference(stack='web', logical_id='Vpc', attribute='')}}",
    ),
    "Ref of a made name": ({"Ref": {"Fn::Join": ["", ["V", "pc"]]}}, VPC),
    "GetAtt of a made name": ({"Fn::GetAtt": [{"Fn::Sub": "Vpc"}, "CidrBlock"]}, VPC_CIDR),
}


def _outcome(value: Any) -> Any:
    plain = plain_value(value)
    return str(plain) if isinstance(plain, Deferred) and plain.function == "Fn::ToJsonString" else plain


@pytest.mark.parametrize("name", CASES)
def test_function(
    name: str,
    notation: Callable[[Any], str],
    write: Callable[..., Any],
    stack: Callable[..., Stack],
) -> None:
    """A function resolves to the same value in JSON and in both notations of YAML."""
    value, expected = CASES[name]
    assert _outcome(stack(notation(write(value)))["Subject"]["Value"]) == expected


@pytest.mark.parametrize("name", EXTENDED)
def test_function_of_the_language_extensions(
    name: str,
    notation: Callable[[Any], str],
    write: Callable[..., Any],
    stack: Callable[..., Stack],
) -> None:
    """With the transform a template has more functions, and some take more arguments."""
    value, expected = EXTENDED[name]
    assert _outcome(stack(notation(write(value, extensions=True)))["Subject"]["Value"]) == expected


CONDITIONS: dict[str, tuple[Any, bool | Symbol]] = {
    "Equals": ({"Fn::Equals": [{"Ref": "Name"}, "shop"]}, True),
    "Equals of different": ({"Fn::Equals": ["a", "A"]}, False),
    "Equals compares text": ({"Fn::Equals": [2, {"Ref": "Count"}]}, True),
    "Equals of a boolean": ({"Fn::Equals": [True, "true"]}, True),
    "Equals of one reference": ({"Fn::Equals": [{"Ref": "AWS::AccountId"}, {"Ref": "AWS::AccountId"}]}, True),
    "Equals of functions": (
        {"Fn::Equals": [{"Fn::Select": [0, {"Ref": "Ports"}]}, {"Fn::Join": ["", ["8", "0"]]}]},
        True,
    ),
    "Equals that nobody knows": (
        {"Fn::Equals": [{"Ref": "AWS::AccountId"}, "1"]},
        Deferred("Fn::Equals", (ACCOUNT, "1")),
    ),
    "Equals of a reference and what it looks like": (
        {"Fn::Equals": [{"Ref": "AWS::AccountId"}, "${AWS::AccountId}"]},
        Deferred("Fn::Equals", (ACCOUNT, "${AWS::AccountId}")),
    ),
    "And holds": ({"Fn::And": [{"Condition": "Yes"}, {"Fn::Equals": ["a", "a"]}]}, True),
    "And fails": ({"Fn::And": [{"Condition": "Yes"}, {"Condition": "No"}]}, False),
    "And fails whatever is unknown": ({"Fn::And": [{"Condition": "Open"}, {"Condition": "No"}]}, False),
    "And that nobody knows": ({"Fn::And": [{"Condition": "Open"}, {"Condition": "Yes"}]}, Deferred("Fn::And", (OPEN,))),
    "And of ten": ({"Fn::And": [{"Condition": "Yes"}] * 10}, True),
    "Or holds": ({"Fn::Or": [{"Condition": "No"}, {"Condition": "Yes"}]}, True),
    "Or fails": ({"Fn::Or": [{"Condition": "No"}, {"Condition": "No"}]}, False),
    "Or holds whatever is unknown": ({"Fn::Or": [{"Condition": "Open"}, {"Condition": "Yes"}]}, True),
    "Or that nobody knows": ({"Fn::Or": [{"Condition": "Open"}, {"Condition": "No"}]}, Deferred("Fn::Or", (OPEN,))),
    "Not": ({"Fn::Not": [{"Condition": "No"}]}, True),
    "Not of what nobody knows": ({"Fn::Not": [{"Condition": "Open"}]}, Deferred("Fn::Not", (OPEN,))),
    "Condition": ({"Condition": "Yes"}, True),
    "nested": (
        {"Fn::Not": [{"Fn::Or": [{"Fn::And": [{"Condition": "Yes"}, {"Condition": "No"}]}, {"Condition": "No"}]}]},
        True,
    ),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_condition(
    name: str, notation: Callable[[Any], str], write: Callable[..., Any], stack: Callable[..., Stack]
) -> None:
    """A condition is true, false, or named as undecided with the expression that nobody can decide."""
    expression, expected = CONDITIONS[name]
    template = write("x")
    template["Conditions"] = {**template["Conditions"], "Asked": expression}
    decided = stack(notation(template)).condition("Asked")
    assert (decided.expression if isinstance(decided, Condition) else decided) == expected
