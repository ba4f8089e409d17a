"""Policies of buckets, queues, topics and secrets name the actions that they allow."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.documents import any_of, is_service_wide, statements

_DOCUMENTS = {
    "AWS::ECR::Repository": "RepositoryPolicyText",
    "AWS::S3::BucketPolicy": "PolicyDocument",
    "AWS::SNS::TopicInlinePolicy": "PolicyDocument",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::SQS::QueueInlinePolicy": "PolicyDocument",
    "AWS::SQS::QueuePolicy": "PolicyDocument",
    "AWS::SecretsManager::ResourcePolicy": "ResourcePolicy",
}
_OPTIONAL = ("AWS::ECR::Repository",)


POLICY = Policy(
    id="SP431",
    severity=Severity.MEDIUM,
    types=tuple(_DOCUMENTS),
    rationale="All actions include deleting what it is about, and changing the policy itself.",
    remediation="List the actions that are needed.",
    controls=("NIST AC-3", "NIST AC-6"),
)


def check(policy: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A statement that denies may be as wide as it likes; without a policy nobody else is let in."""
    if policy.type in _OPTIONAL and not stated(policy, _DOCUMENTS[policy.type]):
        return
    for statement in statements(policy.properties, _DOCUMENTS[policy.type]):
        wide = any_of(statement.values("Action"), is_service_wide)
        if not statement.allows or wide is False:
            continue
        if wide is None:
            raise statement.undecidable("Action")
        yield problem(policy, statement.path_of("Action"), "it allows all actions")
