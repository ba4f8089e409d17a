"""Rollback triggers: a layer's own alarms watch over its updates.

An alarm that is there no longer, or is in alarm already, would make CloudFormation refuse the whole update, also the
one that mends what the alarm is about: such an alarm is left out.

Source: "Roll back your CloudFormation stack on alarm breach with rollback triggers" in the AWS CloudFormation user
guide; "RollbackConfiguration" in the AWS CloudFormation API reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.errors import InputError
from stackproof.resolve.stack import Resource
from stackproof.resolve.values import Undecidable, Value

ALARM = "AWS::CloudWatch::Alarm"
CRITICAL_TOPIC = "CriticalTopicArn"
"""The output of the layer whose topic hears of what is critical."""
MAX_TRIGGERS = 5
"""As many as AWS takes for one stack."""

NO_TRIGGERS: dict[str, Any] = {"RollbackTriggers": [], "MonitoringTimeInMinutes": 0}
"""CloudFormation keeps the triggers of the last update where a request says nothing."""


def rollback_configuration(
    deployment: Deployment, layer: str, stack_id: str, client: Any, watch: Any, minutes: int
) -> dict[str, Any]:
    """Return the ``RollbackConfiguration`` of an update: the layer's alarms, the critical ones first.

    Parameters:
        stack_id: the stack as it stands; only what it has already can watch.
        client: a boto3 client of CloudFormation.
        watch: a boto3 client of CloudWatch.
        minutes: for how long after the update the alarms are watched.
    """
    standing = dict(_standing(client, stack_id))
    alarms = [alarm for alarm in _ranked(deployment, layer) if standing.get(alarm.logical_id) == _name(alarm, standing)]
    names = [standing[alarm.logical_id] for alarm in alarms]
    quiet = _quiet(watch, names[:100]) if names else {}
    arns = [quiet[name] for name in names if name in quiet][:MAX_TRIGGERS]
    if not arns:
        return NO_TRIGGERS
    return {"RollbackTriggers": [{"Arn": arn, "Type": ALARM} for arn in arns], "MonitoringTimeInMinutes": minutes}


def _standing(client: Any, stack_id: str) -> Iterator[tuple[str, str]]:
    """Iterate over the alarms of a stack: logical id and name."""
    for page in client.get_paginator("list_stack_resources").paginate(StackName=stack_id):
        for found in page["StackResourceSummaries"]:
            if found["ResourceType"] == ALARM and found["ResourceStatus"] != "DELETE_COMPLETE":
                yield found["LogicalResourceId"], found["PhysicalResourceId"]


def _name(alarm: Resource, standing: dict[str, str]) -> str | None:
    """Return the name that an alarm will have: another one means that the update replaces it."""
    with suppress(Undecidable, InputError):
        return alarm.text("AlarmName") or standing.get(alarm.logical_id)
    return None


def _ranked(deployment: Deployment, layer: str) -> list[Resource]:
    stack = deployment.stack(layer)
    alarms = [resource for resource in stack.resources.values() if resource.type == ALARM]
    critical = [
        found.outputs[CRITICAL_TOPIC].value for found in deployment.stacks.values() if CRITICAL_TOPIC in found.outputs
    ]
    return sorted(alarms, key=lambda alarm: not _notifies(alarm, critical))


def _notifies(alarm: Resource, topics: list[Value]) -> bool:
    with suppress(Undecidable, InputError):
        return any(action in topics for action in alarm.items_of("AlarmActions"))
    return False


def _quiet(watch: Any, names: list[str]) -> dict[str, str]:
    """Return the ARNs of alarms that exist and are not in alarm, by name."""
    found = watch.describe_alarms(AlarmNames=names)["MetricAlarms"]
    return {alarm["AlarmName"]: str(alarm["AlarmArn"]) for alarm in found if alarm["StateValue"] != "ALARM"}
