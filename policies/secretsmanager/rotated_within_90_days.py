"""Secrets that are rotated are rotated within ninety days."""

import re
from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP442",
    severity=Severity.LOW,
    types=("AWS::SecretsManager::RotationSchedule",),
    rationale="A secret that leaked unnoticed is worth something until the next rotation.",
    remediation="Set AutomaticallyAfterDays to 90 or less.",
    controls=("FSBP SecretsManager.4", "NIST AC-2(1)"),
)

_DAYS = 90
_RATE = re.compile(r"rate\((\d+) days?\)")


def check(schedule: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Days, a rate, or the calendar, which names months at most."""
    rules = schedule.block("RotationRules")
    rate = _RATE.fullmatch(rules.text("ScheduleExpression"))
    key = "ScheduleExpression" if rate else "AutomaticallyAfterDays"
    days = int(rate[1]) if rate else rules.integer("AutomaticallyAfterDays")
    if days > _DAYS:
        yield problem(schedule, rules.path_of(key), f"it is rotated every {days} days only")
