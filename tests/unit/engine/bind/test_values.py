"""Parameter values: what a template permits, and what CloudFormation says where it does not."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof import InputError, parse_template
from stackproof.bind.values import bind, bind_defaults, value_of
from stackproof.marks import Mark
from stackproof.symbols import SsmParameter, Unbound

MARK = Mark("shop.yaml", 7)
RESOURCES = "Resources: {T: {Type: a}}\n"


def _value(declared: str, text: str) -> Any:
    template = parse_template(f"{RESOURCES}Parameters:\n  P: {{{declared}}}\n", "web.yaml")
    return value_of(template.parameters["P"], text, MARK)


ACCEPTED: dict[str, tuple[str, str, Any]] = {
    "text": ("Type: String", "x", "x"),
    "empty text": ("Type: String", "", ""),
    "number": ("Type: Number", "7", "7"),
    "broken number": ("Type: Number", "-1.50", "-1.50"),
    "number with an exponent": ("Type: Number", "1e3", "1e3"),
    "allowed text": ("Type: String, AllowedValues: [a, b]", "b", "b"),
    "allowed number": ("Type: Number, AllowedValues: [1, 2]", "2", "2"),
    "allowed boolean": ("Type: String, AllowedValues: [true, false]", "true", "true"),
    "pattern": ("Type: String, AllowedPattern: '[a-z]+'", "abc", "abc"),
    "shortest": ("Type: String, MinLength: 2, MaxLength: 3", "ab", "ab"),
    "longest": ("Type: String, MinLength: 2, MaxLength: 3", "abc", "abc"),
    "lowest": ("Type: Number, MinValue: 1, MaxValue: 3", "1", "1"),
    "highest": ("Type: Number, MinValue: 1, MaxValue: 3", "3.0", "3.0"),
    "list": ("Type: CommaDelimitedList", "a,b", ("a", "b")),
    "list with spaces": ("Type: CommaDelimitedList", " a , b ", ("a", "b")),
    "list of one": ("Type: CommaDelimitedList", "a", ("a",)),
    "empty list": ("Type: CommaDelimitedList", "", ("",)),
    "list with a gap": ("Type: CommaDelimitedList", "a,,b", ("a", "", "b")),
    "list of numbers": ("Type: List<Number>", "80, 443", ("80", "443")),
    "list of allowed": ("Type: CommaDelimitedList, AllowedValues: [a, b]", "b,a", ("b", "a")),
    "list of a pattern": ("Type: CommaDelimitedList, AllowedPattern: '[a-z]'", "a,b", ("a", "b")),
    "image": ("Type: AWS::EC2::Image::Id", "ami-0123456789abcdef0", "ami-0123456789abcdef0"),
    "old image": ("Type: AWS::EC2::Image::Id", "ami-01234567", "ami-01234567"),
    "instance": ("Type: AWS::EC2::Instance::Id", "i-0123456789abcdef0", "i-0123456789abcdef0"),
    "key pair": ("Type: AWS::EC2::KeyPair::KeyName", "my key", "my key"),
    "group": ("Type: AWS::EC2::SecurityGroup::Id", "sg-01234567", "sg-01234567"),
    "group name": ("Type: AWS::EC2::SecurityGroup::GroupName", "web", "web"),
    "subnets": (
        "Type: List<AWS::EC2::Subnet::Id>",
        "subnet-01234567,subnet-89abcdef",
        ("subnet-01234567", "subnet-89abcdef"),
    ),
    "volume": ("Type: AWS::EC2::Volume::Id", "vol-01234567", "vol-01234567"),
    "VPC": ("Type: AWS::EC2::VPC::Id", "vpc-01234567", "vpc-01234567"),
    "zone": ("Type: AWS::EC2::AvailabilityZone::Name", "us-gov-west-1a", "us-gov-west-1a"),
    "hosted zone": ("Type: AWS::Route53::HostedZone::Id", "Z23ABC4XYZL05B", "Z23ABC4XYZL05B"),
    "name of an SSM parameter": ("Type: AWS::SSM::Parameter::Name", "/a", "/a"),
    "value of an SSM parameter": (
        "Type: 'AWS::SSM::Parameter::Value<String>'",
        "/a",
        SsmParameter("P", "/a", "AWS::SSM::Parameter::Value<String>"),
    ),
    "value of a listed SSM parameter": (
        "Type: 'AWS::SSM::Parameter::Value<List<AWS::EC2::Subnet::Id>>', AllowedPattern: '/.*'",
        "/a",
        SsmParameter("P", "/a", "AWS::SSM::Parameter::Value<List<AWS::EC2::Subnet::Id>>"),
    ),
    "4,096 bytes": ("Type: String", "x" * 4096, "x" * 4096),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(name: str) -> None:
    """A permitted text becomes a value of the declared type."""
    declared, text, expected = ACCEPTED[name]
    assert _value(declared, text) == expected


SHAPE = "Parameter validation failed: parameter value {} for parameter name P is not of the form of {}"
REFUSED: dict[str, tuple[str, str, str]] = {
    "not a number": ("Type: Number", "x", "Parameter 'P' must be a number."),
    "empty number": ("Type: Number", "", "Parameter 'P' must be a number."),
    "no number at all": ("Type: Number", "nan", "Parameter 'P' must be a number."),
    "number without end": ("Type: Number", "1e9999", "Parameter 'P' must be a number."),
    "number of Python": ("Type: Number", "1_000", "Parameter 'P' must be a number."),
    "number in other digits": ("Type: Number", "٣", "Parameter 'P' must be a number."),
    "number in spaces": ("Type: Number", " 3 ", "Parameter 'P' must be a number."),
    "list of no numbers": ("Type: List<Number>", "1,x", "Parameter 'P' must be a number."),
    "not allowed": (
        "Type: String, AllowedValues: [a, b]",
        "c",
        "Parameter 'P' must be one of AllowedValues a, b; the value is 'c'",
    ),
    "other case": (
        "Type: String, AllowedValues: [a, b]",
        "A",
        "Parameter 'P' must be one of AllowedValues a, b; the value is 'A'",
    ),
    "member not allowed": (
        "Type: CommaDelimitedList, AllowedValues: [a, b]",
        "a,c",
        "Parameter 'P' must be one of AllowedValues a, b; the value is 'c'",
    ),
    "not the pattern": (
        "Type: String, AllowedPattern: '[a-z]+'",
        "abc1",
        "Parameter 'P' must match pattern [a-z]+; the value is 'abc1'",
    ),
    "pattern in the middle": (
        "Type: String, AllowedPattern: 'b'",
        "abc",
        "Parameter 'P' must match pattern b; the value is 'abc'",
    ),
    "pattern with a line after it": (
        "Type: String, AllowedPattern: '^[a-z]+$'",
        "abc\n",
        "Parameter 'P' must match pattern ^[a-z]+$; the value is 'abc '",
    ),
    "too short": (
        "Type: String, MinLength: 2",
        "a",
        "Parameter 'P' must contain at least 2 characters; the value is 'a'",
    ),
    "too long": (
        "Type: String, MaxLength: 2",
        "abc",
        "Parameter 'P' must contain at most 2 characters; the value is 'abc'",
    ),
    "too low": (
        "Type: Number, MinValue: 2",
        "1.9",
        "Parameter 'P' must be a number not less than 2; the value is '1.9'",
    ),
    "too high": (
        "Type: Number, MaxValue: 2",
        "3",
        "Parameter 'P' must be a number not greater than 2; the value is '3'",
    ),
    "with a description": (
        "Type: Number, MaxValue: 2, ConstraintDescription: 0 to 2.",
        "3",
        "Parameter 'P' failed to satisfy constraint: 0 to 2 (must be a number not greater than 2); the value is '3'",
    ),
    "secret": (
        "Type: String, MinLength: 8, NoEcho: true",
        "secret",
        "Parameter 'P' must contain at least 8 characters; the value is '****'",
    ),
    "image of upper case": (
        "Type: AWS::EC2::Image::Id",
        "ami-0123456G",
        SHAPE.format("ami-0123456G", "AWS::EC2::Image::Id"),
    ),
    "subnet for a VPC": (
        "Type: AWS::EC2::VPC::Id",
        "subnet-01234567",
        SHAPE.format("subnet-01234567", "AWS::EC2::VPC::Id"),
    ),
    "one wrong subnet": (
        "Type: List<AWS::EC2::Subnet::Id>",
        "subnet-01234567,x",
        SHAPE.format("x", "AWS::EC2::Subnet::Id"),
    ),
    "SSM parameter of another name": (
        "Type: 'AWS::SSM::Parameter::Value<String>', AllowedPattern: '/a.*'",
        "/b",
        "Parameter 'P' must match pattern /a.*; the value is '/b'",
    ),
    "4,097 bytes": ("Type: String", "ä" * 2049, "Parameter 'P' has a value of more than 4,096 bytes"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    """A text that is not permitted is refused where it was written, in CloudFormation's words."""
    declared, text, message = REFUSED[name]
    with pytest.raises(InputError) as caught:
        _value(declared, text)
    assert str(caught.value) == f"shop.yaml:7: {message}"


