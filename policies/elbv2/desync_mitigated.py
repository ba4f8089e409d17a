"""Application load balancers stop requests that two servers would read differently."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.balancing import attribute, kind_of

POLICY = Policy(
    id="SP223",
    severity=Severity.MEDIUM,
    types=("AWS::ElasticLoadBalancingV2::LoadBalancer",),
    rationale="A request whose end the load balancer and the application see at different places smuggles a second one "
    "past all checks; in the mode monitor it is counted and passed on.",
    remediation="Set the attribute routing.http.desync_mitigation_mode to defensive or strictest.",
    controls=("FSBP ELB.12", "NIST SC-7", "NIST SI-10"),
)


def check(balancer: Resource, deployment: Deployment) -> Iterator[Problem]:
    """It is defensive where nothing is said; other load balancers do not read requests."""
    if kind_of(balancer) != "application":
        return
    mode, path = attribute(balancer, "LoadBalancerAttributes", "routing.http.desync_mitigation_mode", "defensive")
    if mode == "monitor":
        yield problem(balancer, path, "it passes ambiguous requests on")
