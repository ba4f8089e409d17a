"""Subnets give no public address to what starts in them."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP109",
    severity=Severity.MEDIUM,
    types=("AWS::EC2::Subnet",),
    rationale="An instance that is started in the wrong subnet must not become public by that alone.",
    remediation="Set MapPublicIpOnLaunch to false; load balancers and NAT gateways get their addresses without it.",
    controls=("FSBP EC2.15", "NIST AC-4", "NIST SC-7"),
)


def check(subnet: Resource, deployment: Deployment) -> Iterator[Problem]:
    """AWS gives none where nothing is said."""
    if subnet.boolean("MapPublicIpOnLaunch"):
        yield problem(subnet, "MapPublicIpOnLaunch", "whatever starts in it gets a public address")
