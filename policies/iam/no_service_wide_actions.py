"""No policy allows all actions of a service on all of its resources."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, as_text, each, problem
from stackproof.policy.documents import all_for, is_everything, is_service_wide, permissions
from stackproof.policy.roles import GRANTING, is_only_boundary

POLICY = Policy(
    id="SP402",
    severity=Severity.HIGH,
    types=GRANTING,
    rationale="All actions of a service include deleting what it holds and changing who may use it.",
    remediation="List the actions that are needed, or the resources that they are for.",
    controls=("FSBP IAM.21", "NIST AC-6"),
)

# Agents speak to these; their few actions know no resources and reach nothing of the account.
_HARMLESS = ("ec2messages", "ssmmessages", "xray")


def check(identity: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Every action of every statement; what allows everything is SP401's, and a permissions boundary grants nothing."""
    if is_only_boundary(identity, deployment):
        return
    for statement in permissions(identity):
        for action in each(statement.asked(is_service_wide)):
            if as_text(action).partition(":")[0].lower() in _HARMLESS:
                continue
            if statement.grants(is_everything, is_everything, (action,)):
                continue
            if statement.grants(is_service_wide, all_for(action), (action,)):
                yield problem(identity, statement.path_of("Action"), f"it allows {action} on every resource")
