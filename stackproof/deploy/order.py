"""Side by side: what does not need each other is under way at the same time."""

from __future__ import annotations

import graphlib
from collections.abc import Callable, Iterator, Mapping
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

_T = TypeVar("_T")


def side_by_side(needs: Mapping[str, set[str]], begin: Callable[[str], Iterator[_T]], workers: int) -> Iterator[_T]:
    """Iterate over what happens while each job runs after those that it needs.

    When one fails, nothing else begins; what is under way is waited for, and then the failure is raised.

    Parameters:
        needs: for each job those that it needs; the order of its keys breaks ties.
        begin: begins a job; what it yields is passed on.
        workers: how many may run at the same time; with one, each runs to its end in the caller's thread.
    """
    place = {name: position for position, name in enumerate(needs)}
    sorter = graphlib.TopologicalSorter(needs)
    sorter.prepare()
    if workers == 1:
        ready: list[str] = []
        while sorter.is_active():
            ready = sorted([*ready, *sorter.get_ready()], key=place.__getitem__)
            name = ready.pop(0)
            yield from begin(name)
            sorter.done(name)
        return
    yield from _in_threads(sorter, place, begin, workers)


def _in_threads(
    sorter: graphlib.TopologicalSorter[str],
    place: Mapping[str, int],
    begin: Callable[[str], Iterator[_T]],
    workers: int,
) -> Iterator[_T]:
    told: SimpleQueue[tuple[str, str, _T | BaseException | None]] = SimpleQueue()

    def work(name: str) -> None:
        try:
            for item in begin(name):
                told.put((name, "item", item))
            told.put((name, "done", None))
        except BaseException as error:
            told.put((name, "failed", error))

    failure: BaseException | None = None
    waiting: list[str] = []
    running = 0
    while running or (failure is None and sorter.is_active()):
        if failure is None:
            waiting = sorted([*waiting, *sorter.get_ready()], key=place.__getitem__)
            while waiting and running < workers:
                # No pool: its threads would be waited for, for hours maybe, by a program that was told to end.
                Thread(target=work, args=(waiting.pop(0),), daemon=True).start()
                running += 1
        name, kind, item = told.get()
        if kind == "item":
            yield item  # type: ignore[misc]
        else:
            running -= 1
            if isinstance(item, BaseException):
                failure = failure or item
            else:
                sorter.done(name)
    if failure is not None:
        raise failure
