"""Queue policies are not open to everybody."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.documents import statements

POLICY = Policy(
    id="SP542",
    severity=Severity.HIGH,
    types=("AWS::SQS::QueuePolicy", "AWS::SQS::QueueInlinePolicy"),
    rationale="Who may send feeds whatever works on the messages; who may receive takes them away from it.",
    remediation="Name accounts, roles or services in Principal, or limit it by a condition on aws:SourceArn.",
    controls=("FSBP SQS.3", "NIST AC-3"),
)


def check(policy: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A condition on who calls, or from where, makes a wildcard principal known."""
    for statement in statements(policy.properties, "PolicyDocument"):
        if statement.open_to_everyone():
            path = statement.path_of("NotPrincipal" if "NotPrincipal" in statement else "Principal")
            yield problem(policy, path, "it is open to everybody")