UNKNOWN_TYPES = {
    "Strng": "; did you mean 'String'?",
    "List<Sting>": "; did you mean 'List<String>'?",
    "List<CommaDelimitedList>": "; did you mean 'CommaDelimitedList'?",
    "AWS::EC2::Subnet": "; did you mean 'AWS::EC2::Subnet::Id'?",
    "AWS::SSM::Parameter::Value<Strng>": "; did you mean 'String'?",
    "AWS::SSM::Parameter::Nam": "; did you mean 'AWS::SSM::Parameter::Name'?",
}


@pytest.mark.parametrize("kind", UNKNOWN_TYPES)
def test_unknown_type(kind: str) -> None:
    """An unknown type is refused where it is declared."""
    with pytest.raises(InputError) as caught:
        _value(f"Type: '{kind}'", "x")
    assert (
        str(caught.value)
        == f"web.yaml:3: Template format error: Unrecognized parameter type: {kind}{UNKNOWN_TYPES[kind]}"
    )


TEMPLATE = parse_template(
    f"{RESOURCES}Parameters:\n  Size: {{Type: Number, MaxValue: 3}}\n  Kind: {{Type: String, Default: a}}\n"
    "  Zone: {Type: String}\n",
    "web.yaml",
)


def test_given_values_come_before_defaults() -> None:
    """Every declared parameter has a value: the given one, else its default."""
    assert bind(TEMPLATE, {"Size": "2", "Zone": "b"}, {}, MARK) == {"Size": "2", "Kind": "a", "Zone": "b"}
    assert bind(TEMPLATE, {"Size": "2", "Zone": "b", "Kind": ""}, {}, MARK) == {"Size": "2", "Kind": "", "Zone": "b"}


