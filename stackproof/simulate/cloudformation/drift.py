"""Drift: what a service shows of a resource now, against what it showed when the resource was last deployed.

As "Detect unmanaged configuration changes" in CloudFormation's user guide has it, only properties count that the
template states. Names and nesting differ between templates and descriptions, so no property is looked up in a
description by itself: what changed between two descriptions is traced back to the property that had the value before.
What cannot be traced back is a default or a state, and no drift.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import unquote

from stackproof.resolve.values import as_text

_TELLING = 8
"""A text of this length is hardly there by chance."""

_PAIRS = (("Key", "Value"), ("key", "value"), ("TagKey", "TagValue"), ("ParameterName", "ParameterValue"))
_TRIMMINGS = re.compile("^enabled?|enabled$|^default|s$")
_GONE = re.compile("NotFound|NotExist|DoesNotExist|NoSuch|Missing|NonExistent|UnknownResource", re.IGNORECASE)
_NOTHING = object()

Path = tuple[str | int, ...]


class Status(StrEnum):
    """What is known of a resource's drift."""

    IN_SYNC = "IN_SYNC"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"
    NOT_CHECKED = "NOT_CHECKED"


class Kind(StrEnum):
    """How a property differs."""

    ADD = "ADD"
    REMOVE = "REMOVE"
    NOT_EQUAL = "NOT_EQUAL"


@dataclass(frozen=True, slots=True)
class Difference:
    """One property that is not as it was deployed.

    Attributes:
        path: names and indexes that lead to it.
        expected: None where it is added.
        actual: None where it is removed.
    """

    path: Path
    expected: Any
    actual: Any
    kind: Kind

    def answer(self) -> dict[str, str]:
        """Return it as an entry of ``PropertyDifferences``."""
        return {
            "PropertyPath": "/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in self.path),
            "ExpectedValue": _json(self.expected),
            "ActualValue": _json(self.actual),
            "DifferenceType": str(self.kind),
        }


@dataclass(frozen=True, slots=True)
class Drift:
    """What was found of one resource.

    Attributes:
        expected: the properties as they were deployed.
    """

    status: Status
    expected: Mapping[str, Any]
    differences: tuple[Difference, ...] = ()

    def actual(self) -> dict[str, Any]:
        """Return the properties as they are."""
        found = copy.deepcopy(dict(self.expected))
        # From behind, so that what is removed from a list does not move what is still to be looked at.
        for difference in sorted(self.differences, key=lambda one: [str(part).zfill(6) for part in one.path])[::-1]:
            _apply(found, difference)
        return found

    def answer(
        self, stack_id: str, logical_id: str, physical_id: str, kind: str, when: datetime, *, summary: bool = False
    ) -> dict[str, Any]:
        """Return it as ``StackResourceDrift``; as a summary, without properties."""
        told: dict[str, Any] = {
            "StackId": stack_id,
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": physical_id,
            "ResourceType": kind,
            "StackResourceDriftStatus": str(self.status),
            "Timestamp": when,
        }
        if summary or self.status is Status.NOT_CHECKED:
            return told
        told["ExpectedProperties"] = json.dumps(self.expected, separators=(",", ":"))
        if self.status is not Status.DELETED:
            told["ActualProperties"] = json.dumps(self.actual(), separators=(",", ":"))
            told["PropertyDifferences"] = [difference.answer() for difference in self.differences]
        return told


def detected(expected: Mapping[str, Any], before: Sequence[Any], describe: Callable[[], Sequence[Any]]) -> Drift:
    """Return the drift of a resource.

    Parameters:
        expected: its properties as they were deployed, plain data.
        before: what its service showed of it then.
        describe: asks the service again.
    """
    if not any(_leaves(description) for description in before):
        return Drift(Status.NOT_CHECKED, expected)
    now = _described(describe)
    # A list that has become empty is how many services say that there is no such thing.
    if now is None or not any(_leaves(description) for description in now):
        return Drift(Status.DELETED, expected)
    differences = tuple(_differences(expected, before, now))
    return Drift(Status.MODIFIED if differences else Status.IN_SYNC, expected, differences)


