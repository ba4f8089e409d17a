"""Application load balancers drop invalid headers."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.balancing import attribute, kind_of

POLICY = Policy(
    id="SP203",
    severity=Severity.MEDIUM,
    types=("AWS::ElasticLoadBalancingV2::LoadBalancer",),
    rationale="A header that the load balancer and the application read differently smuggles requests past checks.",
    remediation="Set the attribute routing.http.drop_invalid_header_fields.enabled to true.",
    controls=("FSBP ELB.4", "NIST SC-7", "NIST SI-10"),
)


def check(balancer: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Other load balancers do not read headers."""
    if kind_of(balancer) != "application":
        return
    name = "routing.http.drop_invalid_header_fields.enabled"
    value, path = attribute(balancer, "LoadBalancerAttributes", name, "false")
    if value != "true":
        yield problem(balancer, path, "it passes invalid headers on")
