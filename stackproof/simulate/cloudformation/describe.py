"""Answers: what CloudFormation tells of stacks, resources, events and change sets."""

from __future__ import annotations

import json
import uuid
from typing import Any

from stackproof.errors import in_hash_order
from stackproof.load.nodes import plain
from stackproof.simulate.cloudformation.changes import described
from stackproof.simulate.cloudformation.record import ChangeSet, Happening, StackRecord, Standing, Target
from stackproof.simulate.cloudformation.telling import MASK

_REASONED = ("FAILED", "ROLLBACK_IN_PROGRESS", "REVIEW_IN_PROGRESS", "COMPLETE")
"""Statuses of a stack beside which its reason is told, if there is one."""


def described_stack(stack: StackRecord) -> dict[str, Any]:
    """Return a stack as DescribeStacks tells it."""
    target = stack.target
    options = target.options if target else {}
    found: dict[str, Any] = {
        "StackId": stack.id,
        "StackName": stack.name,
        "CreationTime": stack.created,
        "RollbackConfiguration": options.get("RollbackConfiguration") or {},
        "StackStatus": stack.status,
        "DisableRollback": stack.disable_rollback,
        "NotificationARNs": list(options.get("NotificationARNs") or ()),
        "Tags": tag_list(target.tags) if target else [],
        "DriftInformation": _drift(stack),
    }
    if not stack.gone:
        found["EnableTerminationProtection"] = stack.protected
    optional: dict[str, Any] = {
        "ChangeSetId": stack.change_set_id,
        "Description": stack_description(target),
        "Parameters": parameter_list(target) if target else [],
        "DeletionTime": stack.deleted,
        "LastUpdatedTime": stack.updated,
        "StackStatusReason": stack.reason if stack.status.endswith(_REASONED) else "",
        "TimeoutInMinutes": stack.timeout,
        "Capabilities": list(target.capabilities) if target else [],
        "Outputs": output_list(stack),
        "RoleARN": options.get("RoleARN"),
        "ParentId": stack.parent_id,
        "RootId": stack.root_id,
        "LastOperations": _operations(stack),
    }
    return found | {name: value for name, value in optional.items() if value}


_OPERATIONS = {f"{kind}_IN_PROGRESS": f"{kind}_STACK" for kind in ("CREATE", "UPDATE", "DELETE")}
"""The operation that a stack's status begins."""


def _operations(stack: StackRecord) -> list[dict[str, str]]:
    """Return the last operation on a stack, with an id that follows from its first event's."""
    for event in reversed(stack.events):
        if event.logical_id == stack.name and event.status in _OPERATIONS:
            operation = str(uuid.uuid5(uuid.NAMESPACE_OID, event.id))
            return [{"OperationType": _OPERATIONS[event.status], "OperationId": operation}]
    return []


def summarised_stack(stack: StackRecord) -> dict[str, Any]:
    """Return a stack as ListStacks tells it."""
    optional: dict[str, Any] = {
        "TemplateDescription": stack_description(stack.target),
        "LastUpdatedTime": stack.updated,
        "DeletionTime": stack.deleted,
        "StackStatusReason": stack.reason if stack.status.endswith(_REASONED) else "",
        "ParentId": stack.parent_id,
        "RootId": stack.root_id,
    }
    return {
        "StackId": stack.id,
        "StackName": stack.name,
        "CreationTime": stack.created,
        "StackStatus": stack.status,
        "DriftInformation": _drift(stack),
    } | {name: value for name, value in optional.items() if value}


def stack_description(target: Target | None) -> str:
    """Return the ``Description`` of a template; empty where it has none."""
    node = target.template.root.get("Description") if target else None
    return str(getattr(node, "text", "")) if node is not None else ""


def _drift(stack: StackRecord) -> dict[str, Any]:
    found: dict[str, Any] = {"StackDriftStatus": stack.drift}
    return found | ({"LastCheckTimestamp": stack.drift_time} if stack.drift_time else {})


def parameter_list(target: Target) -> list[dict[str, Any]]:
    """Return the parameters of a stack in the order of a hash map, what must not be shown as asterisks."""
    parameters, given = target.template.parameters, target.given
    return [
        {"ParameterKey": name, "ParameterValue": MASK if parameters[name].no_echo else given[name]}
        | ({"ResolvedValue": target.resolved[name]} if name in target.resolved else {})
        for name in in_hash_order(given)
    ]


