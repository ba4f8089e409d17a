"""Trails show when one of their files was changed."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP753",
    severity=Severity.MEDIUM,
    types=("AWS::CloudTrail::Trail",),
    rationale="A trail from which an intruder may take a line without a trace proves nothing.",
    remediation="Set EnableLogFileValidation to true.",
    controls=("FSBP CloudTrail.4", "CIS 3.2", "NIST AU-9", "NIST SI-7(1)"),
)


def check(trail: Resource, deployment: Deployment) -> Iterator[Problem]:
    """They show nothing where nothing is said."""
    if not trail.boolean("EnableLogFileValidation"):
        yield problem(trail, "EnableLogFileValidation", "nobody notices when its files are changed")
