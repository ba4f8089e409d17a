"""Classic load balancers spread traffic over the instances of every zone."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP236",
    severity=Severity.LOW,
    types=("AWS::ElasticLoadBalancing::LoadBalancer",),
    rationale="Where zones hold unequal numbers of instances, those of the smaller one get more than they bear.",
    remediation="Set CrossZone to true.",
    controls=("FSBP ELB.9", "NIST CP-10", "NIST SC-5"),
)


def check(balancer: Resource, deployment: Deployment) -> Iterator[Problem]:
    """It is off where nothing is said."""
    if not balancer.boolean("CrossZone"):
        yield problem(balancer, "CrossZone", "each zone keeps its traffic to itself")
