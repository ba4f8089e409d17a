"""Load balancers spread traffic over the targets of every zone."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.balancing import attribute, kind_of

POLICY = Policy(
    id="SP206",
    severity=Severity.LOW,
    types=("AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancingV2::TargetGroup"),
    rationale="Without it a zone with fewer targets is overloaded, and one whose targets all fail answers nobody.",
    remediation="Set the attribute load_balancing.cross_zone.enabled to true.",
    controls=("NIST CP-10", "NIST SC-5"),
)

NAME = "load_balancing.cross_zone.enabled"


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Application load balancers always do unless a target group refuses; the others must be told to."""
    if resource.type == "AWS::ElasticLoadBalancingV2::TargetGroup":
        value, path = attribute(resource, "TargetGroupAttributes", NAME, "use_load_balancer_configuration")
        if value == "false":
            yield problem(resource, path, "its targets serve their own zone only")
    elif kind_of(resource) != "application":
        value, path = attribute(resource, "LoadBalancerAttributes", NAME, "false")
        if value != "true":
            yield problem(resource, path, "each of its zones serves its own targets only")
