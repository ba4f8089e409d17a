"""Choice points: a check runs once per choice, so that independent elements add up instead of multiplying.

A check asks for *each* element of a list; the engine gives it one, runs the check to its end, and then runs it again
with the next one (depth-first replay). So a value that cannot be decided in one element hides nothing of the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

_T = TypeVar("_T")

MAX_RUNS = 5_000
"""Runs of one check on one resource; past it the verdict is unproven."""


class Choices:
    """The choices of one check on one resource."""

    def __init__(self) -> None:
        self._trail: list[list[int]] = []  # [chosen, number of options] per choice point
        self._position = 0

    def choose(self, options: int) -> int:
        """Return the option of the choice point that the run has reached."""
        if self._position == len(self._trail):
            self._trail.append([0, options])
        chosen = self._trail[self._position][0]
        self._position += 1
        return chosen

    def advance(self) -> bool:
        """Go on to the next combination; False where there is none."""
        self._position = 0
        while self._trail:
            self._trail[-1][0] += 1
            if self._trail[-1][0] < self._trail[-1][1]:
                return True
            self._trail.pop()
        return False


_active: list[Choices] = []


@contextmanager
def choosing(choices: Choices) -> Iterator[None]:
    """Let `each` ask these choices while a check runs."""
    _active.append(choices)
    try:
        yield
    finally:
        _active.pop()


def each(elements: Iterable[_T]) -> Iterator[_T]:
    """Iterate over elements that are judged independently of each other.

    While the engine judges, one run sees one element and the engine repeats the run for the others; a check that needs
    all elements together iterates over the list itself.
    """
    options = tuple(elements)
    if not _active:
        yield from options
    elif options:
        yield options[_active[-1].choose(len(options))]
