"""Trails are switched on."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP755",
    severity=Severity.HIGH,
    types=("AWS::CloudTrail::Trail",),
    rationale="A trail that was switched off for a while stays off, and what happens meanwhile nobody can reconstruct.",
    remediation="Set IsLogging to true.",
    controls=("FSBP CloudTrail.1", "CIS 3.1", "NIST AU-12"),
)


def check(trail: Resource, deployment: Deployment) -> Iterator[Problem]:
    """CloudFormation demands the property."""
    if not trail.boolean("IsLogging", default=True):
        yield problem(trail, "IsLogging", "it records nothing")
