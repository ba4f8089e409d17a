"""Instances have no public address."""

from collections.abc import Iterator

from stackproof.policy import Block, Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.instances import STARTED_FROM, settings
from stackproof.policy.reading import blocks, present

POLICY = Policy(
    id="SP108",
    severity=Severity.HIGH,
    types=(*STARTED_FROM, "AWS::EC2::EIP", "AWS::EC2::EIPAssociation"),
    rationale="What has a public address is one mistaken rule away from the world; load balancers are made for that.",
    remediation="Remove the public address and put a load balancer before the instances.",
    controls=("FSBP EC2.9", "FSBP EC2.25", "FSBP AutoScaling.5", "NIST AC-4", "NIST SC-7"),
)


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Where nothing is said the subnet decides, and is judged on its own."""
    if resource.type in ("AWS::EC2::EIP", "AWS::EC2::EIPAssociation"):
        if present(resource.properties, "InstanceId"):
            yield problem(resource, "InstanceId", "it gives an instance a public address")
        return
    for block in each(interfaces(settings(resource))):
        if block.boolean("AssociatePublicIpAddress"):
            path = block.path_of("AssociatePublicIpAddress")
            yield problem(resource, path, "it gives instances a public address")


def interfaces(block: Block) -> tuple[Block, ...]:
    """Return what may ask for an address: launch configurations ask beside the rest, others per interface."""
    return (block, *blocks(block, "NetworkInterfaces"))
