"""Trails of protected environments are sent to CloudWatch Logs."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated

POLICY = Policy(
    id="SP754",
    severity=Severity.LOW,
    types=("AWS::CloudTrail::Trail",),
    rationale="In a bucket a trail is read after the harm; in a log group an alarm reads it at once.",
    remediation="Set CloudWatchLogsLogGroupArn and CloudWatchLogsRoleArn.",
    controls=("FSBP CloudTrail.5", "NIST AU-6(1)", "NIST AU-12"),
    protected_only=True,
)


def check(trail: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The group alone would be refused without a role."""
    if not stated(trail, "CloudWatchLogsLogGroupArn"):
        yield problem(trail, "CloudWatchLogsLogGroupArn", "no alarm can be raised on it")
