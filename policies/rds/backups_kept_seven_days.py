"""Databases keep their backups for seven days or longer."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.databases import is_member, is_replica

POLICY = Policy(
    id="SP304",
    severity=Severity.MEDIUM,
    types=("AWS::RDS::DBInstance", "AWS::RDS::DBCluster"),
    rationale="A mistake that is noticed after a weekend must still be reversible; one day, the default, is too short.",
    remediation="Set BackupRetentionPeriod to 7 or more.",
    controls=("FSBP RDS.11", "FSBP RDS.50", "NIST CP-9"),
)

_LEAST = 7


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A cluster keeps the backups of its members, and a replica can be made again from its source."""
    if is_member(database) or is_replica(database):
        return
    days = database.integer("BackupRetentionPeriod", 1)
    if days < _LEAST:
        kept = {0: "it makes no backups", 1: "its backups are kept for one day only"}
        yield problem(database, "BackupRetentionPeriod", kept.get(days, f"its backups are kept for {days} days only"))
