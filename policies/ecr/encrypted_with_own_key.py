"""Repositories of protected environments are encrypted with a key of one's own."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated

POLICY = Policy(
    id="SP664",
    severity=Severity.LOW,
    types=("AWS::ECR::Repository",),
    rationale="Images are always encrypted; with a key of one's own, access can be taken away from everybody at once.",
    remediation="Set EncryptionType to KMS and KmsKey to a key that you manage; an existing repository is replaced.",
    controls=("NIST SC-12", "NIST SC-28"),
    protected_only=True,
)


def check(repository: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Whichever key it is."""
    encryption = repository.block("EncryptionConfiguration")
    if encryption.text("EncryptionType", "AES256").upper() not in ("KMS", "KMS_DSSE"):
        yield problem(repository, "EncryptionConfiguration", "it is encrypted with the key of AWS")
    elif not stated(encryption, "KmsKey"):
        yield problem(repository, encryption.path_of("KmsKey"), "it is encrypted with the key of AWS")
