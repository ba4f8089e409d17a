"""AllowedPattern: Java's regular expressions, in bounded time."""

from __future__ import annotations

import threading

import pytest

from stackproof import InputError, parse_template
from stackproof.bind import patterns
from stackproof.bind.patterns import PatternError, matches
from stackproof.bind.values import value_of
from stackproof.marks import Mark

MATCHES = [
    (r"[a-z]+", "abc", True),
    (r"[a-z]+", "abc1", False),
    (r"a|b", "b", True),
    (r"^$|^arn:.*$", "", True),
    (r"^$|^arn:.*$", "arn:x", True),
    (r"(?i)abc", "ABC", True),
    (r"(?=.*\d)(?=.*[A-Z]).{4,}", "aB3d", True),
    (r"(?=.*\d)(?=.*[A-Z]).{4,}", "ab3d", False),
    (r"(a)\1", "aa", True),
    # Java's own notation.
    (r"(?<first>a)\k<first>", "aa", None),
    (r"(?<first>a)b", "ab", True),
    (r"a++b", "aab", True),
    (r"(?>a|ab)c", "abc", False),
    (r"\p{Alpha}+", "abC", True),
    (r"\p{Alpha}+", "ab1", False),
    (r"[\p{Alnum}_]+", "a_1", True),
    (r"[\p{Alnum}_]+", "a-1", False),
    (r"\P{Digit}+", "abc", True),
    (r"\P{Digit}+", "a1", False),
    (r"[\p{Punct}]+", "[]\\^-`~!", True),
    (r"\p{XDigit}{2}", "fF", True),
    (r"\p{Space}", "\t", True),
    (r"\Qa.b\E+", "a.bb", True),
    (r"\Qa.b\E", "axb", False),
    (r"a\z", "a", True),
    (r"a\Z", "a", True),
    (r"\h", "\t", True),
    (r"[]a]+", "]a", True),
    (r"[^]a]+", "b", True),
    (r"[\]a]+", "]a", True),
    (r"\[a\]", "[a]", True),
    # In Java these are ASCII.
    (r"\d", "٣", False),
    (r"\w", "ä", False),
    (r"\s", "\u2003", False),
    # Only Java can do these: refused, not misread.
    (r"[a-z&&[^aeiou]]+", "b", None),
    (r"[a-c[x-z]]", "x", None),
    (r"\p{L}+", "ä", None),
    (r"\p{IsAlphabetic}", "a", None),
    (r"\R", "\n", None),
    (r"[\P{Digit}]", "a", None),
    # Wrong in both.
    (r"[", "a", None),
    (r"(", "a", None),
    (r"a{2,1}", "a", None),
    (r"*", "a", None),
    (r"a{99999999999999999999}", "a", None),
    ("(" * 500 + "a" + ")" * 500, "a", None),
]


@pytest.mark.parametrize(("pattern", "text", "expected"), MATCHES)
def test_matches(pattern: str, text: str, expected: bool | None) -> None:
    """A text is matched as a whole, or the pattern is refused."""
    if expected is None:
        with pytest.raises(PatternError):
            matches(pattern, text)
    else:
        assert matches(pattern, text) is expected


CATASTROPHES = [
    ("(a+)+$", "a" * 60 + "!"),
    ("(a|a)*b", "a" * 60 + "!"),
    ("(a|aa)+$", "a" * 100 + "!"),
    ("a*" * 30 + "b", "a" * 4000),
    ("([a-zA-Z0-9]+)*@", "a" * 60),
]


@pytest.mark.parametrize(("pattern", "text"), CATASTROPHES, ids=lambda text: text[:16])
def test_a_pattern_that_takes_for_ever(pattern: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is interrupted, and nothing that was not matched is accepted."""
    monkeypatch.setattr(patterns, "MAX_SECONDS", 0.05)
    with pytest.raises(PatternError, match=r"^it takes more than 0\.05 s to match$"):
        matches(pattern, text)
    assert matches("[a-z]+", "abc")


def test_in_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no signal arrives, another process matches."""
    monkeypatch.setattr(patterns, "_START_SECONDS", 0.5)
    monkeypatch.setattr(patterns, "MAX_SECONDS", 0.05)
    outcomes: list[object] = []

    def ask() -> None:
        outcomes.append(matches("[a-z]+", "abc"))
        try:
            matches("(a+)+$", "a" * 60 + "!")
        except PatternError as error:
            outcomes.append(str(error))

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert outcomes == [True, "it takes more than 0.05 s to match"]


def test_refusal_names_parameter_and_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pattern that cannot be evaluated is the template's mistake."""
    monkeypatch.setattr(patterns, "MAX_SECONDS", 0.05)
    template = parse_template(
        "Resources: {T: {Type: a}}\nParameters:\n  P: {Type: String, AllowedPattern: '(a+)+$'}\n"
        "  Q: {Type: String, AllowedPattern: '['}\n",
        "web.yaml",
    )
    messages = []
    for parameter in template.parameters.values():
        with pytest.raises(InputError) as caught:
            value_of(parameter, "a" * 60 + "!", Mark("shop.yaml", 7))
        messages.append(str(caught.value))
    assert messages == [
        "web.yaml:3: AllowedPattern of 'P' cannot be evaluated: it takes more than 0.05 s to match",
        "web.yaml:4: AllowedPattern of 'Q' cannot be evaluated: unterminated character set at position 0",
    ]


def test_only_values_are_matched() -> None:
    """A pattern is asked only where there is a value."""
    parse_template("Resources: {T: {Type: a}}\nParameters: {P: {Type: String, AllowedPattern: '['}}\n")
