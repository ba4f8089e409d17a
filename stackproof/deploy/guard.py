"""What guards a protected environment: its stacks and data are not lost by an update that nobody looked at.

Sources: "Prevent updates to stack resources", "Protect CloudFormation stacks from being deleted" in the AWS
CloudFormation user guide.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from stackproof.deploy.change_sets import Change
from stackproof.policy.stateful import STATEFUL


class Danger(StrEnum):
    """What a change may do to a resource that somebody would miss."""

    LOSES = "loses data"
    REPLACES = "replaces a resource with data"
    INTERRUPTS = "interrupts"


@dataclass(frozen=True, slots=True)
class Risk:
    """A change that must be accepted by name.

    Attributes:
        danger: what it may do.
        certain: False where CloudFormation does not know before.
    """

    layer: str
    change: Change
    danger: Danger
    certain: bool = True

    def __str__(self) -> str:
        verb = self.danger if self.certain else f"perhaps {self.danger}"
        because = f" (because of {', '.join(self.why)})" if self.why else ""
        return f"{self.layer}/{self.change.logical_id} ({self.change.type}): {verb}{because}"

    @property
    def why(self) -> tuple[str, ...]:
        """The properties that cause it."""
        return self.change.replacing or self.change.properties


def risks(layer: str, changes: Iterable[Change], region: str) -> Iterator[Risk]:
    """Iterate over the changes of a layer that lose, replace or interrupt something.

    Parameters:
        layer: the layer's name.
        changes: what its change set does.
        region: where; the resource schemas, which say what interrupts, differ between regions.
    """
    for change in changes:
        stateful = change.type in STATEFUL
        if change.action == "Remove" and stateful:
            yield Risk(layer, change, Danger.LOSES)
        elif change.replacement in ("True", "Conditional") and stateful:
            yield Risk(layer, change, Danger.REPLACES, certain=change.replacement == "True")
        elif change.action == "Modify" and change.replacement != "True" and _interrupts(change, region):
            yield Risk(layer, change, Danger.INTERRUPTS)


def _interrupts(change: Change, region: str) -> bool:
    from stackproof.simulate.cloudformation.schemas import schema  # heavy only where there is something to ask

    found = schema(change.type, region)
    return found is not None and any(found.interrupts(name) for name in change.properties)


def unaccepted(found: Iterable[Risk], accepted: frozenset[str]) -> list[Risk]:
    """Return the risks that nobody accepted, by logical id or as ``layer/LogicalId``."""
    return [
        risk
        for risk in found
        if risk.change.logical_id not in accepted and f"{risk.layer}/{risk.change.logical_id}" not in accepted
    ]


def stack_policy(types: Mapping[str, str], accepted: Iterable[str] = ()) -> str:
    """Return the policy that denies to replace or remove a stack's data.

    Parameters:
        types: the type of each resource of the stack, by logical id.
        accepted: logical ids of resources for which that is permitted this time.
    """
    free = set(accepted)
    data = sorted(name for name, kind in types.items() if kind in STATEFUL and name not in free)
    guarded = [f"LogicalResourceId/{name}" for name in data]
    statements: list[dict[str, Any]] = [
        {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
    ]
    if guarded:
        denied = ["Update:Replace", "Update:Delete"]
        statements.append({"Effect": "Deny", "Action": denied, "Principal": "*", "Resource": guarded})
    return json.dumps({"Statement": statements})
