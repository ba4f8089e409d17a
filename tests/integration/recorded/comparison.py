"""Compares answers with recorded ones, in which marks and random names stand for what differs from run to run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.integration.recorded.cases import ACCOUNT, REGION
from tests.integration.recorded.replay import Answers

_TIMES = frozenset({"date", "datetime", "timestamp"})
_FIXED = {"<partition>": "aws", "<region>": REGION, "<url-suffix>": "amazonaws.com", "111111111111": ACCOUNT}
_MARK = re.compile(
    "|".join(
        (
            r"<[A-Za-z][\w -]*(?::\d+)?>",
            r"(?<=[A-Z])-date$",  # the end of an EventId
            r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",  # a UUID
            r"(?<=[-_])[0-9a-f]{8}\b",  # the end of a name that the test made up
            r"(?<=-)(?=[^-]*\d)[A-Za-z0-9]{12,13}\b",  # the end of a name that CloudFormation made up
            r"\bCFN(?=-)|(?<=-)[A-Za-z0-9]{12}$",
        )
    )
)
_FREE = re.compile(r"<uuid|<event-id")
"""Marks whose numbers count recorded events, so that they say nothing about other answers."""

_ADDED_LATER = frozenset({"LastOperations", "WarmThroughput"})
"""Members that AWS's answers have only since some of the recordings were made."""

_ERROR = re.compile(r"An error occurred \(")


class Comparison:
    """Compares several answers of one case: the same mark means the same value in all of them.

    Attributes:
        differences: what differs, with the place.
    """

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self.differences: list[str] = []

    def look_up(self, recorded: Any, answers: Answers, path: str, place: str) -> None:
        """Compare what stands at a path of the answers."""
        try:
            self.answer(recorded, answers.find(path), place)
        except LookupError as error:
            self.differences.append(f"{place}: {error}")

    def answer(self, recorded: Any, found: Any, place: str) -> None:
        """Compare one answer, or a part of one."""
        if isinstance(found, dict) and "text" in found:
            self._refusal(recorded, found, place)
        elif _events_of(recorded):
            self._events(_events_of(recorded), _events_of(found), place)
        elif isinstance(recorded, dict) and isinstance(found, list) and all("OutputKey" in one for one in found):
            self._any(recorded, {one["OutputKey"]: one["OutputValue"] for one in found}, place)
        else:
            self._any(recorded, found, place)

    def _refusal(self, recorded: Any, found: Mapping[str, Any], place: str) -> None:
        texts = list(recorded.values()) if isinstance(recorded, dict) else [recorded]
        if len(texts) == 1 and isinstance(texts[0], str) and _ERROR.match(texts[0]):
            self._any(texts[0], found["text"], place)
        elif isinstance(recorded, dict) and "Error" in recorded:
            self._any(recorded["Error"], found["Error"], place)
        else:
            self.differences.append(f"{place} refused: {found['text']}")

    def _events(self, recorded: list[Any], found: list[Any], place: str) -> None:
        """Compare events resource by resource: the statuses that were recorded, in their order, and why."""
        names = {"Stack" if _is_stack(event) else event["LogicalResourceId"] for event in recorded}
        for name in sorted(names):
            wanted, seen = _statuses(recorded, name), _statuses(found, name)
            told = {status for status, _ in wanted}
            seen = [one for one in seen if one[0] in told]
            if [status for status, _ in wanted] != [status for status, _ in seen]:
                self.differences.append(
                    f"{place} of {name}: {', '.join(s for s, _ in seen)}, AWS {', '.join(s for s, _ in wanted)}"
                )
                continue
            for (status, reason), (_, ours) in zip(wanted, seen, strict=True):
                if reason:
                    self._any(reason, ours, f"{place} of {name} {status}")

    def _any(self, recorded: Any, found: Any, place: str) -> None:
        if isinstance(recorded, dict) and isinstance(found, dict):
            self._mapping(recorded, found, place)
        elif _are_tags(recorded) and _are_tags(found):
            self._mapping(_by_key(recorded), _by_key(found), place)
        elif isinstance(recorded, list) and isinstance(found, list):
            if len(recorded) != len(found):
                self.differences.append(f"{place} has {len(found)} entries, AWS {len(recorded)}")
            for number, (one, other) in enumerate(zip(recorded, found, strict=False)):
                self._any(one, other, f"{place}.{number}")
        elif isinstance(recorded, dict | list) and isinstance(found, str):
            self._document(recorded, found, place)
        elif isinstance(recorded, str):
            if not self._text(recorded, found):
                self.differences.append(f"{place} is {found!r}, AWS {recorded!r}")
        elif recorded != found:
            self.differences.append(f"{place} is {found!r}, AWS {recorded!r}")

    def _mapping(self, recorded: dict[str, Any], found: dict[str, Any], place: str) -> None:
        left = dict(found)
        for name, value in recorded.items():
            key = name if name in left else next((key for key in left if self._text(name, key)), None)
            if key is None:
                self.differences.append(f"{place}.{name} is absent, AWS {value!r}")
            else:
                self._any(value, left.pop(key), f"{place}.{name}")
        for name, value in left.items():
            if value not in ([], {}, "") and name not in _ADDED_LATER:
                self.differences.append(f"{place}.{name} is {value!r}, AWS has none")

    def _document(self, recorded: Any, found: str, place: str) -> None:
        """Compare a document that an answer holds as text."""
        try:
            self._any(recorded, json.loads(found), place)
        except ValueError:
            self.differences.append(f"{place} is no JSON: {found!r}")

    def _text(self, recorded: str, found: Any) -> bool:
        if recorded in _TIMES:
            return True
        if not isinstance(found, str):
            return False
        pattern, names = "", dict[str, str]()
        end = 0
        for mark in _MARK.finditer(recorded):
            pattern += re.escape(recorded[end : mark.start()]) + self._pattern(mark[0], names)
            end = mark.end()
        met = re.fullmatch(pattern + re.escape(recorded[end:]), found, re.DOTALL)
        if met is None:
            return False
        self._values |= {mark: met[name] for mark, name in names.items()}
        return True

    def _pattern(self, mark: str, names: dict[str, str]) -> str:
        """Return what stands for a mark in a pattern; a new one is put into `names`, with its group."""
        if mark in _FIXED:
            return re.escape(_FIXED[mark])
        if not mark.startswith("<") or _FREE.match(mark):
            return ".+?"
        if mark in self._values:
            return re.escape(self._values[mark])
        if mark in names:
            return f"(?P={names[mark]})"
        names[mark] = f"mark{len(names)}"
        return f"(?P<{names[mark]}>.+?)"


