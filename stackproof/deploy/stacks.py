"""One stack as CloudFormation has it: its status, its outputs, its events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

STACK = "AWS::CloudFormation::Stack"
GONE = "DELETE_COMPLETE"
BUSY = "_IN_PROGRESS"
REVIEWED = "REVIEW_IN_PROGRESS"
"""Waits for a change set to be executed: nothing is under way."""


@dataclass(frozen=True, slots=True)
class Found:
    """A stack that stands.

    Attributes:
        reason: why it is in its status; may be empty.
        protected: whether termination protection is on.
        change_set: id of the change set that was executed last; empty where none was.
        changed: when it was last created or updated, as ``2026-11-21T10:53:35Z``.
    """

    name: str
    id: str
    status: str
    reason: str
    outputs: dict[str, str]
    parameters: dict[str, str]
    protected: bool
    change_set: str = ""
    changed: str = ""

    @property
    def busy(self) -> bool:
        """True where an operation is under way."""
        return self.status.endswith(BUSY) and self.status != REVIEWED


def find(client: Any, name: str) -> Found | None:
    """Return a stack by its name or id; None where there is none of that name.

    Parameters:
        client: a boto3 client of CloudFormation.
    """
    try:
        raw = client.describe_stacks(StackName=name)["Stacks"][0]
    except client.exceptions.ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return Found(
        name=str(raw["StackName"]),
        id=str(raw["StackId"]),
        status=str(raw["StackStatus"]),
        reason=str(raw.get("StackStatusReason") or ""),
        outputs={output["OutputKey"]: str(output["OutputValue"]) for output in raw.get("Outputs", ())},
        parameters={entry["ParameterKey"]: str(entry["ParameterValue"]) for entry in raw.get("Parameters", ())},
        protected=bool(raw.get("EnableTerminationProtection")),
        change_set=str(raw.get("ChangeSetId") or ""),
        changed=_moment(raw.get("LastUpdatedTime") or raw.get("CreationTime")),
    )


def _moment(time: datetime | None) -> str:
    """Return a time in UTC, in the form that sorts."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if time is not None else ""


def newest_event(client: Any, stack_id: str) -> str:
    """Return the id of a stack's newest event: what comes after it is new."""
    events = client.describe_stack_events(StackName=stack_id)["StackEvents"]
    return str(events[0]["EventId"]) if events else ""


def operation_began(client: Any, stack_id: str) -> str:
    """Return the id of the event before the operation that is under way; empty where it is the stack's first."""
    before = ""
    for event in _newest_first(client, stack_id):
        if before:
            return str(event["EventId"])
        whole = event["ResourceType"] == STACK and event["PhysicalResourceId"] == stack_id
        if whole and event["ResourceStatus"] in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"):
            before = str(event["EventId"])
    return ""


def events_after(client: Any, stack_id: str, last: str) -> list[dict[str, Any]]:
    """Return the events of a stack after one of them, oldest first."""
    found: list[dict[str, Any]] = []
    for event in _newest_first(client, stack_id):
        if event["EventId"] == last:
            break
        found.append(event)
    return found[::-1]


def _newest_first(client: Any, stack_id: str) -> Iterator[dict[str, Any]]:
    for page in client.get_paginator("describe_stack_events").paginate(StackName=stack_id):
        yield from page["StackEvents"]
