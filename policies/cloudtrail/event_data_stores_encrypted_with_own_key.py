"""Event data stores are encrypted with a key of one's own."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated

POLICY = Policy(
    id="SP758",
    severity=Severity.MEDIUM,
    types=("AWS::CloudTrail::EventDataStore",),
    rationale="Who may query the store does not yet read it, if reading takes a key as well.",
    remediation="Set KmsKeyId to a key whose policy lets CloudTrail use it.",
    controls=("FSBP CloudTrail.11", "NIST AU-9", "NIST SC-28"),
)


def check(store: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Whichever key it is."""
    if not stated(store, "KmsKeyId"):
        yield problem(store, "KmsKeyId", "it is encrypted with a key of AWS")