def stack_status(drifts: Sequence[Status]) -> str:
    """Return the drift status of a stack from those of its resources."""
    if any(status in (Status.MODIFIED, Status.DELETED) for status in drifts):
        return "DRIFTED"
    return "IN_SYNC"


def _described(describe: Callable[[], Sequence[Any]]) -> Sequence[Any] | None:
    """Return what a service shows, or None where it says that there is no such thing."""
    try:
        return describe()
    except (LookupError, ValueError, StopIteration):
        return None  # it picks the one thing out of an answer that has none
    except Exception as error:
        code = str(getattr(error, "response", {}).get("Error", {}).get("Code", ""))
        if not _GONE.search(code):
            raise
        return None


# --- What changed. ---


@dataclass(frozen=True, slots=True)
class _Change:
    """One value of a description that is another now.

    Attributes:
        names: those that lead to it; a tag's key is the last of its names.
        before: nothing where it was not there.
        after: nothing where it is not there any more.
    """

    names: tuple[str, ...]
    before: Any
    after: Any


def _changes(before: Any, after: Any, names: tuple[str, ...] = ()) -> Iterator[_Change]:
    before, after = _opened(before), _opened(after)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys((*before, *after)):
            yield from _changes(before.get(name, _NOTHING), after.get(name, _NOTHING), (*names, str(name)))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _list_changes(before, after, names)
    elif before is _NOTHING and isinstance(after, Mapping | list):
        yield from _changes(type(after)(), after, names)
    elif after is _NOTHING and isinstance(before, Mapping | list):
        yield from _changes(before, type(before)(), names)
    elif before is _NOTHING or after is _NOTHING or _text(before) != _text(after):
        yield _Change(names, before, after)


def _list_changes(before: list[Any], after: list[Any], names: tuple[str, ...]) -> Iterator[_Change]:
    keyed = [_by_key(items) for items in (before, after)]
    if all(one is not None for one in keyed) and (before or after):
        yield from _changes(keyed[0], keyed[1], names)
        return
    gone = list(before)
    come = [item for item in after if not _taken(gone, item)]
    if all(isinstance(item, Mapping) for item in (*gone, *come)):
        # An element that is another now is the one that changed; what is left over came or went.
        for old, new in zip(gone, come, strict=False):
            yield from _changes(old, new, names)
        gone, come = gone[len(come) :], come[len(gone) :]
    for old in gone:
        yield from _changes(old, _NOTHING, names) if isinstance(old, Mapping) else [_Change(names, old, _NOTHING)]
    for new in come:
        yield _Change(names, _NOTHING, new)


def _taken(items: list[Any], wanted: Any) -> bool:
    for place, item in enumerate(items):
        if item == wanted:
            del items[place]
            return True
    return False


def _by_key(items: list[Any]) -> dict[str, Any] | None:
    """Return a list of tags and the like as a map; None where it is none."""
    found: dict[str, Any] = {}
    for item in items:
        pair = next((p for p in _PAIRS if isinstance(item, Mapping) and p[0] in item and p[1] in item), None)
        if pair is None:
            return None
        found[str(item[pair[0]])] = item[pair[1]]
    return found


