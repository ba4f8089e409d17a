"""Load balancers stand in two zones at least."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.network import in_two_zones
from stackproof.policy.reading import blocks, members

POLICY = Policy(
    id="SP207",
    severity=Severity.MEDIUM,
    types=("AWS::ElasticLoadBalancingV2::LoadBalancer",),
    rationale="A load balancer in one zone fails with that zone, however many zones its targets are in.",
    remediation="List subnets of two zones at least.",
    controls=("FSBP ELB.13", "NIST CP-10", "NIST SC-5"),
)


def check(balancer: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Under Subnets or, with addresses of their own, SubnetMappings."""
    mapped = "SubnetMappings" in balancer
    key = "SubnetMappings" if mapped else "Subnets"
    named = (
        tuple(mapping["SubnetId"] for mapping in blocks(balancer.properties, key) if "SubnetId" in mapping)
        if mapped
        else members(balancer.properties, key)
    )
    if not in_two_zones(named, balancer.properties, key, deployment):
        yield problem(balancer, key, "all of its subnets are in one zone")
