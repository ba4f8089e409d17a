"""Log groups of protected environments are encrypted with a key of one's own."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated

POLICY = Policy(
    id="SP504",
    severity=Severity.LOW,
    types=("AWS::Logs::LogGroup",),
    rationale="Logs are always encrypted; with a key of one's own, access can be taken away from everybody at once.",
    remediation="Set KmsKeyId to the ARN of a key whose policy lets CloudWatch Logs use it.",
    controls=("NIST AU-9", "NIST SC-28"),
    protected_only=True,
)


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Whichever key it is."""
    if not stated(group, "KmsKeyId"):
        yield problem(group, "KmsKeyId", "it is encrypted with the key of AWS")
