"""Stack policies: which changes of which resources an update may make.

The rules are those of "Prevent updates to stack resources" in CloudFormation's user guide: without a policy everything
is allowed; with one, what no statement allows is refused, and a denial beats every permission. A policy matters while
a stack is updated, not while it is created or deleted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

LONGEST = 16384
"""Characters of a policy in a request; the service's model says so."""

_PREFIX = "LogicalResourceId/"
_NOT_ALLOWED = "Action not allowed by stack policy"


class Action(StrEnum):
    """What an update does to a resource that exists."""

    MODIFY = "Update:Modify"
    REPLACE = "Update:Replace"
    DELETE = "Update:Delete"


class StackPolicyError(Exception):
    """A policy that CloudFormation refuses, with the message of its ``ValidationError``."""


@dataclass(frozen=True, slots=True)
class _Statement:
    """One statement.

    Attributes:
        actions: patterns of actions; with ``except_actions`` it is about all others.
        resources: patterns such as ``LogicalResourceId/Web*``; with ``except_resources`` it is about all others.
        types: one tuple of patterns per condition: a type must match one of each.
    """

    allows: bool
    actions: tuple[str, ...]
    except_actions: bool
    resources: tuple[str, ...]
    except_resources: bool
    types: tuple[tuple[str, ...], ...]

    def is_about(self, action: str, logical_id: str, kind: str) -> bool:
        """Return whether it speaks of this change."""
        return (
            _any(self.actions, action) is not self.except_actions
            and _any(self.resources, _PREFIX + logical_id) is not self.except_resources
            and all(_any(types, kind) for types in self.types)
        )


@dataclass(frozen=True, slots=True)
class StackPolicy:
    """A policy that was accepted.

    Attributes:
        body: it, as it was sent; GetStackPolicy gives it back.
    """

    body: str
    statements: tuple[_Statement, ...]

    def refusal(self, action: Action, logical_id: str, kind: str) -> str:
        """Return why a change is refused, as the event of the resource says it; nothing where it is allowed.

        Parameters:
            kind: the resource's type.
        """
        about = [statement for statement in self.statements if statement.is_about(action, logical_id, kind)]
        denials = [statement for statement in about if not statement.allows]
        if denials:
            # The numbers count the denials that apply, not the statements of the policy.
            said = (
                f"Statement [#{number}] does not allow [{', '.join(denial.actions)}] "
                f"for resource [{', '.join(denial.resources)}];"
                for number, denial in enumerate(denials, start=1)
            )
            return f"Action denied by stack policy: {' '.join(said)}"
        return "" if about else _NOT_ALLOWED

    def check(self, logical_ids: Iterable[str], *, existing: bool = False) -> None:
        """Refuse a policy that names resources which a template does not have.

        Parameters:
            logical_ids: the template's resources, whatever their conditions.
            existing: whether the stack has the policy already, and a new template comes to it.

        Raises:
            StackPolicyError: there is such a name.
        """
        known = set(logical_ids)
        for statement in self.statements:
            for resource in statement.resources:
                name = resource.removeprefix(_PREFIX)
                if "*" not in name and "?" not in name and name not in known:
                    raise StackPolicyError(
                        f"Error validating {'existing ' if existing else ''}stack policy: Unknown logical id "
                        f"'{resource}' in statement {{}} - stack policies can only be applied to logical ids "
                        "referenced in the template"
                    )


def parse_stack_policy(body: str) -> StackPolicy:
    """Read a policy.

    Raises:
        StackPolicyError: CloudFormation would not accept it.
    """
    try:
        policy = json.loads(body)
        statements = policy["Statement"]
        if isinstance(statements, Mapping):
            statements = [statements]
        return StackPolicy(body, tuple(_statement(statement) for statement in statements))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise StackPolicyError("Error validating stack policy: Invalid stack policy") from None


def _statement(statement: Mapping[str, Any]) -> _Statement:
    """Return one statement; any error means that it is none."""
    if statement["Principal"] not in ("*", ["*"], {"AWS": "*"}):
        raise ValueError("Principal")
    actions, except_actions = _texts(statement, "Action")
    if any(not _any((action,), *Action) for action in actions):
        raise ValueError("Action")
    resources, except_resources = _texts(statement, "Resource")
    if any(not resource.startswith((_PREFIX, "*")) for resource in resources):
        raise ValueError("Resource")
    return _Statement(
        allows={"Allow": True, "Deny": False}[statement["Effect"]],
        actions=actions,
        except_actions=except_actions,
        resources=resources,
        except_resources=except_resources,
        types=tuple(_types(statement.get("Condition", {}))),
    )


def _texts(statement: Mapping[str, Any], name: str) -> tuple[tuple[str, ...], bool]:
    """Return the patterns under a name or its opposite, and whether it is the opposite; exactly one must be there."""
    if (name in statement) == (f"Not{name}" in statement):
        raise ValueError(name)
    given = name in statement
    return _listed(statement[name if given else f"Not{name}"]), not given


def _types(condition: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for operator, keys in condition.items():
        if operator not in ("StringEquals", "StringLike"):
            raise ValueError(operator)
        for key, values in keys.items():
            if key != "ResourceType":
                raise ValueError(key)
            # Without this the wildcards of an exact comparison would count.
            exact = operator == "StringEquals"
            yield tuple(value.replace("*", "[*]") if exact else value for value in _listed(values))


def _listed(value: Any) -> tuple[str, ...]:
    texts = (value,) if isinstance(value, str) else tuple(value)
    if not texts or not all(isinstance(text, str) for text in texts):
        raise ValueError(value)
    return texts


def _any(patterns: tuple[str, ...], *texts: str) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns for text in texts)
