"""Network interfaces take only traffic of their own."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.reading import mentions

POLICY = Policy(
    id="SP129",
    severity=Severity.MEDIUM,
    types=("AWS::EC2::NetworkInterface", "AWS::EC2::Instance"),
    rationale="An instance that takes packets for others can listen to them, and forward what no rule has foreseen.",
    remediation="Set SourceDestCheck to true, or name the interface in the route that leads to it.",
    controls=("FSBP EC2.180", "NIST SC-7"),
)


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """What a route leads to, such as a NAT instance, has to forward."""
    if resource.boolean("SourceDestCheck", default=True):
        return
    if not any(is_way(route, resource, deployment) for route in deployment.of_type("AWS::EC2::Route")):
        yield problem(resource, "SourceDestCheck", "it takes traffic of others, and no route leads to it")


def is_way(route: Resource, resource: Resource, deployment: Deployment) -> bool:
    """Return whether a route leads to an instance or interface."""
    return any(mentions(route.get(key), resource, deployment) for key in ("InstanceId", "NetworkInterfaceId"))
