"""Roles trust principals that are known."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.documents import trust

POLICY = Policy(
    id="SP405",
    severity=Severity.CRITICAL,
    types=("AWS::IAM::Role",),
    rationale="A role that trusts everybody can be taken from any AWS account in the world.",
    remediation="Name accounts, roles or services in Principal, or limit it by a condition on aws:PrincipalOrgID.",
    controls=("NIST AC-3", "NIST AC-6"),
)


def check(role: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A condition on who calls makes a wildcard principal known."""
    for statement in trust(role):
        if "NotPrincipal" not in statement and statement.open_to_everyone():
            yield problem(role, statement.path_of("Principal"), "every account or service may take this role")
