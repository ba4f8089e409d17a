"""CloudTrail: trails."""

from __future__ import annotations

from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.existing import AlreadyExistsError, exists
from stackproof.simulate.recipe import Job, Recipe, Tagging

_SELECTORS = {
    "EventSelectors": "put_event_selectors",
    "AdvancedEventSelectors": "put_event_selectors",
    "InsightSelectors": "put_insight_selectors",
}
_FIRST = [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}]
"""What a trail records at first: all that is done to resources, and nothing that is done with data."""

_DEFAULTS: dict[str, Any] = {
    "CloudWatchLogsLogGroupArn": "",
    "CloudWatchLogsRoleArn": "",
    "EnableLogFileValidation": False,
    "IncludeGlobalServiceEvents": True,
    "IsMultiRegionTrail": False,
    "IsOrganizationTrail": False,
    "KMSKeyId": "",
    "S3BucketName": "",
    "S3KeyPrefix": "",
    "SnsTopicName": "",
}


def _settle(job: Job) -> None:
    """Tell the trail what it selects and whether it records."""
    name, wanted = job.physical_id, job.wanted.properties
    if job.touched("EventSelectors", "AdvancedEventSelectors"):
        kinds = ("EventSelectors", "AdvancedEventSelectors")
        given = {kind: wanted[kind] for kind in kinds if wanted.get(kind)} or {"EventSelectors": _FIRST}
        job.call("put_event_selectors", given, TrailName=name)
    if job.touched("InsightSelectors"):
        job.client.put_insight_selectors(TrailName=name, InsightSelectors=wanted.get("InsightSelectors", []))
    if job.touched("IsLogging"):
        on = as_text(wanted.get("IsLogging", False)).lower() == "true"
        if on or job.before:
            getattr(job.client, "start_logging" if on else "stop_logging")(Name=name)


def _change(job: Job) -> None:
    wanted = job.wanted.properties
    changed = {name: wanted.get(name, default) for name, default in _DEFAULTS.items() if job.touched(name)}
    if changed:
        job.call("update_trail", changed, Name=job.physical_id)
    _settle(job)


def _selectors(job: Job) -> Any:
    declared = job.wanted.properties
    asked = {operation.replace("put_", "get_") for name, operation in _SELECTORS.items() if declared.get(name)}
    return [getattr(job.client, operation)(TrailName=job.physical_id) for operation in sorted(asked)]


def _trail(job: Job) -> Any:
    """Return the trail; what it does not mention, it has not."""
    found = job.client.get_trail(Name=job.physical_id)["Trail"]
    return {name: default for name, default in _DEFAULTS.items() if default == ""} | found


def _attribute(job: Job, name: str) -> Any:
    found = job.client.get_trail(Name=job.physical_id)["Trail"]
    return {"Arn": found["TrailARN"], "SnsTopicArn": found.get("SnsTopicARN", "")}[name]


def _arn(job: Job) -> Any:
    return _attribute(job, "Arn")


def _is_new(job: Job) -> None:
    name = job.wanted.properties.get("TrailName")
    if name and exists(lambda: job.client.get_trail(Name=name)):
        raise AlreadyExistsError(job.wanted.type, TrailName=str(name))


def _tags(job: Job) -> Any:
    return job.client.list_tags(ResourceIdList=[_arn(job)])["ResourceTagList"]


RECIPES = (
    Recipe(
        "AWS::CloudTrail::Trail",
        "cloudtrail",
        "create_trail",
        "=Name",
        "delete_trail",
        "Name",
        names={"TrailName": "Name", "EnableLogFileValidation": "EnableLogFileValidation", "Tags": "TagsList"},
        name="Name",
        name_length=128,
        late=(*_SELECTORS, "IsLogging"),
        before=_is_new,
        after=_settle,
        describe=_attribute,
        show=(_trail, "get_trail_status:Name", _selectors, _tags),
        tagging=Tagging("add_tags", "remove_tags", "ResourceId", tags="TagsList", keys="TagsList", id=_arn),
        change=_change,
    ),
)
