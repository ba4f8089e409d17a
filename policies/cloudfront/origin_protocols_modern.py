"""Distributions speak TLS 1.2 with their origins."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, as_text, problem
from stackproof.policy.distributions import kind_of, origins
from stackproof.policy.reading import members

POLICY = Policy(
    id="SP706",
    severity=Severity.MEDIUM,
    types=("AWS::CloudFront::Distribution",),
    rationale="Who stands between CloudFront and the origin can make both agree on a protocol that is broken.",
    remediation="Set OriginSSLProtocols to TLSv1.2 alone.",
    controls=("FSBP CloudFront.10", "NIST SC-8", "NIST SC-13"),
)

_BROKEN = ("SSLv3", "TLSv1", "TLSv1.1")


def check(distribution: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Where nothing is said AWS promises nothing about the protocols; HTTP without TLS is SP705's."""
    for origin in origins(distribution):
        if "CustomOriginConfig" not in origin or kind_of(origin, deployment) == "website":
            continue
        custom = origin.block("CustomOriginConfig")
        if custom.text("OriginProtocolPolicy") == "http-only":
            continue
        offered = [as_text(protocol) for protocol in members(custom, "OriginSSLProtocols")]
        broken = [protocol for protocol in offered if protocol in _BROKEN]
        if broken or not offered:
            what = ", ".join(broken) or "the protocols that CloudFront offers by itself"
            path = custom.path_of("OriginSSLProtocols")
            yield problem(distribution, path, f"it speaks {what} with this origin")
