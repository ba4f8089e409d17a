"""Target groups say which answer means healthy."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.reading import present

POLICY = Policy(
    id="SP208",
    severity=Severity.MEDIUM,
    types=("AWS::ElasticLoadBalancingV2::TargetGroup",),
    rationale="The default asks for the front page, which may be well while the application behind it is not.",
    remediation="Set HealthCheckPath and Matcher to what a healthy application answers.",
    controls=("NIST CP-10", "NIST SI-13"),
)

HTTP = ("HTTP", "HTTPS")


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A check by HTTP needs a path and a code; one by TCP has neither. Functions are not asked unless one says so."""
    if group.text("TargetType", "instance") == "lambda":
        return
    if not group.boolean("HealthCheckEnabled", default=True):
        yield problem(group, "HealthCheckEnabled", "its targets are never checked")
    elif group.text("HealthCheckProtocol", default_protocol(group)) in HTTP:
        if not present(group.properties, "HealthCheckPath"):
            yield problem(group, "HealthCheckPath", "it does not say which path is asked")
        if not {"HttpCode", "GrpcCode"} & set(group.block("Matcher")):
            yield problem(group, "Matcher", "it does not say which code is healthy")


def default_protocol(group: Resource) -> str:
    """Return how targets are asked where nothing is said: as they are used by HTTP, else by TCP."""
    protocol = group.text("Protocol")
    return "HTTP" if protocol in HTTP else "TCP"
