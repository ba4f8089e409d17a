"""Database storage is encrypted at rest."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP301",
    severity=Severity.HIGH,
    types=("AWS::RDS::DBInstance", "AWS::RDS::DBCluster"),
    rationale="Disks, snapshots and backups of an unencrypted database are readable to whoever gets hold of them.",
    remediation="Set StorageEncrypted to true; an existing database is encrypted by restoring an encrypted snapshot of it.",
    controls=("FSBP RDS.3", "CIS 2.3.1", "NIST SC-28"),
)


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Members of a cluster and replicas take encryption from what they belong to."""
    if "DBClusterIdentifier" in database or "SourceDBInstanceIdentifier" in database:
        return
    if not database.boolean("StorageEncrypted"):
        yield problem(database, "StorageEncrypted", "its storage is not encrypted")
