"""Keys of certificates are long enough."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP742",
    severity=Severity.HIGH,
    types=("AWS::CertificateManager::Certificate",),
    rationale="RSA keys of 1024 bits are within reach of those who can pay for the computers.",
    remediation="Set KeyAlgorithm to RSA_2048, or to an elliptic curve such as EC_prime256v1.",
    controls=("FSBP ACM.2", "NIST SC-12", "NIST SC-13"),
)


def check(certificate: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Where nothing is said it is RSA with 2048 bits."""
    if certificate.text("KeyAlgorithm", "RSA_2048") == "RSA_1024":
        yield problem(certificate, "KeyAlgorithm", "its key can be broken")
