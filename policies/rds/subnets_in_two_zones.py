"""Subnet groups of databases span two zones at least."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.network import in_two_zones
from stackproof.policy.reading import members

POLICY = Policy(
    id="SP322",
    severity=Severity.MEDIUM,
    types=("AWS::RDS::DBSubnetGroup",),
    rationale="RDS refuses to make a group of one zone, and a database in one could never get a standby.",
    remediation="List subnets of two zones at least in SubnetIds.",
    controls=("NIST CP-10", "NIST SC-36"),
)


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Two subnets that no template shows count as two zones."""
    if not in_two_zones(members(group.properties, "SubnetIds"), group.properties, "SubnetIds", deployment):
        yield problem(group, "SubnetIds", "all of its subnets are in one zone")
