"""Distributions in front of a bucket tell browsers to use HTTPS only (HSTS)."""

from collections.abc import Iterator

from stackproof.policy import Block, Deployment, Policy, Problem, Resource, Severity, Symbol, problem
from stackproof.policy.distributions import configuration, runs_code, serves_bucket
from stackproof.policy.reading import undecidable

POLICY = Policy(
    id="SP714",
    severity=Severity.LOW,
    types=("AWS::CloudFront::Distribution",),
    rationale="The first request of a browser that does not know better goes out in clear, before any redirect.",
    remediation="Set ResponseHeadersPolicyId to a policy with StrictTransportSecurity, such as SecurityHeadersPolicy.",
    controls=("NIST SC-8", "NIST SC-23"),
)

# "Use managed response headers policies" in the Amazon CloudFront developer guide: those with security headers.
_MANAGED = (
    "67f7725c-6f97-4210-82d7-5512b31e9d03",
    "e61eb60c-9c35-4d20-a928-2b84e02af89c",
    "eaab4381-ed33-4a86-88ca-d9558dc6cd63",
)


def check(distribution: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A server sends its own headers, and so may a function that looks at responses."""
    if not serves_bucket(distribution, deployment):
        return
    behaviour = configuration(distribution).block("DefaultCacheBehavior")
    if not runs_code(behaviour, "viewer-response", "origin-response") and not _demands(behaviour, deployment):
        path = behaviour.path_of("ResponseHeadersPolicyId")
        yield problem(distribution, path, "browsers may go on asking over HTTP")


def _demands(behaviour: Block, deployment: Deployment) -> bool:
    named = behaviour.get("ResponseHeadersPolicyId")
    policy = deployment.follow(named)
    if policy is None:
        if isinstance(named, Symbol):
            raise undecidable(behaviour, "ResponseHeadersPolicyId", f"is {named}, a policy that no template shows")
        # A policy of one's own, of which only the id is known, is there for some headers.
        return named is not None and (named in _MANAGED or named not in _OTHER)
    config = policy.block("ResponseHeadersPolicyConfig")
    if "StrictTransportSecurity" in config.block("SecurityHeadersConfig"):
        return True
    items = config.block("CustomHeadersConfig").items_of("Items")
    return any(isinstance(item, Block) and item.text("Header").lower() == "strict-transport-security" for item in items)


# Managed policies for CORS alone.
_OTHER = (
    "60669652-455b-4ae9-85a4-c4c02393f86c",
    "5cc3b908-e619-4b99-88e5-2cf7f45965bd",
)
