"""The tags of a stack, which its resources get too.

Source: "Resource tags" in the AWS CloudFormation user guide.
"""

from __future__ import annotations

from typing import Any

from stackproof.simulate.cloudformation.record import Standing
from stackproof.simulate.cloudformation.schemas import schema


def tagged(standing: Standing, region: str) -> dict[str, Any]:
    """Return properties with the tags of the stack, which CloudFormation gives to every resource that takes tags.

    A tag that the resource declares itself stays as it is declared.
    """
    found = schema(standing.type, region) if standing.tags else None
    name = found.tag_property if found is not None and found.taggable else None
    if found is None or name is None:
        return standing.properties
    own = standing.properties.get(name)
    if found.tags_are_a_map:
        return {**standing.properties, name: {**standing.tags, **(own or {})}}
    declared = {tag.get("Key") for tag in own or ()}
    more = [{"Key": key, "Value": value} for key, value in standing.tags.items() if key not in declared]
    return {**standing.properties, name: [*(own or ()), *more]}
