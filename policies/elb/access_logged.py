"""Classic load balancers log access in protected environments."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP234",
    severity=Severity.MEDIUM,
    types=("AWS::ElasticLoadBalancing::LoadBalancer",),
    rationale="After an attack or an outage the access log is what tells who asked for what.",
    remediation="Set AccessLoggingPolicy.Enabled to true and name a bucket.",
    controls=("FSBP ELB.5", "NIST AU-2", "NIST AU-12"),
    protected_only=True,
)


def check(balancer: Resource, deployment: Deployment) -> Iterator[Problem]:
    """It is off where nothing is said."""
    if not balancer.block("AccessLoggingPolicy").boolean("Enabled"):
        yield problem(balancer, "AccessLoggingPolicy.Enabled", "it keeps no access log")
