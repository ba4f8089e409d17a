"""Listeners forward to target groups of a fitting protocol."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.balancing import LISTENERS, targets_of
from stackproof.policy.reading import undecidable

POLICY = Policy(
    id="SP209",
    severity=Severity.LOW,
    types=LISTENERS,
    rationale="AWS refuses such a pair only when the stack is half deployed.",
    remediation="Use a target group whose Protocol fits that of the listener.",
    controls=("NIST CM-6",),
)

FITTING = {
    "HTTP": ("HTTP", "HTTPS"),
    "HTTPS": ("HTTP", "HTTPS"),
    "TCP": ("TCP", "TCP_UDP", "TCP_QUIC"),
    "TLS": ("TCP", "TLS"),
    "UDP": ("UDP", "TCP_UDP"),
    "TCP_UDP": ("TCP_UDP",),
    "QUIC": ("QUIC", "TCP_QUIC"),
    "TCP_QUIC": ("TCP_QUIC",),
    "": ("GENEVE",),
}


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Functions have no protocol; only application load balancers call them."""
    listener = resource
    if "ListenerArn" in resource:
        found = deployment.follow(resource["ListenerArn"])
        if found is None:
            raise undecidable(resource.properties, "ListenerArn", "is a listener that no template shows")
        listener = found
    for block, key in each(targets_of(resource)):
        group = deployment.follow(block[key])
        if group is None:
            raise undecidable(block, key, "is a target group that no template shows")
        spoken, taken = listener.text("Protocol"), group.text("Protocol", "HTTP")
        if taken not in FITTING.get(spoken, (taken,)):
            message = f"it speaks {spoken or 'GENEVE'} and forwards to {group.logical_id}, which takes {taken}"
            yield problem(resource, block.path_of(key), message)
