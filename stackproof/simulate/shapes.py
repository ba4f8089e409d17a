"""CloudFormation properties become API parameters, as the service's own botocore model says.

The names are mostly equal but for capitals; the model knows which parameter is a number, a list or a nested object.
What the model has no place for is reported as unread, never dropped in silence.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.resolve.values import as_text

_TAG = {"key", "value"}


def arguments(
    client: Any, operation: str, properties: Mapping[str, Any], names: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the arguments of an API call, and the dotted paths of the properties that it cannot take.

    Parameters:
        client: a boto3 client.
        operation: its method, such as ``create_vpc``.
        properties: properties of a CloudFormation resource.
        names: API parameter by property, where the two are called differently.
    """
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation])
    unread: list[str] = []
    renamed = {(names or {}).get(name, name): value for name, value in properties.items()}
    original = {(names or {}).get(name, name): name for name in properties}
    given = _structure(model.input_shape, renamed, "", unread)
    return given, tuple(_restore(path, original) for path in unread)


def _restore(path: str, original: Mapping[str, str]) -> str:
    first, dot, rest = path.partition(".")
    return f"{original.get(first, first)}{dot}{rest}"


def _convert(shape: Any, value: Any, path: str, unread: list[str]) -> Any:
    match shape.type_name:
        case "structure":
            counted = _counted(shape, value)
            return _structure(shape, counted, path, unread) if isinstance(counted, dict) else counted
        case "list":
            items = value if isinstance(value, list) else [value]
            return [_convert(shape.member, item, f"{path}.*", unread) for item in items]
        case "map":
            entries = dict(_entries(value))
            return {key: _convert(shape.value, child, f"{path}.{key}", unread) for key, child in entries.items()}
        case "boolean":
            return as_text(value).lower() == "true"
        case "integer" | "long":
            return int(float(value))
        case "float" | "double":
            return float(value)
        case "blob":
            return as_text(value).encode()
        case "string":
            return json.dumps(value) if isinstance(value, dict | list) else as_text(value)
    return value


_COUNTED = {"Quantity", "Items"}


def _counted(shape: Any, value: Any) -> Any:
    """Return a list as the object with ``Quantity`` and ``Items`` that CloudFront's API wants in its place.

    Templates write the bare list, or an object whose list has a name of its own or no count.
    """
    if not set(shape.members) >= _COUNTED:
        return value
    if isinstance(value, list):
        return {"Quantity": len(value), "Items": value}
    if isinstance(value, dict) and "Quantity" not in value:
        named = {
            "Items" if isinstance(child, list) and key not in shape.members else key: child
            for key, child in value.items()
        }
        return {"Quantity": len(named.get("Items", ())), **named}
    return value


def _entries(value: Any) -> Iterator[tuple[str, Any]]:
    """Iterate over a map, which CloudFormation may write as a list of keys and values."""
    if isinstance(value, dict):
        yield from value.items()
    else:
        yield from ((str(item["Key"]), item["Value"]) for item in value)


def _structure(shape: Any, value: Mapping[str, Any], path: str, unread: list[str]) -> dict[str, Any]:
    members = {name.lower(): name for name in shape.members}
    if {key.lower() for key in value} == _TAG and {"tagkey", "tagvalue"} <= set(members):
        value = {f"Tag{key}": child for key, child in value.items()}
    found: dict[str, Any] = {}
    for key, child in value.items():
        below = f"{path}.{key}" if path else key
        member = members.get(key.lower())
        if member is None:
            unread.append(below)
        else:
            found[member] = _convert(shape.members[member], child, below, unread)
    unread[:] = dict.fromkeys(unread)
    return found
