"""The evaluator of expressions answers as GitHub's documentation says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.pipeline.expressions import WrongExpressionError, condition, evaluated, rendered
from tests.integration.pipeline.workflow import combinations

CONTEXTS: dict[str, Any] = {
    "vars": {"A": "a", "EMPTY": ""},
    "needs": {"x": {"result": "success"}, "y": {"result": "skipped"}},
    "github": {"event": {"number": 7, "merged": True, "labels": [{"name": "one"}, {"name": "two"}]}},
}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("'it''s'", "it's"),
        ("7", 7),
        ("vars.A", "a"),
        ("vars['A']", "a"),
        ("vars.NONE", None),
        ("vars.NONE == ''", True),
        ("vars.NONE || 'other'", "other"),
        ("vars.EMPTY && 'kept' || 'other'", "other"),
        ("vars.A == 'A'", True),
        ("vars.A != 'b' && !github.event.merged", False),
        ("github.event.number == '7'", True),
        ("(false || true) && true", True),
        ("needs.*.result", ["success", "skipped"]),
        ("join(needs.*.result, ' ')", "success skipped"),
        ("github.event.labels.*.name", ["one", "two"]),
        ("contains(needs.*.result, 'skipped')", True),
        ("contains('abc', 'b')", True),
        ("fromJSON('{\"a\": [1, 2]}').a[1]", 2),
        ("format('{0}-{1}', vars.A, 7)", "a-7"),
        ("startsWith('Refs/x', 'refs/')", True),
    ],
)
def test_expression(source: str, value: Any) -> None:
    assert evaluated(source, CONTEXTS) == value


@pytest.mark.parametrize("source", ["", "vars.A ==", "secrets.A", "hashFiles('x')", "vars.A vars.A", '"text"'])
def test_what_it_does_not_know_is_an_error(source: str) -> None:
    """A test must not pass because a workflow was read wrongly."""
    with pytest.raises(WrongExpressionError):
        evaluated(source, CONTEXTS)


@pytest.mark.parametrize(
    ("text", "status", "holds"),
    [
        (None, "success", True),
        (None, "failure", False),
        ("vars.A == 'a'", "success", True),
        ("vars.A == 'a'", "failure", False),
        ("always() && vars.A == 'a'", "failure", True),
        ("always()", "cancelled", True),
        ("failure()", "failure", True),
        ("${{ !cancelled() }}", "failure", True),
        ("${{ !cancelled() }}", "cancelled", False),
    ],
)
def test_condition(text: str | None, status: str, holds: bool) -> None:
    assert condition(text, CONTEXTS, status) is holds


def test_texts_keep_what_stands_around_expressions() -> None:
    given = {"a": "x-${{ vars.A }}-${{ github.event.merged }}", "b": "${{ github.event.number }}", "c": 1}
    assert rendered(given, CONTEXTS) == {"a": "x-a-true", "b": 7, "c": 1}


def test_entries_of_include_join_combinations_or_stand_alone() -> None:
    """As in the example of GitHub's documentation of matrices."""
    matrix = {
        "fruit": ["apple", "pear"],
        "animal": ["cat", "dog"],
        "include": [
            {"colour": "green"},
            {"colour": "pink", "animal": "cat"},
            {"fruit": "apple", "shape": "circle"},
            {"fruit": "banana"},
            {"fruit": "banana", "animal": "cat"},
        ],
    }
    assert combinations(matrix) == [
        {"fruit": "apple", "animal": "cat", "colour": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "colour": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "colour": "pink"},
        {"fruit": "pear", "animal": "dog", "colour": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]
