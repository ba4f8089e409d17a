"""What Caja keeps in its second region, and how it comes there."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Simulated

pytestmark = [pytest.mark.systems("caja"), pytest.mark.environments("staging", "prod")]

REGION = "us-west-2"
# Which bucket is copied into which.
COPIES = [("MediaBucket", "MediaReplicaBucket"), ("BackupsBucket", "ReplicaBucket")]


def _rule(simulated: Simulated, bucket: str) -> dict[str, Any]:
    found = simulated.client("s3").get_bucket_replication(Bucket=simulated.id_of("storage", bucket))
    (rule,) = found["ReplicationConfiguration"]["Rules"]
    return dict(rule)


@pytest.mark.promise("CJ-12")
@pytest.mark.parametrize("replica", ["MediaReplicaBucket", "ReplicaBucket"])
def test_replica_stands_in_the_second_region_and_keeps_versions(simulated: Simulated, replica: str) -> None:
    """The bucket for copies is in us-west-2 and versioned, without which S3 copies nothing."""
    s3, name = simulated.client("s3", REGION), simulated.id_of("recovery", replica)
    assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] == REGION
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"


@pytest.mark.promise("CJ-12")
@pytest.mark.parametrize(("bucket", "replica"), COPIES)
def test_bucket_is_copied_to_the_replica_that_exists(simulated: Simulated, bucket: str, replica: str) -> None:
    """Everything in the bucket is copied within fifteen minutes."""
    rule = _rule(simulated, bucket)
    destination = rule["Destination"]
    assert (rule["Status"], rule["Filter"]) == ("Enabled", {"Prefix": ""})
    assert destination["Bucket"] == f"arn:aws:s3:::{simulated.id_of('recovery', replica)}"
    assert destination["ReplicationTime"] == {"Status": "Enabled", "Time": {"Minutes": 15}}


@pytest.mark.promise("CJ-09", "CJ-12")
@pytest.mark.parametrize(("bucket", "replica"), COPIES)
def test_copies_are_encrypted_with_the_key_of_their_region(simulated: Simulated, bucket: str, replica: str) -> None:
    """Copies are written with the second region's key, which is also the replica's own."""
    key = simulated.key_arn("recovery")
    encryption = simulated.client("s3", REGION).get_bucket_encryption(Bucket=simulated.id_of("recovery", replica))
    (rule,) = encryption["ServerSideEncryptionConfiguration"]["Rules"]
    assert key.startswith(f"arn:aws:kms:{REGION}:")
    assert _rule(simulated, bucket)["Destination"]["EncryptionConfiguration"] == {"ReplicaKmsKeyID": key}
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key


@pytest.mark.promise("CJ-09")
def test_key_of_the_second_region_rotates(simulated: Simulated) -> None:
    """The second region's key is rotated every year."""
    status = simulated.client("kms", REGION).get_key_rotation_status(KeyId=simulated.key_arn("recovery"))
    assert status["KeyRotationEnabled"] is True


@pytest.mark.promise("CJ-10", "CJ-12")
@pytest.mark.parametrize("bucket", ["MediaBucket", "BackupsBucket"])
def test_bucket_is_copied_by_a_role_that_exists(simulated: Simulated, bucket: str) -> None:
    """The configuration names the replication role, which S3 alone may take."""
    found = simulated.client("s3").get_bucket_replication(Bucket=simulated.id_of("storage", bucket))
    name = simulated.id_of("storage", "ReplicationRole")
    role = simulated.client("iam").get_role(RoleName=name)["Role"]
    assert found["ReplicationConfiguration"]["Role"] == role["Arn"]
    assert [statement["Principal"] for statement in role["AssumeRolePolicyDocument"]["Statement"]] == [
        {"Service": "s3.amazonaws.com"}
    ]


@pytest.mark.promise("CJ-10", "CJ-12")
def test_role_writes_to_the_replicas_only(simulated: Simulated) -> None:
    """The role may write copies into both replicas, delete from that of media, and encrypt with their key."""
    role = simulated.id_of("storage", "ReplicationRole")
    policy = simulated.client("iam").get_role_policy(RoleName=role, PolicyName="Replicate")["PolicyDocument"]
    resources: dict[str, set[str]] = {}
    for statement in policy["Statement"]:
        actions, names = statement["Action"], statement["Resource"]
        for action in [actions] if isinstance(actions, str) else actions:
            resources.setdefault(action, set()).update([names] if isinstance(names, str) else names)
    media, backups = (f"arn:aws:s3:::{simulated.id_of('recovery', replica)}/*" for _, replica in COPIES)
    assert resources["s3:ReplicateObject"] == {media, backups}
    assert resources["s3:ReplicateDelete"] == {media}
    assert resources["kms:Encrypt"] == {simulated.key_arn("recovery")}


@pytest.mark.promise("CJ-12")
@pytest.mark.parametrize("bucket", ["StaticBucket", "AccessLogsBucket"])
def test_what_can_be_made_again_is_not_copied(simulated: Simulated, bucket: str) -> None:
    """Static files come with the next release, and nobody needs access logs of a lost region."""
    s3 = simulated.client("s3")
    with pytest.raises(s3.exceptions.ClientError, match="ReplicationConfigurationNotFoundError"):
        s3.get_bucket_replication(Bucket=simulated.id_of("storage", bucket))


@pytest.mark.promise("CJ-12", "CJ-03")
def test_backups_of_the_database_are_copied(simulated: Simulated) -> None:
    """The second region keeps the database's backups for a week, encrypted with its own key."""
    rds = simulated.client("rds")
    (database,) = rds.describe_db_instances(DBInstanceIdentifier=simulated.id_of("database", "Database"))["DBInstances"]
    backups = simulated.client("rds", REGION).describe_db_instance_automated_backups()
    (copied,) = backups["DBInstanceAutomatedBackups"]
    assert copied["DBInstanceArn"] == database["DBInstanceArn"]
    assert (copied["KmsKeyId"], copied["BackupRetentionPeriod"]) == (simulated.key_arn("recovery"), 7)
