"""What an update did to resources: replaced, interrupted, retained, lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from stackproof.policy.stateful import STATEFUL
from stackproof.simulate.record import Kept


class Effect(StrEnum):
    """What became of one resource."""

    REPLACED = "replaced"
    INTERRUPTED = "interrupted"
    RETAINED = "retained"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, order=True)
class Stood:
    """A resource that stood in a stack.

    Attributes:
        layer: the layer's name.
    """

    layer: str
    logical_id: str
    type: str
    physical_id: str


@dataclass(frozen=True, slots=True)
class Told:
    """One thing to tell about an update.

    Attributes:
        of: the resource as it stood before.
        effect: what became of it.
        why: the properties that caused it; empty where it is no longer in the template.
        lost: whether data went with it.
    """

    of: Stood
    effect: Effect
    why: tuple[str, ...]
    lost: bool

    def __str__(self) -> str:
        because = f", because of {', '.join(self.why)}" if self.why else ""
        return f"{self.of.type} ({self.of.layer}/{self.of.logical_id}): {self.effect} by the update{because}"


def effects(
    before: Iterable[Stood],
    after: Iterable[Stood],
    changed: Mapping[tuple[str, str], tuple[str, ...]],
    interrupting: Mapping[tuple[str, str], tuple[str, ...]],
    kept: Iterable[Kept],
) -> Iterator[Told]:
    """Iterate over what an update did, resource by resource.

    Parameters:
        before: what stood before it.
        after: what stands after it.
        changed: the changed properties by layer and logical id.
        interrupting: those of them that interrupt the resource.
        kept: what outlived its place in a stack.
    """
    now = {(found.layer, found.logical_id): found for found in after}
    policies = {entry.physical_id: entry.policy for entry in kept}
    for old in sorted(before):
        place = (old.layer, old.logical_id)
        new = now.get(place)
        if new is not None and new.physical_id == old.physical_id and new.type == old.type:
            if place in interrupting:
                yield Told(old, Effect.INTERRUPTED, interrupting[place], lost=False)
            continue
        retained = old.physical_id in policies
        if new is not None:
            yield Told(old, Effect.REPLACED, changed.get(place, ()), lost=_loses(old) and not retained)
        if retained:
            yield Told(old, Effect.RETAINED, (f"its policy {policies[old.physical_id]}",), lost=False)
        elif new is None:
            yield Told(old, Effect.REMOVED, (), lost=_loses(old))


def _loses(stood: Stood) -> bool:
    return stood.type in STATEFUL
