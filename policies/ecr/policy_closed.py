"""Repository policies are not open to everybody."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.documents import statements

POLICY = Policy(
    id="SP665",
    severity=Severity.CRITICAL,
    types=("AWS::ECR::Repository", "AWS::ECR::RegistryPolicy"),
    rationale="Images hold the program and often its secrets; who may push puts his own in their place.",
    remediation="Name accounts, roles or services in Principal, or limit it by a condition on aws:PrincipalOrgID.",
    controls=("NIST AC-3",),
)


def check(repository: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A condition on who calls, or from where, makes a wildcard principal known."""
    key = "RepositoryPolicyText" if repository.type == "AWS::ECR::Repository" else "PolicyText"
    for statement in statements(repository.properties, key):
        if statement.open_to_everyone():
            path = statement.path_of("NotPrincipal" if "NotPrincipal" in statement else "Principal")
            yield problem(repository, path, "it is open to everybody")
