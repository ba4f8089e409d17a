"""What runs at the same time, what waits for what, and what a failure stops."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackproof.deploy.order import side_by_side

NEEDS = {"a": set[str](), "b": {"a"}, "c": {"a"}, "d": {"b", "c"}, "e": set[str]()}


def _steps(name: str) -> Iterator[tuple[str, str]]:
    yield name, "begun"
    yield name, "done"


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_every_job_runs_after_those_that_it_needs(workers: int) -> None:
    told = list(side_by_side(NEEDS, _steps, workers))
    place = {step: position for position, step in enumerate(told)}
    assert sorted(told) == sorted((name, word) for name in NEEDS for word in ("begun", "done"))
    assert all(place[used, "done"] < place[name, "begun"] for name, needed in NEEDS.items() for used in needed)


def test_one_worker_keeps_the_order_of_the_names() -> None:
    told = list(side_by_side(NEEDS, _steps, 1))
    assert [name for name, word in told if word == "begun"] == ["a", "b", "c", "d", "e"]


def test_what_does_not_need_each_other_is_under_way_at_the_same_time() -> None:
    """Both wait for each other, so that neither ends unless both have begun."""
    both = threading.Barrier(2, timeout=20)

    def meet(name: str) -> Iterator[str]:
        both.wait()
        yield name

    assert sorted(side_by_side({"a": set(), "b": set()}, meet, 2)) == ["a", "b"]


def test_no_more_jobs_run_than_there_are_workers() -> None:
    running, most = set[str](), list[int]()

    def count(name: str) -> Iterator[str]:
        running.add(name)
        most.append(len(running))
        yield name
        running.discard(name)

    names = [str(number) for number in range(20)]
    assert sorted(side_by_side({name: set() for name in names}, count, 3)) == sorted(names)
    assert max(most) <= 3


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failure_keeps_what_needs_it_from_beginning(workers: int) -> None:
    begun: list[str] = []

    def fail(name: str) -> Iterator[str]:
        begun.append(name)
        yield name
        if name == "a":
            raise ValueError(name)

    with pytest.raises(ValueError, match="a"):
        list(side_by_side({"a": set(), "b": {"a"}, "c": {"b"}}, fail, workers))
    assert begun == ["a"]


def test_what_is_under_way_when_another_fails_comes_to_its_end() -> None:
    failed = threading.Event()
    told: list[str] = []

    def job(name: str) -> Iterator[str]:
        yield f"{name} begun"
        if name == "bad":
            failed.set()
            raise ValueError(name)
        assert failed.wait(20)
        yield f"{name} done"

    with pytest.raises(ValueError, match="bad"):
        told.extend(side_by_side({"bad": set(), "good": set(), "next": {"good"}}, job, 2))
    assert sorted(told) == ["bad begun", "good begun", "good done"]


def test_nobody_waits_for_the_threads_of_a_run_that_is_left() -> None:
    """Ctrl-C ends the program, not hours later."""
    stay = threading.Event()

    def wait(name: str) -> Iterator[str]:
        yield name
        stay.wait(60)

    steps = side_by_side({"a": set(), "b": set()}, wait, 2)
    next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert all(thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread())
    stay.set()


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20), st.integers(1, 4))
def test_any_order_is_kept(pairs: list[tuple[int, int]], workers: int) -> None:
    """Whatever needs what: nothing runs before it, nothing is left out, nothing runs twice."""
    needs: dict[str, set[str]] = {str(number): set() for number in range(10)}
    for one, other in pairs:
        if one != other:
            needs[str(max(one, other))].add(str(min(one, other)))
    told = list(side_by_side(needs, _steps, workers))
    place = {step: position for position, step in enumerate(told)}
    assert len(told) == len(place) == 20
    assert all(place[used, "done"] < place[name, "begun"] for name, found in needs.items() for used in found)
