"""Alarms that tell of anything tell when they are raised."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated

POLICY = Policy(
    id="SP561",
    severity=Severity.MEDIUM,
    types=("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"),
    rationale="An alarm that tells only when it is over, or knows nothing, is heard too late.",
    remediation="Set AlarmActions.",
    controls=("NIST AU-6(1)", "NIST IR-4(1)", "NIST SI-4(5)"),
)


def check(alarm: Resource, deployment: Deployment) -> Iterator[Problem]:
    """One that tells of nothing is SP513's."""
    if not stated(alarm, "AlarmActions") and any(
        stated(alarm, key) for key in ("OKActions", "InsufficientDataActions")
    ):
        yield problem(alarm, "AlarmActions", "nobody hears when it is raised")