def output_list(stack: StackRecord) -> list[dict[str, Any]]:
    """Return the outputs of a stack."""
    return [
        {"OutputKey": name, "OutputValue": value}
        | ({"Description": description} if description else {})
        | ({"ExportName": export} if export is not None else {})
        for name, (value, description, export) in stack.outputs.items()
    ]


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    """Return tags in the form of an answer."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def described_event(event: Happening) -> dict[str, Any]:
    """Return an event as DescribeStackEvents tells it."""
    found: dict[str, Any] = {
        "StackId": event.stack_id,
        "EventId": event.id,
        "StackName": event.stack_name,
        "LogicalResourceId": event.logical_id,
        "PhysicalResourceId": event.physical_id,
        "ResourceType": event.type,
        "Timestamp": event.time,
        "ResourceStatus": event.status,
    }
    optional = {
        "ResourceStatusReason": event.reason,
        "ResourceProperties": event.properties,
        "ClientRequestToken": event.token,
    }
    return found | {name: value for name, value in optional.items() if value}


def described_resource(stack: StackRecord, standing: Standing, *, time: str = "Timestamp") -> dict[str, Any]:
    """Return a resource as DescribeStackResources tells it.

    Parameters:
        time: what the answer calls its time: ``Timestamp`` or ``LastUpdatedTimestamp``.
    """
    drift: dict[str, Any] = {"StackResourceDriftStatus": standing.drift}
    found: dict[str, Any] = {
        "StackName": stack.name,
        "StackId": stack.id,
        "LogicalResourceId": standing.logical_id,
        "PhysicalResourceId": standing.physical_id,
        "ResourceType": standing.type,
        time: standing.time,
        "ResourceStatus": standing.status,
        "DriftInformation": drift | ({"LastCheckTimestamp": standing.drift_time} if standing.drift_time else {}),
    }
    return found | (
        {"ResourceStatusReason": standing.reason} if standing.reason and "FAILED" in standing.status else {}
    )


def described_change_set(stack: StackRecord, change_set: ChangeSet, *, values: bool) -> dict[str, Any]:
    """Return a change set as DescribeChangeSet tells it.

    Parameters:
        values: whether the values of properties are told.
    """
    target, request = change_set.target, change_set.request
    options = target.options if target else request
    found: dict[str, Any] = {
        "ChangeSetName": change_set.name,
        "ChangeSetId": change_set.id,
        "StackId": stack.id,
        "StackName": stack.name,
        "CreationTime": change_set.created,
        "ExecutionStatus": change_set.execution,
        "Status": change_set.status,
        "NotificationARNs": list(options.get("NotificationARNs") or ()),
        "RollbackConfiguration": options.get("RollbackConfiguration") or {},
        "Capabilities": list(request.get("Capabilities") or ()),
        "Changes": described(change_set.changes, values=values),
        "IncludeNestedStacks": bool(request.get("IncludeNestedStacks")),
    }
    optional: dict[str, Any] = {
        "Description": change_set.description,
        "Parameters": parameter_list(target) if target else [],
        "StatusReason": change_set.reason,
        "Tags": tag_list(target.tags) if target else request.get("Tags"),
        "OnStackFailure": request.get("OnStackFailure"),
        "ImportExistingResources": request.get("ImportExistingResources"),
    }
    return found | {name: value for name, value in optional.items() if value}


def summarised_change_set(stack: StackRecord, change_set: ChangeSet) -> dict[str, Any]:
    """Return a change set as ListChangeSets tells it."""
    found: dict[str, Any] = {
        "StackId": stack.id,
        "StackName": stack.name,
        "ChangeSetId": change_set.id,
        "ChangeSetName": change_set.name,
        "ExecutionStatus": change_set.execution,
        "Status": change_set.status,
        "CreationTime": change_set.created,
        "IncludeNestedStacks": bool(change_set.request.get("IncludeNestedStacks")),
    }
    optional = {"Description": change_set.description, "StatusReason": change_set.reason}
    return found | {name: value for name, value in optional.items() if value}


def as_json(value: Any) -> str:
    """Return a value as the compact JSON that CloudFormation answers with."""
    return json.dumps(value, separators=(",", ":"))


def processed_body(target: Target) -> str:
    """Return a template with its transforms carried out; one without any is told as it was sent."""
    return as_json(plain(target.template.root)) if target.template.transforms else target.body
