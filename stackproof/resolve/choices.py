"""Choice points: a check runs once per choice, and what it reads decides how many there are (depth-first replay).

A check asks for *each* element of a list, or reads a parameter whose value nobody has bound: the engine gives it one
option, runs the check to its end, goes back to the last choice point and takes the next. So independent elements add up
instead of multiplying, only parameters that are really read are branched on, and within one run a parameter has one
value, however often and through however many conditions it is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as MappingABC
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

MAX_RUNS = 5_000
"""Runs of one check on one subject, one per element that it looks at; past it the verdict is unproven."""

MAX_SCENARIOS = 1_000
"""Runs of one check on one subject in which a parameter had another value than the first; past it as well."""

Name = tuple[str, str]
"""A stack and one of its parameters."""


@dataclass(slots=True)
class _Point:
    """One choice point: which option is taken, of how many, for which parameter."""

    chosen: int
    options: int
    name: Name | None = None


class Choices:
    """The choices of one check on one subject.

    Attributes:
        run: stands for the present run; what was worked out in it holds until the next.

    Parameters:
        fixed: parameters that are not chosen here, with their option.
        first: whether every other parameter has its first option; only elements are chosen then.
    """

    def __init__(self, fixed: MappingABC[Name, int] | None = None, *, first: bool = False) -> None:
        self._trail: list[_Point] = []
        self._position = 0
        self._fixed = dict(fixed or {})
        self._first = first
        self._taken: dict[Name, int] = {}
        self.run = object()

    @property
    def parameters(self) -> dict[Name, int]:
        """The parameters that this run has read so far, in the order in which it read them, with their options."""
        return dict(self._taken)

    def choose(self, options: int, name: Name | None = None) -> int:
        """Return the option of the choice point that the run has reached."""
        if self._position == len(self._trail):
            self._trail.append(_Point(0, options, name))
        chosen = self._trail[self._position].chosen
        self._position += 1
        return chosen

    def parameter(self, name: Name, options: Sequence[Any]) -> Any:
        """Return the value of a parameter in this run: one of its options."""
        if name not in self._taken:
            fixed = self._fixed.get(name, 0 if self._first else None)
            self._taken[name] = self.choose(len(options), name) if fixed is None else fixed
        return options[self._taken[name]]

    @property
    def reached(self) -> int:
        """How many choice points the run has passed."""
        return self._position

    @property
    def read_so_far(self) -> tuple[Name, ...]:
        """The parameters among the choice points that are still open."""
        return tuple(point.name for point in self._trail if point.name is not None)

    def cut(self, position: int) -> None:
        """Take what was chosen from a point on for decided: the next run goes on from before it."""
        del self._trail[position:]

    def advance(self) -> bool:
        """Go on to the next combination; False where there is none."""
        self._position = 0
        self._taken = {}
        self.run = object()
        while self._trail:
            self._trail[-1].chosen += 1
            if self._trail[-1].chosen < self._trail[-1].options:
                return True
            self._trail.pop()
        return False


_active: list[Choices] = []


@contextmanager
def choosing(choices: Choices) -> Iterator[Choices]:
    """Let these choices be asked while a check runs."""
    _active.append(choices)
    try:
        yield choices
    finally:
        _active.pop()


def present_run() -> object:
    """Return what stands for the present run: what is worked out in it holds until the next; None outside of one."""
    return _active[-1].run if _active else None


def active() -> Choices | None:
    """Return the choices that are asked now; None outside of a run."""
    return _active[-1] if _active else None
