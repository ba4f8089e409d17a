"""Distributions reach their origins over HTTPS."""

from collections.abc import Iterator

from stackproof.policy import Block, Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.distributions import configuration, kind_of, origins
from stackproof.policy.reading import blocks

POLICY = Policy(
    id="SP705",
    severity=Severity.MEDIUM,
    types=("AWS::CloudFront::Distribution",),
    rationale="Viewers see a lock while what they send goes on to the origin in clear, over the internet.",
    remediation="Set OriginProtocolPolicy to https-only, with a certificate for the origin's own name.",
    controls=("FSBP CloudFront.9", "NIST SC-8"),
)


def check(distribution: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Buckets follow the viewer, who is SP701's; their websites, which speak HTTP only, are SP708's."""
    for origin in origins(distribution):
        if "CustomOriginConfig" not in origin or kind_of(origin, deployment) == "website":
            continue
        custom = origin.block("CustomOriginConfig")
        used = custom.text("OriginProtocolPolicy")
        if used == "http-only" or (used == "match-viewer" and _answers_http(distribution, origin)):
            path = custom.path_of("OriginProtocolPolicy")
            yield problem(distribution, path, "it speaks HTTP with this origin")


def _answers_http(distribution: Resource, origin: Block) -> bool:
    """Return whether a behaviour lets HTTP through to an origin, or to a group that it may belong to."""
    config = configuration(distribution)
    others = [other.get("Id") for other in blocks(config, "Origins") if other.get("Id") != origin.get("Id")]
    return any(
        behaviour.text("ViewerProtocolPolicy") == "allow-all" and behaviour.get("TargetOriginId") not in others
        for key in ("DefaultCacheBehavior", "CacheBehaviors")
        for behaviour in blocks(config, key)
    )