def test_unknown_parameter() -> None:
    """A value for nothing is refused where it stands, with the nearest right name."""
    with pytest.raises(InputError) as caught:
        bind(TEMPLATE, {"Siz": "2"}, {"Siz": Mark("shop.yaml", 9)}, MARK)
    assert str(caught.value) == "shop.yaml:9: web.yaml has no parameter 'Siz'; did you mean 'Size'?"


def test_missing_values() -> None:
    """All that is missing is named at once."""
    with pytest.raises(InputError) as caught:
        bind(TEMPLATE, {}, {}, MARK)
    assert str(caught.value) == "shop.yaml:7: Parameters: [Size, Zone] must have values (web.yaml)"


def test_defaults_of_a_bare_template() -> None:
    """Without a system a parameter that has no default is unbound, typed, and never guessed."""
    assert bind_defaults(TEMPLATE) == {
        "Size": Unbound("Size", "Number"),
        "Kind": "a",
        "Zone": Unbound("Zone", "String"),
    }


def test_default_that_the_template_does_not_permit() -> None:
    """A wrong default is refused where the parameter is declared."""
    template = parse_template(f"{RESOURCES}Parameters:\n  P: {{Type: Number, Default: 9, MaxValue: 3}}\n", "web.yaml")
    with pytest.raises(InputError) as caught:
        bind_defaults(template)
    assert str(caught.value) == "web.yaml:3: Parameter 'P' must be a number not greater than 3; the value is '9'"
