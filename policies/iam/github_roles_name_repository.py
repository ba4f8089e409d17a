"""Roles for GitHub name the repository."""

import re
from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.federation import github_subjects

POLICY = Policy(
    id="SP425",
    severity=Severity.HIGH,
    types=("AWS::IAM::Role",),
    rationale="With a wildcard for the repository, whoever may create one under that owner may take the role.",
    remediation="Name owner and repository in the condition on sub, such as repo:owner/name:ref:refs/heads/main.",
    controls=("NIST AC-3", "NIST AC-6"),
)

_REPOSITORY = re.compile(r"repo:[^*?/:]+/[^*?:]+:.*", re.DOTALL)


def check(role: Resource, deployment: Deployment) -> Iterator[Problem]:
    """No condition at all is SP406's; claims of other names are put together by the owner."""
    for statement, conditions in github_subjects(role):
        if all(any(not _is_one(pattern) for pattern in patterns) for patterns in conditions):
            yield problem(role, statement.path_of("Condition"), "more than one repository may take this role")


def _is_one(pattern: str) -> bool:
    wild = re.search(r"[*?]", pattern)
    if wild is None or _REPOSITORY.fullmatch(pattern):
        return True
    return not pattern.startswith("repo:") and ":" in pattern[: wild.start()]
