"""Roles of protected environments for GitHub name the branch or the environment."""

import re
from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.federation import github_subjects

POLICY = Policy(
    id="SP426",
    severity=Severity.MEDIUM,
    types=("AWS::IAM::Role",),
    rationale="Whoever may push a branch may change its workflow, and so acts with the role before anybody has looked.",
    remediation="Restrict the condition on sub to environment:name or ref:refs/heads/name, and protect that branch.",
    controls=("NIST AC-3", "NIST AC-6", "NIST CM-5"),
    protected_only=True,
)

_ANY = re.compile(r"repo:[^:]+(:|:ref:|:ref:refs/|:ref:refs/(heads|tags)/|:environment:)?[*?].*", re.DOTALL)


def check(role: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Patterns such as release/* name branches that can be protected; pull requests are named too."""
    for statement, conditions in github_subjects(role):
        if all(any(map(_ANY.fullmatch, patterns)) for patterns in conditions):
            yield problem(role, statement.path_of("Condition"), "every branch of the repository may take this role")
