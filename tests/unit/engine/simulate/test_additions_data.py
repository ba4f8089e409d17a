"""What is added to the services that keep data and run containers, where moto does otherwise than AWS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stackproof.simulate import SimulatedAccount, simulated_account

_SOURCE: dict[str, Any] = {
    "DBInstanceIdentifier": "source",
    "DBInstanceClass": "db.m6g.large",
    "Engine": "postgres",
    "EngineVersion": "16.4",
    "AllocatedStorage": 20,
    "MasterUsername": "small",
    "MasterUserPassword": "not-to-be-shown",
    "MultiAZ": True,
    "StorageEncrypted": True,
    "BackupRetentionPeriod": 7,
    "EnableCloudwatchLogsExports": ["postgresql"],
    "Tags": [{"Key": "Name", "Value": "source"}],
}


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    """An empty account."""
    with simulated_account("us-east-1", "123456789012") as account:
        yield account


def _database(account: SimulatedAccount, name: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = account.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    return found[0]


@pytest.fixture
def replicated(account: SimulatedAccount) -> SimulatedAccount:
    """An account with a database and a replica of it."""
    rds = account.client("rds")
    rds.create_db_instance(**_SOURCE)
    rds.create_db_instance_read_replica(DBInstanceIdentifier="replica", SourceDBInstanceIdentifier="source")
    return account


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("MultiAZ", False),
        ("BackupRetentionPeriod", 0),
        ("TagList", []),
        ("EnabledCloudwatchLogsExports", []),
        ("DeletionProtection", False),
        ("StorageEncrypted", True),
        ("ReadReplicaSourceDBInstanceIdentifier", "source"),
    ],
)
def test_replica_has_settings_of_its_own(member: str, value: object, replicated: SimulatedAccount) -> None:
    """Of its source a replica has the data, the encryption and the version, not the other settings."""
    assert _database(replicated, "replica").get(member) == value


def test_change_of_a_replica_leaves_its_source(replicated: SimulatedAccount) -> None:
    """Nothing is shared."""
    before = _database(replicated, "source")
    replicated.client("rds").modify_db_instance(
        DBInstanceIdentifier="replica", CloudwatchLogsExportConfiguration={"EnableLogTypes": ["upgrade"]}
    )
    after = _database(replicated, "source")
    assert {**before, "LatestRestorableTime": None} == {**after, "LatestRestorableTime": None}


def test_promoted_replica_is_on_its_own(replicated: SimulatedAccount) -> None:
    """Neither names the other any more."""
    replicated.client("rds").promote_read_replica(DBInstanceIdentifier="replica")
    source, replica = _database(replicated, "source"), _database(replicated, "replica")
    assert (source["ReadReplicaDBInstanceIdentifiers"], "ReadReplicaSourceDBInstanceIdentifier" in replica) == (
        [],
        False,
    )


def test_protected_database_is_not_deleted(replicated: SimulatedAccount) -> None:
    """The message is that of RDS."""
    rds = replicated.client("rds")
    rds.modify_db_instance(DBInstanceIdentifier="source", DeletionProtection=True)
    with pytest.raises(ClientError, match="Cannot delete protected DB Instance, please disable deletion protection"):
        rds.delete_db_instance(DBInstanceIdentifier="source", SkipFinalSnapshot=True)


def test_standby_is_in_another_zone(replicated: SimulatedAccount) -> None:
    """A database in several zones says where its standby is; one in a single zone has none."""
    shown = [_database(replicated, name) for name in ("source", "replica")]
    zones = [(found["AvailabilityZone"], found.get("SecondaryAvailabilityZone")) for found in shown]
    assert zones == [("us-east-1a", "us-east-1b"), ("us-east-1a", None)]


@pytest.mark.parametrize(
    ("operation", "given", "code"),
    [
        ("delete_db_parameter_group", {"DBParameterGroupName": "used"}, "InvalidDBParameterGroupState"),
        ("delete_db_subnet_group", {"DBSubnetGroupName": "used"}, "InvalidDBSubnetGroupStateFault"),
    ],
)
def test_group_of_a_database_stays(operation: str, given: dict[str, str], code: str, account: SimulatedAccount) -> None:
    """RDS does not let go of what a database uses, and does when the database is gone."""
    rds, subnets = account.client("rds"), account.client("ec2").describe_subnets()["Subnets"]
    rds.create_db_parameter_group(DBParameterGroupName="used", DBParameterGroupFamily="postgres16", Description="Used")
    ids = [subnet["SubnetId"] for subnet in subnets[:2]]
    rds.create_db_subnet_group(DBSubnetGroupName="used", DBSubnetGroupDescription="Used", SubnetIds=ids)
    rds.create_db_instance(**_SOURCE, DBParameterGroupName="used", DBSubnetGroupName="used")
    with pytest.raises(ClientError) as refusal:
        getattr(rds, operation)(**given)
    assert refusal.value.response["Error"]["Code"] == code
    rds.delete_db_instance(DBInstanceIdentifier="source", SkipFinalSnapshot=True)
    getattr(rds, operation)(**given)


def test_cache_leaves_a_final_snapshot(account: SimulatedAccount) -> None:
    """A replication group that is deleted with a name for a snapshot is gone, and the snapshot there."""
    client = account.client("elasticache")
    client.create_replication_group(ReplicationGroupId="small", ReplicationGroupDescription="Small")
    client.delete_replication_group(ReplicationGroupId="small", FinalSnapshotIdentifier="small-final")
    (snapshot,) = client.describe_snapshots()["Snapshots"]
    assert (
        snapshot["SnapshotName"],
        snapshot["ReplicationGroupId"],
        client.describe_replication_groups()["ReplicationGroups"],
    ) == ("small-final", "small", [])


def test_nodes_stand_in_the_zones_of_their_subnets(account: SimulatedAccount) -> None:
    """The nodes of a cache are put into the zones by turns."""
    client, subnets = account.client("elasticache"), account.client("ec2").describe_subnets()["Subnets"]
    ids = [subnet["SubnetId"] for subnet in subnets if subnet["AvailabilityZone"][-1] in "bc"]
    client.create_cache_subnet_group(CacheSubnetGroupName="two", CacheSubnetGroupDescription="Two", SubnetIds=ids)
    client.create_replication_group(
        ReplicationGroupId="small",
        ReplicationGroupDescription="Small",
        NumCacheClusters=3,
        CacheSubnetGroupName="two",
    )
    nodes = client.describe_replication_groups()["ReplicationGroups"][0]["NodeGroups"][0]["NodeGroupMembers"]
    assert [node["PreferredAvailabilityZone"][-1] for node in nodes] == ["b", "c", "b"]


def test_shards_share_the_slots(account: SimulatedAccount) -> None:
    """All slots are given to a shard, each to one."""
    client = account.client("elasticache")
    client.create_replication_group(ReplicationGroupId="small", ReplicationGroupDescription="Small", NumNodeGroups=3)
    shards = client.describe_replication_groups()["ReplicationGroups"][0]["NodeGroups"]
    assert [shard["Slots"] for shard in shards] == ["0-5460", "5461-10921", "10922-16383"]


def test_settings_of_a_cache_stay(account: SimulatedAccount) -> None:
    """ElastiCache does not let go of a parameter group that a cache uses."""
    client = account.client("elasticache")
    client.create_cache_parameter_group(
        CacheParameterGroupName="used", CacheParameterGroupFamily="redis7", Description="Used"
    )
    client.create_replication_group(
        ReplicationGroupId="small", ReplicationGroupDescription="Small", CacheParameterGroupName="used"
    )
    with pytest.raises(ClientError, match="InvalidCacheParameterGroupState"):
        client.delete_cache_parameter_group(CacheParameterGroupName="used")


def test_service_runs_where_its_strategy_says(account: SimulatedAccount) -> None:
    """A service with a capacity provider has no launch type, and all of its tasks run."""
    client = account.client("ecs")
    client.create_cluster(clusterName="small")
    client.register_task_definition(family="web", containerDefinitions=[{"name": "web", "image": "w", "memory": 9}])
    client.create_service(
        cluster="small",
        serviceName="web",
        taskDefinition="web",
        desiredCount=2,
        capacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
    )
    (found,) = client.describe_services(cluster="small", services=["web"])["services"]
    shown = (found.get("launchType"), found["capacityProviderStrategy"], found["runningCount"], found["pendingCount"])
    assert shown == (None, [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}], 2, 0)


def test_rotation_needs_its_function(account: SimulatedAccount) -> None:
    """A secret is not rotated by a function that is not there."""
    client = account.client("secretsmanager")
    client.create_secret(Name="small", SecretString="a")
    arn = "arn:aws:lambda:us-east-1:123456789012:function:nobody"
    with pytest.raises(ClientError, match="Resource not found for ARN"):
        client.rotate_secret(SecretId="small", RotationLambdaARN=arn, RotationRules={"AutomaticallyAfterDays": 1})
