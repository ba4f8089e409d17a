"""Classic load balancers speak TLS 1.2 only."""

from collections.abc import Iterator

from stackproof.policy import Block, Deployment, Policy, Problem, Resource, Severity, as_text, each, problem
from stackproof.policy.reading import blocks

POLICY = Policy(
    id="SP233",
    severity=Severity.HIGH,
    types=("AWS::ElasticLoadBalancing::LoadBalancer",),
    rationale="The default policy still speaks TLS 1.0, which can be broken.",
    remediation="Name a policy of type SSLNegotiationPolicyType whose Reference-Security-Policy is "
    "ELBSecurityPolicy-TLS-1-2-2017-01.",
    controls=("FSBP ELB.8", "NIST SC-8", "NIST SC-13"),
)

_MODERN = "ELBSecurityPolicy-TLS-1-2-2017-01"


def check(balancer: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A listener has one such policy; without any it has the default of 2016."""
    modern = [policy.text("PolicyName") for policy in blocks(balancer.properties, "Policies") if is_modern(policy)]
    for listener in each(blocks(balancer.properties, "Listeners")):
        if listener.text("Protocol").upper() not in ("HTTPS", "SSL"):
            continue
        if not any(as_text(name) in modern for name in listener.items_of("PolicyNames")):
            yield problem(balancer, listener.path_of("PolicyNames"), "it speaks TLS 1.0")


def is_modern(policy: Block) -> bool:
    """Return whether a policy is the predefined one that speaks TLS 1.2 alone."""
    return policy.text("PolicyType") == "SSLNegotiationPolicyType" and any(
        (entry.text("Name"), entry.text("Value")) == ("Reference-Security-Policy", _MODERN)
        for entry in blocks(policy, "Attributes")
    )
