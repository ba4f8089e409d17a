"""What an update does to one resource: nothing, a change in place, or a replacement.

Source: "Update behaviors of stack resources" in the AWS CloudFormation user guide; which property asks for which is in
the resource schemas (`schemas`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from stackproof.simulate.cloudformation.record import STACK, Standing
from stackproof.simulate.cloudformation.schemas import schema


class Effect(StrEnum):
    """What is done to a resource."""

    NOTHING = "nothing"
    CREATE = "create"
    CHANGE = "change"
    REPLACE = "replace"


def effect_of(
    old: Standing | None,
    kind: str,
    properties: Mapping[str, Any],
    attributes: Mapping[str, Any],
    region: str,
) -> tuple[Effect, tuple[str, ...]]:
    """Return what an update does to a resource, and the changed paths that may ask for a replacement.

    Parameters:
        old: what stands there; None where nothing does.
        kind: the type that is wanted.
        properties: what is wanted, without symbols; a secret that another service keeps is as the template refers to
            it, since a new value of it alone is no change.
        attributes: what stands beside the properties.
        region: where; the schemas differ between regions.
    """
    if old is None:
        return Effect.CREATE, ()
    if old.type != kind:
        return Effect.REPLACE, ()
    changed = tuple(changed_paths(old.told or old.properties, properties))
    if not changed and old.status.endswith("_FAILED"):
        return Effect.CHANGE, ()
    if not changed:
        if kind == STACK:
            return Effect.CHANGE, ()  # its template may have changed behind the same address
        same = old.attributes.get("Metadata") == attributes.get("Metadata")
        return (Effect.NOTHING if same else Effect.CHANGE), ()
    found = schema(kind, region)
    if found is None:
        return Effect.CHANGE, changed
    needs = {path: found.recreation(path) for path in changed}
    if not found.updatable or "Always" in needs.values():
        return Effect.REPLACE, changed
    return Effect.CHANGE, tuple(path for path, need in needs.items() if need == "Conditionally")


def changed_paths(before: Mapping[str, Any], after: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Iterate over the dotted paths that differ; a list counts as one value."""
    for name in dict.fromkeys((*before, *after)):
        below = f"{path}.{name}" if path else name
        old, new = before.get(name), after.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            yield from changed_paths(old, new, below)
        elif old != new or (name in before) != (name in after):
            yield below


def taken_name(old: Standing, properties: Mapping[str, Any], region: str) -> str:
    """Return the name that a template gives to a resource before and after, so that no second one can be made.

    Empty where CloudFormation makes the name up, or where it changes.
    """
    found = schema(old.type, region)
    short = old.type.rpartition("::")[2]
    own = set(properties) | set(old.properties)
    naming = [name for name in (found.primary_identifier if found else ()) if name in own]
    naming = naming or [name for name in (f"{short}Name", "Name") if name in own]
    if naming and all(properties.get(name) == old.properties.get(name) for name in naming):
        return " ".join(str(properties.get(name)) for name in naming)
    return ""
