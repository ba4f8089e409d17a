"""Change sets: every change is one, before it is made.

A change set is named after what it holds, so that whoever comes back after an interruption finds it again instead of
making a second one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stackproof.deploy.patience import error_code
from stackproof.deploy.stacks import REVIEWED, Found

POLL_SECONDS = 2.0
_UNCHANGED = ("didn't contain changes", "No updates are to be performed")


@dataclass(frozen=True, slots=True)
class Change:
    """What a change set does to one resource.

    Attributes:
        action: ``Add``, ``Modify`` or ``Remove``.
        replacement: ``True``, ``False`` or ``Conditional``; empty where nothing is modified.
        properties: names of the properties that change, and of attributes such as ``Tags`` or ``Metadata``.
        replacing: those of them that ask for a replacement, surely or perhaps.
        fate: what becomes of a resource that is removed or replaced: ``Delete``, ``Retain``, ``Snapshot``, or the
            same after ``ReplaceAnd``; empty where CloudFormation does not say.
    """

    action: str
    logical_id: str
    type: str
    physical_id: str = ""
    replacement: str = ""
    properties: tuple[str, ...] = ()
    replacing: tuple[str, ...] = ()
    fate: str = ""


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """A change set that CloudFormation has worked out.

    Attributes:
        id: its ARN; empty where nothing changes.
        kind: ``CREATE`` or ``UPDATE``.
        failure: why CloudFormation could not work it out; empty where it could.
        executable: whether it may be executed still.
        begun: whether it is being executed.
    """

    id: str
    stack_id: str
    kind: str
    changes: tuple[Change, ...]
    failure: str = ""
    executable: bool = True
    begun: bool = False

    @property
    def empty(self) -> bool:
        """True where there is nothing to change."""
        return not self.id and not self.failure


def named(request: Mapping[str, Any], kind: str, base: str = "") -> str:
    """Return the name of the change set that a request asks for: the same for the same content.

    Parameters:
        base: the change set that was executed last: whoever goes back to what was there before needs another name.
    """
    content = json.dumps([kind, request, base], sort_keys=True, default=str)
    return f"stackproof-{hashlib.sha256(content.encode()).hexdigest()[:16]}"


def made(client: Any, request: Mapping[str, Any], stack: Found | None, sleep: Callable[[float], None]) -> ChangeSet:
    """Make a change set, or find the one that an earlier attempt made of the same request.

    Parameters:
        client: a boto3 client of CloudFormation.
        request: what the stack is to become; see `stackproof.deploy.request`.
        stack: the stack as it stands; None where it is to be created.
        sleep: waits; takes seconds.
    """
    kind = "CREATE" if stack is None or stack.status == REVIEWED else "UPDATE"
    name = named(request, kind, stack.change_set if stack is not None and kind == "UPDATE" else "")
    if stack is not None:
        known = _known(client, stack, name)
        if known is not None:
            found = described(client, known, sleep)
            if found.executable or found.begun:
                return found
            client.delete_change_set(ChangeSetName=known)
    change_set_id = _asked(client, name, kind, request)
    found = described(client, change_set_id, sleep)
    if found.empty or found.failure:
        client.delete_change_set(ChangeSetName=change_set_id)
    return found


def _asked(client: Any, name: str, kind: str, request: Mapping[str, Any]) -> str:
    """Ask for a change set; one of that name is there where the answer to an earlier request was lost."""
    try:
        return str(client.create_change_set(ChangeSetName=name, ChangeSetType=kind, **request)["Id"])
    except client.exceptions.ClientError as error:
        if error_code(error) != "AlreadyExistsException":
            raise
    found = client.describe_change_set(ChangeSetName=name, StackName=request["StackName"])
    return str(found["ChangeSetId"])


def _known(client: Any, stack: Found, name: str) -> str | None:
    for page in client.get_paginator("list_change_sets").paginate(StackName=stack.id):
        for summary in page["Summaries"]:
            if summary["ChangeSetName"] == name:
                return str(summary["ChangeSetId"])
    return None


def described(client: Any, change_set_id: str, sleep: Callable[[float], None]) -> ChangeSet:
    """Return a change set with all of its changes, as soon as CloudFormation has worked it out."""
    raw = client.describe_change_set(ChangeSetName=change_set_id)
    while raw["Status"] in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
        sleep(POLL_SECONDS)
        raw = client.describe_change_set(ChangeSetName=change_set_id)
    kind = "CREATE" if raw.get("ChangeSetType") == "CREATE" else "UPDATE"
    stack_id = str(raw["StackId"])
    if raw["Status"] == "FAILED":
        reason = str(raw.get("StatusReason") or "")
        unchanged = any(words in reason for words in _UNCHANGED)
        return ChangeSet("", stack_id, kind, (), "" if unchanged else reason or "failed", executable=False)
    changes = tuple(_change(change["ResourceChange"]) for change in _changes(client, raw))
    execution = raw["ExecutionStatus"]
    return ChangeSet(
        change_set_id,
        stack_id,
        kind,
        changes,
        executable=execution == "AVAILABLE",
        begun=execution == "EXECUTE_IN_PROGRESS",
    )


def _changes(client: Any, page: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from page.get("Changes", ())
    while page.get("NextToken"):
        page = client.describe_change_set(ChangeSetName=page["ChangeSetId"], NextToken=page["NextToken"])
        yield from page.get("Changes", ())


def _change(raw: Mapping[str, Any]) -> Change:
    targets = [detail["Target"] for detail in raw.get("Details", ())]
    names = dict.fromkeys(str(target.get("Name") or target.get("Attribute") or "") for target in targets)
    replacing = dict.fromkeys(
        str(target.get("Name") or "") for target in targets if target.get("RequiresRecreation", "Never") != "Never"
    )
    return Change(
        action=str(raw["Action"]),
        logical_id=str(raw["LogicalResourceId"]),
        type=str(raw["ResourceType"]),
        physical_id=str(raw.get("PhysicalResourceId") or ""),
        replacement=str(raw.get("Replacement") or ""),
        properties=tuple(name for name in names if name),
        replacing=tuple(name for name in replacing if name),
        fate=str(raw.get("PolicyAction") or ""),
    )
