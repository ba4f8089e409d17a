"""CloudWatch: alarms."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.recipe import Job, Recipe


def _delete(job: Job, _snapshot: bool) -> None:
    job.client.delete_alarms(AlarmNames=[job.physical_id])


def _arn(job: Job, name: str) -> Any:
    found = job.client.describe_alarms(AlarmNames=[job.physical_id])["MetricAlarms"][0]
    return found[{"Arn": "AlarmArn"}[name]]


def _tags(job: Job) -> Any:
    return job.client.list_tags_for_resource(ResourceARN=_arn(job, "Arn"))["Tags"]


RECIPES = (
    Recipe(
        "AWS::CloudWatch::Alarm",
        "cloudwatch",
        "put_metric_alarm",
        "=AlarmName",
        name="AlarmName",
        describe=_arn,
        remove=_delete,
        show=("describe_alarms:AlarmNames", _tags),
    ),
)
