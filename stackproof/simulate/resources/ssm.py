"""Systems Manager: parameters."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.recipe import Job, Recipe


def _tag_list(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties with their tags as a list; this type has a map instead."""
    tags = properties.get("Tags")
    listed = [{"Key": key, "Value": value} for key, value in tags.items()] if isinstance(tags, dict) else tags
    return properties | ({"Tags": listed} if tags else {})


def _tags(job: Job) -> Any:
    return job.client.list_tags_for_resource(ResourceType="Parameter", ResourceId=job.physical_id)["TagList"]


def _described(job: Job) -> Any:
    filters = [{"Key": "Name", "Values": [job.physical_id]}]
    return job.client.describe_parameters(ParameterFilters=filters)["Parameters"]


RECIPES = (
    Recipe(
        "AWS::SSM::Parameter",
        "ssm",
        "put_parameter",
        "=Name",
        "delete_parameter",
        "Name",
        name="Name",
        prepare=_tag_list,
        attributes={"Type": "=Type", "Value": "=Value"},
        show=("get_parameter:Name", _described, _tags),
    ),
)
