"""The recorded cases: requests in order, and what AWS answered at some of them (see tests/data/aws-recorded)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[2] / "data" / "aws-recorded" / "api-calls.json"
REGION = "us-east-1"
ACCOUNT = "111111111111"
"""The account that stands in the recordings."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request; its parameters may name parts of earlier answers, see `replay`."""

    service: str
    operation: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Point:
    """One recorded answer.

    Attributes:
        name: what the recording calls it.
        at: the number of the call, with the way to the part of its answer that was recorded: ``3.Stacks.0``.
        answer: what AWS answered, with marks for what differs from run to run.
    """

    name: str
    at: str
    answer: Any


@dataclass(frozen=True, slots=True)
class Case:
    """One recorded case.

    Attributes:
        id: its short name: without the folders that all have in common.
        complete: False where later requests are missing.
    """

    id: str
    complete: bool
    region: str
    calls: tuple[Call, ...]
    points: tuple[Point, ...]


def load() -> dict[str, Case]:
    """Return all cases by their id."""
    entries = json.loads(DATA.read_text(encoding="utf-8"))
    return {case.id: case for case in map(_case, entries)}


def _case(entry: Mapping[str, Any]) -> Case:
    return Case(
        id=entry["id"].partition("cloudformation/")[2],
        complete=entry["calls_complete"],
        region=entry.get("region", REGION),
        calls=tuple(Call(call["service"], call["operation"], call["params"]) for call in entry["calls"]),
        points=tuple(Point(name, found["at"], found["answer"]) for name, found in (entry["recorded"] or {}).items()),
    )
