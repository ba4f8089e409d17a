"""Conditions of policies: whether a request meets them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network
from typing import Any

Context = Mapping[str, str]
"""What is known of a request, by condition key in lower case."""


def _number(text: str) -> float:
    return float(text)


def _like(pattern: str, text: str) -> bool:
    return fnmatchcase(text, pattern.replace("[", "[[]"))


_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "stringequals": lambda wanted, given: wanted == given,
    "stringequalsignorecase": lambda wanted, given: wanted.lower() == given.lower(),
    "stringlike": _like,
    "arnequals": _like,
    "arnlike": _like,
    "bool": lambda wanted, given: wanted.lower() == given.lower(),
    "binaryequals": lambda wanted, given: wanted == given,
    "ipaddress": lambda wanted, given: ip_address(given) in ip_network(wanted, strict=False),
    "numericequals": lambda wanted, given: _number(given) == _number(wanted),
    "numericlessthan": lambda wanted, given: _number(given) < _number(wanted),
    "numericlessthanequals": lambda wanted, given: _number(given) <= _number(wanted),
    "numericgreaterthan": lambda wanted, given: _number(given) > _number(wanted),
    "numericgreaterthanequals": lambda wanted, given: _number(given) >= _number(wanted),
    "datelessthan": lambda wanted, given: given < wanted,
    "dategreaterthan": lambda wanted, given: given > wanted,
}
"""Whether a request's value passes, by operator; a negated one is its opposite."""

_NEGATED = re.compile("^(string|arn|numeric|date)not|^not(ipaddress)$")


def are_met(conditions: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Return whether a request meets all conditions of a statement."""
    return all(
        _is_met(operator.lower(), list(_texts(wanted)), context.get(key.lower()))
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _is_met(operator: str, wanted: list[str], given: str | None) -> bool:
    name = operator.rpartition(":")[2]
    if name == "null":
        return any((text.lower() == "true") == (given is None) for text in wanted)
    optional = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    positive = _NEGATED.sub(lambda found: found[1] or found[2], name)
    if given is None:
        # A key that the request lacks is not equal to anything.
        return optional or positive != name or operator.startswith("forallvalues:")
    test = _TESTS[positive]
    return any(test(text, given) for text in wanted) == (positive == name)


def _texts(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        yield str(item).lower() if isinstance(item, bool) else str(item)
