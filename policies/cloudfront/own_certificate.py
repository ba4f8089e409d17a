"""Distributions of protected environments have a certificate of their own."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import elements
from stackproof.policy.distributions import configuration, has_own_certificate
from stackproof.policy.reading import each_block

POLICY = Policy(
    id="SP703",
    severity=Severity.MEDIUM,
    types=("AWS::CloudFront::Distribution",),
    rationale="The certificate of CloudFront comes with TLS 1.0, and binds visitors to a name that is not yours.",
    remediation="Name a certificate in AcmCertificateArn and the domain names in Aliases.",
    controls=("FSBP CloudFront.7", "NIST SC-8", "NIST SC-13"),
    protected_only=True,
)


def check(distribution: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Where nothing is said viewers are shown the certificate of CloudFront."""
    config = configuration(distribution)
    # The template of a multi-tenant distribution may leave certificates to its tenants.
    if config.text("ConnectionMode", "direct") == "tenant-only":
        return
    if not elements(config, "ViewerCertificate"):
        yield problem(distribution, config.path_of("ViewerCertificate"), "it shows the certificate of CloudFront")
    for certificate in each_block(config, "ViewerCertificate"):
        if not has_own_certificate(certificate):
            path = certificate.path_of("CloudFrontDefaultCertificate")
            yield problem(distribution, path, "it shows the certificate of CloudFront")
