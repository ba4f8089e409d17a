"""Changing some properties of what exists, where one that is removed goes back to what the service does by default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.simulate.handlers import CannotUpdateError
from stackproof.simulate.recipe import Job, tags_of
from stackproof.simulate.shapes import arguments


def modify(
    job: Job, operation: str, defaults: Mapping[str, Any], names: Mapping[str, str] | None = None, **own: Any
) -> bool:
    """Give an operation those of the named properties that an update touches; return whether there were any.

    Parameters:
        job: the update.
        operation: the method that changes it.
        defaults: what a removed property goes back to, for every property that the method takes.
        names: API parameter by property, where the two are called differently.
        own: what names the resource, and whatever else the method wants.

    Raises:
        CannotUpdateError: the method has no parameter for something in a property.
    """
    now = job.wanted.properties
    given = {name: now.get(name, default) for name, default in defaults.items() if job.touched(name)}
    if given:
        getattr(job.client, operation)(**{**request(job, operation, given, names), **own})
    return bool(given)


def replace(job: Job, operation: str, names: tuple[str, ...], **own: Any) -> bool:
    """Give an operation all of the named properties if an update touches any: what it is not given, it forgets."""
    if not job.touched(*names):
        return False
    now = job.wanted.properties
    getattr(job.client, operation)(
        **{**request(job, operation, {name: now[name] for name in names if name in now}), **own}
    )
    return True


def request(
    job: Job, operation: str, given: Mapping[str, Any], names: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the arguments of a call that must take every property.

    Raises:
        CannotUpdateError: it has no parameter for something in a property.
    """
    found, unread = arguments(job.client, operation, given, names)
    if unread:
        raise CannotUpdateError(job.wanted.type, unread)
    return found


def changed_tags(job: Job, name: str = "Tags") -> tuple[dict[str, str], list[str]]:
    """Return the tags that an update adds or changes, and the keys of those that it removes."""
    before, now = tags_of(job.before.get(name)), tags_of(job.wanted.properties.get(name))
    if not job.touched(name):
        return {}, []
    return {key: text for key, text in now.items() if before.get(key) != text}, sorted(before.keys() - now.keys())
