"""Classic load balancers let requests finish."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP235",
    severity=Severity.LOW,
    types=("AWS::ElasticLoadBalancing::LoadBalancer",),
    rationale="Without connection draining every deployment cuts off the requests that an instance is answering.",
    remediation="Set ConnectionDrainingPolicy.Enabled to true.",
    controls=("FSBP ELB.7", "NIST SC-5"),
)


def check(balancer: Resource, deployment: Deployment) -> Iterator[Problem]:
    """It is off where nothing is said."""
    if not balancer.block("ConnectionDrainingPolicy").boolean("Enabled"):
        yield problem(balancer, "ConnectionDrainingPolicy.Enabled", "it cuts off requests of instances that leave")
