"""Resources that hold data state both deletion policies."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, each, problem
from stackproof.policy.databases import is_member
from stackproof.policy.stateful import POLICIES, STATEFUL

POLICY = Policy(
    id="SP901",
    severity=Severity.LOW,
    types=(*STATEFUL, "AWS::SecretsManager::Secret"),
    rationale="What happens to data when a stack is deleted or a resource replaced must be decided; the two "
    "defaults differ.",
    remediation="State DeletionPolicy and UpdateReplacePolicy beside Type; the latter is Delete, Retain or Snapshot.",
)


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Members of a cluster hold nothing of their own."""
    if resource.type == "AWS::RDS::DBInstance" and is_member(resource):
        return
    for policy in each(POLICIES):
        if policy not in resource.attributes:
            yield problem(resource, policy, f"it states no {policy}")
        elif policy == "UpdateReplacePolicy" and _text(resource) == "RetainExceptOnCreate":
            yield problem(resource, policy, "RetainExceptOnCreate is for DeletionPolicy only", "State Retain.")


def _text(resource: Resource) -> str:
    value = resource.attributes.get("UpdateReplacePolicy")
    return "" if isinstance(value, Symbol) else str(value)
