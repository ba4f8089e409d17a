"""What an update did to resources: replaced, interrupted, retained, lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from stackproof.simulate.record import Kept


class Effect(StrEnum):
    """What became of one resource."""

    REPLACED = "replaced"
    INTERRUPTED = "interrupted"
    RETAINED = "retained"
    SNAPSHOT = "kept as a snapshot"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, order=True)
class Stood:
    """A resource that stood in a stack.

    Attributes:
        layer: the layer's name.
        holds_data: whether there are data in it that lie nowhere else.
    """

    layer: str
    logical_id: str
    type: str
    physical_id: str
    holds_data: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """One thing to tell about an update.

    Attributes:
        of: the resource as it stood before.
        effect: what became of it.
        why: what caused it: properties, or a policy; empty where it is no longer in the template.
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
    replacing: Mapping[tuple[str, str], tuple[str, ...]],
    interrupting: Mapping[tuple[str, str], tuple[str, ...]],
    kept: Iterable[Kept],
) -> Iterator[Told]:
    """Iterate over what an update did, resource by resource.

    Parameters:
        before: what stood before it.
        after: what stands after it.
        replacing: the changed properties that ask for a replacement, by layer and logical id.
        interrupting: the changed properties that interrupt the resource.
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
        policy = policies.get(old.physical_id, "")
        lost = old.holds_data and not policy
        if new is not None:
            yield Told(old, Effect.REPLACED, replacing.get(place, ()), lost)
        if policy:
            effect = Effect.SNAPSHOT if policy == "Snapshot" else Effect.RETAINED
            yield Told(old, effect, (f"its policy {policy}",), lost=False)
        elif new is None:
            yield Told(old, Effect.REMOVED, (), lost)
