"""Log groups say how long they keep their logs."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated

POLICY = Policy(
    id="SP503",
    severity=Severity.LOW,
    types=("AWS::Logs::LogGroup",),
    rationale="Logs that nobody ever deletes cost more each month and keep personal data longer than anybody may.",
    remediation="Set RetentionInDays.",
    controls=("NIST AU-11", "NIST SI-12"),
)


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Every permitted value is a period; a delivery group keeps its logs for a day whatever is said."""
    if group.text("LogGroupClass") != "DELIVERY" and not stated(group, "RetentionInDays"):
        yield problem(group, "RetentionInDays", "it keeps its logs for ever")
