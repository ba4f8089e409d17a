"""GitHub's expressions, ``${{ … }}``: as much of the language as the workflows use, and an error for the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][\w-]*)"
    r"|(?P<operator>&&|\|\||==|!=|[!()\[\],.*]))"
)
_EMBEDDED = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}
_STATES = ("success", "failure", "always", "cancelled")


class WrongExpressionError(ValueError):
    """An expression that is none, or uses what this evaluator does not know."""


def rendered(value: Any, contexts: Mapping[str, Any]) -> Any:
    """Return a value of a workflow with the expressions in its texts evaluated, as before a step is run."""
    if isinstance(value, dict):
        return {key: rendered(each, contexts) for key, each in value.items()}
    if isinstance(value, list):
        return [rendered(each, contexts) for each in value]
    if not isinstance(value, str):
        return value
    whole = _EMBEDDED.fullmatch(value.strip())
    if whole:
        return evaluated(whole[1], contexts)
    return _EMBEDDED.sub(lambda found: as_text(evaluated(found[1], contexts)), value)


def condition(text: Any, contexts: Mapping[str, Any], status: str = "success") -> bool:
    """Return whether an ``if`` holds.

    Parameters:
        text: the condition; one that names no state of the job means `success() &&` it.
        contexts: what expressions may name.
        status: how the steps, or the jobs, before it have ended: success, failure or cancelled.
    """
    source = str(text if text is not None else "success()")
    whole = _EMBEDDED.fullmatch(source.strip())
    source = whole[1] if whole else source
    states = {
        "success": status == "success",
        "failure": status == "failure",
        "cancelled": status == "cancelled",
        "always": True,
    }
    holds = truthy(evaluated(source, contexts, states))
    asks = any(re.search(rf"\b{state}\s*\(", source) for state in _STATES)
    return holds if asks else holds and states["success"]


def evaluated(source: str, contexts: Mapping[str, Any], states: Mapping[str, bool] | None = None) -> Any:
    """Return what an expression without its ``${{ }}`` is.

    Raises:
        WrongExpressionError: it is none, or names a context that is not given.
    """
    return _Evaluation(source, contexts, states or {}).whole()


def truthy(value: Any) -> bool:
    """Return whether GitHub takes a value for true."""
    return value not in (None, False, 0, "")


def as_text(value: Any) -> str:
    """Return a value as GitHub writes it into a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, indent=2)
    return str(value)


class _Evaluation:
    """One expression, evaluated as it is read."""

    def __init__(self, source: str, contexts: Mapping[str, Any], states: Mapping[str, bool]) -> None:
        self._source = source
        self._contexts = contexts
        self._states = states
        self._tokens = _tokens(source)
        self._at = 0

    def whole(self) -> Any:
        value = self._either()
        if self._at != len(self._tokens):
            raise WrongExpressionError(f"cannot read {self._source!r}")
        return value

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, *expected: str) -> str:
        token = self._peek()
        if not token or (expected and token not in expected):
            raise WrongExpressionError(f"cannot read {self._source!r}")
        self._at += 1
        return token

    def _either(self) -> Any:
        value = self._both()
        while self._peek() == "||":
            self._take()
            other = self._both()
            value = value if truthy(value) else other
        return value

    def _both(self) -> Any:
        value = self._equal()
        while self._peek() == "&&":
            self._take()
            other = self._equal()
            value = other if truthy(value) else value
        return value

    def _equal(self) -> Any:
        value = self._not()
        while self._peek() in ("==", "!="):
            operator = self._take()
            value = _same(value, self._not()) is (operator == "==")
        return value

    def _not(self) -> Any:
        if self._peek() == "!":
            self._take()
            return not truthy(self._not())
        return self._reached(self._atom())

    def _atom(self) -> Any:
        token = self._take()
        if token == "(":
            value = self._either()
            self._take(")")
            return value
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if token[0].isdigit():
            return float(token) if "." in token else int(token)
        if token in _WORDS:
            return _WORDS[token]
        if self._peek() == "(":
            return self._called(token)
        if token not in self._contexts:
            raise WrongExpressionError(f"no context {token!r} for {self._source!r}")
        return self._contexts[token]

    def _called(self, name: str) -> Any:
        self._take("(")
        arguments = []
        while self._peek() != ")":
            arguments.append(self._either())
            if self._peek() == ",":
                self._take()
        self._take(")")
        if name in self._states:
            return self._states[name]
        if name not in _FUNCTIONS:
            raise WrongExpressionError(f"no function {name!r} here for {self._source!r}")
        return _FUNCTIONS[name](*arguments)

    def _reached(self, value: Any) -> Any:
        while self._peek() in (".", "["):
            if self._take() == "[":
                key = self._either()
                self._take("]")
            else:
                key = self._take()
            value = _all(value) if key == "*" else _member(value, key)
        return value


class _Each(list[Any]):
    """What ``.*`` gave: a member of it is the member of each."""


def _all(value: Any) -> _Each:
    return _Each(value.values() if isinstance(value, dict) else value or ())


def _member(value: Any, key: Any) -> Any:
    if isinstance(value, _Each):
        return _Each(_member(each, key) for each in value)
    if isinstance(value, dict):
        return value.get(key)
    return value[key] if isinstance(value, list) and isinstance(key, int) and key < len(value) else None


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.lower() == right.lower()
    if type(left) is type(right):
        return bool(left == right)
    return _number(left) == _number(right)


def _number(value: Any) -> float:
    if value is None or value == "":
        return 0
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _tokens(source: str) -> list[str]:
    tokens, at = [], 0
    while at < len(source.rstrip()):
        found = _TOKEN.match(source, at)
        if not found:
            raise WrongExpressionError(f"cannot read {source!r}")
        tokens.append(found[0].strip())
        at = found.end()
    return tokens


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "contains": lambda within, sought: sought in within if isinstance(within, list) else str(sought) in as_text(within),
    "format": lambda text, *values: text.format(*map(as_text, values)),
    "fromJSON": json.loads,
    "join": lambda values, between=",": between.join(map(as_text, values)),
    "startsWith": lambda text, start: as_text(text).lower().startswith(as_text(start).lower()),
    "toJSON": lambda value: json.dumps(value, indent=2),
}
