"""Every wrong use of a function is refused with CloudFormation's words, in the line where it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stackproof import InputError, Stack

HEAD = """\
Parameters:
  Name: {Type: String, Default: shop}
  Count: {Type: Number, Default: 2}
  Ports: {Type: CommaDelimitedList, Default: '80,443'}
Mappings:
  Sizes: {small: {Class: t3.micro}}
Conditions:
  Yes: !Equals [a, a]
Resources:
  Vpc: {Type: AWS::EC2::VPC}
  Subject:
    Type: AWS::SSM::Parameter
    Properties:
      Value: %s
"""
LINE = HEAD.count("\n")

JOIN = (
    "every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined "
    "or a function that returns a list of strings (such as Fn::GetAZs) to be joined."
)
SELECT = "Fn::Select requires a list argument with two elements: an integer index and a list"
SPLIT = "every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split"
IF = "Fn::If requires a list argument with three elements, the first being a condition name"
GET_ATT = "every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute"
FIND = "every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value"
CIDR = "every Fn::Cidr object requires an ipBlock, a count of 1 to 256 and optional cidrBits"
SUB = (
    "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, "
    "and an optional second argument to specify a mapping of values to replace in the string"
)
IMPORT = "every Fn::ImportValue object must have a String-typed value."
FORMAT = "Template format error: "

CASES: dict[str, tuple[str, str]] = {
    # Ref
    "Ref of a list": ("!Ref [Name]", "every Ref object must have a single String value."),
    "Ref of nothing": (
        "!Ref Nam",
        f"{FORMAT}Unresolved resource dependencies [Nam] in the Resources block of the template; did you mean 'Name'?",
    ),
    "Ref of an unknown pseudo parameter": (
        "!Ref AWS::Reigon",
        f"{FORMAT}Unresolved resource dependencies [AWS::Reigon] in the Resources block of the template; "
        "did you mean 'AWS::Region'?",
    ),
    # Fn::GetAtt
    "GetAtt without an attribute": ("!GetAtt Vpc", GET_ATT),
    "GetAtt of one": ("{'Fn::GetAtt': [Vpc]}", GET_ATT),
    "GetAtt of three": ("{'Fn::GetAtt': [Vpc, A, B]}", GET_ATT),
    "GetAtt with an empty attribute": ("{'Fn::GetAtt': [Vpc, '']}", GET_ATT),
    "GetAtt of an object": ("{'Fn::GetAtt': {Vpc: Arn}}", GET_ATT),
    "GetAtt of a function": ("{'Fn::GetAtt': [!Ref Name, Arn]}", GET_ATT),
    "GetAtt of an unknown resource": (
        "!GetAtt Vpcc.Arn",
        "instance of Fn::GetAtt references undefined resource Vpcc; did you mean 'Vpc'?",
    ),
    "GetAtt of a parameter": ("!GetAtt Name.Arn", "instance of Fn::GetAtt references undefined resource Name"),
    # Fn::Sub
    "Sub of a number of arguments": ("!Sub ['a']", SUB),
    "Sub of three": ("!Sub [a, {}, b]", SUB),
    "Sub of an object": ("!Sub {a: b}", SUB),
    "Sub of a function": ("!Sub [!Ref Name, {}]", SUB),
    "Sub with a list as variables": ("!Sub [a, [b]]", SUB),
    "Sub with a list as variable": ("!Sub ['${A}', {A: [b]}]", "Fn::Sub variable A must be a string"),
    "Sub with an object as variable": ("!Sub ['${A}', {A: {b: c}}]", "Fn::Sub variable A must resolve to a string"),
    "Sub of an unknown name": (
        "!Sub '${Nam}'",
        f"{FORMAT}Unresolved resource dependencies [Nam] in the Resources block of the template; did you mean 'Name'?",
    ),
    "Sub of an attribute of nothing": (
        "!Sub '${Vcp.Arn}'",
        f"{FORMAT}Unresolved resource dependencies [Vcp] in the Resources block of the template; did you mean 'Vpc'?",
    ),
    "Sub of a list": ("!Sub '${Ports}'", "Fn::Sub cannot use the list 'Ports'; join it first"),
    "Sub of a shell's variable": (
        "!Sub '${HOME:-/root}'",
        "variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons; "
        "'${HOME:-/root}' is none, write ${!HOME:-/root} for the text itself",
    ),
    "Sub of an empty name": (
        "!Sub '${}'",
        "variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons; "
        "'${}' is none, write ${!} for the text itself",
    ),
    # Fn::Join
    "Join of a text": ("!Join abc", JOIN),
    "Join of one": ("!Join [',']", JOIN),
    "Join of three": ("!Join [',', [a], b]", JOIN),
    "Join with a list between": ("!Join [[','], [a]]", JOIN),
    "Join of no list": ("!Join [',', a]", JOIN),
    "Join of lists": ("!Join [',', [[a], [b]]]", JOIN),
    "Join of objects": ("!Join [',', [{a: b}]]", JOIN),
    # Fn::Select
    "Select of one": ("!Select [0]", SELECT),
    "Select of no list": ("!Select [0, a]", SELECT),
    "Select with a text as index": ("!Select [a, [b]]", SELECT),
    "Select with a broken index": ("!Select [1.5, [a, b]]", SELECT),
    "Select beyond the end": ("!Select [2, [a, b]]", "Fn::Select cannot select nonexistent value at index 2"),
    "Select below zero": ("!Select [-1, [a, b]]", "Fn::Select cannot select nonexistent value at index -1"),
    "Select from nothing": ("!Select [0, []]", "Fn::Select cannot select nonexistent value at index 0"),
    "Select with an endless index": (f"!Select [{'9' * 10000}, [a]]", SELECT),
    # Fn::Split
    "Split of one": ("!Split [',']", SPLIT),
    "Split of a list": ("!Split [',', [a]]", SPLIT),
    "Split by a list": ("!Split [[','], a]", SPLIT),
    "Split by nothing": ("!Split ['', a]", f"{SPLIT}; the delimiter must not be empty"),
    # Fn::If
    "If of two": ("!If [Yes, a]", IF),
    "If of a text": ("!If Yes", IF),
    "If of an unknown condition": (
        "!If [Yess, a, b]",
        "unresolved condition dependency Yess in Fn::If; did you mean 'Yes'?",
    ),
    "If of an expression": ("!If [!Equals [a, a], a, b]", "Fn::If needs a literal string here"),
    "If of an unknown condition in a branch that is not taken": (
        "!If [Yes, a, !If [Nope, b, c]]",
        "unresolved condition dependency Nope in Fn::If",
    ),
    # Fn::FindInMap
    "FindInMap of two": ("!FindInMap [Sizes, small]", FIND),
    "FindInMap of five": ("!FindInMap [Sizes, small, Class, {DefaultValue: a}, b]", FIND),
    "FindInMap of an unknown map": (
        "!FindInMap [Size, small, Class]",
        "Mapping named 'Size' is not present in the 'Mappings' section of template.",
    ),
    "FindInMap of an unknown key": ("!FindInMap [Sizes, big, Class]", "Unable to get mapping for Sizes::big::Class"),
    "FindInMap of an unknown attribute": (
        "!FindInMap [Sizes, small, Price]",
        "Unable to get mapping for Sizes::small::Price",
    ),
    "FindInMap with a list as key": ("!FindInMap [Sizes, !Ref Ports, Class]", FIND),
    "FindInMap with a default but without the transform": (
        "!FindInMap [Sizes, small, Class, {DefaultValue: a}]",
        "DefaultValue of Fn::FindInMap needs 'Transform: AWS::LanguageExtensions'",
    ),
    # Fn::ImportValue
    "ImportValue of a list": ("{'Fn::ImportValue': [a]}", IMPORT),
    "ImportValue of an object": ("{'Fn::ImportValue': {a: b}}", IMPORT),
    "ImportValue of a resource": (
        "{'Fn::ImportValue': !Sub '${Vpc}-Id'}",
        "the attribute in Fn::ImportValue must not depend on any resources, imported values, or Fn::GetAZs",
    ),
    "ImportValue of an import": (
        "{'Fn::ImportValue': {'Fn::ImportValue': a}}",
        "the attribute in Fn::ImportValue must not depend on any resources, imported values, or Fn::GetAZs",
    ),
    # Fn::GetAZs
    "GetAZs of a list": ("!GetAZs [a]", "every Fn::GetAZs object must have a String-typed value."),
    # Fn::Cidr
    "Cidr of one": ("!Cidr [10.0.0.0/16]", CIDR),
    "Cidr of four": ("!Cidr [10.0.0.0/16, 1, 8, 1]", CIDR),
    "Cidr of no network": ("!Cidr [ten, 1, 8]", "Fn::Cidr: 'ten' is not a CIDR block"),
    "Cidr of an address": ("!Cidr [10.0.0.0, 1, 8]", "Fn::Cidr: '10.0.0.0' is not a CIDR block"),
    "Cidr of a network mask": (
        "!Cidr [10.0.0.0/255.255.0.0, 1, 8]",
        "Fn::Cidr: '10.0.0.0/255.255.0.0' is not a CIDR block",
    ),
    "Cidr of an impossible prefix": ("!Cidr [10.0.0.0/33, 1, 8]", "Fn::Cidr: '10.0.0.0/33' is not a CIDR block"),
    "Cidr of an impossible octet": ("!Cidr [10.0.256.0/16, 1, 8]", "Fn::Cidr: '10.0.256.0/16' is not a CIDR block"),
    "Cidr with a text as count": ("!Cidr [10.0.0.0/16, a, 8]", CIDR),
    "Cidr of no blocks": ("!Cidr [10.0.0.0/16, 0, 8]", f"{CIDR}; the count is 0"),
    "Cidr of less than none": ("!Cidr [10.0.0.0/16, -1, 8]", f"{CIDR}; the count is -1"),
    "Cidr of more than 256": ("!Cidr [10.0.0.0/8, 257, 8]", f"{CIDR}; the count is 257"),
    "Cidr of too many": (
        "!Cidr [10.0.0.0/24, 3, 7]",
        "Fn::Cidr: 10.0.0.0/24 has room for 2 blocks of 7 bits, not for 3; lower the count or cidrBits",
    ),
    "Cidr of larger blocks than the network": (
        "!Cidr [10.0.0.0/24, 1, 9]",
        "Fn::Cidr: 10.0.0.0/24 has room for 0 blocks of 9 bits, not for 1; lower the count or cidrBits",
    ),
    "Cidr of no bits": (
        "!Cidr [10.0.0.0/24, 1, 0]",
        "Fn::Cidr: 10.0.0.0/24 has room for 0 blocks of 0 bits, not for 1; lower the count or cidrBits",
    ),
    "Cidr of too many of IPv6": (
        "!Cidr ['2001:db8::/56', 256, 73]",
        "Fn::Cidr: 2001:db8::/56 has room for 0 blocks of 73 bits, not for 256; lower the count or cidrBits",
    ),
    # Fn::Base64
    "Base64 of a list": ("!Base64 [a]", "every Fn::Base64 object must have a String-typed value."),
    # The language extensions
    "Length without the transform": ("!Length [a]", "Fn::Length needs 'Transform: AWS::LanguageExtensions'"),
    "ToJsonString without the transform": (
        "!ToJsonString {a: b}",
        "Fn::ToJsonString needs 'Transform: AWS::LanguageExtensions'",
    ),
    # What is no function
    "unknown function": ("!Subb a", "unknown function Fn::Subb; did you mean 'Fn::Sub'?"),
    "function beside another key": (
        "{'Fn::Sub': a, b: c}",
        "Fn::Sub must stand alone, without other keys beside it",
    ),
    "two functions": ("{'Fn::Sub': a, 'Fn::Base64': c}", "Fn::Sub must stand alone, without other keys beside it"),
    "null": ("", f"{FORMAT}null values are not allowed in templates; remove the key or use AWS::NoValue"),
    "null in a list": (
        "[a, ~]",
        f"{FORMAT}null values are not allowed in templates; remove the key or use AWS::NoValue",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_wrong_use(name: str, stack: Callable[..., Stack]) -> None:
    """The message is CloudFormation's and names the line."""
    value, message = CASES[name]
    with pytest.raises(InputError) as caught:
        stack(HEAD % value)
    expected = message if message.startswith(FORMAT) else f"Template error: {message}"
    assert str(caught.value) == f"web.yaml:{LINE}: {expected}"


