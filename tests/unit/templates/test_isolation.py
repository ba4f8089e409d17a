"""What holds between environments: they are isolated, and everything says whose it is."""

from __future__ import annotations

import ipaddress
import re
from itertools import combinations
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from stackproof import Deployment, Resource, System, load_system

ENVIRONMENTS = ("dev", "test", "staging", "prod")


@pytest.fixture(scope="module")
def caja() -> System:
    """The system Caja."""
    return load_system("caja")


@pytest.mark.promise("CJ-14")
def test_addresses_of_the_environments_are_disjoint(caja: System) -> None:
    """They could be connected one day, and could not if they shared addresses."""
    networks = {
        name: ipaddress.IPv4Network(caja.deployment(name)["networking"]["Vpc"].text("CidrBlock"))
        for name in caja.environments
    }
    assert [pair for pair in combinations(networks, 2) if networks[pair[0]].overlaps(networks[pair[1]])] == []


def _texts(value: Any) -> list[str]:
    """Return every text of a resolved value, the text of symbols included."""
    if isinstance(value, str):
        return [value]
    if hasattr(value, "items"):
        return [text for item in value.values() for text in _texts(item)]
    if hasattr(value, "__iter__"):
        return [text for item in value for text in _texts(item)]
    return [str(value)]


@pytest.mark.promise("CJ-14")
@pytest.mark.systems("caja", "muejam", "mattilda")
def test_no_environment_names_another(deployment: Deployment) -> None:
    """Neither an import nor an export nor a property of any stack holds the name of another environment's."""
    others = "|".join(name for name in ENVIRONMENTS if name != deployment.environment.name)
    foreign = re.compile(rf"\b{deployment.system}[-/](?:{others})\b")
    named = [
        (resource.stack, resource.logical_id, text)
        for resource in deployment.resources
        for text in _texts(resource.properties)
        if foreign.search(text)
    ]
    named += [
        (layer, name, output.export)
        for layer, stack in deployment.stacks.items()
        for name, output in stack.outputs.items()
        if foreign.search(str(output.export))
    ]
    uses = [use for layer in deployment.imports.values() for use in layer]
    own = f"{deployment.system}-{deployment.environment.name}-"
    # An export of this environment, or an output that its manifest hands from layer to layer.
    foreign_uses = [use.name for use in uses if not use.name.startswith((own, f"{use.exporter}."))]
    assert (named, foreign_uses, {use.exporter for use in uses} - set(deployment.stacks)) == ([], [], set())


def _tags(resource: Resource) -> dict[str, str]:
    """Return the tags of a resource, whichever of CloudFormation's two shapes they have."""
    if resource.type == "AWS::EC2::LaunchTemplate":
        (specification,) = resource.items_of("TagSpecifications")
        found: Any = specification["Tags"]
    else:
        found = resource.get(_tag_property(resource.type)) or ()
    if hasattr(found, "items"):
        return {key: str(value) for key, value in found.items()}
    return {tag.text("Key"): str(tag["Value"]) for tag in found}


def _tag_property(kind: str) -> str:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    properties = schema.get("properties", {})
    if schema.get("tagging", {}).get("taggable") is False:
        return ""
    named = schema.get("tagging", {}).get("tagProperty", "/properties/Tags").rpartition("/")[2]
    return next((name for name in (named, "Tags") if name in properties), "")


@pytest.mark.promise("CJ-13")
@pytest.mark.systems("caja", "muejam", "mattilda")
def test_every_taggable_resource_carries_the_tags(deployment: Deployment) -> None:
    """Name, system, environment and layer: what costs are allocated by."""
    environment = deployment.environment.name
    bare = {}
    for resource in deployment.resources:
        if not (_tag_property(resource.type) or resource.type == "AWS::EC2::LaunchTemplate"):
            continue
        tags = _tags(resource)
        expected = {"System": deployment.system, "Environment": environment, "Layer": resource.stack}
        if {key: tags.get(key) for key in expected} != expected or not tags.get("Name", "").startswith(
            f"{deployment.system}-{environment}"
        ):
            bare[resource.stack, resource.logical_id] = tags
    assert bare == {}


@pytest.mark.promise("CJ-13")
@pytest.mark.systems("caja")
@pytest.mark.parametrize("layer", ["networking", "database"])
def test_names_carry_environment_and_service(deployment: Deployment, layer: str) -> None:
    """The name of a stack, of what it exports and of its Name tags begins with system and environment."""
    own = f"{deployment.system}-{deployment.environment.name}"
    stack = deployment[layer]
    exports = [output.export for output in stack.outputs.values() if output.export]
    assert [name for name in exports if not str(name).startswith(f"{own}-{layer.title()}")] == []
    assert stack.context.stack_name == f"{own}-{layer}"
