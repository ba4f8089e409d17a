"""Checks the properties of a resource against its schema, with the findings that CloudFormation's validator has.

AWS runs each request of a registered type through a JSON schema validator (its repository
aws-cloudformation/cloudformation-resource-schema, on top of everit's) and keeps values out of the messages. Before
that, CloudFormation converts between texts, numbers and booleans, so such a difference is none here. What only
cfn-lint adds to the schemas (``requiredXor``, ``dependentExcluded``, formats) is not AWS's and is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any

_TYPES = {
    "string": "String",
    "integer": "Integer",
    "number": "Number",
    "boolean": "Boolean",
    "array": "JSONArray",
    "object": "JSONObject",
    "null": "Null",
}
"""The validator's names of JSON's types."""


class Lookup:
    """A resource schema, and where its references lead."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what a part of the schema says, however many references lead there."""
        seen: set[str] = set()
        while (pointer := node.get("$ref")) is not None:
            if pointer in seen or not pointer.startswith("#/"):
                return {}
            seen.add(pointer)
            found: Any = self.document
            for name in pointer[2:].split("/"):
                found = found.get(name.replace("~1", "/").replace("~0", "~"), {})
            node = found
        return node


def violations(schema: Lookup, properties: Mapping[str, Any]) -> Iterator[str]:
    """Iterate over what is wrong with the properties of a resource."""
    yield from _check(schema, schema.document, properties, "#")


def _check(schema: Lookup, node: Mapping[str, Any], value: Any, at: str) -> Iterator[str]:
    node = schema.resolve(node)
    if _unknown(value):
        return
    types = node.get("type")
    if types is not None:
        names = [types] if isinstance(types, str) else types
        if not any(_is(value, name) for name in names):
            yield _wrong_type(names, value, at)
            return
    if isinstance(value, dict):
        yield from _check_object(schema, node, value, at)
    elif isinstance(value, list):
        yield from _check_list(schema, node, value, at)
    else:
        yield from _check_scalar(node, value, at)
    yield from _check_choices(schema, node, value, at)


def _check_object(schema: Lookup, node: Mapping[str, Any], value: dict[str, Any], at: str) -> Iterator[str]:
    known: Mapping[str, Any] = node.get("properties", {})
    patterns: Mapping[str, Any] = node.get("patternProperties", {})
    rest = node.get("additionalProperties", True)
    yield from (f"{at}: required key [{name}] not found" for name in node.get("required", ()) if name not in value)
    if len(value) < node.get("minProperties", 0):
        yield f"{at}: minimum size: [{node['minProperties']}], found: [{len(value)}]"
    if len(value) > node.get("maxProperties", len(value)):
        yield f"{at}: maximum size: [{node['maxProperties']}], found: [{len(value)}]"
    for name, child in value.items():
        below = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
        matching = [part for pattern, part in patterns.items() if _matches(pattern, str(name))]
        if name in known:
            yield from _check(schema, known[name], child, below)
        elif matching:
            for part in matching:
                yield from _check(schema, part, child, below)
        elif isinstance(rest, Mapping):
            yield from _check(schema, rest, child, below)
        elif rest is False:
            yield f"{at}: extraneous key [{name}] is not permitted"
    for name, others in node.get("dependencies", {}).items():
        if name in value and isinstance(others, list):
            yield from (f"{at}: property [{other}] is required" for other in others if other not in value)


def _check_list(schema: Lookup, node: Mapping[str, Any], value: list[Any], at: str) -> Iterator[str]:
    if len(value) < node.get("minItems", 0):
        yield f"{at}: expected minimum item count: {node['minItems']}, found: {len(value)}"
    if len(value) > node.get("maxItems", len(value)):
        yield f"{at}: expected maximum item count: {node['maxItems']}, found: {len(value)}"
    if node.get("uniqueItems") and any(item in value[:index] for index, item in enumerate(value)):
        yield f"{at}: array items are not unique"
    items = node.get("items")
    if isinstance(items, Mapping):
        for index, item in enumerate(value):
            yield from _check(schema, items, item, f"{at}/{index}")


