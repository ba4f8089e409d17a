"""Alarms tell somebody, where there is a topic to tell."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated

POLICY = Policy(
    id="SP513",
    severity=Severity.LOW,
    types=("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"),
    rationale="An alarm without an action changes colour on a page that nobody looks at.",
    remediation="Set AlarmActions to a topic.",
    controls=("NIST SI-4",),
)


def check(alarm: Resource, deployment: Deployment) -> Iterator[Problem]:
    """An alarm that something else reads, such as a composite alarm or a deployment, needs no action of its own."""
    if not deployment.of_type("AWS::SNS::Topic") or deployment.users_of(alarm):
        return
    if not any(stated(alarm, key) for key in ("AlarmActions", "InsufficientDataActions", "OKActions")):
        yield problem(alarm, "AlarmActions", "nobody hears of it")
