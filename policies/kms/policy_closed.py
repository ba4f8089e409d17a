"""Key policies are not open to everybody."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.documents import statements

POLICY = Policy(
    id="SP502",
    severity=Severity.CRITICAL,
    types=("AWS::KMS::Key", "AWS::KMS::ReplicaKey"),
    rationale="The key policy is the last word on who may decrypt; a wildcard hands the key to every AWS account.",
    remediation="Name accounts, roles or services in Principal, or limit it by a condition on aws:PrincipalOrgID.",
    controls=("FSBP KMS.5", "NIST AC-3"),
)


def check(key: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A condition on who calls, or from where, makes a wildcard principal known."""
    for statement in statements(key.properties, "KeyPolicy"):
        if statement.open_to_everyone():
            path = statement.path_of("NotPrincipal" if "NotPrincipal" in statement else "Principal")
            yield problem(key, path, "its policy is open to every AWS account")
