"""Certificates renew themselves."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated

POLICY = Policy(
    id="SP741",
    severity=Severity.MEDIUM,
    types=("AWS::CertificateManager::Certificate",),
    rationale="Validated by e-mail, a certificate lapses in the year in which nobody reads the message.",
    remediation="Set ValidationMethod to DNS, with the hosted zone in DomainValidationOptions.",
    controls=("FSBP ACM.1", "NIST SC-28(3)"),
)


def check(certificate: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Where nothing is said ACM asks by e-mail; a private authority asks nobody."""
    if certificate.text("ValidationMethod", "EMAIL") == "EMAIL" and not stated(certificate, "CertificateAuthorityArn"):
        yield problem(certificate, "ValidationMethod", "somebody must answer an e-mail before each renewal")