EXTENDED = {
    "Length of a text": ("!Length abc", "Fn::Length requires a list or a function that returns a list"),
    "ToJsonString of a text": ("!ToJsonString abc", "Fn::ToJsonString requires an object or a list"),
    "DefaultValue misspelt": ("!FindInMap [Sizes, big, Class, {Default: a}]", f"{FIND}, and an optional DefaultValue"),
    "FindInMap of an unknown map without a default": (
        "!FindInMap [Size, small, Class]",
        "Mapping named 'Size' is not present in the 'Mappings' section of template.",
    ),
    "Ref of a list": ("!Ref [a]", "every Ref object must have a single String value."),
}


@pytest.mark.parametrize("name", EXTENDED)
def test_wrong_use_of_the_language_extensions(name: str, stack: Callable[..., Stack]) -> None:
    """So are the functions of the transform."""
    value, message = EXTENDED[name]
    with pytest.raises(InputError) as caught:
        stack("Transform: AWS::LanguageExtensions\n" + HEAD % value)
    assert str(caught.value) == f"web.yaml:{LINE + 1}: Template error: {message}"


AND = "every Fn::And object requires a list of at least 2 and at most 10 boolean parameters."
OR = AND.replace("Fn::And", "Fn::Or")
EQUALS = "every Fn::Equals object requires a list of 2 string parameters."
NOT = "every Fn::Not object requires one boolean parameter."
BOOLEAN = "a condition must be a boolean: use Fn::And, Fn::Equals, Fn::Not, Fn::Or or Condition"

