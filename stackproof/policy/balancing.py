"""Facts about load balancers for policies: which listeners belong together, what a listener sends traffic to."""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.compose.deployment import Deployment
from stackproof.policy.reading import blocks, followed, pair, same
from stackproof.resolve.stack import Resource
from stackproof.resolve.values import Block

LISTENERS = ("AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule")


def listeners_beside(listener: Resource, deployment: Deployment) -> list[Resource]:
    """Return the other listeners of a listener's load balancer."""
    balancer = same(deployment, listener.get("LoadBalancerArn"))
    return [
        other
        for other in deployment.of_type("AWS::ElasticLoadBalancingV2::Listener")
        if other is not listener and same(deployment, other.get("LoadBalancerArn")) == balancer
    ]


def kind_of(balancer: Resource) -> str:
    """Return ``application``, ``network`` or ``gateway``.

    Raises:
        Undecidable: it is known only after deployment.
    """
    return balancer.text("Type", "application")


def attribute(resource: Resource, key: str, name: str, default: str) -> tuple[str, str]:
    """Return the value of an attribute in lower case, and the property path to look at.

    Parameters:
        resource: a load balancer or target group.
        key: ``LoadBalancerAttributes`` or ``TargetGroupAttributes``.
        name: the attribute's name.
        default: its value where nothing is said.

    Raises:
        Undecidable: which attributes there are, or the value, is known only after deployment.
    """
    found = pair(resource.properties, key, name)
    if found is None:
        return default, key
    return found.text("Value", default).lower(), found.path_of("Value")


def targets_of(resource: Resource) -> Iterator[tuple[Block, str]]:
    """Iterate over where a listener or listener rule forwards to: each block with its key of a target group.

    Raises:
        Undecidable: the actions are known only after deployment.
    """
    key = "DefaultActions" if "DefaultActions" in resource else "Actions"
    for action in blocks(resource.properties, key):
        if "TargetGroupArn" in action:
            yield action, "TargetGroupArn"
        for group in blocks(action.block("ForwardConfig"), "TargetGroups"):
            if "TargetGroupArn" in group:
                yield group, "TargetGroupArn"


BALANCERS = ("AWS::ElasticLoadBalancing::LoadBalancer", "AWS::ElasticLoadBalancingV2::LoadBalancer")


def groups_of_balancers(deployment: Deployment) -> set[Resource]:
    """Return the security groups of load balancers, of whichever stack; unknown ones are left out."""
    balancers = deployment.of_type(*BALANCERS)
    return {group for balancer in balancers for group in followed(balancer, "SecurityGroups", deployment)}


def is_web(group: Resource) -> bool:
    """Return whether a target group is one of an application load balancer, which alone speaks HTTP.

    Raises:
        Undecidable: it is known only after deployment.
    """
    return group.text("Protocol") in ("HTTP", "HTTPS")
