"""Drift: what was changed outside of CloudFormation, and would be lost or stand in the way of an update."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

POLL_SECONDS = 3.0


class DriftUnknownError(Exception):
    """CloudFormation could not look at every resource; the message is its reason."""


def drifted(client: Any, stack_id: str, sleep: Callable[[float], None]) -> list[str]:
    """Return the resources of a stack that are not as they were deployed, each with what differs.

    Parameters:
        client: a boto3 client of CloudFormation.
        sleep: waits; takes seconds.

    Raises:
        DriftUnknownError: CloudFormation could not look at every resource.
    """
    detection = client.detect_stack_drift(StackName=stack_id)["StackDriftDetectionId"]
    while True:
        status = client.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
        if status["DetectionStatus"] != "DETECTION_IN_PROGRESS":
            break
        sleep(POLL_SECONDS)
    if status["DetectionStatus"] == "DETECTION_FAILED":
        raise DriftUnknownError(str(status.get("DetectionStatusReason") or "DETECTION_FAILED"))
    return [_told(found) for found in _drifts(client, stack_id)]


def _drifts(client: Any, stack_id: str) -> Iterator[dict[str, Any]]:
    wanted = {"StackName": stack_id, "StackResourceDriftStatusFilters": ["MODIFIED", "DELETED"]}
    page = client.describe_stack_resource_drifts(**wanted)
    yield from page["StackResourceDrifts"]
    while page.get("NextToken"):
        page = client.describe_stack_resource_drifts(**wanted, NextToken=page["NextToken"])
        yield from page["StackResourceDrifts"]


def _told(found: dict[str, Any]) -> str:
    name = str(found["LogicalResourceId"])
    if found["StackResourceDriftStatus"] == "DELETED":
        return f"{name} (deleted)"
    paths = sorted({str(difference["PropertyPath"]).strip("/") for difference in found.get("PropertyDifferences", ())})
    return f"{name} ({', '.join(paths)})"
