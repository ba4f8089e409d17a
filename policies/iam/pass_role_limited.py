"""Roles that may be passed to services are named."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.documents import (
    Statement,
    all_for,
    any_of,
    covers,
    is_service_wide,
    permissions,
)
from stackproof.policy.roles import GRANTING, is_only_boundary

POLICY = Policy(
    id="SP409",
    severity=Severity.HIGH,
    types=GRANTING,
    rationale="Whoever may pass every role to a service can start something with the rights of an administrator.",
    remediation="List in Resource the roles that are passed.",
    controls=("NIST AC-6",),
)


def check(identity: Resource, deployment: Deployment) -> Iterator[Problem]:
    """All of iam:* or of * is SP401's and SP402's; a condition on the service or on the role limits the passing."""
    if is_only_boundary(identity, deployment):
        return
    for statement in permissions(identity):
        for action in each(statement.asked(covers("iam:PassRole"))):
            if any_of([action], is_service_wide):
                continue
            if statement.grants(covers("iam:PassRole"), all_for("iam:PassRole"), (action,)) and not _limited(statement):
                yield problem(identity, statement.path_of("Resource"), "it may pass every role to a service")


def _limited(statement: Statement) -> bool:
    keys = ("iam:passedtoservice", "iam:associatedresourcearn", "iam:resourcetag", "aws:resourcetag")
    return any(key.startswith(keys) for _, key, _ in statement.conditions())
