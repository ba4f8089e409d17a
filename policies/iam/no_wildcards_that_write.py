"""No policy changes everything of a service by a wildcard."""

import re
from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, as_text, each, problem
from stackproof.policy.documents import all_for, any_of, covers, is_service_wide, permissions
from stackproof.policy.roles import ESCALATING, GRANTING, is_only_boundary

POLICY = Policy(
    id="SP419",
    severity=Severity.MEDIUM,
    types=GRANTING,
    rationale="With s3:Delete* on all resources goes every bucket of the account, and what AWS adds to its actions.",
    remediation="List the actions that are needed, or the resources that they are for.",
    controls=("FSBP IAM.21", "NIST AC-6"),
)

_WRITES = r"add|attach|authorize|create|delete|deregister|detach|disable|modify|put|remove|replace|reset|restore"
_WRITES += r"|revoke|schedule|set|stop|terminate|update|write"
_WRITING = re.compile(rf"[a-z0-9-]+:(?:{_WRITES})[a-z]*[*?].*", re.IGNORECASE | re.DOTALL)
# What a wildcard that begins otherwise, such as s3:*Object, would reach.
_SAMPLES = covers(
    "s3:DeleteObject", "s3:DeleteBucket", "dynamodb:DeleteTable", "ec2:TerminateInstances", "rds:DeleteDBInstance"
)
_HARMLESS = ("ec2messages", "ssmmessages", "xray")


def check(identity: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Reading by wildcards is normal; all actions are SP402's, passing roles SP409's, raising rights SP418's."""
    if is_only_boundary(identity, deployment):
        return
    for statement in permissions(identity):
        for action in each(statement.asked(_writes)):
            others = any_of([action], is_service_wide) or any_of([action], covers("iam:PassRole", *ESCALATING))
            if others or as_text(action).partition(":")[0].lower() in _HARMLESS:
                continue
            if statement.limited:
                continue
            if statement.grants(_writes, all_for(action), (action,)):
                yield problem(identity, statement.path_of("Action"), f"it allows {action} on every resource")


def _writes(pattern: str) -> bool:
    wild = "*" in pattern or "?" in pattern
    return bool(_WRITING.fullmatch(pattern)) or (wild and _SAMPLES(pattern))
