"""Subscriptions are delivered over HTTPS."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.reading import each_block

POLICY = Policy(
    id="SP531",
    severity=Severity.MEDIUM,
    types=("AWS::SNS::Subscription", "AWS::SNS::Topic"),
    rationale="Over HTTP everybody on the way reads the messages, and the link that ends the subscription.",
    remediation="Set Protocol to https, with an endpoint that has a certificate.",
    controls=("NIST SC-8",),
)


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A subscription of its own, or a part of the topic."""
    if resource.type == "AWS::SNS::Subscription":
        if resource.text("Protocol").lower() == "http":
            yield problem(resource, "Protocol", "its messages go out in clear")
        return
    for subscription in each_block(resource.properties, "Subscription"):
        if subscription.text("Protocol").lower() == "http":
            yield problem(resource, subscription.path_of("Protocol"), "its messages go out in clear")
