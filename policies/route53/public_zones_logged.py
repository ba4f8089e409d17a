"""Public hosted zones of protected environments log queries."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated

POLICY = Policy(
    id="SP744",
    severity=Severity.LOW,
    types=("AWS::Route53::HostedZone",),
    rationale="Queries for names that do not exist are how an attack on a zone begins, and only the log shows them.",
    remediation="Set QueryLoggingConfig to a log group in us-east-1 that Route 53 may write to.",
    controls=("FSBP Route53.2", "NIST AU-2", "NIST AU-12"),
    protected_only=True,
)


def check(zone: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Queries of private zones are logged by the resolver of their VPC."""
    if not stated(zone, "VPCs") and not stated(zone, "QueryLoggingConfig"):
        yield problem(zone, "QueryLoggingConfig", "its queries are not logged")
