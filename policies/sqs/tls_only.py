"""Queues refuse requests without TLS."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.documents import statements
from stackproof.policy.messaging import policies_of

POLICY = Policy(
    id="SP543",
    severity=Severity.LOW,
    types=("AWS::SQS::Queue",),
    rationale="SQS answers plain HTTP too, so that a client with a wrong address sends messages in clear.",
    remediation="Add a queue policy that denies sqs:* to everybody where aws:SecureTransport is false.",
    controls=("NIST SC-8",),
)


def check(queue: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Queue policies of all stacks that name this queue; with a key of KMS, SQS itself demands TLS."""
    if stated(queue, "KmsMasterKeyId"):
        return
    for policy in policies_of(queue, deployment):
        for statement in statements(policy.properties, "PolicyDocument", together=True):
            if statement.refuses_plain("sqs:SendMessage", "sqs:ReceiveMessage"):
                return
    yield problem(queue, "", "no queue policy refuses requests without TLS")
