"""CloudWatch: alarms, composite alarms and dashboards."""

from __future__ import annotations

import re
from typing import Any

from stackproof.simulate.existing import AlreadyExistsError, exists
from stackproof.simulate.recipe import Job, Recipe, Tagging, made_up_name

_KINDS = ["CompositeAlarm", "MetricAlarm"]


def _alarms(job: Job, names: list[str]) -> list[dict[str, Any]]:
    found = job.client.describe_alarms(AlarmNames=names, AlarmTypes=_KINDS)
    return [*found["MetricAlarms"], *found["CompositeAlarms"]]


def _is_new(job: Job) -> None:
    """Refuse an alarm whose name is taken; the service would put the new one in its place."""
    name = job.wanted.properties.get("AlarmName")
    if name and exists(lambda: _alarms(job, [str(name)])):
        raise AlreadyExistsError(job.wanted.type, AlarmName=str(name))


def _delete(job: Job, _snapshot: bool) -> None:
    job.client.delete_alarms(AlarmNames=[job.physical_id])


def _described(job: Job) -> Any:
    return _alarms(job, [job.physical_id])[0]


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
    known = {alarm["AlarmName"] for alarm in _alarms(job, sorted(names))}
    if names - known:
        raise LookupError(f"Could not create the composite alarm: {', '.join(sorted(names - known))} do not exist.")


def _composite(job: Job) -> None:
    _children_exist(job)
    name = job.physical_id or job.take("AlarmName") or made_up_name(job.wanted, 255)
    rest = {key: job.left.pop(key) for key in list(job.left) if key != "AlarmName"}
    job.call("put_composite_alarm", rest, AlarmName=name)
    job.physical_id = str(name)


def _dashboard_arn(job: Job) -> str:
    return str(job.client.get_dashboard(DashboardName=job.physical_id)["DashboardArn"])


def _dashboard_tags(job: Job) -> Any:
    return job.client.list_tags_for_resource(ResourceARN=_dashboard_arn(job))["Tags"]


def _dashboard(job: Job, _snapshot: bool) -> None:
    job.client.delete_dashboards(DashboardNames=[job.physical_id])


def _new_dashboard(job: Job) -> None:
    name = job.wanted.properties.get("DashboardName")
    if name and exists(lambda: job.client.get_dashboard(DashboardName=name)):
        raise AlreadyExistsError(job.wanted.type, DashboardName=str(name))


def _tagging(arn: Any) -> Tagging:
    return Tagging("tag_resource", "untag_resource", "ResourceARN", id=arn)


def _alarm_arn(job: Job) -> Any:
    return _arn(job, "Arn")


RECIPES = (
    Recipe(
        "AWS::CloudWatch::Alarm",
        "cloudwatch",
        "put_metric_alarm",
        "=AlarmName",
        name="AlarmName",
        before=_is_new,
        describe=_arn,
        remove=_delete,
        show=(_described, _tags),
        tagging=_tagging(_alarm_arn),
        put=True,
    ),
    Recipe(
        "AWS::CloudWatch::CompositeAlarm",
        "cloudwatch",
        before=_is_new,
        make=_composite,
        describe=_arn,
        remove=_delete,
        show=(_described, _tags),
        tagging=_tagging(_alarm_arn),
        put=True,
    ),
    Recipe(
        "AWS::CloudWatch::Dashboard",
        "cloudwatch",
        "put_dashboard",
        "=DashboardName",
        name="DashboardName",
        before=_new_dashboard,
        remove=_dashboard,
        show=("get_dashboard:DashboardName", _dashboard_tags),
        tagging=_tagging(_dashboard_arn),
        put=True,
    ),
)
