"""The operations about drift: what was changed behind CloudFormation's back."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from stackproof.simulate.cloudformation.drift import Drift, Status, detected, stack_status
from stackproof.simulate.cloudformation.record import StackRecord, Standing
from stackproof.simulate.cloudformation.refusals import Refusal
from stackproof.simulate.cloudformation.region import MISSING, Region

Request = Mapping[str, Any]
DETECTABLE = (
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_FAILED",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
)
"""Statuses of stacks whose drift can be asked for."""


def detect_stack_drift(region: Region, request: Request) -> dict[str, Any]:
    """Answer DetectStackDrift: look at every resource at once; the next question finds the answer."""
    stack = _detectable(region, request)
    wanted = request.get("LogicalResourceIds")
    for name in wanted or ():
        _standing(stack, str(name))
    now = region.place.clock.tick()
    found = [_look(stack, standing, now) for standing in stack.live() if not wanted or standing.logical_id in wanted]
    statuses = [drift.status for drift in found]
    stack.drift, stack.drift_time = stack_status(statuses), now
    detection = str(uuid.uuid4())
    region.detections[detection] = {
        "StackId": stack.id,
        "StackDriftDetectionId": detection,
        "StackDriftStatus": stack.drift,
        "DetectionStatus": "DETECTION_COMPLETE",
        "DriftedStackResourceCount": sum(status in (Status.MODIFIED, Status.DELETED) for status in statuses),
        "Timestamp": now,
    }
    return {"StackDriftDetectionId": detection}


def describe_stack_drift_detection_status(region: Region, request: Request) -> dict[str, Any]:
    """Answer DescribeStackDriftDetectionStatus."""
    detection = str(request.get("StackDriftDetectionId"))
    if detection not in region.detections:
        raise Refusal(f"Drift detection with id {detection} does not exist.")
    return dict(region.detections[detection])


def detect_stack_resource_drift(region: Region, request: Request) -> dict[str, Any]:
    """Answer DetectStackResourceDrift."""
    stack = _detectable(region, request)
    standing = _standing(stack, str(request.get("LogicalResourceId")))
    now = region.place.clock.tick()
    return {"StackResourceDrift": _told(stack, standing, _look(stack, standing, now))}


def describe_stack_resource_drifts(region: Region, request: Request) -> dict[str, Any]:
    """Answer DescribeStackResourceDrifts: of the resources that were looked at."""
    stack = region.find(request.get("StackName"), MISSING, deleted=False)
    wanted = request.get("StackResourceDriftStatusFilters")
    told = [
        _told(stack, standing, standing.drifted)
        for standing in stack.live()
        if standing.drifted is not None and (not wanted or str(standing.drifted.status) in wanted)
    ]
    return {"StackResourceDrifts": told}


def _detectable(region: Region, request: Request) -> StackRecord:
    stack = region.find(request.get("StackName"), MISSING, deleted=False)
    if stack.status not in DETECTABLE:
        raise Refusal(f"Drift detection cannot be performed on stack [{stack.id}] in {stack.status} state.")
    return stack


def _standing(stack: StackRecord, logical_id: str) -> Standing:
    found = stack.standing.get(logical_id)
    if found is None:
        raise Refusal(f"Resource {logical_id} does not exist for stack {stack.name}")
    return found


def _look(stack: StackRecord, standing: Standing, now: Any) -> Drift:
    made = standing.made
    drift = (
        Drift(Status.NOT_CHECKED, standing.properties)
        if made is None
        else detected(standing.properties, standing.shown, made.describe)
    )
    standing.drifted, standing.drift, standing.drift_time = drift, str(drift.status), now
    return drift


def _told(stack: StackRecord, standing: Standing, drift: Drift) -> dict[str, Any]:
    when = standing.drift_time or stack.created
    return drift.answer(stack.id, standing.logical_id, standing.physical_id, standing.type, when)


OPERATIONS: dict[str, Callable[[Region, Request], dict[str, Any]]] = {
    "DetectStackDrift": detect_stack_drift,
    "DescribeStackDriftDetectionStatus": describe_stack_drift_detection_status,
    "DetectStackResourceDrift": detect_stack_resource_drift,
    "DescribeStackResourceDrifts": describe_stack_resource_drifts,
}
"""What answers each request."""
