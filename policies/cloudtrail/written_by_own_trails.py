"""Policies that let CloudTrail in name the trail."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.documents import Statement, any_of, covers, statements

POLICY = Policy(
    id="SP757",
    severity=Severity.MEDIUM,
    types=("AWS::S3::BucketPolicy", "AWS::KMS::Key"),
    rationale="CloudTrail is one service for all accounts: a stranger's trail would write into the bucket as well.",
    remediation="Add a condition on aws:SourceArn with the ARN of the trail, or on aws:SourceAccount.",
    controls=("NIST AC-3", "NIST AU-9"),
)

_CONTEXT = "kms:encryptioncontext:aws:cloudtrail:arn"


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Statements that let it write or encrypt; asking for an ACL or a description gives nothing away."""
    key = "KeyPolicy" if resource.type == "AWS::KMS::Key" else "PolicyDocument"
    for statement in statements(resource.properties, key):
        services = [value for kind, value in statement.principals if kind == "Service"]
        if not statement.allows or not any_of(services, _is_cloudtrail):
            continue
        if any_of(statement.values("Action"), covers("s3:PutObject", "kms:GenerateDataKey")) is False:
            continue
        if not _names_trail(statement):
            path = statement.path_of("Condition" if "Condition" in statement else "Principal")
            yield problem(resource, path, "trails of every AWS account are let in")


def _names_trail(statement: Statement) -> bool:
    return any(key == _CONTEXT for _, key, _ in statement.conditions()) or statement.narrowed()


def _is_cloudtrail(service: str) -> bool:
    return service.startswith("cloudtrail.")
