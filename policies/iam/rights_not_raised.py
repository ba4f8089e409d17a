"""No policy lets its holder take more rights than it gives."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.documents import all_for, any_of, covers, is_service_wide, permissions
from stackproof.policy.roles import ESCALATING, GRANTING, is_only_boundary

POLICY = Policy(
    id="SP418",
    severity=Severity.HIGH,
    types=GRANTING,
    rationale="Whoever may write any policy, take any user's keys or work on any machine is an administrator.",
    remediation="List in Resource the roles, users, policies and instances that are meant, or limit them by a "
    "condition such as iam:PermissionsBoundary or aws:ResourceTag.",
    controls=("FSBP IAM.21", "NIST AC-6"),
)

_COMMANDING = ("ssm:SendCommand", "ssm:StartSession")


def check(identity: Resource, deployment: Deployment) -> Iterator[Problem]:
    """All of iam:* is SP402's; a condition on more than the circumstances limits what is reached."""
    if is_only_boundary(identity, deployment):
        return
    for statement in permissions(identity):
        for action in each(statement.asked(covers(*_COMMANDING, *ESCALATING))):
            if any_of([action], is_service_wide) or statement.limited:
                continue
            command = statement.grants(covers(*_COMMANDING), all_for("ec2:RunInstances"), (action,))
            if command or statement.grants(covers(*ESCALATING), all_for("iam:"), (action,)):
                means = "run commands on every machine" if command else "raise the rights of whoever has it"
                yield problem(identity, statement.path_of("Resource"), f"{action} on every resource may {means}")
