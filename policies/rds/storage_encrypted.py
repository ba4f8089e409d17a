"""Database storage is encrypted at rest."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Undecidable, problem
from stackproof.policy.databases import is_member, is_replica, is_restored

POLICY = Policy(
    id="SP301",
    severity=Severity.HIGH,
    types=("AWS::RDS::DBInstance", "AWS::RDS::DBCluster"),
    rationale="Disks, snapshots and backups of an unencrypted database are readable to whoever gets hold of them.",
    remediation="Set StorageEncrypted to true; an existing database is encrypted by restoring an encrypted snapshot.",
    controls=("FSBP RDS.3", "FSBP RDS.27", "FSBP RDS.4", "CIS 2.3.1", "NIST SC-28"),
)


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Members and replicas take encryption from what they belong to, restored databases from their snapshot."""
    if is_member(database) or is_replica(database) or database.boolean("StorageEncrypted"):
        return
    if "StorageEncrypted" not in database and is_restored(database):
        raise Undecidable("it is encrypted if its snapshot is", database.mark, "StorageEncrypted")
    yield problem(database, "StorageEncrypted", "its storage is not encrypted")
