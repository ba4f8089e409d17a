"""NAT gateways stand in public subnets."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.network import internet_route
from stackproof.policy.reading import undecidable

POLICY = Policy(
    id="SP120",
    severity=Severity.MEDIUM,
    types=("AWS::EC2::NatGateway",),
    rationale="A NAT gateway without a way to an internet gateway is made without an error, and lets nothing through.",
    remediation="Put it into a subnet whose route table leads to an internet gateway.",
    controls=("NIST CP-10", "NIST SC-5"),
)


def check(gateway: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A private one translates between networks and needs none."""
    if gateway.text("ConnectivityType", "public") != "public" or "SubnetId" not in gateway:
        return
    subnet = deployment.follow(gateway["SubnetId"])
    if subnet is None:
        reason = f"is {gateway['SubnetId']}, whose routes no template shows"
        raise undecidable(gateway.properties, "SubnetId", reason)
    if internet_route(subnet, deployment) is None:
        yield problem(gateway, "SubnetId", f"{subnet.logical_id} has no route to an internet gateway")
