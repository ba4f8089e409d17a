"""HTTP only redirects where the load balancer speaks HTTPS."""

from collections.abc import Iterator

from stackproof.policy import Block, Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.balancing import listeners_beside
from stackproof.policy.reading import blocks

POLICY = Policy(
    id="SP201",
    severity=Severity.HIGH,
    types=("AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule"),
    rationale="A site that answers on HTTP too sends passwords and sessions in clear for everybody on the way to read.",
    remediation="Replace the action by a redirect whose Protocol is HTTPS.",
    controls=("FSBP ELB.1", "NIST SC-8", "NIST SC-23"),
)


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A load balancer without a certificate has nothing to redirect to, and is left alone."""
    key = "DefaultActions" if "DefaultActions" in resource else "Actions"
    listener = resource if key == "DefaultActions" else deployment.follow(resource.get("ListenerArn"))
    if listener is None or not beside_https(listener, deployment):
        return
    for action in each(blocks(resource.properties, key)):
        if not is_harmless(action):
            yield problem(resource, action.path_of("Type"), "it answers on HTTP although there is HTTPS")


def beside_https(listener: Resource, deployment: Deployment) -> bool:
    """Return whether a listener speaks HTTP and another one of its load balancer HTTPS."""
    return listener.text("Protocol") == "HTTP" and any(
        other.text("Protocol") == "HTTPS" for other in listeners_beside(listener, deployment)
    )


def is_harmless(action: Block) -> bool:
    """Return whether an action redirects to HTTPS, or says something that is the same for everybody."""
    if action.text("Type") == "redirect":
        # Where no protocol is given the redirect keeps that of the request.
        return action.block("RedirectConfig").text("Protocol", "#{protocol}") == "HTTPS"
    return action.text("Type") == "fixed-response"
