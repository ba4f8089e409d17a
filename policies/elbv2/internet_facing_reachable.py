"""Load balancers that face the internet stand in public subnets."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.balancing import kind_of
from stackproof.policy.network import internet_route
from stackproof.policy.reading import members, undecidable

POLICY = Policy(
    id="SP219",
    severity=Severity.MEDIUM,
    types=("AWS::ElasticLoadBalancingV2::LoadBalancer",),
    rationale="Without a route to an internet gateway a load balancer cannot answer the clients who reach it.",
    remediation="List subnets whose route table leads to an internet gateway, or set Scheme to internal.",
    controls=("NIST CP-10", "NIST SC-5"),
)


def check(balancer: Resource, deployment: Deployment) -> Iterator[Problem]:
    """It faces the internet where nothing is said; gateway load balancers have no scheme."""
    if kind_of(balancer) == "gateway" or balancer.text("Scheme", "internet-facing") != "internet-facing":
        return
    for value in each(members(balancer.properties, "Subnets")):
        subnet = deployment.follow(value)
        if subnet is None:
            raise undecidable(balancer.properties, "Subnets", f"holds {value}, whose routes no template shows")
        if internet_route(subnet, deployment) is None:
            yield problem(balancer, "Subnets", f"{subnet.logical_id} has no route to an internet gateway")
