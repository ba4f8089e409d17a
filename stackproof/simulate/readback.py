"""Reading back: does the service's own description show what a template declared?

A service that takes a parameter and forgets it is the subtlest gap of a simulation. Names differ between templates and
descriptions (``VPCSecurityGroups`` and ``VpcSecurityGroups.0.VpcSecurityGroupId``), so this looks for values: a telling
one (an id, a name) anywhere in the description, one that could be anything (``true``, ``7``) under its own name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from stackproof.resolve.values import as_text

TELLING = 8
"""A text of this length is hardly there by chance."""

_TRIMMINGS = re.compile("^enabled?|enabled$|^default|s$")
_PAIRS = (("Key", "Value"), ("key", "value"), ("TagKey", "TagValue"), ("ParameterName", "ParameterValue"))


def unshown(properties: Mapping[str, Any], descriptions: Iterable[Any]) -> Iterator[str]:
    """Iterate over the dotted paths whose values no description shows; an element of a list is written ``*``.

    Parameters:
        properties: what a template declares, under the names of the service where they differ.
        descriptions: what the service answers when it is asked for the resource.
    """
    leaves = [leaf for description in descriptions for leaf in _leaves(description, ())]
    texts = {text for _, text in leaves}
    named = {(_plain(name), text) for names, text in leaves for name in names}
    found = (path for path, name, text in _declared(properties, "", "") if not _is_shown(name, text, texts, named))
    yield from dict.fromkeys(found)


def _is_shown(name: str, text: str, texts: set[str], named: set[tuple[str, str]]) -> bool:
    return (_plain(name), text) in named or (len(text) >= TELLING and text in texts)


def _plain(name: str) -> str:
    """Return a name without what differs between templates and descriptions: capitals, plural, "enabled"."""
    name = name.lower()
    while (shorter := _TRIMMINGS.sub("", name)) != name and shorter:
        name = shorter
    return name


def _declared(value: Any, path: str, name: str) -> Iterator[tuple[str, str, str]]:
    """Iterate over path, name and text of every declared value; tags have the path of their list."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _declared(child, f"{path}.{key}" if path else key, key)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, dict) and {"Key", "Value"} <= set(item):
                yield path, str(item["Key"]), _text(item["Value"])
            else:
                yield from _declared(item, f"{path}.*", name)
    else:
        yield path, name, _text(value)


def _leaves(value: Any, names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Iterate over every value of a description with the names above it."""
    if isinstance(value, dict):
        yield from (((str(value[key]),), _text(value.get(content))) for key, content in _PAIRS if key in value)
        for key, child in value.items():
            yield from _leaves(child, (*names, str(key)))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item, names)
    else:
        yield names, _text(value)
        yield from _inside(value, names)


def _inside(value: Any, names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Iterate over what a text holds: a policy that the service keeps as JSON, a list with commas."""
    if isinstance(value, str) and value.startswith("{"):
        with suppress(ValueError):
            yield from _leaves(json.loads(value), names)
    elif isinstance(value, str) and "," in value:
        yield from ((names, part) for part in value.split(","))


def _text(value: Any) -> str:
    """Return a value as text, equal numbers in one form."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return as_text(value)
