"""Load balancers refuse to be deleted in protected environments."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.balancing import attribute

POLICY = Policy(
    id="SP205",
    severity=Severity.MEDIUM,
    types=("AWS::ElasticLoadBalancingV2::LoadBalancer",),
    rationale="A deleted load balancer takes the site's address with it; a new one has another.",
    remediation="Set the attribute deletion_protection.enabled to true.",
    controls=("FSBP ELB.6", "NIST CM-3", "NIST SC-5"),
    protected_only=True,
)


def check(balancer: Resource, deployment: Deployment) -> Iterator[Problem]:
    """It is off where nothing is said."""
    value, path = attribute(balancer, "LoadBalancerAttributes", "deletion_protection.enabled", "false")
    if value != "true":
        yield problem(balancer, path, "it can be deleted by mistake")
