"""Distributions speak TLS 1.2 and 1.3 only."""

import re
from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.distributions import certificates

POLICY = Policy(
    id="SP702",
    severity=Severity.HIGH,
    types=("AWS::CloudFront::Distribution",),
    rationale="TLS 1.0 and 1.1, and ciphers without forward secrecy, let recorded traffic be read later.",
    remediation="Set MinimumProtocolVersion to TLSv1.2_2021 or a later policy.",
    controls=("FSBP CloudFront.15", "NIST SC-8", "NIST SC-13"),
)

MODERN = re.compile(r"TLSv1\.[23]_20(2[1-9]|[3-9][0-9])")


def check(distribution: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The certificate of CloudFront comes with TLS 1.0, which is SP703's; an address of one's own is SP704's."""
    for certificate in certificates(distribution):
        if certificate.text("SslSupportMethod", "sni-only") != "sni-only":
            continue
        version = certificate.text("MinimumProtocolVersion")
        if not MODERN.fullmatch(version):
            path = certificate.path_of("MinimumProtocolVersion")
            yield problem(distribution, path, f"it accepts outdated encryption under {version or 'the default TLSv1'}")
