"""Certificates are recorded in the public logs."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated

POLICY = Policy(
    id="SP743",
    severity=Severity.LOW,
    types=("AWS::CertificateManager::Certificate",),
    rationale="Browsers warn of public certificates that no log holds, and nobody notices what was issued by mistake.",
    remediation="Set CertificateTransparencyLoggingPreference to ENABLED, or leave it out.",
    controls=("NIST SC-17",),
)


def check(certificate: Resource, deployment: Deployment) -> Iterator[Problem]:
    """They are recorded where nothing is said; certificates of a private authority never are."""
    key = "CertificateTransparencyLoggingPreference"
    if certificate.text(key, "ENABLED") == "DISABLED" and not stated(certificate, "CertificateAuthorityArn"):
        yield problem(certificate, key, "browsers will not trust it")
