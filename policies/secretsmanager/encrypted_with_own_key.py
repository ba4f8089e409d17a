"""Secrets are encrypted with a key of one's own."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated

POLICY = Policy(
    id="SP417",
    severity=Severity.LOW,
    types=("AWS::SecretsManager::Secret",),
    rationale="Only a key of one's own can be shared with another account, and taken away from everybody at once.",
    remediation="Set KmsKeyId to a key that you manage.",
    controls=("NIST SC-12",),
    protected_only=True,
)


def check(secret: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Without one it is encrypted with the key of AWS."""
    if not stated(secret, "KmsKeyId") or secret.get("KmsKeyId") == "alias/aws/secretsmanager":
        yield problem(secret, "KmsKeyId", "it is encrypted with the key of AWS")
