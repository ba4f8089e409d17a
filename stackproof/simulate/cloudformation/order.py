"""The order of work: what does not depend on each other is under way at the same time, as in CloudFormation.

Every step is taken to last equally long, so that the order is the same in every run.
"""

from __future__ import annotations

import graphlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum


class Pause(StrEnum):
    """Why an operation waits: time stands still until somebody calls."""

    SIGNALS = "signals"
    CLEANUP = "cleanup"


Steps = Iterator[Pause]
"""An operation that is carried out by exhausting it; what it yields is why it waits."""


class StepError(Exception):
    """A resource failed; the events say why."""

    def __init__(self, logical_id: str, reason: str) -> None:
        super().__init__(reason)
        self.logical_id = logical_id
        self.reason = reason


class OutOfTimeError(StepError):
    """The time that the whole operation has is over."""


def carry_out(
    graph: Mapping[str, frozenset[str] | set[str]],
    begin: Callable[[str], None],
    end: Callable[[str], Steps],
    cancel: Callable[[str], None],
    *,
    goes_on: bool = False,
) -> Iterator[Pause]:
    """Begin each resource as soon as those that it needs have ended.

    Parameters:
        graph: for each resource those that it needs; the order of its keys breaks ties.
        begin: starts one; raises StepError where it fails.
        end: finishes one that has begun; may wait, may raise StepError.
        cancel: hears of one that has begun when another fails.
        goes_on: whether a failure stops only what needs the resource that failed.

    Raises:
        StepError: the first failure. Unless it goes on, whatever was under way then is cancelled, and nothing else
            begins.
    """
    place = {name: position for position, name in enumerate(graph)}
    sorter = graphlib.TopologicalSorter(graph)
    sorter.prepare()
    under_way: deque[str] = deque()
    failures: list[StepError] = []
    try:
        while True:
            for name in sorted(sorter.get_ready(), key=place.__getitem__):
                with _noted(failures, goes_on):
                    begin(name)
                    under_way.append(name)
            if not under_way:
                break
            name = under_way.popleft()
            with _noted(failures, goes_on):
                yield from end(name)
                sorter.done(name)
    except StepError:
        for name in under_way:
            cancel(name)
        raise
    if failures:
        raise failures[0]


@contextmanager
def _noted(failures: list[StepError], goes_on: bool) -> Iterator[None]:
    """Note a failure; let it through where it stops everything."""
    try:
        yield
    except OutOfTimeError:
        raise
    except StepError as error:
        if not goes_on:
            raise
        failures.append(error)


def delete_order(needs: Mapping[str, frozenset[str]]) -> list[str]:
    """Return the resources so that each comes before those that it needs."""
    place = {name: position for position, name in enumerate(needs)}
    graph = {name: {other for other in found if other in needs and other != name} for name, found in needs.items()}
    sorter = graphlib.TopologicalSorter(graph)
    sorter.prepare()
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=place.__getitem__)
        order += ready
        sorter.done(*ready)
    return order[::-1]
