"""Policies that let CloudFront in name the distribution."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.documents import any_of, statements

POLICY = Policy(
    id="SP715",
    severity=Severity.HIGH,
    types=("AWS::S3::BucketPolicy",),
    rationale="CloudFront is one service for all accounts: a stranger's distribution would read the bucket as well.",
    remediation="Add a condition on aws:SourceArn with the ARN of the distribution, or on aws:SourceAccount.",
    controls=("NIST AC-3", "NIST AC-4"),
)


def check(policy: Resource, deployment: Deployment) -> Iterator[Problem]:
    """An origin access identity belongs to one account, and its principal is another one."""
    for statement in statements(policy.properties, "PolicyDocument"):
        services = [value for kind, value in statement.principals if kind == "Service"]
        if not statement.allows or not any_of(services, _is_cloudfront) or statement.narrowed():
            continue
        path = statement.path_of("Condition" if "Condition" in statement else "Principal")
        yield problem(policy, path, "distributions of every AWS account are let in")


def _is_cloudfront(service: str) -> bool:
    return service.startswith("cloudfront.")
