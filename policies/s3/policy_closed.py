"""Bucket policies are not open to everybody."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.documents import statements

POLICY = Policy(
    id="SP509",
    severity=Severity.CRITICAL,
    types=("AWS::S3::BucketPolicy",),
    rationale="A wildcard principal hands the objects to the whole internet, most often by mistake.",
    remediation="Name accounts, roles or services in Principal, or limit it by a condition on aws:PrincipalOrgID.",
    controls=("FSBP S3.2", "FSBP S3.3", "NIST AC-3"),
)


def check(policy: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A condition on who calls, or from where, makes a wildcard principal known."""
    for statement in statements(policy.properties, "PolicyDocument"):
        if statement.open_to_everyone():
            path = statement.path_of("NotPrincipal" if "NotPrincipal" in statement else "Principal")
            yield problem(policy, path, "it is open to everybody")
