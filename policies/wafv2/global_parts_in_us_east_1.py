"""Firewalls for CloudFront are made in us-east-1."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP736",
    severity=Severity.HIGH,
    types=("AWS::WAFv2::WebACL", "AWS::WAFv2::RuleGroup", "AWS::WAFv2::IPSet", "AWS::WAFv2::RegexPatternSet"),
    rationale="WAF knows the scope CLOUDFRONT in us-east-1 only, so that the deployment fails.",
    remediation="Create resources of the scope CLOUDFRONT by a stack in us-east-1.",
    controls=("NIST CM-2",),
)

HOME = "us-east-1"


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Where the region of a stack is not known nothing is said: CloudFormation says it before anything is served."""
    region = deployment.stacks[resource.stack].context.region
    if region not in (None, HOME) and resource.text("Scope") == "CLOUDFRONT":
        yield problem(resource, "Scope", f"it is for CloudFront and stands in {region}")
