"""Databases of protected environments refuse to be deleted."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.databases import is_member, is_replica

POLICY = Policy(
    id="SP306",
    severity=Severity.MEDIUM,
    types=("AWS::RDS::DBInstance", "AWS::RDS::DBCluster"),
    rationale="Deletion protection stops the one wrong click or stack deletion that backups only partly make good.",
    remediation="Set DeletionProtection to true.",
    controls=("FSBP RDS.7", "FSBP RDS.8"),
    protected_only=True,
)


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A member is protected by its cluster, and a replica can be made again from its source."""
    if is_member(database) or is_replica(database):
        return
    if not database.boolean("DeletionProtection"):
        yield problem(database, "DeletionProtection", "nothing stops its deletion")
