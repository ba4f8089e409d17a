"""Distributions serve buckets, not their public websites."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import unknown
from stackproof.policy.distributions import bucket_of, kind_of, origins
from stackproof.policy.documents import pattern_text

POLICY = Policy(
    id="SP708",
    severity=Severity.MEDIUM,
    types=("AWS::CloudFront::Distribution",),
    rationale="The website of a bucket speaks HTTP only and needs a public bucket, which can be read past CloudFront.",
    remediation="Name the bucket's RegionalDomainName as origin, with an origin access control.",
    controls=("FSBP CloudFront.9", "FSBP CloudFront.13", "NIST SC-8"),
)


def check(distribution: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A website that only redirects holds nothing."""
    for origin in origins(distribution):
        domain = origin.get("DomainName", "")
        if kind_of(origin, deployment) == "website":
            bucket = bucket_of(origin, deployment)
            if bucket is None or "RedirectAllRequestsTo" not in bucket.block("WebsiteConfiguration"):
                yield problem(distribution, origin.path_of("DomainName"), "this origin is the website of a bucket")
        elif pattern_text(domain) == "\x01" and "CustomOriginConfig" in origin:
            custom = origin.block("CustomOriginConfig")
            if custom.text("OriginProtocolPolicy") != "https-only":
                raise unknown(origin, "DomainName", domain)
