"""Health checks take nothing but success for healthy."""

import re
from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.balancing import is_web

POLICY = Policy(
    id="SP221",
    severity=Severity.MEDIUM,
    types=("AWS::ElasticLoadBalancingV2::TargetGroup",),
    rationale="An application that answers with errors or redirects counts as healthy, and is never replaced.",
    remediation="Set HttpCode of Matcher to codes from 200 to 299, and HealthCheckProtocol to HTTP or HTTPS.",
    controls=("NIST CP-10", "NIST SI-13"),
)


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Codes are lists and ranges, such as 200,202 or 200-299."""
    if is_web(group) and group.text("HealthCheckProtocol", "HTTP") == "TCP":
        yield problem(group, "HealthCheckProtocol", "it asks for a connection only, which is no answer")
    matcher = group.block("Matcher")
    codes = matcher.text("HttpCode", "200")
    if any(not 200 <= int(code) <= 299 for code in re.findall(r"\d+", codes)):
        yield problem(group, matcher.path_of("HttpCode"), f"it takes {codes} for healthy")
