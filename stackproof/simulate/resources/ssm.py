"""Systems Manager: parameters."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.logical_names import logical_name
from stackproof.simulate.modify import changed_tags, request
from stackproof.simulate.recipe import Job, Recipe

_NO_TEXT = {"Description": "", "AllowedPattern": "", "Policies": ""}
"""What a removed property goes back to; Parameter Store keeps what a new version does not state."""
_OF_A_VERSION = ("Value", "Type", "Tier", "DataType", *_NO_TEXT)


def _named(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties with their tags as a list; this type has a map instead."""
    tags = properties.get("Tags")
    listed = [{"Key": key, "Value": value} for key, value in tags.items()] if isinstance(tags, dict) else tags
    return properties | ({"Tags": listed} if tags else {})


def _parameter(job: Job) -> None:
    """Make a parameter; one without a name gets one of a form that no other type has."""
    job.physical_id = str(job.take("Name") or f"CFN-{logical_name(job.wanted)}")
    properties = _named({name: job.take(name) for name in list(job.left)})
    job.call("put_parameter", properties, Name=job.physical_id)


def _change(job: Job) -> None:
    if job.before.get("Tier") == "Advanced" and job.wanted.properties.get("Tier") == "Standard":
        raise ValueError(
            "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the "
            "advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced "
            "parameter and recreate it as a standard parameter."
        )
    gone = {name: text for name, text in _NO_TEXT.items() if name in job.gone}
    if job.touched(*_OF_A_VERSION):
        now = {name: value for name, value in job.wanted.properties.items() if name in _OF_A_VERSION}
        given = request(job, "put_parameter", gone | now)
        job.client.put_parameter(Name=job.physical_id, Overwrite=True, **given)
    changed, removed = changed_tags(job)
    which = {"ResourceType": "Parameter", "ResourceId": job.physical_id}
    if removed:
        job.client.remove_tags_from_resource(**which, TagKeys=removed)
    if changed:
        tags = [{"Key": key, "Value": text} for key, text in changed.items()]
        job.client.add_tags_to_resource(**which, Tags=tags)


def _tags(job: Job) -> Any:
    return job.client.list_tags_for_resource(ResourceType="Parameter", ResourceId=job.physical_id)["TagList"]


def _described(job: Job) -> Any:
    filters = [{"Key": "Name", "Values": [job.physical_id]}]
    (found,) = job.client.describe_parameters(ParameterFilters=filters)["Parameters"]
    return found


def _shown(job: Job) -> Any:
    """Return what the parameter says and how it is described; its policies are texts within it."""
    found = _described(job)
    policies = [policy["PolicyText"] for policy in found.get("Policies", ())]
    return [job.client.get_parameter(Name=job.physical_id)["Parameter"], found, {"Policies": f"[{','.join(policies)}]"}]


def _attribute(job: Job, name: str) -> str:
    found = job.client.get_parameter(Name=job.physical_id)["Parameter"]
    return str({"Type": found["Type"], "Value": found["Value"], "Arn": found["ARN"]}[name])


RECIPES = (
    Recipe(
        "AWS::SSM::Parameter",
        "ssm",
        delete="delete_parameter",
        key="Name",
        make=_parameter,
        describe=_attribute,
        change=_change,
        show=(_shown, _tags),
    ),
)
