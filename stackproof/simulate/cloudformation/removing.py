"""Removing resources, in reverse order, as their policies say.

Sources: "DeletionPolicy attribute", "UpdateReplacePolicy attribute", "Options for deleting a stack in DELETE_FAILED
state" in the AWS CloudFormation user guide.
"""

from __future__ import annotations

from collections.abc import Iterable

from stackproof.simulate.cloudformation.order import delete_order
from stackproof.simulate.cloudformation.place import Place
from stackproof.simulate.cloudformation.record import StackRecord, Standing
from stackproof.simulate.cloudformation.steps import reason_of
from stackproof.simulate.cloudformation.telling import Teller
from stackproof.simulate.record import Kept

DELETION = "DeletionPolicy"
REPLACEMENT = "UpdateReplacePolicy"
_DATABASES = ("AWS::RDS::DBCluster", "AWS::RDS::DBInstance")


class Remover:
    """Removes resources of one stack.

    Parameters:
        stack: the stack.
        place: where it stands.
        tell: hears of each step.
        sheds: whether a roll back removes even what is to be retained.
    """

    def __init__(self, stack: StackRecord, place: Place, tell: Teller, *, sheds: bool = False) -> None:
        self._stack = stack
        self._place = place
        self._tell = tell
        self._sheds = sheds

    def remove(
        self, resources: Iterable[Standing], *, rolling_back: bool = False, retained: frozenset[str] = frozenset()
    ) -> list[str]:
        """Remove resources, each before those that it needs; return the logical ids of those that could not be removed.

        What a resource needs that could not be removed is left alone.

        Parameters:
            resources: what is to be removed.
            rolling_back: whether the operation that made them failed: nothing of them is worth a snapshot then.
            retained: logical ids of resources that are left where they are.
        """
        by_id = {standing.logical_id: standing for standing in resources}
        failed: list[str] = []
        needed: set[str] = set()
        for logical_id in delete_order({name: found.depends_on for name, found in by_id.items()}):
            standing = by_id[logical_id]
            if logical_id in needed:
                needed |= standing.depends_on
            elif not self.remove_one(standing, rolling_back=rolling_back, retained=logical_id in retained):
                failed.append(logical_id)
                needed |= standing.depends_on
        return failed

    def remove_one(
        self, standing: Standing, *, rolling_back: bool = False, retained: bool = False, attribute: str = DELETION
    ) -> bool:
        """Remove one resource; return whether it is gone, or stays by its own wish."""
        declared = str(standing.attributes.get(attribute) or _default(standing, attribute))
        policy = "Delete" if rolling_back and self._sheds else _meaning(declared, rolling_back=rolling_back)
        kept = Kept(self._stack.name, standing.logical_id, standing.type, declared, standing.physical_id)
        if standing.made is None and not standing.physical_id:
            self._tell.resource(standing, "DELETE_COMPLETE")
            return True
        if policy == "Retain" or retained:
            self._place.record.kept.append(kept)
            self._tell.resource(standing, "DELETE_SKIPPED")
            return True
        self._tell.resource(standing, "DELETE_IN_PROGRESS")
        try:
            if standing.made is not None:
                standing.made.delete(policy == "Snapshot")
        except Exception as error:
            # Whatever a service says is the reason of the failure, as in CloudFormation.
            self._tell.resource(standing, "DELETE_FAILED", reason_of(error))
            return False
        if policy == "Snapshot":
            self._place.record.kept.append(kept)
        self._tell.resource(standing, "DELETE_COMPLETE")
        return True


def _default(standing: Standing, attribute: str) -> str:
    """Return the policy of a resource that declares none: databases outlive their stack in a snapshot."""
    snapshot = attribute == DELETION and standing.type in _DATABASES
    return "Snapshot" if snapshot and "DBClusterIdentifier" not in standing.properties else "Delete"


def _meaning(policy: str, *, rolling_back: bool) -> str:
    """Return what a policy means: ``Delete``, ``Retain`` or ``Snapshot``."""
    if policy == "RetainExceptOnCreate":
        return "Delete" if rolling_back else "Retain"
    return "Delete" if policy == "Snapshot" and rolling_back else policy
