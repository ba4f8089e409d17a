"""Web identities: whose tokens a role accepts.

Sources: "Create a role for OpenID Connect federation" in the AWS IAM user guide; "OpenID Connect reference" in the
GitHub documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.policy.documents import Statement, any_of, covers, pattern_text, trust
from stackproof.resolve.stack import Resource
from stackproof.resolve.values import as_text

POSITIVE = ("stringequals", "stringlike", "stringequalsignorecase")
"""Condition operators that say what a value must be."""

GITHUB = "token.actions.githubusercontent.com"
_UNKNOWN = "\x01"
_KNOWN = "\x00"


def web_identities(role: Resource) -> Iterator[Statement]:
    """Iterate over the statements of a role that accept tokens of identity providers; one per run."""
    for statement in trust(role):
        federated = any(kind == "Federated" for kind, _ in statement.principals)
        takes = any_of(statement.values("Action"), covers("sts:AssumeRoleWithWebIdentity"))
        if statement.allows and federated and takes is not False:
            yield statement


def issuers(statement: Statement, deployment: Deployment) -> tuple[str, ...]:
    """Return the address, the name or the ARN of each identity provider of a statement."""
    providers = [value for kind, value in statement.principals if kind == "Federated"]
    return tuple(_issuer(provider, deployment) for provider in providers)


def _issuer(provider: Any, deployment: Deployment) -> str:
    resource = deployment.follow(provider)
    return as_text(resource.get("Url", "")) if resource else as_text(provider)


def github_subjects(role: Resource) -> Iterator[tuple[Statement, list[list[str]]]]:
    """Iterate over the statements that accept tokens of GitHub and tell them apart by the subject alone.

    Yields:
        The statement, and for each of its conditions on the subject the patterns of which one must match; a parameter
        inside of a pattern stands for one thing. Statements with conditions on other claims, such as ``ref``, or with
        none on the subject are left out.

    Raises:
        Undecidable: a whole subject is known only after deployment.
    """
    for statement in web_identities(role):
        found: list[list[str]] = []
        claims = set()
        for operator, key, values in statement.conditions():
            operator = operator.removeprefix("foranyvalue:")
            claim = key.rpartition(":")[2]
            if operator not in POSITIVE or GITHUB not in key:
                continue
            claims.add(claim)
            if claim == "sub":
                if any(pattern_text(value) == _UNKNOWN for value in values):
                    raise statement.undecidable("Condition")
                found.append([_pattern(pattern_text(value), operator) for value in values])
        if found and claims <= {"sub", "aud"}:
            yield statement, found


def _pattern(text: str, operator: str) -> str:
    text = text.replace(_UNKNOWN, _KNOWN)
    # Outside of StringLike a wildcard is a letter like others.
    return text if operator == "stringlike" else re.sub(r"[*?]", "-", text)