CONDITIONS: dict[str, tuple[str, str]] = {
    "Equals of one": ("!Equals [a]", EQUALS),
    "Equals of three": ("!Equals [a, b, c]", EQUALS),
    "Equals of a list": ("!Equals [a, [b]]", EQUALS),
    "Equals of a text": ("!Equals a", EQUALS),
    "And of one": ("!And [!Equals [a, a]]", AND),
    "And of eleven": (f"!And [{', '.join(['!Equals [a, a]'] * 11)}]", AND),
    "And of a text": ("!And [a, !Equals [a, a]]", BOOLEAN),
    "Or of one": ("!Or [!Equals [a, a]]", OR),
    "Or of eleven": (f"!Or [{', '.join(['!Equals [a, b]'] * 11)}]", OR),
    "Not of two": ("!Not [!Equals [a, a], !Equals [a, a]]", NOT),
    "Not of no list": ("!Not {Condition: Other}", NOT),
    "a text": ("maybe", BOOLEAN),
    "a list": ("[a]", BOOLEAN),
    "GetAtt": ("!Equals [!GetAtt Vpc.Arn, a]", "Fn::GetAtt cannot be used in the Conditions block"),
    "a resource": (
        "!Equals [!Ref Vpc, a]",
        f"{FORMAT}Unresolved dependencies [Vpc]. Cannot reference resources in the Conditions block of the template",
    ),
    "a misspelt parameter": (
        "!Equals [!Ref Nam, a]",
        f"{FORMAT}Unresolved dependencies [Nam]. Cannot reference resources in the Conditions block of the template; "
        "did you mean 'Name'?",
    ),
    "an unknown condition": (
        "!Not [!Condition Othr]",
        "unresolved condition dependency Othr; did you mean 'Other'?",
    ),
    "an unknown function": ("!Equal [a, a]", "unknown function Fn::Equal; did you mean 'Fn::Equals'?"),
    "itself": ("!Not [!Condition Asked]", "circular dependency between conditions: Asked -> Asked"),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_wrong_condition(name: str, stack: Callable[..., Stack]) -> None:
    """A wrong condition is refused even where nothing uses it."""
    expression, message = CONDITIONS[name]
    text = f"""\
Parameters:
  Name: {{Type: String, Default: a}}
Resources:
  Vpc: {{Type: AWS::EC2::VPC}}
Conditions:
  Other: !Equals [a, a]
  Asked: {expression}
"""
    with pytest.raises(InputError) as caught:
        stack(text)
    expected = message if message.startswith(FORMAT) else f"Template error: {message}"
    assert str(caught.value) == f"web.yaml:7: {expected}"


def test_conditions_in_a_circle(stack: Callable[..., Stack]) -> None:
    """The whole circle is shown."""
    text = """\
Conditions:
  A: !Not [!Condition B]
  B: !And [!Condition C, !Condition C]
  C: !Or [!Condition A, !Condition A]
Resources:
  Vpc: {Type: AWS::EC2::VPC}
"""
    with pytest.raises(InputError) as caught:
        stack(text)
    assert str(caught.value) == "web.yaml:4: Template error: circular dependency between conditions: A -> B -> C -> A"


def test_an_undecided_choice_of_a_list_is_no_text(stack: Callable[..., Stack]) -> None:
    """A function that needs text refuses a choice of which one branch is none."""
    text = """\
Conditions:
  Open: !Equals [!Ref AWS::AccountId, '1']
Resources:
  Subject:
    Type: AWS::SSM::Parameter
    Properties:
      Value: !Sub ['${A}', {A: !If [Open, [a], b]}]
"""
    with pytest.raises(InputError, match=r"^web\.yaml:7: Template error: Fn::Sub variable A must resolve to a string$"):
        stack(text)


def test_wrong_use_in_an_output(stack: Callable[..., Stack]) -> None:
    """Outputs are resolved too."""
    text = "Resources:\n  Vpc: {Type: AWS::EC2::VPC}\nOutputs:\n  A:\n    Value: !Select [3, [a]]\n"
    with pytest.raises(InputError) as caught:
        stack(text)
    assert str(caught.value) == "web.yaml:5: Template error: Fn::Select cannot select nonexistent value at index 3"


def test_any_value() -> None:
    """The table above is complete: it has a case for every function there is."""
    from stackproof.resolve.functions import FUNCTIONS

    # Tested in test_only_in_the_account.py.
    elsewhere = ("Fn::GetStackOutput", "Fn::Transform")
    cases: Any = " ".join([*CASES, *EXTENDED, *CONDITIONS])
    missing = [name for name in FUNCTIONS if name.removeprefix("Fn::") not in cases and name not in elsewhere]
    assert missing == []
