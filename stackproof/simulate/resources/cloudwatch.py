"""CloudWatch: alarms, composite alarms and dashboards."""

from __future__ import annotations

import re
from typing import Any

from stackproof.simulate.recipe import Job, Recipe


def _delete(job: Job, _snapshot: bool) -> None:
    job.client.delete_alarms(AlarmNames=[job.physical_id])


def _described(job: Job) -> Any:
    found = job.client.describe_alarms(AlarmNames=[job.physical_id], AlarmTypes=["CompositeAlarm", "MetricAlarm"])
    return [*found["MetricAlarms"], *found["CompositeAlarms"]][0]


def _arn(job: Job, name: str) -> Any:
    return _described(job)[{"Arn": "AlarmArn"}[name]]


def _tags(job: Job) -> Any:
    return job.client.list_tags_for_resource(ResourceARN=_arn(job, "Arn"))["Tags"]


_CHILD = re.compile(r"(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(\"[^\"]+\"|'[^']+'|[^\s()]+)\s*\)")


def _children_exist(job: Job) -> None:
    """Refuse what CloudWatch refuses: a rule over an alarm that does not exist."""
    rule = str(job.wanted.properties["AlarmRule"])
    names = {name.strip("\"'").rpartition(":alarm:")[2] for name in _CHILD.findall(rule)}
    if not names:
        raise ValueError(f"AlarmRule {rule} names no alarm.")
    found = job.client.describe_alarms(AlarmNames=sorted(names), AlarmTypes=["CompositeAlarm", "MetricAlarm"])
    known = {alarm["AlarmName"] for alarm in (*found["MetricAlarms"], *found["CompositeAlarms"])}
    if names - known:
        raise LookupError(f"Could not create the composite alarm: {', '.join(sorted(names - known))} do not exist.")


def _dashboard_tags(job: Job) -> Any:
    arn = job.client.get_dashboard(DashboardName=job.physical_id)["DashboardArn"]
    return job.client.list_tags_for_resource(ResourceARN=arn)["Tags"]


def _dashboard(job: Job, _snapshot: bool) -> None:
    job.client.delete_dashboards(DashboardNames=[job.physical_id])


RECIPES = (
    Recipe(
        "AWS::CloudWatch::Alarm",
        "cloudwatch",
        "put_metric_alarm",
        "=AlarmName",
        name="AlarmName",
        describe=_arn,
        remove=_delete,
        show=(_described, _tags),
    ),
    Recipe(
        "AWS::CloudWatch::CompositeAlarm",
        "cloudwatch",
        "put_composite_alarm",
        "=AlarmName",
        name="AlarmName",
        before=_children_exist,
        describe=_arn,
        remove=_delete,
        show=(_described, _tags),
    ),
    Recipe(
        "AWS::CloudWatch::Dashboard",
        "cloudwatch",
        "put_dashboard",
        "=DashboardName",
        name="DashboardName",
        remove=_dashboard,
        show=("get_dashboard:DashboardName", _dashboard_tags),
    ),
)
