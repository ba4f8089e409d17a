"""CloudTrail: trails."""

from __future__ import annotations

from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.recipe import Job, Recipe

_SELECTORS = {
    "EventSelectors": "put_event_selectors",
    "AdvancedEventSelectors": "put_event_selectors",
    "InsightSelectors": "put_insight_selectors",
}


def _after(job: Job) -> None:
    for name, operation in _SELECTORS.items():
        value = job.take(name)
        if value:
            job.call(operation, {name: value}, TrailName=job.physical_id)
    if as_text(job.take("IsLogging", default=False)).lower() == "true":
        job.client.start_logging(Name=job.physical_id)


def _selectors(job: Job) -> Any:
    asked = {operation.replace("put_", "get_") for name, operation in _SELECTORS.items() if name in _declared(job)}
    return [getattr(job.client, operation)(TrailName=job.physical_id) for operation in sorted(asked)]


def _declared(job: Job) -> dict[str, Any]:
    return job.wanted.properties


def _tags(job: Job) -> Any:
    return job.client.list_tags(ResourceIdList=[job.answer["TrailARN"]])["ResourceTagList"]


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
        after=_after,
        attributes={"Arn": "TrailARN", "SnsTopicArn": "SnsTopicARN"},
        show=("get_trail:Name", "get_trail_status:Name", _selectors, _tags),
    ),
)
