"""Trails are encrypted with a key of one's own."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated

POLICY = Policy(
    id="SP752",
    severity=Severity.MEDIUM,
    types=("AWS::CloudTrail::Trail",),
    rationale="Who may read the bucket does not yet read the trail, if reading takes a key as well.",
    remediation="Set KMSKeyId to a key whose policy lets CloudTrail use it.",
    controls=("FSBP CloudTrail.2", "CIS 3.5", "NIST AU-9", "NIST SC-28"),
)


def check(trail: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Whichever key it is."""
    if not stated(trail, "KMSKeyId"):
        yield problem(trail, "KMSKeyId", "who may read its bucket reads it")
