"""CloudWatch Logs: log groups."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.recipe import Job, Recipe


def _retention(job: Job) -> None:
    days = job.take("RetentionInDays")
    if days is not None:
        job.client.put_retention_policy(logGroupName=job.physical_id, retentionInDays=int(days))


def _arn(job: Job, name: str) -> Any:
    if name != "Arn":
        raise KeyError(name)
    groups = job.client.describe_log_groups(logGroupNamePrefix=job.physical_id)["logGroups"]
    return next(group["arn"] for group in groups if group["logGroupName"] == job.physical_id)


RECIPES = (
    Recipe(
        "AWS::Logs::LogGroup",
        "logs",
        "create_log_group",
        "=logGroupName",
        "delete_log_group",
        "logGroupName",
        name="logGroupName",
        late=("RetentionInDays",),
        after=_retention,
        describe=_arn,
        show=("describe_log_groups:logGroupNamePrefix", "list_tags_log_group:logGroupName"),
    ),
)
