"""Policies of CloudWatch Logs are not open to everybody."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.documents import statements

POLICY = Policy(
    id="SP563",
    severity=Severity.HIGH,
    types=("AWS::Logs::ResourcePolicy",),
    rationale="Who may write into the logs buries the traces in lines of his own.",
    remediation="Name services in Principal, with a condition on aws:SourceArn or aws:SourceAccount.",
    controls=("NIST AC-3", "NIST AU-9"),
)


def check(policy: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The document is text, in which references may stand."""
    for statement in statements(policy.properties, "PolicyDocument"):
        if statement.open_to_everyone():
            path = statement.path_of("NotPrincipal" if "NotPrincipal" in statement else "Principal")
            yield problem(policy, path, "it is open to everybody")
