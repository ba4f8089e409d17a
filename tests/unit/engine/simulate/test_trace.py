"""Properties that remember who read them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from stackproof.simulate.trace import TracedDict, traced

DECLARED = {"Name": "a", "Settings": {"Mode": "x", "Rules": [{"Id": 1, "Text": "t"}, {"Id": 2}]}}


def _unread(read: Callable[[TracedDict], object]) -> list[str]:
    properties = traced(copy.deepcopy(DECLARED))
    read(properties)
    return list(properties.unread())


@pytest.mark.parametrize(
    ("read", "unread"),
    [
        (lambda p: None, ["Name", "Settings"]),
        (lambda p: p["Name"], ["Settings"]),
        (lambda p: p.get("Name"), ["Settings"]),
        (lambda p: p.get("Absent"), ["Name", "Settings"]),
        (lambda p: "Name" in p, ["Name", "Settings"]),
        (lambda p: p.pop("Name"), ["Settings"]),
        (lambda p: p.setdefault("Name", "b"), ["Settings"]),
        # Taken and handed on: nobody knows what becomes of it, so it counts as read.
        (lambda p: p["Settings"], ["Name"]),
        (lambda p: p["Settings"]["Mode"], ["Name", "Settings.Rules"]),
        (lambda p: p["Settings"]["Rules"][0]["Id"], ["Name", "Settings.Mode", "Settings.Rules.*.Text"]),
        (lambda p: [rule["Id"] for rule in p["Settings"]["Rules"]], ["Name", "Settings.Mode", "Settings.Rules.*.Text"]),
    ],
)
def test_unread_properties(read: Callable[[TracedDict], object], unread: list[str]) -> None:
    """Each way of reading one value notes that value and no other."""
    assert _unread(read) == unread


@pytest.mark.parametrize(
    "copy_of",
    [
        dict,
        list,
        json.dumps,
        copy.deepcopy,
        lambda p: {**p},
        lambda p: {} | p,
        lambda p: p | {},
        lambda p: p.copy(),
        lambda p: {}.update(p),
        lambda p: list(p.items()),
        lambda p: list(p.values()),
        lambda p: list(p.keys()),
        lambda p: (lambda **given: given)(**p),
    ],
)
def test_copies_count_as_read(copy_of: Callable[[TracedDict], Any]) -> None:
    """Whoever copies the whole of it may use any part of it."""
    assert _unread(copy_of) == []


def test_values_are_those_that_were_declared() -> None:
    """Tracing changes no value."""
    assert json.loads(json.dumps(traced(DECLARED))) == DECLARED
