"""No template makes the resolver slow, large or deep: it is refused in one line, soon."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stackproof import InputError, Stack
from stackproof.resolve.values import symbols_in

OPEN = "  C0: !Equals [a, !Ref AWS::AccountId]\n"
TOPIC = "Resources:\n  Subject:\n    Type: AWS::SNS::Topic\n"


def _subject(value: str) -> str:
    return f"{TOPIC}    Properties:\n      Value: {value}\n"


def test_many_conditions_in_each_other_decided(stack: Callable[..., Stack]) -> None:
    """Each condition is decided once, however often it is asked for."""
    chain = "".join(f"  C{i}: !And [!Condition C{i - 1}, !Condition C{i - 1}]\n" for i in range(1, 300))
    made = stack(f"Conditions:\n  C0: !Equals [a, a]\n{chain}{TOPIC}")
    assert made.condition("C299") is True


def test_many_conditions_in_each_other_undecided(stack: Callable[..., Stack]) -> None:
    """An undecided condition is one symbol, not a tree that doubles with every level."""
    chain = "".join(f"  C{i}: !Or [!Condition C{i - 1}, !Not [!Condition C{i - 1}]]\n" for i in range(1, 300))
    made = stack(f"Conditions:\n{OPEN}{chain}{_subject('!If [C299, a, b]')}")
    value = made["Subject"]["Value"]
    assert str(value) == "${Fn::If ${Condition C299}, a, b}"
    assert len(list(symbols_in(value))) < 2_000


def test_conditions_too_deep(stack: Callable[..., Stack]) -> None:
    """A chain that is asked from its end would exceed Python's own limit."""
    chain = "".join(f"  C{i}: !Not [!Condition C{i - 1}]\n" for i in range(2500, 0, -1))
    with pytest.raises(
        InputError,
        match=r"^web\.yaml:\d+: Template error: more than 100 functions and conditions inside of each other$",
    ):
        stack(f"Conditions:\n{chain}  C0: !Equals [a, a]\n{TOPIC}")


def test_choices_too_deep(stack: Callable[..., Stack]) -> None:
    """A deep chain of Fn::If is refused while it is read."""
    value = "{'Fn::If': [C, " * 2000 + "x" + ", y]}" * 2000
    with pytest.raises(InputError, match=r"^web\.yaml:5: nested more than 100 levels deep$"):
        stack(f"{_subject(value)}Conditions: {{C: !Equals [a, a]}}\n")


def test_choices_as_deep_as_can_be_written(stack: Callable[..., Stack]) -> None:
    """What may be written can be resolved."""
    value = "{'Fn::If': [C, " * 46 + "x" + ", y]}" * 46
    assert stack(f"Conditions: {{C: !Equals [a, a]}}\n{_subject(value)}")["Subject"]["Value"] == "x"


def test_a_megabyte_of_variables(stack: Callable[..., Stack]) -> None:
    """Fn::Sub reads a text once."""
    made = stack(f"Parameters: {{A: {{Type: String, Default: '12345'}}}}\n{_subject('!Sub ' + '${A}' * 200_000)}")
    assert made["Subject"]["Value"] == "12345" * 200_000


@pytest.mark.parametrize("text", ["${" * 500_000, "${!" * 300_000, "${!A}" * 200_000])
def test_a_megabyte_of_openings(text: str, stack: Callable[..., Stack]) -> None:
    """Unclosed variables are text, found in linear time."""
    assert stack(_subject(f"!Sub '{text}'"))["Subject"]["Value"] == text.replace("${!A}", "${A}")


@pytest.mark.parametrize("opening", ["{{resolve:", "{{resolve:ssm:", "{{resolve:ssm:a}}"])
def test_a_megabyte_of_dynamic_references(opening: str, stack: Callable[..., Stack]) -> None:
    """So are dynamic references."""
    assert str(stack(_subject(f"'{opening * 60_000}'"))["Subject"]["Value"]) == opening * 60_000


GROWING = {
    "Sub": lambda inner: f"!Sub ['{'${A}' * 50}', {{A: {inner}}}]",
    "Join": lambda inner: f"!Join [{inner}, [{', '.join('a' * 50)}]]",
    "ToJsonString": lambda inner: f"!ToJsonString {{a: {inner}}}",
    "Base64": lambda inner: f"!Base64 {{'Fn::Sub': ['${{A}}${{A}}', {{A: {inner}}}]}}",
}


TEXT, SYMBOL = '\'""""\'', "!Ref AWS::AccountId"


# An unknown delimiter is written down once, so Join multiplies texts only.
@pytest.mark.parametrize(
    ("function", "start"), [*((function, TEXT) for function in GROWING), *((f, SYMBOL) for f in GROWING if f != "Join")]
)
def test_texts_that_multiply(function: str, start: str, stack: Callable[..., Stack]) -> None:
    """Functions in each other could make a text larger than any memory out of a few hundred bytes."""
    value = start
    for _ in range(28):
        value = GROWING[function](value)
    with pytest.raises(InputError, match=r"^web\.yaml:6: Template error: .* more than [0-9,]+ characters$"):
        stack(f"Transform: AWS::LanguageExtensions\n{_subject(value)}")


def test_symbols_that_multiply(stack: Callable[..., Stack]) -> None:
    """So could symbols that hold each other twice."""
    value = "!Ref AWS::AccountId"
    for _ in range(20):
        value = f"!Select [0, !Split [',', !Sub ['{'${A}' * 10}', {{A: {value}}}]]]"
    with pytest.raises(InputError, match=r"Fn::Sub makes a text of more than 1,048,576 characters$"):
        stack(_subject(value))


def test_many_large_texts(stack: Callable[..., Stack]) -> None:
    """All texts of a template together are bounded too."""
    sub = "!Sub '" + "${A}" * 250 + "'"
    values = "".join(f"      V{i}: {sub}\n" for i in range(60))
    text = f"Parameters: {{A: {{Type: String, Default: {'x' * 4000}}}}}\n{TOPIC}    Properties:\n{values}"
    with pytest.raises(InputError, match=r"the functions of this template make more than 33,554,432 characters$"):
        stack(text)


def test_a_map_of_ten_thousand(stack: Callable[..., Stack]) -> None:
    """A large map costs what it is large."""
    entries = "".join(f"      k{i}: v{i}\n" for i in range(10_000))
    made = stack(f"Mappings:\n  M:\n    a:\n{entries}{_subject('!FindInMap [M, a, k9999]')}")
    assert made["Subject"]["Value"] == "v9999"