def _opened(value: Any) -> Any:
    """Return what a text holds where it is a document: a policy that a service keeps as JSON."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, str) and value[:1] in ("{", "[", "%"):
        with suppress(ValueError):
            return json.loads(unquote(value) if value.startswith("%") else value)
    return value


def _leaves(value: Any) -> bool:
    """Return whether a description says anything."""
    if isinstance(value, Mapping):
        return any(_leaves(child) for child in value.values())
    if isinstance(value, list | tuple):
        return any(_leaves(child) for child in value)
    return value is not None


# --- Which property it was. ---


@dataclass(frozen=True, slots=True)
class _Declared:
    """One value that a template states.

    Attributes:
        names: those that lead to it; a tag's key is the last of its names.
        tag: the whole tag, where it is one's value.
    """

    path: Path
    names: tuple[str, ...]
    value: Any
    tag: Mapping[str, Any] | None = None


def _differences(expected: Mapping[str, Any], before: Sequence[Any], now: Sequence[Any]) -> Iterator[Difference]:
    declared = list(_declared(expected))
    found: dict[Path, Difference] = {}
    added = 0
    for old, new in zip(before, now, strict=False):
        for change in _changes(old, new):
            if change.before is _NOTHING:
                difference = _added(expected, change, added)
                added += difference is not None
            else:
                difference = _changed(declared, change)
            if difference is not None:
                found.setdefault(difference.path, difference)
    yield from sorted(found.values(), key=lambda one: [str(part).zfill(6) for part in one.path])


def _changed(declared: list[_Declared], change: _Change) -> Difference | None:
    """Return the declared property that had the value before; None where none had."""
    shown = [_plain(name) for name in change.names]
    best, most = None, 0
    for leaf in declared:
        if _text(leaf.value) != _text(change.before):
            continue
        common = sum(_plain(name) in shown for name in leaf.names)
        # Its own name counts, or a value that can be no other's.
        own = _plain(leaf.names[-1]) in shown
        score = 2 * common + 3 * own + (len(_text(leaf.value)) >= _TELLING)
        if (own or len(_text(leaf.value)) >= _TELLING) and score > most:
            best, most = leaf, score
    if best is None:
        return None
    if change.after is _NOTHING and best.tag is not None:
        return Difference(best.path[:-1], best.tag, None, Kind.REMOVE)
    if change.after is _NOTHING:
        return Difference(best.path, best.value, None, Kind.REMOVE)
    return Difference(best.path, best.value, _like(best.value, change.after), Kind.NOT_EQUAL)


def _added(expected: Mapping[str, Any], change: _Change, added: int) -> Difference | None:
    """Return what was added to a list that a template states."""
    for place in range(len(change.names), 0, -1):
        name, below = change.names[place - 1], change.names[place:]
        for path, items in _lists(expected):
            if _plain(str(path[-1])) != _plain(name) or len(below) > 1:
                continue
            if not below:
                return Difference((*path, len(items) + added), None, change.after, Kind.ADD)
            if _by_key(items) is not None and not below[0].startswith("aws:"):
                tag = {"Key": below[0], "Value": change.after}
                return Difference((*path, len(items) + added), None, tag, Kind.ADD)
    return None


def _declared(value: Any, path: Path = (), names: tuple[str, ...] = ()) -> Iterator[_Declared]:
    if isinstance(value, Mapping):
        for name, child in value.items():
            yield from _declared(child, (*path, name), (*names, str(name)))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            if not isinstance(item, Mapping) or set(item) != {"Key", "Value"}:
                yield from _declared(item, (*path, place), names)
            else:
                yield _Declared((*path, place, "Value"), (*names, str(item["Key"])), item["Value"], item)
    else:
        yield _Declared(path, names, value)


def _lists(value: Any, path: Path = ()) -> Iterator[tuple[Path, list[Any]]]:
    if isinstance(value, Mapping):
        for name, child in value.items():
            yield from _lists(child, (*path, name))
    elif isinstance(value, list) and path:
        yield path, value


def _like(expected: Any, actual: Any) -> Any:
    """Return a value in the form in which the template states it: a service may show a number as text."""
    if isinstance(expected, str) and actual is not None and not isinstance(actual, Mapping | list):
        return _text(actual)
    return actual


def _apply(properties: Any, difference: Difference) -> None:
    *above, last = difference.path
    for part in above:
        properties = properties[part]
    if difference.kind is Kind.ADD:
        properties.append(difference.actual)
    elif difference.kind is Kind.REMOVE:
        del properties[last]
    else:
        properties[last] = difference.actual


def _plain(name: str) -> str:
    """Return a name without what differs between templates and descriptions: capitals, plural, "enabled"."""
    name = name.lower()
    while (shorter := _TRIMMINGS.sub("", name)) != name and shorter:
        name = shorter
    return name


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value.decode(errors="replace") if isinstance(value, bytes) else as_text(value)


def _json(value: Any) -> str:
    """Return a value as an answer shows it: text as it is, all else as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), default=str)
