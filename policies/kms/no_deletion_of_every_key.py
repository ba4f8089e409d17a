"""No policy deletes every key."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, as_text, each, problem
from stackproof.policy.documents import all_for, covers, permissions
from stackproof.policy.roles import GRANTING, is_only_boundary

POLICY = Policy(
    id="SP553",
    severity=Severity.MEDIUM,
    types=GRANTING,
    rationale="Deleting keys is the shortest way to make all data of an account worthless, and to ask for a ransom.",
    remediation="List the keys in Resource, or limit the statement by a condition such as aws:ResourceTag.",
    controls=("FSBP KMS.3", "NIST AC-6", "NIST SC-12"),
)

_DELETING = covers("kms:ScheduleKeyDeletion", "kms:DeleteImportedKeyMaterial")


def check(identity: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Wildcards in the action are SP402's and SP419's."""
    if is_only_boundary(identity, deployment):
        return
    for statement in permissions(identity):
        for action in each(statement.asked(_DELETING)):
            if "*" in as_text(action) or "?" in as_text(action):
                continue
            if not statement.limited and statement.grants(_DELETING, all_for(action), (action,)):
                yield problem(identity, statement.path_of("Resource"), f"it allows {action} on every key")
