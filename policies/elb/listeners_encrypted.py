"""Classic load balancers speak TLS."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.reading import blocks

POLICY = Policy(
    id="SP231",
    severity=Severity.MEDIUM,
    types=("AWS::ElasticLoadBalancing::LoadBalancer",),
    rationale="What a classic load balancer takes over HTTP crosses the network readable, and it cannot redirect to "
    "HTTPS.",
    remediation="Set Protocol of every listener to HTTPS or SSL.",
    controls=("FSBP ELB.3", "NIST SC-8", "NIST SC-13"),
)

_PLAIN = 80


def check(balancer: Resource, deployment: Deployment) -> Iterator[Problem]:
    """TLS that is passed through as TCP is left alone, but nobody speaks it at port 80."""
    for listener in each(blocks(balancer.properties, "Listeners")):
        protocol = listener.text("Protocol").upper()
        if protocol == "HTTP" or (protocol == "TCP" and listener.integer("LoadBalancerPort") == _PLAIN):
            yield problem(balancer, listener.path_of("Protocol"), "it takes requests in clear")
