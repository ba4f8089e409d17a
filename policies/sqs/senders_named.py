"""Topics and queues take events of one's own buckets, topics and rules only."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.documents import any_of, covers, statements

POLICY = Policy(
    id="SP545",
    severity=Severity.MEDIUM,
    types=(
        "AWS::SNS::TopicPolicy",
        "AWS::SNS::TopicInlinePolicy",
        "AWS::SQS::QueuePolicy",
        "AWS::SQS::QueueInlinePolicy",
    ),
    rationale="Services act for all accounts: a stranger's bucket or topic could send its events here just as well.",
    remediation="Add a condition on aws:SourceArn with the ARN of the sender, or on aws:SourceAccount.",
    controls=("NIST AC-3", "NIST AC-4"),
)

# EventBridge sends to topics without saying for whom, so that a condition would stop it.
_SENDERS = {
    "AWS::SNS::TopicPolicy": ("s3.amazonaws.com",),
    "AWS::SNS::TopicInlinePolicy": ("s3.amazonaws.com",),
    "AWS::SQS::QueuePolicy": ("s3.amazonaws.com", "sns.amazonaws.com", "events.amazonaws.com"),
    "AWS::SQS::QueueInlinePolicy": ("s3.amazonaws.com", "sns.amazonaws.com", "events.amazonaws.com"),
}


def check(policy: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Services that always say for whom they act."""
    senders = _SENDERS[policy.type]
    for statement in statements(policy.properties, "PolicyDocument"):
        services = [value for kind, value in statement.principals if kind == "Service"]
        sends = any_of(statement.values("Action"), covers("sqs:SendMessage", "sns:Publish")) is not False
        if not statement.allows or not sends or not any_of(services, lambda name: name in senders):
            continue
        if not statement.narrowed():
            path = statement.path_of("Condition" if "Condition" in statement else "Principal")
            yield problem(policy, path, "it takes the events of every AWS account")
