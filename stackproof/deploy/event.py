"""What a deployment tells while it runs, and how it says that it cannot go on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What the deployer was asked to do."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Event:
    """One step, as a log or a progress bar shows it.

    Attributes:
        action: create, update or delete.
        stack: the stack's name, ``<system>-<environment>-<layer>``.
        logical_id: the resource; empty where the event is about the whole stack.
        type: such as ``AWS::EC2::VPC``.
        status: CloudFormation's word, such as ``CREATE_COMPLETE``.
        reason: CloudFormation's reason; may be empty.
        done: how many resources the run is finished with.
        total: how many resources the run has in all; ``done`` reaches it where nothing fails.
    """

    action: Action
    stack: str
    logical_id: str
    type: str
    status: str
    reason: str = ""
    done: int = 0
    total: int = 0

    @property
    def failed(self) -> bool:
        """True where CloudFormation gave up on it."""
        return self.status.endswith("_FAILED")


class DeployError(Exception):
    """A stack that could not be created, updated or deleted.

    Attributes:
        stack: the stack's name.
        layer: the layer's name.
        reason: CloudFormation's reason, one line.
        logical_id: the resource that failed first; empty where the whole stack was refused.
    """

    def __init__(self, stack: str, layer: str, reason: str, logical_id: str = "") -> None:
        self.stack = stack
        self.layer = layer
        self.reason = " ".join(reason.split())
        self.logical_id = logical_id
        where = f"{stack}: {logical_id}" if logical_id else stack
        super().__init__(f"{where}: {self.reason}")
