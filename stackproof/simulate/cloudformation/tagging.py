"""The tags of a stack, which its resources get too, and those that say of which stack they are.

Source: "Resource tags" in the AWS CloudFormation user guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.simulate.cloudformation.record import StackRecord, Standing
from stackproof.simulate.cloudformation.schemas import schema

_CLOSED = (
    "AWS::CertificateManager::",
    "AWS::CloudFormation::",
    "AWS::CodePipeline::",
    "AWS::ResourceGroups::",
    "AWS::S3::",
)
"""Types whose simulated services take no tags with AWS's own prefix, from whomever they come."""


def tagged(standing: Standing, stack: StackRecord, region: str) -> dict[str, Any]:
    """Return properties with the tags of the stack, which CloudFormation gives to every resource that takes tags.

    A tag that the resource declares itself stays as it is declared.
    """
    found = schema(standing.type, region)
    name = found.tag_property if found is not None and found.taggable else None
    if found is None or name is None:
        return standing.properties
    closed = not found.system_tags or standing.type.startswith(_CLOSED)
    tags = {**standing.tags, **({} if closed else _system_tags(standing, stack))}
    own = standing.properties.get(name)
    if not tags:
        return standing.properties
    if found.tags_are_a_map:
        return {**standing.properties, name: {**tags, **(own or {})}}
    declared = {tag.get("Key") for tag in own or ()}
    more = [{"Key": key, "Value": value} for key, value in tags.items() if key not in declared]
    return {**standing.properties, name: [*(own or ()), *more]}


def _system_tags(standing: Standing, stack: StackRecord) -> Mapping[str, str]:
    names = {"stack-name": stack.name, "stack-id": stack.id, "logical-id": standing.logical_id}
    return {f"aws:cloudformation:{name}": value for name, value in names.items()}
