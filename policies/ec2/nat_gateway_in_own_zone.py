"""Each zone reaches the internet through a NAT gateway of its own."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.network import same_zone, subnets_behind, zone_of
from stackproof.policy.reading import undecidable

POLICY = Policy(
    id="SP116",
    severity=Severity.MEDIUM,
    types=("AWS::EC2::Route",),
    rationale="With one NAT gateway for all, the failure of its zone cuts the healthy ones off too.",
    remediation="Create a NAT gateway in each zone and let each private route table use the one of its own zone.",
    controls=("NIST CP-10", "NIST SC-5"),
    protected_only=True,
)


def check(route: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A regional NAT gateway is in every zone by itself."""
    if "NatGatewayId" not in route:
        return
    gateway = deployment.follow(route["NatGatewayId"])
    if gateway is None:
        raise undecidable(route.properties, "NatGatewayId", "is a NAT gateway that no template of the deployment holds")
    if gateway.text("AvailabilityMode") == "regional":
        return
    place = deployment.follow(gateway.get("SubnetId"))
    for subnet in each(subnets_behind(route, deployment)):
        together = None if place is None else same_zone(zone_of(subnet), zone_of(place))
        if subnet is not place and together is None:
            raise undecidable(route.properties, "NatGatewayId", "is in a zone that is known only after deployment")
        if together is False:
            message = f"it sends {subnet.logical_id} through {gateway.logical_id}, which is in another zone"
            yield problem(route, "NatGatewayId", message)
