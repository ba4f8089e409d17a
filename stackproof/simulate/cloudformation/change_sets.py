"""The operations about change sets."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from stackproof.simulate.cloudformation import describe
from stackproof.simulate.cloudformation.changes import Change, changes, nothing_to_do
from stackproof.simulate.cloudformation.checks import changed_types
from stackproof.simulate.cloudformation.life import Life
from stackproof.simulate.cloudformation.place import Known, Place
from stackproof.simulate.cloudformation.record import ChangeSet, StackRecord, Target
from stackproof.simulate.cloudformation.refusals import Refusal, by_a_transform
from stackproof.simulate.cloudformation.region import MISSING, MISSING_ID, Region
from stackproof.simulate.cloudformation.requests import target_of
from stackproof.simulate.cloudformation.stacks import check_preserving, check_updatable

Request = Mapping[str, Any]

NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."


def create_change_set(region: Region, request: Request) -> dict[str, Any]:
    """Answer CreateChangeSet."""
    name, kind = str(request.get("ChangeSetName")), str(request.get("ChangeSetType") or "UPDATE")
    stack = region.look(request.get("StackName"))
    new = stack is None
    if kind == "CREATE":
        stack = _reviewed(region, stack, request, name)
    elif stack is None or stack.gone or stack.status == "REVIEW_IN_PROGRESS":
        raise Refusal(MISSING.format(request.get("StackName")))
    else:
        check_updatable(stack)
    _check_name(stack, name, request)
    previous = stack.target if kind != "CREATE" else None
    target: Target | None = None
    failure = ""
    try:
        target = target_of(request, stack, region.place, previous, expands=False)
    except Refusal as refusal:
        if not by_a_transform(refusal):
            if new:
                region.place.stacks.remove(stack)
            raise
        failure = refusal.message
    if new:
        _review(region, stack)
    change_set = _computed(region, stack, request, target, failure)
    stack.change_sets[change_set.id] = change_set
    return {"Id": change_set.id, "StackId": stack.id}


_COMPARED = {
    "Template": ("TemplateBody", "TemplateURL"),
    "Parameters": ("Parameters",),
    "ClientToken": ("ClientToken",),
}
"""What a change set is compared with that has the same name, by the word of the refusal."""


def _check_name(stack: StackRecord, name: str, request: Request) -> None:
    """Refuse the name of a change set that waits to be executed."""
    for found in stack.change_sets.values():
        if found.name != name or found.execution != "AVAILABLE":
            continue
        for word, members in _COMPARED.items():
            if any(found.request.get(member) != request.get(member) for member in members):
                message = f"ChangeSet {name} cannot be created due to a mismatch with existing attribute {word}"
                raise Refusal(message, "AlreadyExistsException")
        raise Refusal(f"ChangeSet {name} already exists", "AlreadyExistsException")


def _reviewed(region: Region, stack: StackRecord | None, request: Request, name: str) -> StackRecord:
    """Return the stack that a change set of type CREATE is about: a new one, or one that waits for a review."""
    given = str(request.get("StackName"))
    if stack is None:
        if given.startswith("arn:"):
            raise Refusal(MISSING.format(given))
        return region.new(given)
    if stack.status != "REVIEW_IN_PROGRESS":
        raise Refusal(f"Stack [{given}] already exists and cannot be created again with the changeSet [{name}].")
    return stack


def _review(region: Region, stack: StackRecord) -> None:
    Life(stack, region.place).review()


def _computed(region: Region, stack: StackRecord, request: Request, target: Target | None, failure: str) -> ChangeSet:
    """Return the change set of a request; without a target it is one that a transform failed."""
    place = region.place
    name = str(request.get("ChangeSetName"))
    found, reason = ((), failure) if target is None else _compared(stack, target, place)
    change_set_id = (
        f"arn:{place.partition}:cloudformation:{place.region}:{place.account}:changeSet/{name}/{uuid.uuid4()}"
    )
    return ChangeSet(
        id=change_set_id,
        name=name,
        kind=str(request.get("ChangeSetType") or "UPDATE"),
        target=target,
        created=place.clock.tick(),
        description=str(request.get("Description") or ""),
        changes=found,
        status="FAILED" if reason else "CREATE_COMPLETE",
        reason=reason,
        execution="UNAVAILABLE" if reason else "AVAILABLE",
        request=dict(request),
    )


def _compared(stack: StackRecord, target: Target, place: Place) -> tuple[tuple[Change, ...], str]:
    """Return what a target changes, and why that cannot be; empty where it can."""
    previous = stack.target
    unchanged = previous is not None and nothing_to_do(previous, target)
    reason = NO_CHANGES if unchanged else changed_types(previous, target)
    if reason:
        return (), reason
    live = {standing.logical_id: standing for standing in stack.live()}
    return changes(previous, target, live, Known(stack, place, target.options), place.region), ""


def describe_change_set(region: Region, request: Request) -> dict[str, Any]:
    """Answer DescribeChangeSet."""
    stack, change_set = region.change_set(request)
    return describe.described_change_set(stack, change_set, values=bool(request.get("IncludePropertyValues")))


def execute_change_set(region: Region, request: Request) -> dict[str, Any]:
    """Answer ExecuteChangeSet."""
    stack, change_set = region.change_set(request)
    if change_set.execution != "AVAILABLE":
        failed = change_set.status == "FAILED"
        status = f"status of [{change_set.status}]" if failed else f"execution status of [{change_set.execution}]"
        message = f"ChangeSet [{change_set.id}] cannot be executed in its current {status}"
        raise Refusal(message, "InvalidChangeSetStatus")
    disabled = bool(request.get("DisableRollback")) or change_set.request.get("OnStackFailure") == "DO_NOTHING"
    check_preserving(stack, disable_rollback=disabled)
    change_set.execution = "EXECUTE_COMPLETE"
    for other in stack.change_sets.values():
        if other is not change_set:
            other.execution = "OBSOLETE"
    stack.change_set_id = change_set.id
    stack.updated = region.place.clock.now
    stack.token = str(request.get("ClientRequestToken") or "")
    stack.disable_rollback = disabled
    life = Life(stack, region.place, change_set.target, sheds=bool(request.get("RetainExceptOnCreate")))
    if stack.target is None:
        on_failure = change_set.request.get("OnStackFailure") or ("DO_NOTHING" if disabled else "ROLLBACK")
        region.carry_out(stack, life, life.create(str(on_failure)))
    else:
        region.carry_out(stack, life, life.update(disable_rollback=disabled))
    if stack.status.startswith(("CREATE_", "UPDATE_")):
        stack.change_set_id = change_set.id
    return {}


def delete_change_set(region: Region, request: Request) -> dict[str, Any]:
    """Answer DeleteChangeSet; one that is not there is gone."""
    try:
        stack, change_set = region.change_set(request)
    except Refusal as refusal:
        if refusal.code == "ChangeSetNotFound":
            return {}
        raise
    if change_set.execution == "EXECUTE_COMPLETE":
        raise Refusal(
            f"ChangeSet [{change_set.id}] cannot be deleted in its current execution status", "InvalidChangeSetStatus"
        )
    del stack.change_sets[change_set.id]
    return {}


def list_change_sets(region: Region, request: Request) -> dict[str, Any]:
    """Answer ListChangeSets."""
    stack = region.find(request.get("StackName"), MISSING_ID)
    shown = [found for found in stack.change_sets.values() if found.execution not in ("EXECUTE_COMPLETE", "OBSOLETE")]
    return {"Summaries": [describe.summarised_change_set(stack, found) for found in shown]}


OPERATIONS: dict[str, Callable[[Region, Request], dict[str, Any]]] = {
    "CreateChangeSet": create_change_set,
    "DescribeChangeSet": describe_change_set,
    "ExecuteChangeSet": execute_change_set,
    "DeleteChangeSet": delete_change_set,
    "ListChangeSets": list_change_sets,
}
"""What answers each request."""
