"""No policy reads every secret or decrypts with every key."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.documents import all_for, any_of, covers, is_service_wide, permissions
from stackproof.policy.roles import GRANTING, is_only_boundary

POLICY = Policy(
    id="SP410",
    severity=Severity.MEDIUM,
    types=GRANTING,
    rationale="Who may read every secret of the account is as strong as all who keep theirs there.",
    remediation="List in Resource the secrets, parameters, keys and roles that are needed.",
    controls=("FSBP KMS.1", "FSBP KMS.2", "NIST AC-6"),
)

_READING = (
    "secretsmanager:GetSecretValue",
    "secretsmanager:BatchGetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "sts:AssumeRole",
)


def check(identity: Resource, deployment: Deployment) -> Iterator[Problem]:
    """All of a service is SP402's; a condition on more than the circumstances limits what is read."""
    if is_only_boundary(identity, deployment):
        return
    for statement in permissions(identity):
        for action in each(statement.asked(covers(*_READING))):
            if statement.limited or any_of([action], is_service_wide):
                continue
            if statement.grants(covers(*_READING), all_for(action), (action,)):
                yield problem(identity, statement.path_of("Resource"), f"it allows {action} on every resource")
