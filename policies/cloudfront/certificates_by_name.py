"""Distributions tell their certificates apart by the name that viewers ask for (SNI)."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.distributions import certificates

POLICY = Policy(
    id="SP704",
    severity=Severity.LOW,
    types=("AWS::CloudFront::Distribution",),
    rationale="Addresses of one's own cost hundreds of dollars a month and serve only clients that know no modern TLS.",
    remediation="Set SslSupportMethod to sni-only.",
    controls=("FSBP CloudFront.8", "NIST CM-2"),
)


def check(distribution: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The certificate of CloudFront is always served by name."""
    for certificate in certificates(distribution):
        if certificate.text("SslSupportMethod", "sni-only") != "sni-only":
            yield problem(distribution, certificate.path_of("SslSupportMethod"), "it serves clients without SNI")