def _check_scalar(node: Mapping[str, Any], value: Any, at: str) -> Iterator[str]:
    text = _text(value)
    if _takes(node, "string"):
        if len(text) < node.get("minLength", 0):
            yield f"{at}: expected minLength: {node['minLength']}, actual: {len(text)}"
        if len(text) > node.get("maxLength", len(text)):
            yield f"{at}: expected maxLength: {node['maxLength']}, actual: {len(text)}"
        if not _matches(node.get("pattern", ""), text):
            yield _failed(at, "pattern")
    number = _number(value)
    if number is not None and (_takes(node, "integer") or _takes(node, "number")):
        limits: tuple[tuple[str, Callable[[float, float], bool]], ...] = (
            ("minimum", float.__ge__),
            ("maximum", float.__le__),
            ("exclusiveMinimum", float.__gt__),
            ("exclusiveMaximum", float.__lt__),
        )
        for keyword, holds in limits:
            limit = node.get(keyword)
            if isinstance(limit, int | float) and not isinstance(limit, bool) and not holds(number, float(limit)):
                yield _failed(at, keyword)
    allowed = node.get("enum")
    if allowed is not None and text not in map(_text, allowed):
        yield _failed(at, "enum")
    ignoring_case = node.get("enumCaseInsensitive")
    if ignoring_case is not None and text.lower() not in (_text(one).lower() for one in ignoring_case):
        yield _failed(at, "enum")
    if "const" in node and text != _text(node["const"]):
        yield _failed(at, "const")


def _check_choices(schema: Lookup, node: Mapping[str, Any], value: Any, at: str) -> Iterator[str]:
    """Check alternatives; several may be met, since a value can be converted.

    Those of a whole resource that only name required keys are cfn-lint's: there the service itself answers.
    """
    for part in node.get("allOf", ()):
        yield from _check(schema, part, value, at)
    for keyword, said in (
        ("anyOf", "no subschema matched out of the total {} subschemas"),
        ("oneOf", "0 subschemas matched instead of one"),
    ):
        parts = node.get(keyword, ())
        if at == "#" and all(part.keys() <= {"required", "description"} for part in parts):
            continue
        if parts and not any(next(_check(schema, part, value, at), None) is None for part in parts):
            yield f"{at}: {said.format(len(parts))}"


def _unknown(value: Any) -> bool:
    """Return whether a value is not known yet, or is none."""
    if isinstance(value, dict):
        return "Fn::Transform" in value or (
            len(value) == 1 and all(name == "Ref" or str(name).startswith("Fn::") for name in value)
        )
    return not isinstance(value, str | int | float | bool | list)


def _is(value: Any, name: str) -> bool:
    """Return whether a value is of a JSON type, or can be converted into it."""
    if isinstance(value, dict | list):
        return name == ("object" if isinstance(value, dict) else "array")
    if name == "boolean":
        return isinstance(value, bool) or str(value).lower() in ("true", "false")
    if name in ("integer", "number"):
        number = None if isinstance(value, bool) else _number(value)
        return number is not None and (name == "number" or number.is_integer())
    return name == "string"


def _takes(node: Mapping[str, Any], name: str) -> bool:
    types = node.get("type", name)
    return name == types or (isinstance(types, list) and name in types)


def _wrong_type(names: list[str], value: Any, at: str) -> str:
    if len(names) > 1:
        return f"{at}: no subschema matched out of the total {len(names)} subschemas"
    return f"{at}: expected type: {_TYPES[names[0]]}, found: {_found(value)}"


def _found(value: Any) -> str:
    """Return the validator's name of the type that a value has."""
    if isinstance(value, bool):
        return "Boolean"
    if isinstance(value, int | float):
        return "Integer" if isinstance(value, int) else "BigDecimal"
    return "String" if isinstance(value, str) else "JSONArray" if isinstance(value, list) else "JSONObject"


def _failed(at: str, keyword: str) -> str:
    return f"{at}: failed validation constraint for keyword [{keyword}]"


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    with suppress(ValueError, OverflowError):
        return float(value)
    return None


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _matches(pattern: str, text: str) -> bool:
    """Return whether a text has a pattern; one that Python cannot read, written for Java, is met by all."""
    found = _compiled(pattern)
    return found is None or found.search(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:
        return None
