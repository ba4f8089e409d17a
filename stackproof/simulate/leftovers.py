"""What stays after all stacks are deleted, and whether a template wants it to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stackproof.resolve.stack import Resource
from stackproof.simulate.inventory import Thing
from stackproof.simulate.record import Kept

SNAPSHOT = "database snapshot"
_SNAPSHOTS = " snapshot"
_FINAL = "-final"
_AUTOMATED = "rds:"


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something that stays.

    Attributes:
        thing: what it is.
        owner: the resource that it was; None where it was made beside the resources of the stacks.
        reason: why the template wants it; empty where nothing says so.
    """

    thing: Thing
    owner: Resource | None
    reason: str


def explain(left: Iterable[Thing], owners: Mapping[str, Resource], kept: Iterable[Kept]) -> tuple[Leftover, ...]:
    """Return for each thing that is left whose it is and why it stays.

    Parameters:
        left: what the account holds more than before.
        owners: the resources of the deleted stacks by physical id.
        kept: what the stacks kept on purpose.
    """
    policies = {entry.physical_id: entry.policy for entry in kept}
    return tuple(_explain(thing, owners, policies) for thing in sorted(left))


def _explain(thing: Thing, owners: Mapping[str, Resource], policies: Mapping[str, str]) -> Leftover:
    owner_id = _owner_id(thing, owners)
    owner = owners.get(owner_id)
    if thing.kind == SNAPSHOT and thing.id.startswith(_AUTOMATED):
        wanted = owner is not None and not owner.boolean("DeleteAutomatedBackups", default=True)
        return Leftover(thing, owner, "DeleteAutomatedBackups is false" if wanted else "")
    policy = policies.get(owner_id)
    return Leftover(thing, owner, f"DeletionPolicy is {policy}" if policy else "")


def _owner_id(thing: Thing, owners: Mapping[str, Resource]) -> str:
    if not thing.kind.endswith(_SNAPSHOTS):
        return thing.id
    # RDS puts the instance's name into the names of its snapshots: rds:<instance>-<date>; ours are <instance>-final.
    name = thing.id.removeprefix(_AUTOMATED).removesuffix(_FINAL)
    return max((owner for owner in owners if name.startswith(owner)), key=len, default=name)
