"""What CloudFormation checks of a request before it reads it: lengths, patterns and enumerations of its members.

The botocore model says what they are; where the service is known to be stricter than its model, `_STRICTER` says so.
Everything that is wrong comes in one message, in the wording of AWS's common request validation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from stackproof.bind.values import MAX_BYTES
from stackproof.errors import java_hash
from stackproof.quotas import REQUEST_BYTES
from stackproof.simulate.clients import lean_loader

_NAME = "[a-zA-Z][-a-zA-Z0-9]*"
_STRICTER: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("CreateStack", "StackName"): {"pattern": _NAME, "max": 128},
    ("", "StackName"): {"pattern": f"{_NAME}|arn:[-a-zA-Z0-9:/._+]*"},
    ("", "TemplateBody"): {"max": REQUEST_BYTES},
    ("", "ParameterValue"): {"max": MAX_BYTES},
}
"""By operation, or for any, and member: what reports of the service's answers show in place of the model's word."""


def violated(operation: str, request: Mapping[str, Any]) -> str | None:
    """Return what CloudFormation answers to a request whose members break their constraints; None where none does.

    Parameters:
        operation: such as ``CreateStack``.
        request: its members by name, as boto3 takes them.
    """
    found = list(_structure(_input(operation), request, "", operation))
    if not found:
        return None
    return f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected: {'; '.join(found)}"


@cache
def _input(operation: str) -> Any:
    return _model().operation_model(operation).input_shape


@cache
def _model() -> Any:
    from botocore.model import ServiceModel  # a model is only needed where a request is judged

    return ServiceModel(lean_loader().load_service_model("cloudformation", "service-2"), "cloudformation")


def _structure(shape: Any, value: Mapping[str, Any], path: str, operation: str = "") -> Iterator[str]:
    for name, member in shape.members.items() if shape is not None else ():
        place = f"{path}{name[0].lower()}{name[1:]}"
        given = value.get(name)
        stricter = _STRICTER.get((operation, name)) or _STRICTER.get(("", name), {})
        if given is not None:
            yield from _member(member, given, place, {**member.metadata, **stricter})
        elif name in shape.required_members:
            yield _said("null", place, "Member must not be null")


def _member(shape: Any, value: Any, place: str, rules: Mapping[str, Any]) -> Iterator[str]:
    if shape.type_name == "structure" and isinstance(value, Mapping):
        yield from _structure(shape, value, f"{place}.")
    elif shape.type_name == "list" and isinstance(value, list | tuple):
        yield from _list(shape, value, place)
    else:
        shown = f"'{str(value).lower() if isinstance(value, bool) else value}'"
        yield from (_said(shown, place, demand) for demand in _broken(shape, value, rules))


def _list(shape: Any, values: list[Any] | tuple[Any, ...], place: str) -> Iterator[str]:
    shown = f"'[{', '.join(map(str, values))}]'"
    yield from (_said(shown, place, demand) for demand in _length(len(values), shape.metadata))
    if shape.member.type_name == "structure":
        for number, value in enumerate(values, 1):
            yield from _structure(shape.member, value, f"{place}.{number}.member.")
        return
    demands = dict.fromkeys(
        demand for value in values for demand in _broken(shape.member, value, shape.member.metadata)
    )
    if demands:
        yield _said(shown, place, f"Member must satisfy constraint: [{', '.join(demands)}]")


def _said(shown: str, place: str, demand: str) -> str:
    return f"Value {shown} at '{place}' failed to satisfy constraint: {demand}"


def _broken(shape: Any, value: Any, rules: Mapping[str, Any]) -> Iterator[str]:
    if shape.type_name == "string":
        text = str(value)
        if "enum" in rules and text not in rules["enum"]:
            yield f"Member must satisfy enum value set: {_enumeration(rules['enum'])}"
        if "pattern" in rules and not re.fullmatch(rules["pattern"], text, re.ASCII):
            yield f"Member must satisfy regular expression pattern: {rules['pattern']}"
        yield from _length(len(text.encode("utf-8", "surrogatepass")), rules)
    elif shape.type_name in ("integer", "long") and str(value).lstrip("-").isdigit():
        if "max" in rules and int(value) > rules["max"]:
            yield f"Member must have value less than or equal to {rules['max']}"
        if "min" in rules and int(value) < rules["min"]:
            yield f"Member must have value greater than or equal to {rules['min']}"


def _enumeration(values: Iterable[str]) -> str:
    """Return the values of an enumeration in the order in which AWS's messages have them."""
    return f"[{', '.join(sorted(values, key=lambda value: java_hash(value) % 32))}]"


def _length(length: int, rules: Mapping[str, Any]) -> Iterator[str]:
    if "max" in rules and length > rules["max"]:
        yield f"Member must have length less than or equal to {rules['max']}"
    if "min" in rules and length < rules["min"]:
        yield f"Member must have length greater than or equal to {rules['min']}"
