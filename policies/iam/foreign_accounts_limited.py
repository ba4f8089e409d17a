"""Roles for other accounts demand more than the account."""

import re
from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.documents import Statement, any_of, covers, pattern_text, trust

POLICY = Policy(
    id="SP422",
    severity=Severity.MEDIUM,
    types=("AWS::IAM::Role",),
    rationale="All of another account may take such a role, and if it acts for many, any of its customers through it.",
    remediation="Add a condition on sts:ExternalId or aws:PrincipalOrgID, name a role of that account, or write "
    "AWS::AccountId where it is your own.",
    controls=("NIST AC-3", "NIST AC-6"),
)

_ACCOUNT = re.compile(r"(?:arn:[^:]+:iam::)?(\d{12}|\x01)(?::root)?")
_PRESENCE = ("aws:multifactorauthpresent", "aws:multifactorauthage")


def check(role: Resource, deployment: Deployment) -> Iterator[Problem]:
    """An account is another one where it is written in digits and not known to be the own."""
    own = deployment.stacks[role.stack].context.account
    for statement in trust(role):
        if not statement.allows or not any_of(statement.values("Action"), covers("sts:AssumeRole")):
            continue
        for kind, value in each(statement.principals):
            found = _ACCOUNT.fullmatch(pattern_text(value)) if kind == "AWS" else None
            # A parameter in place of the whole principal is SP405's.
            if found is None or found[0] == "\x01" or found[1] == own or _limited(statement):
                continue
            if found[1] == "\x01":
                raise statement.undecidable("Principal")
            yield problem(role, statement.path_of("Principal"), f"all of the account {found[1]} may take this role")


def _limited(statement: Statement) -> bool:
    return any(key in _PRESENCE for _, key, _ in statement.conditions()) or statement.narrowed()
