"""No policy of a bucket, queue, topic or secret allows everything but what it names."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.documents import statements

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
    id="SP430",
    severity=Severity.HIGH,
    types=tuple(_DOCUMENTS),
    rationale="Allow with NotAction allows what nobody thought of, changing the policy itself among it, and all that "
    "AWS adds.",
    remediation="List in Action what is allowed, and use NotAction with Deny only.",
    controls=("NIST AC-3", "NIST AC-6"),
)


def check(policy: Resource, deployment: Deployment) -> Iterator[Problem]:
    """NotPrincipal is judged by the policies about who is let in; without a policy nobody else is."""
    if policy.type in _OPTIONAL and not stated(policy, _DOCUMENTS[policy.type]):
        return
    for statement in statements(policy.properties, _DOCUMENTS[policy.type]):
        if statement.allows and "NotAction" in statement:
            yield problem(policy, statement.path_of("NotAction"), "it allows all actions but those it names")
