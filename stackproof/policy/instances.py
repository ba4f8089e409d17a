"""Facts about what instances are started with: instances, launch templates and launch configurations."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.policy.alternatives import elements
from stackproof.policy.balancing import is_web
from stackproof.policy.reading import blocks, followed, members, undecidable
from stackproof.resolve.stack import Resource
from stackproof.resolve.values import Block, Undecidable
from stackproof.symbols import Deferred, Symbol, Text

STARTED_FROM = ("AWS::EC2::Instance", "AWS::EC2::LaunchTemplate", "AWS::AutoScaling::LaunchConfiguration")
"""Types that say how an instance starts."""


def settings(resource: Resource) -> Block:
    """Return what instances are started with: the data of a launch template, the properties of anything else.

    Raises:
        Undecidable: the data is known only after deployment.
    """
    if resource.type == "AWS::EC2::LaunchTemplate":
        return resource.block("LaunchTemplateData")
    return resource.properties


def launch_template_of(block: Block, key: str, deployment: Deployment) -> Resource | None:
    """Return the launch template that a property names; None where it names none.

    Parameters:
        block: what holds the property.
        key: a property of the form ``{LaunchTemplateId: …}`` or ``{LaunchTemplateName: …}``.
        deployment: where to look.

    Raises:
        Undecidable: no template of the deployment holds it.
    """
    if key not in block:
        return None
    specification = block.block(key)
    for name in ("LaunchTemplateId", "LaunchTemplateName"):
        if name in specification:
            found = _named(specification[name], deployment)
            if found is None:
                raise undecidable(specification, name, "is a launch template that no template of the deployment holds")
            return found
    return None


def _named(value: Any, deployment: Deployment) -> Resource | None:
    found = deployment.follow(value)
    if found is not None:
        return found
    templates = deployment.of_type("AWS::EC2::LaunchTemplate")
    return next((template for template in templates if template.get("LaunchTemplateName") == value), None)


def launched_by(group: Resource, deployment: Deployment) -> Resource | None:
    """Return the launch template or configuration of an Auto Scaling group; None where it names none.

    Raises:
        Undecidable: no template of the deployment holds it.
    """
    mixed = group.block("MixedInstancesPolicy").block("LaunchTemplate")
    for block, key in ((group.properties, "LaunchTemplate"), (mixed, "LaunchTemplateSpecification")):
        found = launch_template_of(block, key, deployment)
        if found is not None:
            return found
    if "LaunchConfigurationName" not in group:
        return None
    found = deployment.follow(group["LaunchConfigurationName"])
    if found is None:
        raise undecidable(
            group.properties,
            "LaunchConfigurationName",
            "is a launch configuration that no template of the deployment holds",
        )
    return found


def security_groups(resource: Resource, deployment: Deployment) -> list[tuple[str, Resource]]:
    """Return the security groups that instances are started with, each with its path; unknown ones are left out.

    Raises:
        Undecidable: the data, or which groups there are, is known only after deployment.
    """
    block = settings(resource)
    places = [(block, "SecurityGroupIds"), (block, "SecurityGroups")]
    for interface in blocks(block, "NetworkInterfaces"):
        places += [(interface, "Groups"), (interface, "GroupSet")]
    return [
        (place.path_of(key), group)
        for place, key in places
        for value in members(place, key)
        if (group := deployment.follow(value)) is not None
    ]


def groups_of_instances(started: Iterable[Resource], deployment: Deployment) -> set[Resource]:
    """Return the security groups of instances; unknown ones are left out."""
    found: set[Resource] = set()
    for resource in started:
        try:
            found |= {group for _, group in security_groups(resource, deployment)}
        except Undecidable:
            continue  # Who judges the instances themselves reports that.
    return found


def web_targets(deployment: Deployment) -> set[Resource]:
    """Return what instances are started from that application load balancers send requests to.

    Network load balancers are left out: behind them instances see the addresses of clients, and must admit them.
    """
    found: set[Resource] = set()
    for group in deployment.of_type("AWS::AutoScaling::AutoScalingGroup"):
        if any(map(_is_web, followed(group, "TargetGroupARNs", deployment))):
            try:
                found |= {source for source in [launched_by(group, deployment)] if source is not None}
            except Undecidable:
                continue
    for target_group in filter(_is_web, deployment.of_type("AWS::ElasticLoadBalancingV2::TargetGroup")):
        for target in elements(target_group, "Targets"):
            instance = deployment.follow(target.get("Id")) if isinstance(target, Block) else None
            found |= {instance} if instance is not None and instance.type == "AWS::EC2::Instance" else set()
    return found


def _is_web(target_group: Resource) -> bool:
    try:
        return is_web(target_group)
    except Undecidable:
        return False


def user_data(block: Block) -> str:
    """Return the script that instances run when they start, decoded, symbols written as ``${Name}``.

    Raises:
        Undecidable: it is known only after deployment.
    """
    value = block.get("UserData", "")
    if isinstance(value, Deferred) and value.function == "Fn::Base64" and isinstance(value.arguments[0], Text):
        return str(value.arguments[0])
    if isinstance(value, Symbol):
        raise undecidable(block, "UserData", f"is {value}, which is known only after deployment")
    try:
        return b64decode(str(value), validate=True).decode("utf-8", "replace")
    except ValueError:
        return str(value)


_COMMENT = re.compile(r"^\s*(#|rem\b).*$", re.MULTILINE | re.IGNORECASE)
_SIGNAL = re.compile(
    r"cfn-signal(?:\.exe)?\b|cloudformation\s+signal-resource\b|Send-CFNResourceSignal\b", re.IGNORECASE
)
_NAMED = re.compile(
    r"(?:--resource|--logical-resource-id|-LogicalResourceId)(?:\s*=\s*|\s+)[\"']?([^\s\"']+)", re.IGNORECASE
)


def signalled(script: str) -> tuple[bool, tuple[str, ...]]:
    """Return whether a script signals CloudFormation, and the logical ids that it names while doing so.

    An id that only the running script knows is returned as it is written, such as ``$resource``.
    """
    script = _COMMENT.sub("", script).replace("\\\n", " ")
    starts = [found.end() for found in _SIGNAL.finditer(script)]
    ends = [*(found.start() for found in _SIGNAL.finditer(script)), len(script)][1:]
    named = [_NAMED.search(script, start, end) for start, end in zip(starts, ends, strict=True)]
    return bool(starts), tuple(found[1] for found in named if found)
