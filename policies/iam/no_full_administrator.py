"""No policy allows every action on every resource."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.documents import is_everything, permissions
from stackproof.policy.roles import GRANTING, is_only_boundary

POLICY = Policy(
    id="SP401",
    severity=Severity.CRITICAL,
    types=GRANTING,
    rationale="Whoever gets hold of such a role owns the account, its backups and its logs.",
    remediation="List the actions and the resources that are needed.",
    controls=("FSBP IAM.1", "CIS 1.16", "NIST AC-6"),
)


def check(identity: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A permissions boundary grants nothing, so that it may be as wide as it likes."""
    if is_only_boundary(identity, deployment):
        return
    for statement in permissions(identity):
        if statement.grants(is_everything, is_everything):
            yield problem(identity, statement.path_of("Action"), "it allows every action on every resource")
