"""Step Functions: state machines and activities."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.modify import changed_tags, modify
from stackproof.simulate.recipe import Job, Recipe, made_up_name, tags_of

_DEFINED = ("Definition", "DefinitionS3Location", "DefinitionString", "DefinitionSubstitutions")


def _definition(job: Job, properties: Mapping[str, Any]) -> str:
    """Return a definition as text, wherever the template has it, with its placeholders filled in."""
    if "DefinitionS3Location" in properties:
        place = properties["DefinitionS3Location"]
        text = job.other("s3").get_object(Bucket=place["Bucket"], Key=place["Key"])["Body"].read().decode()
    elif "DefinitionString" in properties:
        text = str(properties["DefinitionString"])
    else:
        text = json.dumps(properties["Definition"])
    values = {name: as_text(value) for name, value in properties.get("DefinitionSubstitutions", {}).items()}
    return re.sub(r"\$\{([^}]+)\}", lambda found: values.get(found[1], found[0]), text)


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": text} for key, text in tags.items()]


def _machine(job: Job) -> None:
    text = _definition(job, job.left)
    for name in _DEFINED:
        job.take(name)
    name, tags = str(job.take("StateMachineName") or made_up_name(job.wanted, 80)), tags_of(job.take("Tags"))
    given = {prop: job.take(prop) for prop in list(job.left)}
    if "StateMachineType" in given:
        given["type"] = given.pop("StateMachineType")
    job.answer = job.call("create_state_machine", given, name=name, definition=text, tags=_tags(tags))
    job.physical_id = job.answer["stateMachineArn"]


_DEFAULTS: dict[str, Any] = {
    "EncryptionConfiguration": {"type": "AWS_OWNED_KEY"},
    "LoggingConfiguration": {"level": "OFF"},
    "TracingConfiguration": {"enabled": False},
}
"""What a removed property of a state machine goes back to."""


def _change_machine(job: Job) -> None:
    own: dict[str, Any] = {"stateMachineArn": job.physical_id}
    if job.touched(*_DEFINED):
        job.client.update_state_machine(**own, definition=_definition(job, job.wanted.properties))
    modify(job, "update_state_machine", {**_DEFAULTS, "RoleArn": job.wanted.properties["RoleArn"]}, **own)
    _change_tags(job)


def _change_tags(job: Job) -> None:
    changed, gone = changed_tags(job)
    if gone:
        job.client.untag_resource(resourceArn=job.physical_id, tagKeys=gone)
    if changed:
        job.client.tag_resource(resourceArn=job.physical_id, tags=_tags(changed))


def _shown_machine(job: Job) -> Any:
    found = job.client.describe_state_machine(stateMachineArn=job.physical_id)
    found.pop("ResponseMetadata")
    names = {"StateMachineName": found["name"], "StateMachineType": found["type"]}
    taken = found["definition"] == _definition(job, job.wanted.properties)
    declared = {name: job.wanted.properties[name] for name in _DEFINED if taken and name in job.wanted.properties}
    return [{name: found[name] for name in found if name not in ("name", "type")}, names, declared, _shown_tags(job)]


def _shown_tags(job: Job) -> Any:
    tags = job.client.list_tags_for_resource(resourceArn=job.physical_id)["tags"]
    return {"Tags": [{"Key": tag["key"], "Value": tag["value"]} for tag in tags]}


def _machine_attribute(job: Job, name: str) -> str:
    found = job.client.describe_state_machine(stateMachineArn=job.physical_id)
    revision = found.get("revisionId", "INITIAL")
    return str({"Arn": job.physical_id, "Name": found["name"], "StateMachineRevisionId": revision}[name])


def _activity(job: Job) -> None:
    tags, name = tags_of(job.take("Tags")), str(job.take("Name"))
    given = {prop: job.take(prop) for prop in list(job.left)}
    job.answer = job.call("create_activity", given, name=name, tags=_tags(tags))
    job.physical_id = job.answer["activityArn"]


def _shown_activity(job: Job) -> Any:
    found = job.client.describe_activity(activityArn=job.physical_id)
    return [{name: value for name, value in found.items() if name != "ResponseMetadata"}, _shown_tags(job)]


RECIPES = (
    Recipe(
        "AWS::StepFunctions::StateMachine",
        "stepfunctions",
        make=_machine,
        delete="delete_state_machine",
        key="stateMachineArn",
        describe=_machine_attribute,
        change=_change_machine,
        show=(_shown_machine,),
    ),
    Recipe(
        "AWS::StepFunctions::Activity",
        "stepfunctions",
        make=_activity,
        delete="delete_activity",
        key="activityArn",
        describe=lambda job, name: {"Arn": job.physical_id, "Name": job.physical_id.rpartition(":")[2]}[name],
        change=_change_tags,
        show=(_shown_activity,),
    ),
)
