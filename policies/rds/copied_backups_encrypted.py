"""Backups that are copied to a second region are encrypted there."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.regions import region_named, region_of

POLICY = Policy(
    id="SP321",
    severity=Severity.MEDIUM,
    types=("AWS::RDS::DBInstance",),
    rationale="A key never leaves its region: without one of the second region RDS copies no backup of an encrypted "
    "database, and copies within one region fail with it.",
    remediation="Set AutomaticBackupReplicationRegion to another region, and AutomaticBackupReplicationKmsKeyId to a "
    "key of that region.",
    controls=("NIST CP-6", "NIST CP-9", "NIST SC-28"),
)


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Where the key is another stack's, its stack says the region."""
    if not stated(database, "AutomaticBackupReplicationRegion"):
        return
    target = database.text("AutomaticBackupReplicationRegion")
    if target == region_of(database, deployment):
        yield problem(database, "AutomaticBackupReplicationRegion", f"its backups stay in its own region, {target}")
        return
    if not stated(database, "AutomaticBackupReplicationKmsKeyId"):
        if database.boolean("StorageEncrypted"):
            yield problem(
                database, "AutomaticBackupReplicationKmsKeyId", f"it names no key for its backups in {target}"
            )
        return
    found = region_named(database["AutomaticBackupReplicationKmsKeyId"], deployment)
    if found is not None and found != target:
        message = f"its backups go to {target}, and their key stands in {found}"
        yield problem(database, "AutomaticBackupReplicationKmsKeyId", message)
