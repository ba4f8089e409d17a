"""Policy documents have the form that IAM documents."""

from collections.abc import Iterator
from typing import Any

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, problem
from stackproof.policy.documents import KEYS_OF_DOCUMENTS, documents, statements

POLICY = Policy(
    id="SP421",
    severity=Severity.HIGH,
    types=tuple(KEYS_OF_DOCUMENTS),
    rationale="IAM refuses a document that is written otherwise, and nobody can say what it allows.",
    remediation="Write Statement, Effect, Action, Resource, Principal, Condition, Allow and Deny just like this.",
    controls=("NIST AC-3",),
)

_ELEMENTS = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The value of Effect is case-sensitive; of names only the documented ones are known to be read."""
    for block, key in documents(resource):
        path = block.path_of(key)
        for content in statements(block, key, whole=True):
            names = [name for name in content.entries if name not in ("Version", "Id", "Statement")]
            yield from _strange(resource, path, names)
            if "Statement" not in content:
                yield problem(resource, path, "its document has no Statement")
        for statement in statements(block, key):
            yield from _strange(resource, statement.path, [name for name in statement.entries if name not in _ELEMENTS])
            wrong = [value for value in statement.values("Effect") if _is_wrong(value)]
            if wrong or "Effect" not in statement:
                said = f"its Effect is {wrong[0]}" if wrong else "a statement has no Effect"
                yield problem(resource, statement.path_of("Effect"), f"{said}, not Allow or Deny")
            if "Action" not in statement and "NotAction" not in statement:
                yield problem(resource, statement.path, "a statement has no Action")


def _is_wrong(value: Any) -> bool:
    return not isinstance(value, Symbol) and value not in ("Allow", "Deny")


def _strange(resource: Resource, path: str, names: list[str]) -> Iterator[Problem]:
    if names:
        yield problem(resource, f"{path}.{names[0]}", f"IAM knows no element {names[0]}")
