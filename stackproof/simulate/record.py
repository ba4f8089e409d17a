"""What a simulation notes while it runs: what it could not show, and what stayed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """Something that a template declares and the simulation does not make.

    Attributes:
        type: the resource type.
        stack: the stack's name.
        logical_id: the resource.
        path: dotted property path; empty where the whole resource was passed over.
        why: what passed it over, in words.
    """

    type: str
    path: str
    why: str
    stack: str
    logical_id: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A resource that outlives its stack because its template says so."""

    stack: str
    logical_id: str
    type: str
    policy: str
    physical_id: str


@dataclass(slots=True)
class Record:
    """The notes of one simulated account.

    Attributes:
        gaps: what was declared and not made.
        kept: what outlived its stack.
    """

    gaps: list[Gap] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)

    def notes(self, layers: Mapping[str, str]) -> tuple[str, ...]:
        """Return the gaps as lines, grouped: one per type and property, with the resources that declare it.

        Parameters:
            layers: the layer's name by the stack's name.
        """
        groups: dict[tuple[str, str, str], list[str]] = {}
        for gap in sorted(self.gaps):
            place = f"{layers.get(gap.stack, gap.stack)}/{gap.logical_id}"
            groups.setdefault((gap.type, gap.path, gap.why), []).append(place)
        return tuple(
            f"{f'{kind}.{path}' if path else kind} ({_some(places)}): {why}"
            for (kind, path, why), places in groups.items()
        )


def _some(places: Iterable[str], most: int = 3) -> str:
    """Return the first few of many places, without repetitions."""
    names = list(dict.fromkeys(places))
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest
