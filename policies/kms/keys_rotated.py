"""Encryption keys are rotated every year."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP501",
    severity=Severity.MEDIUM,
    types=("AWS::KMS::Key",),
    rationale="Rotation limits how much is encrypted with one key, and what a key that leaked can still open.",
    remediation="Set EnableKeyRotation to true.",
    controls=("FSBP KMS.4", "CIS 3.6", "NIST SC-12"),
)


def check(key: Resource, deployment: Deployment) -> Iterator[Problem]:
    """KMS rotates symmetric keys only, and only those whose material it made itself."""
    own = key.text("Origin", "AWS_KMS") == "AWS_KMS"
    symmetric = key.text("KeySpec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT"
    encrypts = key.text("KeyUsage", "ENCRYPT_DECRYPT") == "ENCRYPT_DECRYPT"
    if own and symmetric and encrypts and not key.boolean("EnableKeyRotation"):
        yield problem(key, "EnableKeyRotation", "it is never rotated")
