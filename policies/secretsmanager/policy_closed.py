"""Policies of secrets are not open to everybody."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.documents import statements

POLICY = Policy(
    id="SP441",
    severity=Severity.CRITICAL,
    types=("AWS::SecretsManager::ResourcePolicy",),
    rationale="A wildcard principal gives the secret to every AWS account.",
    remediation="Name accounts, roles or services in Principal, and set BlockPublicPolicy to true.",
    controls=("NIST AC-3",),
)


def check(policy: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A condition on who calls, or from where, makes a wildcard principal known."""
    for statement in statements(policy.properties, "ResourcePolicy"):
        if statement.open_to_everyone():
            path = statement.path_of("NotPrincipal" if "NotPrincipal" in statement else "Principal")
            yield problem(policy, path, "it is open to every AWS account")
