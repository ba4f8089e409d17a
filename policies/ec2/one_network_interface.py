"""Instances have one network interface."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.instances import settings
from stackproof.policy.reading import blocks

POLICY = Policy(
    id="SP123",
    severity=Severity.LOW,
    types=("AWS::EC2::Instance", "AWS::EC2::LaunchTemplate"),
    rationale="An instance with interfaces in two networks is a way around whatever keeps the two apart.",
    remediation="Remove all network interfaces but the first.",
    controls=("FSBP EC2.17", "NIST AC-4", "NIST SC-7"),
)


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """One interface may have as many addresses as it needs."""
    block = settings(resource)
    if len(blocks(block, "NetworkInterfaces")) > 1:
        yield problem(resource, block.path_of("NetworkInterfaces"), "it stands in several networks")
