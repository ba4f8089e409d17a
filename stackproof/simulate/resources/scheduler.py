"""EventBridge Scheduler: schedules and their groups."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.existing import exists
from stackproof.simulate.recipe import Job, Recipe, Tagging
from stackproof.simulate.shapes import arguments


def _own(job: Job) -> dict[str, Any]:
    group = job.wanted.properties.get("GroupName", "default")
    return {"Name": job.physical_id, "GroupName": group}


def _schedule(job: Job) -> Any:
    return job.client.get_schedule(**_own(job))


def _change_schedule(job: Job) -> None:
    """Give the schedule its new form: what is not said is as it is by default."""
    if job.before.get("GroupName", "default") != job.wanted.properties.get("GroupName", "default"):
        # Names are unique in a group only, so a schedule that changes it is made there.
        job.client.create_schedule(**_given(job), **_own(job))
        job.client.delete_schedule(Name=job.physical_id, GroupName=job.before.get("GroupName", "default"))
        job.left, job.gone = {}, set()
    elif job.left or job.gone:
        job.client.update_schedule(**_given(job), **_own(job))
        job.left, job.gone = {}, set()


def _given(job: Job) -> dict[str, Any]:
    wanted = {name: value for name, value in job.wanted.properties.items() if name not in ("Name", "GroupName")}
    given = {"State": "ENABLED", "ScheduleExpressionTimezone": "UTC", **wanted}
    request, unread = arguments(job.client, "update_schedule", given)
    job.left |= dict.fromkeys(unread)
    return request


def _delete_schedule(job: Job, _snapshot: bool) -> None:
    if exists(lambda: _schedule(job)):
        job.client.delete_schedule(**_own(job))


def _arn(job: Job) -> Any:
    return job.client.get_schedule_group(Name=job.physical_id)["Arn"]


def _group_attribute(job: Job, name: str) -> Any:
    if name not in ("Arn", "CreationDate", "LastModificationDate", "State"):
        raise KeyError(name)
    value = job.client.get_schedule_group(Name=job.physical_id)[name]
    return value.isoformat().replace("+00:00", "Z") if name.endswith("Date") else value


def _tags(job: Job) -> Any:
    return job.client.list_tags_for_resource(ResourceArn=_arn(job))["Tags"]


RECIPES = (
    Recipe(
        "AWS::Scheduler::Schedule",
        "scheduler",
        "create_schedule",
        "=Name",
        name="Name",
        name_length=64,
        attributes={"Arn": "ScheduleArn"},
        remove=_delete_schedule,
        show=(_schedule,),
        change=_change_schedule,
    ),
    Recipe(
        "AWS::Scheduler::ScheduleGroup",
        "scheduler",
        "create_schedule_group",
        "=Name",
        "delete_schedule_group",
        "Name",
        name="Name",
        name_length=64,
        describe=_group_attribute,
        show=("get_schedule_group:Name", _tags),
        tagging=Tagging("tag_resource", "untag_resource", "ResourceArn", id=_arn),
    ),
)
