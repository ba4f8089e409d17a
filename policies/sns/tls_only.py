"""Topics refuse messages that come without TLS."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.documents import statements
from stackproof.policy.messaging import policies_of

POLICY = Policy(
    id="SP532",
    severity=Severity.LOW,
    types=("AWS::SNS::Topic",),
    rationale="SNS answers plain HTTP too, so that a client with a wrong address sends messages in clear.",
    remediation="Add a topic policy that denies sns:Publish to everybody where aws:SecureTransport is false.",
    controls=("NIST SC-8",),
)


def check(topic: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Topic policies of all stacks that name this topic; of an encrypted one SNS itself demands TLS."""
    if stated(topic, "KmsMasterKeyId"):
        return
    for policy in policies_of(topic, deployment):
        for statement in statements(policy.properties, "PolicyDocument", together=True):
            if statement.refuses_plain("sns:Publish"):
                return
    yield problem(topic, "", "no topic policy refuses messages without TLS")
