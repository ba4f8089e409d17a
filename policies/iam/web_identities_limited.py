"""Roles for web identities name whose tokens they accept."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.documents import Statement, any_of
from stackproof.policy.federation import POSITIVE, issuers, web_identities

POLICY = Policy(
    id="SP406",
    severity=Severity.CRITICAL,
    types=("AWS::IAM::Role",),
    rationale="A provider that serves everybody, such as GitHub's, gives tokens to everybody: without a condition on "
    "the subject each of its users can take the role.",
    remediation="Add a condition on the provider's sub, such as repo:owner/name:ref:refs/heads/main, or on its aud.",
    controls=("NIST AC-3", "NIST AC-6"),
)

# Issuers whose users are strangers to each other and that sign one audience for all of them.
_SHARED = (
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "app.terraform.io",
    "bitbucket.org",
    "agent.buildkite.com",
)


def check(role: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A provider of one's own, such as a cluster's, needs some condition; one that all the world uses, one on sub."""
    for statement in web_identities(role):
        names = " ".join(issuers(statement, deployment))
        if not _limited(statement, shared=any(issuer in names for issuer in _SHARED)):
            path = statement.path_of("Condition" if "Condition" in statement else "Principal")
            yield problem(role, path, "every user of its identity provider may take this role")


def _limited(statement: Statement, *, shared: bool) -> bool:
    keys = (":sub",) if shared else (":sub", ":aud", ":app_id", ":amr")
    for operator, key, values in statement.conditions():
        if operator.removeprefix("foranyvalue:") in POSITIVE and key.endswith(keys):
            everyone = any_of(values, lambda pattern: pattern.strip("*") in ("", "repo:", "project_path:"))
            if everyone is None:
                raise statement.undecidable("Condition")
            if not everyone:
                return True
    return False
