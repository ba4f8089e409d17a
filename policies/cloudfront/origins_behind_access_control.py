"""Buckets and function URLs are reached through an origin access control."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.distributions import kind_of, origins

POLICY = Policy(
    id="SP707",
    severity=Severity.MEDIUM,
    types=("AWS::CloudFront::Distribution",),
    rationale="What CloudFront reads without a signature everybody else can read too, past the firewall and the logs.",
    remediation="Give the origin an AWS::CloudFront::OriginAccessControl that always signs, in OriginAccessControlId.",
    controls=("FSBP CloudFront.13", "FSBP CloudFront.16"),
)


def check(distribution: Resource, deployment: Deployment) -> Iterator[Problem]:
    """An origin access identity signs too, but knows neither encryption with a key nor newer regions."""
    for origin in origins(distribution):
        kind = kind_of(origin, deployment)
        if kind not in ("bucket", "function") or stated(origin, "OriginAccessControlId"):
            continue
        config = origin.block("S3OriginConfig")
        if stated(config, "OriginAccessIdentity"):
            path = config.path_of("OriginAccessIdentity")
            yield problem(distribution, path, "it reaches this bucket through an origin access identity")
        else:
            what = "bucket" if kind == "bucket" else "function"
            path = origin.path_of("OriginAccessControlId")
            yield problem(distribution, path, f"it reaches this {what} as an anonymous stranger")
