"""Distributions of protected environments stand behind a web ACL."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.distributions import configuration

POLICY = Policy(
    id="SP712",
    severity=Severity.MEDIUM,
    types=("AWS::CloudFront::Distribution",),
    rationale="Without a firewall every scan, known exploit and flood of requests reaches the origin.",
    remediation="Set WebACLId to the ARN of an AWS::WAFv2::WebACL of the scope CLOUDFRONT.",
    controls=("FSBP CloudFront.6", "NIST AC-4(21)"),
    protected_only=True,
)


def check(distribution: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A distribution names its web ACL itself; an association is for regional resources."""
    config = configuration(distribution)
    if not stated(config, "WebACLId"):
        yield problem(distribution, config.path_of("WebACLId"), "no firewall stands before it")
