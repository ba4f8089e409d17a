"""What recipes share that change resources in place: defaults to go back to, and lists whose items come and go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.recipe import After, Job


def restored(operation: str, key: str, defaults: Mapping[str, Any], names: Mapping[str, str] | None = None) -> After:
    """Return what gives properties that an update removes the service's defaults.

    Parameters:
        operation: the method that changes the resource.
        key: its parameter that takes the physical id.
        defaults: value by property.
        names: API parameter by property, where the two are called differently.
    """

    def change(job: Job) -> None:
        gone = {name: value for name, value in defaults.items() if name in job.gone}
        job.gone -= gone.keys()
        if gone:
            renamed = {(names or {}).get(name, name): value for name, value in gone.items()}
            job.call(operation, renamed, **{key: job.physical_id})

    return change


def switches(operation: str, key: str, **defaults: bool) -> After:
    """Return what sets attributes that are on or off and take one call each, while making as well as while updating."""

    def after(job: Job) -> None:
        for name, default in defaults.items():
            if job.touched(name):
                wanted = as_text(job.wanted.properties.get(name, default)).lower() == "true"
                getattr(job.client, operation)(**{key: job.physical_id, name: {"Value": wanted}})

    return after


def in_turn(*steps: After) -> After:
    """Return what takes several steps."""

    def after(job: Job) -> None:
        for step in steps:
            step(job)

    return after


def came_and_went(job: Job, name: str) -> tuple[list[Any], list[Any]]:
    """Return what an update adds to a list and what it takes from it."""
    before, now = (list(held.get(name) or ()) for held in (job.before, job.wanted.properties))
    return [item for item in now if item not in before], [item for item in before if item not in now]


def described(operation: str, key: str, at: str, names: Mapping[str, str] | None = None) -> Callable[[Job, str], Any]:
    """Return what gives attributes from the service's description of the resource.

    Parameters:
        operation: the method that describes it.
        key: its parameter, which takes a list of physical ids.
        at: the list in the answer.
        names: where an attribute stands, with dots, where it is not called the same; others are refused.
    """

    def attribute(job: Job, name: str) -> Any:
        path = (names or {})[name] or name
        found: Any = getattr(job.client, operation)(**{key: [job.physical_id]})[at][0]
        for step in path.split("."):
            found = [item[step] for item in found] if isinstance(found, list) else found[step]
        return found

    return attribute


def same(*names: str) -> dict[str, str]:
    """Return attributes that the description calls by their own names."""
    return dict.fromkeys(names, "")


def only(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return the part of some properties that has these names."""
    return {name: values[name] for name in names if name in values}
