"""Application load balancers log access in protected environments."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.balancing import attribute, kind_of

POLICY = Policy(
    id="SP204",
    severity=Severity.MEDIUM,
    types=("AWS::ElasticLoadBalancingV2::LoadBalancer",),
    rationale="After an attack or an outage the access log is what tells who asked for what.",
    remediation="Set the attribute access_logs.s3.enabled to true and name a bucket in access_logs.s3.bucket.",
    controls=("FSBP ELB.5", "NIST AU-2", "NIST AU-12"),
    protected_only=True,
)


def check(balancer: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Network load balancers log TLS connections only, and gateway ones nothing."""
    if kind_of(balancer) != "application":
        return
    value, path = attribute(balancer, "LoadBalancerAttributes", "access_logs.s3.enabled", "false")
    if value != "true":
        yield problem(balancer, path, "it keeps no access log")
