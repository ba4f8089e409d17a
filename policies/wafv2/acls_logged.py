"""Web ACLs of protected environments keep logs."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import unknown
from stackproof.policy.reading import may_be_any, mentions

POLICY = Policy(
    id="SP733",
    severity=Severity.LOW,
    types=("AWS::WAFv2::WebACL",),
    rationale="Only the log tells which requests a rule stopped, and which customers it stopped by mistake.",
    remediation="Add an AWS::WAFv2::LoggingConfiguration whose ResourceArn is the web ACL.",
    controls=("NIST AU-2", "NIST AU-12"),
    protected_only=True,
)


def check(acl: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Logging configurations of all stacks that name this web ACL."""
    unsure = None
    for logging in deployment.of_type("AWS::WAFv2::LoggingConfiguration"):
        named = logging.get("ResourceArn")
        if mentions(named, acl, deployment):
            return
        if may_be_any(named):
            unsure = unknown(logging, "ResourceArn", named)
    if unsure is not None:
        raise unsure
    yield problem(acl, "", "it keeps no log")
