"""What a simulated CloudFormation remembers: stacks, their resources, events and change sets, as plain data."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from stackproof.load.template import Template
from stackproof.resolve.stack import Stack
from stackproof.simulate.cloudformation.drift import Drift
from stackproof.simulate.handlers import Made

STACK = "AWS::CloudFormation::Stack"
GONE = ("DELETE_COMPLETE", "DELETE_SKIPPED")
"""Statuses of resources that a stack no longer has."""


class Clock:
    """Virtual time: it starts at the machine's and moves on only where something is done or waited for."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC)

    def tick(self, seconds: float = 0.001) -> datetime:
        """Let time pass and return what it is."""
        self._now += timedelta(seconds=seconds)
        return self._now

    @property
    def now(self) -> datetime:
        """The time."""
        return self._now


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a stack.

    Attributes:
        id: ``EventId``: made of resource, status and time, or a UUID where it is about the stack.
        properties: the resource's properties as JSON; empty where there are none.
        token: ``ClientRequestToken`` of the request that caused it.
    """

    id: str
    stack_id: str
    stack_name: str
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str
    properties: str
    time: datetime
    token: str = ""


@dataclass(slots=True)
class Standing:
    """A resource of a stack that exists, or did.

    Attributes:
        made: what changes, shows and removes it; None where its type is not simulated.
        properties: as they were last deployed, without symbols.
        told: the same, but secrets that another service keeps are as the template refers to them; empty where there
            is none.
        attributes: what stood beside them then: ``DeletionPolicy``, ``Metadata`` …
        tags: the tags of the stack that it was given.
        depends_on: the logical ids that it needs.
        shown: what its service showed of it when that was done.
        drift: ``IN_SYNC`` …, when that was found, and all that was found then.
    """

    logical_id: str
    type: str
    physical_id: str
    made: Made | None
    properties: dict[str, Any]
    attributes: dict[str, Any]
    told: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    depends_on: frozenset[str] = frozenset()
    status: str = ""
    reason: str = ""
    time: datetime | None = None
    shown: list[Any] = field(default_factory=list)
    drift: str = "NOT_CHECKED"
    drift_time: datetime | None = None
    drifted: Drift | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What a stack is to become: everything that one request says.

    Attributes:
        body: the template as it was sent.
        template: it, its transforms carried out.
        stack: it, resolved with the parameters.
        given: parameter values as they were sent.
        resolved: the values of parameters that stand in Parameter Store, by parameter.
        options: members of the request that a stack keeps as they are: ``NotificationARNs``, ``RoleARN`` …
        missing: why the stack fails because its parameters name what does not exist; empty where all is there.
    """

    body: str
    template: Template
    stack: Stack
    given: dict[str, str]
    resolved: dict[str, str]
    capabilities: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    missing: str = ""


@dataclass(slots=True)
class ChangeSet:
    """One change set.

    Attributes:
        kind: ``CREATE``, ``UPDATE`` or ``IMPORT``.
        target: what the stack would become; None where a transform failed.
        changes: what it would do, as `changes` found it.
    """

    id: str
    name: str
    kind: str
    target: Target | None
    created: datetime
    description: str
    changes: tuple[Any, ...]
    status: str
    reason: str
    execution: str
    request: dict[str, Any]


@dataclass(slots=True)
class StackRecord:
    """One stack: what DescribeStacks tells of it, and what its next operation must know.

    Attributes:
        target: what it is by its last complete operation; None before the first.
        standing: its resources by logical id, gone ones included (with status ``DELETE_COMPLETE``).
        outputs: name to value, description, export name.
        imports: names of the exports that it uses.
        undo: how an interrupted roll back is taken up again.
        policy: the stack policy's body; empty where there is none.
    """

    name: str
    id: str
    created: datetime
    status: str = ""
    reason: str = ""
    updated: datetime | None = None
    deleted: datetime | None = None
    target: Target | None = None
    change_set_id: str = ""
    disable_rollback: bool = False
    timeout: int | None = None
    protected: bool = False
    policy: str = ""
    update_policy: str = ""
    parent_id: str = ""
    root_id: str = ""
    standing: dict[str, Standing] = field(default_factory=dict)
    outputs: dict[str, tuple[str, str, str | None]] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    events: list[Happening] = field(default_factory=list)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)
    drift: str = "NOT_CHECKED"
    drift_time: datetime | None = None
    undo: Any = None
    token: str = ""

    @property
    def gone(self) -> bool:
        """True where the stack is deleted: only its id finds it then."""
        return self.status == "DELETE_COMPLETE"

    def live(self) -> Iterator[Standing]:
        """Iterate over the resources that exist."""
        return (found for found in self.standing.values() if found.status not in GONE)


def new_stack_id(partition: str, region: str, account: str, name: str) -> str:
    """Return an ARN for a new stack."""
    return f"arn:{partition}:cloudformation:{region}:{account}:stack/{name}/{uuid.uuid4()}"
