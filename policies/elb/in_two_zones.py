"""Classic load balancers stand in two zones at least."""

from collections.abc import Iterator

from stackproof.policy import Deferred, Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.network import in_two_zones
from stackproof.policy.reading import members

POLICY = Policy(
    id="SP237",
    severity=Severity.MEDIUM,
    types=("AWS::ElasticLoadBalancing::LoadBalancer",),
    rationale="A load balancer in one zone fails with that zone, however many zones its instances are in.",
    remediation="List subnets, or availability zones, of two zones at least.",
    controls=("FSBP ELB.10", "NIST CP-10", "NIST SC-5"),
)


def check(balancer: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Under Subnets or, outside of any VPC of one's own, AvailabilityZones."""
    key = "AvailabilityZones" if "AvailabilityZones" in balancer else "Subnets"
    if key == "AvailabilityZones" and is_every_zone(balancer.get(key)):
        return
    if not in_two_zones(members(balancer.properties, key), balancer.properties, key, deployment):
        yield problem(balancer, key, "all of it is in one zone")


def is_every_zone(value: object) -> bool:
    """Return whether a value stands for all zones of a region."""
    return isinstance(value, Deferred) and value.function == "Fn::GetAZs"