def _by_key(tags: list[Any]) -> dict[str, Any]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def _are_tags(value: Any) -> bool:
    """Return whether a value is a list of tags, whose order means nothing."""
    return isinstance(value, list) and all(isinstance(one, dict) and one.keys() == {"Key", "Value"} for one in value)


def _events_of(answer: Any) -> list[Any]:
    """Return the events that an answer holds, oldest first; empty where it holds none."""
    found = list(_walk(answer))
    newest_first = bool(found) and found[-1]["ResourceStatus"] == "REVIEW_IN_PROGRESS"
    return found[::-1] if newest_first else found


def _walk(answer: Any) -> Iterator[Any]:
    if isinstance(answer, dict) and "ResourceStatus" in answer and "DriftInformation" not in answer:
        yield answer
    elif isinstance(answer, dict | list):
        for child in answer.values() if isinstance(answer, dict) else answer:
            yield from _walk(child)


def _is_stack(event: Mapping[str, Any]) -> bool:
    return event["PhysicalResourceId"] == event.get("StackId", event["PhysicalResourceId"]) and bool(
        event["ResourceType"] == "AWS::CloudFormation::Stack"
    )


def _statuses(events: list[Any], name: str) -> list[tuple[str, str]]:
    """Return the statuses of a resource in their order, repeats folded, each with the reason that was told with it."""
    found: list[tuple[str, str]] = []
    for event in events:
        if ("Stack" if _is_stack(event) else event["LogicalResourceId"]) != name:
            continue
        status, reason = event["ResourceStatus"], event.get("ResourceStatusReason", "")
        if found and found[-1][0] == status:
            found[-1] = (status, found[-1][1] or reason)
        else:
            found.append((status, reason))
    return found
