"""Actions of alarms are not switched off."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP512",
    severity=Severity.MEDIUM,
    types=("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"),
    rationale="An alarm that was silenced for an hour stays silent until somebody remembers it.",
    remediation="Set ActionsEnabled to true, and mute an alarm for a while with a composite alarm.",
    controls=("NIST SI-4",),
)


def check(alarm: Resource, deployment: Deployment) -> Iterator[Problem]:
    """They are on where nothing is said."""
    if not alarm.boolean("ActionsEnabled", default=True):
        yield problem(alarm, "ActionsEnabled", "whatever it notices, it does nothing")
