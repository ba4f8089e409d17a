"""What holds of the database layer for every value that it permits."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from stackproof import Stack, load_system
from stackproof.strategies import stacks

TEMPLATE = load_system("maticko").templates["database"]
EVERY = settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.promise("MT-16")
@EVERY
@given(stacks(TEMPLATE))
def test_database_is_encrypted_private_and_backed_up(stack: Stack) -> None:
    """At rest, in transit, without a public address, with a week of backups at least."""
    database = stack["Database"]
    assert database.boolean("StorageEncrypted")
    assert stack["DatabaseParameterGroup"].block("Parameters").text("rds.force_ssl") == "1"
    assert database["DBParameterGroupName"] == stack["DatabaseParameterGroup"].reference
    assert 7 <= database.integer("BackupRetentionPeriod") <= 35
    assert [
        i.logical_id for i in stack.of_type("AWS::RDS::DBInstance") if i.boolean("PubliclyAccessible", default=True)
    ] == []


@pytest.mark.promise("MT-16")
@EVERY
@given(stacks(TEMPLATE))
def test_both_deletion_policies_are_stated(stack: Stack) -> None:
    """Of everything that holds data; the database itself leaves a snapshot."""
    stateful = stack.of_type("AWS::RDS::DBInstance", "AWS::SecretsManager::Secret", "AWS::Logs::LogGroup")
    silent = [r.logical_id for r in stateful if not {"DeletionPolicy", "UpdateReplacePolicy"} <= set(r.attributes)]
    assert silent == []
    policies = stack["Database"].attributes
    assert (policies.text("DeletionPolicy"), policies.text("UpdateReplacePolicy")) == ("Snapshot", "Snapshot")


@pytest.mark.promise("MT-16")
@EVERY
@given(stacks(TEMPLATE, Environment="prod"))
def test_production_is_never_weak(stack: Stack) -> None:
    """No value turns a protection of production off."""
    database = stack["Database"]
    assert (database.boolean("MultiAZ"), database.boolean("DeletionProtection")) == (True, True)
    # A major version is of another parameter group family, which is attached at once.
    assert database.boolean("ApplyImmediately") is (stack.values["AllowMajorVersionUpgrade"] == "true")


@pytest.mark.promise("MT-16")
@EVERY
@given(stacks(TEMPLATE))
def test_storage_can_grow(stack: Stack) -> None:
    """The most storage is more than the storage at first, by the tenth that RDS demands."""
    database = stack["Database"]
    assert database.integer("MaxAllocatedStorage") >= database.integer("AllocatedStorage") * 1.1


@pytest.mark.promise("MT-17")
@EVERY
@given(stacks(TEMPLATE))
def test_password_is_never_in_clear(stack: Stack) -> None:
    """It is read from the secret that the stack makes, and no parameter holds one."""
    password = str(stack["Database"]["MasterUserPassword"])
    assert password == "{{resolve:secretsmanager:${DatabaseSecret}:SecretString:password}}"
    assert [name for name in stack.template.parameters if "password" in name.lower()] == []


@pytest.mark.promise("MD-07")
@EVERY
@given(stacks(TEMPLATE))
def test_the_url_is_put_together_from_the_secret(stack: Stack) -> None:
    """Where it is asked for, and under no name that the secret itself has."""
    name = stack.values["UrlSecretName"]
    assert ("UrlSecret" in stack) is ("UrlSecretArn" in stack.outputs) is (name != "")
    if name:
        secret = stack["UrlSecret"]
        assert secret.text("Name") == name != stack["DatabaseSecret"].text("Name")
        assert str(secret["SecretString"]) == (
            "postgresql://{{resolve:secretsmanager:${DatabaseSecret}:SecretString:username}}"
            ":{{resolve:secretsmanager:${DatabaseSecret}:SecretString:password}}"
            f"@${{Database.Endpoint.Address}}:${{Database.Endpoint.Port}}/{stack.values['DatabaseName']}?sslmode=require"
        )


@pytest.mark.promise("CJ-12")
@EVERY
@given(stacks(TEMPLATE))
def test_a_second_region_comes_with_its_key(stack: Stack) -> None:
    """Region, key and retention come together or not at all: RDS copies no encrypted backup without a key."""
    database = stack["Database"]
    keys = {key for key in database.properties if key.startswith("AutomaticBackupReplication")}
    if stack.values["BackupReplicaRegion"] == "":
        assert keys == set()
    else:
        assert database.text("AutomaticBackupReplicationRegion") == stack.values["BackupReplicaRegion"]
        assert database.text("AutomaticBackupReplicationKmsKeyId").startswith("arn:aws")
        assert 7 <= database.integer("AutomaticBackupReplicationRetentionPeriod") <= 35


@pytest.mark.promise("MJ-07")
@EVERY
@given(stacks(TEMPLATE))
def test_every_replica_is_watched(stack: Stack) -> None:
    """Each instance has its CPU alarm, each replica its lag alarm, whatever their number."""
    instances = {instance.reference for instance in stack.of_type("AWS::RDS::DBInstance")}
    watched: dict[str, set[object]] = {}
    for alarm in stack.of_type("AWS::CloudWatch::Alarm"):
        (dimension,) = alarm.items_of("Dimensions")
        watched.setdefault(alarm.text("MetricName"), set()).add(dimension["Value"])
    assert watched["CPUUtilization"] == instances
    assert watched.get("ReplicaLag", set()) == instances - {stack["Database"].reference}
