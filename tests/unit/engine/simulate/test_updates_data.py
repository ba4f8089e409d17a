"""Updates in place of the services that keep data and run containers: databases, caches, services, secrets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from botocore.exceptions import ClientError

from stackproof.simulate import SimulatedAccount, simulated_account
from stackproof.simulate.handlers import Made, Wanted

from .resource_cases import ACCOUNT, REGION, SECOND, make

_TAGS = [{"Key": "kept", "Value": "1"}, {"Key": "changed", "Value": "old"}, {"Key": "gone", "Value": "1"}]
_OTHER_TAGS = [{"Key": "kept", "Value": "1"}, {"Key": "changed", "Value": "new"}, {"Key": "added", "Value": "1"}]
_NEW_TAGS = {"added": "1", "changed": "new", "kept": "1"}
_STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/small-dev-layer/1"

Ask = Callable[["Account", str], Any]


def _function(account: SimulatedAccount) -> str:
    """Make a function that could rotate secrets."""
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    role = account.client("iam").create_role(RoleName="rotate", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    code = BytesIO()
    with ZipFile(code, "w") as archive:
        archive.writestr("rotate.py", "def handler(event, context): pass")
    answer = account.client("lambda").create_function(
        FunctionName="rotate",
        Runtime="python3.12",
        Role=role,
        Handler="rotate.handler",
        Code={"ZipFile": code.getvalue()},
    )
    return str(answer["FunctionArn"])


class Account:
    """An account with what the resources stand on.

    Attributes:
        ids: what ``{name}`` in a property stands for.
    """

    def __init__(self, account: SimulatedAccount) -> None:
        self.account = account
        self.ids: dict[str, str] = {}
        ec2 = account.client("ec2")
        vpc = self.ids["vpc"] = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        for number, zone in enumerate("abc"):
            given = {"CidrBlock": f"10.0.{number}.0/24", "AvailabilityZone": f"{REGION}{zone}"}
            self.ids[f"subnet-{zone}"] = ec2.create_subnet(VpcId=vpc, **given)["Subnet"]["SubnetId"]
        for name in ("group", "other-group"):
            answer = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)
            self.ids[name] = answer["GroupId"]
        default = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"]
        self.ids["default-group"] = next(group["GroupId"] for group in default if group["GroupName"] == "default")
        ecs = account.client("ecs")
        ecs.create_cluster(clusterName="small")
        for name in ("task", "other-task"):
            containers = [{"name": "web", "image": "web:1", "memory": 128}]
            answer = ecs.register_task_definition(family=name, networkMode="awsvpc", containerDefinitions=containers)
            self.ids[name] = answer["taskDefinition"]["taskDefinitionArn"]
        for name in ("target", "scaled"):
            ecs.create_service(cluster="small", serviceName=name, taskDefinition="task", desiredCount=1)
        scaling = account.client("application-autoscaling")
        scaling.register_scalable_target(**_SCALED, MinCapacity=1, MaxCapacity=2)
        answer = account.client("secretsmanager").create_secret(Name="attached", SecretString='{"username": "small"}')
        self.ids["secret"] = answer["ARN"]
        for name, engine, database in (("first", "postgres", {"DBName": "small"}), ("second", "mysql", {})):
            account.client("rds").create_db_instance(
                DBInstanceIdentifier=name,
                DBInstanceClass="db.t3.micro",
                Engine=engine,
                AllocatedStorage=20,
                MasterUsername="small",
                MasterUserPassword="not-to-be-shown",
                **database,
            )
        self.ids["function"] = _function(account)
        for name in ("key", "other-key"):
            self.ids[name] = account.client("kms").create_key()["KeyMetadata"]["Arn"]

    def filled(self, value: Any) -> Any:
        """Return a value with ids in the places of their names."""
        if isinstance(value, dict):
            return {name: self.filled(child) for name, child in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self.filled(item) for item in value)
        if isinstance(value, str) and value.startswith("<") and value.endswith(">"):
            return self.ids[value[1:-1]]
        return value

    def named(self, ids: Iterable[str]) -> list[str]:
        """Return the names of ids."""
        wanted = set(ids)
        return sorted(name for name, own in self.ids.items() if own in wanted)

    def client(self, service: str, region: str = "") -> Any:
        """Return a client of a service."""
        return self.account.client(service, region)


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    """One account for all updates; each resource has a name of its own and is removed."""
    with simulated_account(REGION, ACCOUNT) as found:
        yield Account(found)


@dataclass(frozen=True)
class Change:
    """One update in place.

    Attributes:
        common: properties that stay.
        ask: asks the service about the resource, given its physical id.
        expected: what the service says after the update.
        returns: whether the service then says again what it said before.
    """

    kind: str
    common: Mapping[str, Any]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    ask: Ask
    expected: object
    returns: bool = True

    @property
    def name(self) -> str:
        """A name for the test: the type and what changes."""
        names = sorted({*self.before, *self.after})
        return "-".join((self.kind, *names, *(("removed",) if not self.after else ())))


def _asked(service: str, operation: str, path: str, **given: Any) -> Ask:
    """Return a question; ``@`` in an argument stands for the physical id."""

    def ask(account: Account, physical_id: str) -> Any:
        filled = {name: json.loads(json.dumps(value).replace("@", physical_id)) for name, value in given.items()}
        found = getattr(account.client(service), operation)(**filled)
        for key in path.split(".") if path else ():
            found = found[int(key)] if isinstance(found, list) else found.get(key)
        return found

    return ask


def _each(ask: Ask, *names: str) -> Ask:
    """Return a question for some members of an answer."""
    return lambda account, physical_id: {name: ask(account, physical_id).get(name) for name in names}


def _tags(ask: Ask, key: str = "Key", value: str = "Value") -> Ask:
    return lambda account, physical_id: {tag[key]: tag[value] for tag in ask(account, physical_id) or ()}


_SSM: dict[str, Any] = {"Type": "String", "Value": "a"}
_parameter = _asked("ssm", "get_parameter", "Parameter", Name="@")
_described = _asked("ssm", "describe_parameters", "Parameters.0", ParameterFilters=[{"Key": "Name", "Values": ["@"]}])

_SECRET: dict[str, Any] = {"Name": "small/changed"}
_secret = _asked("secretsmanager", "describe_secret", "", SecretId="@")
_replicas = _asked("secretsmanager", "describe_secret", "ReplicationStatus", SecretId="@")


def _of(kind: str, common: Mapping[str, Any], *changes: tuple[Any, ...]) -> Iterator[Change]:
    return (Change(kind, common, *change) for change in changes)


CHANGES = [
    *_of(
        "SSM::Parameter",
        {"Type": "String"},
        ({"Value": "a"}, {"Value": "b"}, _each(_parameter, "Type", "Value"), {"Type": "String", "Value": "b"}),
    ),
    *_of(
        "SSM::Parameter",
        {},
        (
            _SSM,
            {"Type": "StringList", "Value": "a,b"},
            _each(_parameter, "Type", "Value"),
            {"Type": "StringList", "Value": "a,b"},
        ),
    ),
    *_of(
        "SSM::Parameter",
        _SSM,
        ({}, {"Description": "New"}, _each(_described, "Description"), {"Description": "New"}),
        ({"Description": "Old"}, {}, _each(_described, "Description"), {"Description": None}),
        (
            {"AllowedPattern": "a"},
            {"AllowedPattern": "a+"},
            _each(_described, "AllowedPattern"),
            {"AllowedPattern": "a+"},
        ),
        (
            {"Tags": {"kept": "1", "changed": "old", "gone": "1"}},
            {"Tags": {"kept": "1", "changed": "new", "added": "1"}},
            _tags(_asked("ssm", "list_tags_for_resource", "TagList", ResourceType="Parameter", ResourceId="@")),
            _NEW_TAGS,
        ),
    ),
    *_of(
        "SecretsManager::Secret",
        _SECRET,
        ({"Description": "Old"}, {"Description": "New"}, _each(_secret, "Description"), {"Description": "New"}),
        ({"Description": "Old"}, {}, _each(_secret, "Description"), {"Description": None}),
        ({"KmsKeyId": "<key>"}, {"KmsKeyId": "<other-key>"}, _each(_secret, "KmsKeyId"), {"KmsKeyId": "<other-key>"}),
        ({"KmsKeyId": "<key>"}, {}, _each(_secret, "KmsKeyId"), {"KmsKeyId": None}),
        (
            {"Tags": _TAGS},
            {"Tags": _OTHER_TAGS},
            _tags(_asked("secretsmanager", "describe_secret", "Tags", SecretId="@")),
            _NEW_TAGS,
        ),
        (
            {"SecretString": "old"},
            {"SecretString": "new"},
            _asked("secretsmanager", "get_secret_value", "SecretString", SecretId="@"),
            "new",
        ),
        (
            {"ReplicaRegions": [{"Region": SECOND}]},
            {"ReplicaRegions": [{"Region": "eu-west-1", "KmsKeyId": "alias/there"}]},
            lambda account, own: [(one["Region"], one["KmsKeyId"]) for one in _replicas(account, own)],
            [("eu-west-1", "alias/there")],
        ),
    ),
]


_DB: dict[str, Any] = {
    "DBInstanceIdentifier": "changed",
    "Engine": "postgres",
    "MasterUsername": "small",
    "MasterUserPassword": "not-to-be-shown",
}
_SIZE: dict[str, Any] = {"DBInstanceClass": "db.t3.micro", "AllocatedStorage": "20"}
_database = _asked("rds", "describe_db_instances", "DBInstances.0", DBInstanceIdentifier="@")
_security = _asked("rds", "describe_db_instances", "DBInstances.0.VpcSecurityGroups", DBInstanceIdentifier="@")
_roles = _asked("rds", "describe_db_instances", "DBInstances.0.AssociatedRoles", DBInstanceIdentifier="@")


def _changed(ask: Ask, before: dict[str, Any], after: dict[str, Any], **shown: Any) -> tuple[Any, ...]:
    """Return a change that shows in members of an answer; those that the properties name, unless they are given."""
    expected = shown or after
    return before, after, _each(ask, *expected), expected


def _db(before: dict[str, Any], after: dict[str, Any], **shown: Any) -> tuple[Any, ...]:
    return _changed(_database, before, after, **shown)


_ROLE = {"FeatureName": "s3Import", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/import"}
_OTHER_ROLE = {"FeatureName": "s3Export", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/export"}
_MONITOR = f"arn:aws:iam::{ACCOUNT}:role/monitor"

CHANGES += [
    *_of(
        "RDS::DBInstance",
        _DB | {"AllocatedStorage": "20"},
        _db({"DBInstanceClass": "db.t3.micro"}, {"DBInstanceClass": "db.m6g.large"}),
    ),
    *_of(
        "RDS::DBInstance",
        _DB | {"DBInstanceClass": "db.t3.micro"},
        _db({"AllocatedStorage": "20"}, {"AllocatedStorage": "40"}, AllocatedStorage=40),
    ),
    *_of(
        "RDS::DBInstance",
        _DB | _SIZE,
        _db({}, {"MaxAllocatedStorage": 100}),
        _db({"MaxAllocatedStorage": 50}, {"MaxAllocatedStorage": 100}),
        _db({"StorageType": "gp2"}, {"StorageType": "gp3", "StorageThroughput": 500, "Iops": 12000}),
        _db({"StorageType": "io1", "Iops": 1000}, {"StorageType": "gp2"}, StorageType="gp2", Iops=None),
        _db({}, {"MultiAZ": True}),
        _db({"BackupRetentionPeriod": 3}, {"BackupRetentionPeriod": 14}),
        _db({"BackupRetentionPeriod": 3}, {}, BackupRetentionPeriod=1),
        _db({"PreferredBackupWindow": "02:00-03:00"}, {"PreferredBackupWindow": "04:00-05:00"}),
        _db(
            {"PreferredMaintenanceWindow": "sun:05:00-sun:06:00"},
            {"PreferredMaintenanceWindow": "mon:05:00-mon:06:00"},
        ),
        _db({"DeletionProtection": False}, {"DeletionProtection": True}),
        _db({}, {"CopyTagsToSnapshot": True}),
        _db({}, {"EnableIAMDatabaseAuthentication": True}, IAMDatabaseAuthenticationEnabled=True),
        _db({}, {"AutoMinorVersionUpgrade": False}),
        _db({}, {"PubliclyAccessible": True}),
        _db({}, {"CACertificateIdentifier": "rds-ca-rsa4096-g1"}),
        _db(
            {"EnablePerformanceInsights": True, "PerformanceInsightsRetentionPeriod": 31},
            {},
            PerformanceInsightsEnabled=False,
            PerformanceInsightsRetentionPeriod=None,
        ),
        _db(
            {"EnablePerformanceInsights": True, "PerformanceInsightsRetentionPeriod": 31},
            {"EnablePerformanceInsights": True, "PerformanceInsightsRetentionPeriod": 62},
            PerformanceInsightsRetentionPeriod=62,
        ),
        _db({}, {"MonitoringInterval": 60, "MonitoringRoleArn": _MONITOR}),
        _db(
            {"EnableCloudwatchLogsExports": ["postgresql"]},
            {"EnableCloudwatchLogsExports": ["upgrade"]},
            EnabledCloudwatchLogsExports=["upgrade"],
        ),
        _db({"EnableCloudwatchLogsExports": ["postgresql"]}, {}, EnabledCloudwatchLogsExports=[]),
        (
            {"VPCSecurityGroups": ["<group>"]},
            {"VPCSecurityGroups": ["<other-group>"]},
            lambda account, own: [group["VpcSecurityGroupId"] for group in _security(account, own)],
            ["<other-group>"],
        ),
        (
            {"AssociatedRoles": [_ROLE]},
            {"AssociatedRoles": [_OTHER_ROLE]},
            _roles,
            [_OTHER_ROLE | {"Status": "ACTIVE"}],
        ),
        (
            {"AutomaticBackupReplicationRegion": SECOND},
            {},
            lambda account, own: account.client("rds", SECOND).describe_db_instance_automated_backups()[
                "DBInstanceAutomatedBackups"
            ],
            [],
            False,
        ),
        (
            {"Tags": _TAGS},
            {"Tags": _OTHER_TAGS},
            _tags(_asked("rds", "describe_db_instances", "DBInstances.0.TagList", DBInstanceIdentifier="@")),
            _NEW_TAGS,
        ),
        _db({"EngineVersion": "16.3"}, {"EngineVersion": "16.4"}),
        (
            *_db(
                {"EngineVersion": "15.7"},
                {"EngineVersion": "16.4", "AllowMajorVersionUpgrade": True},
                EngineVersion="16.4",
            ),
            False,
        ),
    ),
    *_of(
        "RDS::DBSubnetGroup",
        {},
        (
            {"DBSubnetGroupDescription": "Old", "SubnetIds": ["<subnet-a>", "<subnet-b>"]},
            {"DBSubnetGroupDescription": "New", "SubnetIds": ["<subnet-b>", "<subnet-c>"]},
            lambda account, own: [
                (found["DBSubnetGroupDescription"], account.named(one["SubnetIdentifier"] for one in found["Subnets"]))
                for found in account.client("rds").describe_db_subnet_groups(DBSubnetGroupName=own)["DBSubnetGroups"]
            ],
            [("New", ["subnet-b", "subnet-c"])],
        ),
    ),
    *_of(
        "RDS::DBParameterGroup",
        {"Family": "postgres16", "Description": "Settings"},
        (
            {"Parameters": {"kept": "1", "changed": "1", "gone": "1"}},
            {"Parameters": {"kept": "1", "changed": "2", "added": "1"}},
            _tags(
                _asked("rds", "describe_db_parameters", "Parameters", DBParameterGroupName="@"),
                "ParameterName",
                "ParameterValue",
            ),
            {"kept": "1", "changed": "2", "added": "1"},
        ),
        (
            {"Parameters": {"gone": "1"}},
            {},
            _asked("rds", "describe_db_parameters", "Parameters", DBParameterGroupName="@"),
            [],
        ),
        (
            {"Tags": _TAGS},
            {"Tags": _OTHER_TAGS},
            _tags(
                _asked("rds", "list_tags_for_resource", "TagList", ResourceName=f"arn:aws:rds:{REGION}:{ACCOUNT}:pg:@")
            ),
            _NEW_TAGS,
        ),
    ),
]


_CACHE: dict[str, Any] = {"ReplicationGroupId": "changed", "ReplicationGroupDescription": "Changed"}
_replication = _asked("elasticache", "describe_replication_groups", "ReplicationGroups.0", ReplicationGroupId="@")


def _node(account: Account, own: str) -> Any:
    node = _replication(account, own)["MemberClusters"][0]
    return account.client("elasticache").describe_cache_clusters(CacheClusterId=node)["CacheClusters"][0]


def _cache(before: dict[str, Any], after: dict[str, Any], **shown: Any) -> tuple[Any, ...]:
    return _changed(_replication, before, after, **shown)


def _shape(account: Account, own: str) -> list[list[tuple[str, str]]]:
    return [
        [(node["CacheClusterId"], node["PreferredAvailabilityZone"]) for node in shard["NodeGroupMembers"]]
        for shard in _replication(account, own)["NodeGroups"]
    ]


def _delivered(log: str, group: str) -> dict[str, Any]:
    where = {"DestinationType": "cloudwatch-logs", "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": group}}}
    return {**where, "LogFormat": "json", "LogType": log}


def _deliveries(account: Account, own: str) -> list[tuple[str, str]]:
    return [
        (entry["LogType"], entry["DestinationDetails"]["CloudWatchLogsDetails"]["LogGroup"])
        for entry in _replication(account, own)["LogDeliveryConfigurations"]
    ]


_cache_settings = _asked("elasticache", "describe_cache_parameters", "Parameters", CacheParameterGroupName="@")
_cache_tags = {
    kind: _tags(
        _asked(
            "elasticache",
            "list_tags_for_resource",
            "TagList",
            ResourceName=f"arn:aws:elasticache:{REGION}:{ACCOUNT}:{kind}:@",
        )
    )
    for kind in ("replicationgroup", "parametergroup", "subnetgroup")
}

CHANGES += [
    *_of(
        "ElastiCache::ReplicationGroup",
        {"ReplicationGroupId": "changed"},
        (
            {"ReplicationGroupDescription": "Old"},
            {"ReplicationGroupDescription": "New"},
            _each(_replication, "Description"),
            {"Description": "New"},
        ),
    ),
    *_of(
        "ElastiCache::ReplicationGroup",
        _CACHE,
        _cache({"CacheNodeType": "cache.t4g.small"}, {"CacheNodeType": "cache.m7g.large"}),
        _changed(_node, {"EngineVersion": "7.0"}, {"EngineVersion": "7.1"}),
        _cache(
            {"NumCacheClusters": 2},
            {"NumCacheClusters": 2, "AutomaticFailoverEnabled": True, "MultiAZEnabled": True},
            AutomaticFailover="enabled",
            MultiAZ="enabled",
        ),
        (
            {"NumCacheClusters": 1},
            {"NumCacheClusters": 4},
            _shape,
            [[(f"changed-00{number}", f"{REGION}{zone}") for number, zone in ((1, "a"), (2, "b"), (3, "c"), (4, "d"))]],
        ),
        ({"NumCacheClusters": 3}, {"NumCacheClusters": 1}, _shape, [[("changed-001", f"{REGION}a")]]),
        (
            {"NumNodeGroups": 2, "ReplicasPerNodeGroup": 0},
            {"NumNodeGroups": 3, "ReplicasPerNodeGroup": 1},
            _shape,
            [
                [(f"changed-000{shard}-001", f"{REGION}{first}"), (f"changed-000{shard}-002", f"{REGION}{second}")]
                for shard, first, second in ((1, "a", "b"), (2, "b", "c"), (3, "c", "d"))
            ],
        ),
        _cache(
            {"SnapshotRetentionLimit": 7, "SnapshotWindow": "01:00-02:00"},
            {"SnapshotRetentionLimit": 14, "SnapshotWindow": "03:00-04:00"},
        ),
        _cache({"SnapshotRetentionLimit": 7}, {}, SnapshotRetentionLimit=0),
        _changed(_node, {}, {"PreferredMaintenanceWindow": "sun:05:00-sun:06:00"}),
        _cache({"AutoMinorVersionUpgrade": True}, {"AutoMinorVersionUpgrade": False}),
        _cache(
            {"TransitEncryptionEnabled": True, "AuthToken": "not-to-be-shown-1"},
            {"TransitEncryptionEnabled": True},
            AuthTokenEnabled=False,
        ),
        _cache(
            {"TransitEncryptionEnabled": True, "TransitEncryptionMode": "preferred"},
            {"TransitEncryptionEnabled": True, "TransitEncryptionMode": "required"},
        ),
        _cache({"UserGroupIds": ["kept", "old"]}, {"UserGroupIds": ["kept", "new"]}),
        (
            {"LogDeliveryConfigurations": [_delivered("slow-log", "old"), _delivered("engine-log", "old")]},
            {"LogDeliveryConfigurations": [_delivered("slow-log", "new")]},
            _deliveries,
            [("slow-log", "new")],
        ),
        (
            {"SecurityGroupIds": ["<group>"]},
            {"SecurityGroupIds": ["<other-group>"]},
            lambda account, own: [group["SecurityGroupId"] for group in _node(account, own)["SecurityGroups"]],
            ["<other-group>"],
        ),
        (
            {"NotificationTopicArn": "arn:aws:sns:us-east-1:123456789012:old"},
            {"NotificationTopicArn": "arn:aws:sns:us-east-1:123456789012:new"},
            lambda account, own: _node(account, own)["NotificationConfiguration"]["TopicArn"],
            "arn:aws:sns:us-east-1:123456789012:new",
        ),
        ({"Tags": _TAGS}, {"Tags": _OTHER_TAGS}, _cache_tags["replicationgroup"], _NEW_TAGS),
    ),
    *_of(
        "ElastiCache::SubnetGroup",
        {"CacheSubnetGroupName": "changed"},
        (
            {"Description": "Old", "SubnetIds": ["<subnet-a>", "<subnet-b>"]},
            {"Description": "New", "SubnetIds": ["<subnet-b>", "<subnet-c>"]},
            lambda account, own: [
                (
                    found["CacheSubnetGroupDescription"],
                    account.named(one["SubnetIdentifier"] for one in found["Subnets"]),
                )
                for found in account.client("elasticache").describe_cache_subnet_groups(CacheSubnetGroupName=own)[
                    "CacheSubnetGroups"
                ]
            ],
            [("New", ["subnet-b", "subnet-c"])],
        ),
    ),
    *_of(
        "ElastiCache::SubnetGroup",
        {"Description": "Subnets", "SubnetIds": ["<subnet-a>"]},
        ({"Tags": _TAGS}, {"Tags": _OTHER_TAGS}, _cache_tags["subnetgroup"], _NEW_TAGS),
    ),
    *_of(
        "ElastiCache::ParameterGroup",
        {"CacheParameterGroupFamily": "redis7", "Description": "Settings"},
        (
            {"Properties": {"kept": "1", "changed": "1", "gone": "1"}},
            {"Properties": {"kept": "1", "changed": "2", "added": "1"}},
            _tags(_cache_settings, "ParameterName", "ParameterValue"),
            {"kept": "1", "changed": "2", "added": "1"},
        ),
        ({"Properties": {"gone": "1"}}, {}, _cache_settings, []),
        ({"Tags": _TAGS}, {"Tags": _OTHER_TAGS}, _cache_tags["parametergroup"], _NEW_TAGS),
    ),
]


_SERVICE: dict[str, Any] = {"ServiceName": "changed", "Cluster": "small"}
_service = _asked("ecs", "describe_services", "services.0", cluster="small", services=["@"], include=["TAGS"])
_of_service = partial(_asked, "ecs", "describe_services", cluster="small", services=["@"], include=["TAGS"])
_cluster = _asked("ecs", "describe_clusters", "clusters.0", clusters=["@"], include=["SETTINGS", "CONFIGURATIONS"])
_RUNS: dict[str, Any] = {"TaskDefinition": "<task>"}


def _placed(subnet: str, group: str) -> dict[str, Any]:
    inner = {"AssignPublicIp": "DISABLED", "Subnets": [subnet], "SecurityGroups": [group]}
    return {"NetworkConfiguration": {"AwsvpcConfiguration": inner}}


_ROLLING = {
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    "strategy": "ROLLING",
    "bakeTimeInMinutes": 0,
}
_BROKEN = {"DeploymentConfiguration": {"DeploymentCircuitBreaker": {"Enable": True, "Rollback": True}}}

CHANGES += [
    *_of(
        "ECS::Cluster",
        {"ClusterName": "changed"},
        (
            {"ClusterSettings": [{"Name": "containerInsights", "Value": "enabled"}]},
            {"ClusterSettings": [{"Name": "containerInsights", "Value": "enhanced"}]},
            _asked("ecs", "describe_clusters", "clusters.0.settings", clusters=["@"], include=["SETTINGS"]),
            [{"name": "containerInsights", "value": "enhanced"}],
        ),
        (
            {"ClusterSettings": [{"Name": "containerInsights", "Value": "enabled"}]},
            {},
            _asked("ecs", "describe_clusters", "clusters.0.settings", clusters=["@"], include=["SETTINGS"]),
            [{"name": "containerInsights", "value": "disabled"}],
        ),
        (
            {"Configuration": {"ExecuteCommandConfiguration": {"Logging": "DEFAULT"}}},
            {"Configuration": {"ExecuteCommandConfiguration": {"Logging": "NONE"}}},
            _asked("ecs", "describe_clusters", "clusters.0.configuration", clusters=["@"], include=["CONFIGURATIONS"]),
            {"executeCommandConfiguration": {"logging": "NONE"}},
        ),
        (
            {"CapacityProviders": ["FARGATE"]},
            {"CapacityProviders": ["FARGATE", "FARGATE_SPOT"]},
            _asked("ecs", "describe_clusters", "clusters.0.capacityProviders", clusters=["@"]),
            ["FARGATE", "FARGATE_SPOT"],
        ),
        (
            {"Tags": _TAGS},
            {"Tags": _OTHER_TAGS},
            _tags(
                _asked("ecs", "describe_clusters", "clusters.0.tags", clusters=["@"], include=["TAGS"]), "key", "value"
            ),
            _NEW_TAGS,
        ),
    ),
    *_of(
        "ECS::ClusterCapacityProviderAssociations",
        {"Cluster": "small"},
        (
            {
                "CapacityProviders": ["FARGATE"],
                "DefaultCapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Weight": 1}],
            },
            {
                "CapacityProviders": ["FARGATE_SPOT"],
                "DefaultCapacityProviderStrategy": [{"CapacityProvider": "FARGATE_SPOT", "Weight": 2}],
            },
            _each(_cluster, "capacityProviders", "defaultCapacityProviderStrategy"),
            {
                "capacityProviders": ["FARGATE_SPOT"],
                "defaultCapacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 2, "base": 0}],
            },
        ),
    ),
    *_of(
        "ECS::TaskDefinition",
        {"Family": "changed", "ContainerDefinitions": [{"Name": "web", "Image": "web:1", "Memory": 128}]},
        (
            {"Tags": _TAGS},
            {"Tags": _OTHER_TAGS},
            _tags(_asked("ecs", "list_tags_for_resource", "tags", resourceArn="@"), "key", "value"),
            _NEW_TAGS,
        ),
    ),
    *_of(
        "ECS::Service",
        _SERVICE,
        (
            {"TaskDefinition": "<task>"},
            {"TaskDefinition": "<other-task>"},
            _each(_service, "taskDefinition"),
            {"taskDefinition": "<other-task>"},
        ),
        (
            {"TaskDefinition": "<task>"},
            {"TaskDefinition": "<other-task>"},
            _each(_of_service("services.0.deployments.0"), "taskDefinition", "rolloutState"),
            {"taskDefinition": "<other-task>", "rolloutState": "COMPLETED"},
        ),
    ),
    *_of(
        "ECS::Service",
        _SERVICE | _RUNS,
        _changed(_service, {"DesiredCount": 1}, {"DesiredCount": 3}, desiredCount=3, runningCount=3, pendingCount=0),
        _changed(_service, {"DesiredCount": 3}, {}, desiredCount=3, runningCount=3),
        (
            {"LaunchType": "FARGATE", **_placed("<subnet-a>", "<group>")},
            {"LaunchType": "FARGATE", **_placed("<subnet-b>", "<other-group>")},
            _of_service("services.0.networkConfiguration.awsvpcConfiguration"),
            {"subnets": ["<subnet-b>"], "securityGroups": ["<other-group>"], "assignPublicIp": "DISABLED"},
        ),
        (
            {},
            _BROKEN,
            _of_service("services.0.deploymentConfiguration"),
            {**_ROLLING, "deploymentCircuitBreaker": {"enable": True, "rollback": True}},
        ),
        (_BROKEN, {}, _of_service("services.0.deploymentConfiguration"), _ROLLING),
        _changed(
            _service,
            {"HealthCheckGracePeriodSeconds": 30},
            {"HealthCheckGracePeriodSeconds": 60},
            healthCheckGracePeriodSeconds=60,
        ),
        _changed(_service, {"EnableExecuteCommand": False}, {"EnableExecuteCommand": True}, enableExecuteCommand=True),
        _changed(_service, {"EnableECSManagedTags": False}, {"EnableECSManagedTags": True}, enableECSManagedTags=True),
        _changed(
            _service,
            {"PropagateTags": "SERVICE"},
            {"PropagateTags": "TASK_DEFINITION"},
            propagateTags="TASK_DEFINITION",
        ),
        _changed(_service, {"PlatformVersion": "1.3.0"}, {"PlatformVersion": "1.4.0"}, platformVersion="1.4.0"),
        (
            {"CapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Weight": 1}]},
            {"CapacityProviderStrategy": [{"CapacityProvider": "FARGATE_SPOT", "Weight": 2}]},
            _each(_service, "launchType", "capacityProviderStrategy"),
            {
                "launchType": None,
                "capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 2, "base": 0}],
            },
        ),
        ({"Tags": _TAGS}, {"Tags": _OTHER_TAGS}, _tags(_of_service("services.0.tags"), "key", "value"), _NEW_TAGS),
    ),
]


_LIFE = {"rulePriority": 1, "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 9}}
_LIFECYCLE = json.dumps({"rules": [{**_LIFE, "action": {"type": "expire"}}]})
_repository = _asked("ecr", "describe_repositories", "repositories.0", repositoryNames=["@"])


def _may(action: str) -> dict[str, Any]:
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": root, "Action": action, "Resource": "*"}],
    }


def _refused(ask: Ask) -> Ask:
    """Return a question whose answer may be an error's code."""

    def asked(account: Account, own: str) -> Any:
        try:
            return ask(account, own)
        except ClientError as error:
            return error.response["Error"]["Code"]

    return asked


_SCALED = {
    "ResourceId": "service/small/scaled",
    "ScalableDimension": "ecs:service:DesiredCount",
    "ServiceNamespace": "ecs",
}
_target = _asked(
    "application-autoscaling",
    "describe_scalable_targets",
    "ScalableTargets.0",
    ServiceNamespace="ecs",
    ResourceIds=["service/small/target"],
)
_actions = _asked("application-autoscaling", "describe_scheduled_actions", "ScheduledActions", ServiceNamespace="ecs")
_policy = _asked("application-autoscaling", "describe_scaling_policies", "ScalingPolicies.0", ServiceNamespace="ecs")


def _at(hour: int, least: int) -> dict[str, Any]:
    when = {"ScheduledActionName": f"at-{hour}", "Schedule": f"cron(0 {hour} * * ? *)"}
    return {**when, "ScalableTargetAction": {"MinCapacity": least}}


def _tracking(target: float, **more: Any) -> dict[str, Any]:
    metric = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
    return {"TargetValue": target, "PredefinedMetricSpecification": metric, **more}


CHANGES += [
    *_of(
        "ECR::Repository",
        {"RepositoryName": "changed"},
        (
            {"ImageTagMutability": "IMMUTABLE"},
            {"ImageTagMutability": "MUTABLE"},
            _each(_repository, "imageTagMutability"),
            {"imageTagMutability": "MUTABLE"},
        ),
        (
            {"ImageTagMutability": "IMMUTABLE"},
            {},
            _each(_repository, "imageTagMutability"),
            {"imageTagMutability": "MUTABLE"},
        ),
        (
            {},
            {"ImageScanningConfiguration": {"ScanOnPush": True}},
            _each(_repository, "imageScanningConfiguration"),
            {"imageScanningConfiguration": {"scanOnPush": True}},
        ),
        (
            {"LifecyclePolicy": {"LifecyclePolicyText": _LIFECYCLE}},
            {"LifecyclePolicy": {"LifecyclePolicyText": _LIFECYCLE.replace("9", "5")}},
            _asked("ecr", "get_lifecycle_policy", "lifecyclePolicyText", repositoryName="@"),
            _LIFECYCLE.replace("9", "5"),
        ),
        (
            {"LifecyclePolicy": {"LifecyclePolicyText": _LIFECYCLE}},
            {},
            _refused(_asked("ecr", "get_lifecycle_policy", "lifecyclePolicyText", repositoryName="@")),
            "LifecyclePolicyNotFoundException",
        ),
        (
            {"RepositoryPolicyText": _may("ecr:BatchGetImage")},
            {"RepositoryPolicyText": _may("ecr:DescribeImages")},
            lambda account, own: json.loads(
                account.client("ecr").get_repository_policy(repositoryName=own)["policyText"]
            ),
            _may("ecr:DescribeImages"),
        ),
        (
            {"RepositoryPolicyText": _may("ecr:BatchGetImage")},
            {},
            _refused(_asked("ecr", "get_repository_policy", "policyText", repositoryName="@")),
            "RepositoryPolicyNotFoundException",
        ),
        (
            {"Tags": _TAGS},
            {"Tags": _OTHER_TAGS},
            _tags(
                _asked(
                    "ecr",
                    "list_tags_for_resource",
                    "tags",
                    resourceArn=f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/@",
                )
            ),
            _NEW_TAGS,
        ),
        ({}, {"EmptyOnDelete": True}, _each(_repository, "repositoryName"), {"repositoryName": "changed"}),
    ),
    *_of(
        "ApplicationAutoScaling::ScalableTarget",
        {**_SCALED, "ResourceId": "service/small/target"},
        _changed(_target, {"MinCapacity": 1, "MaxCapacity": 4}, {"MinCapacity": 2, "MaxCapacity": 8}),
    ),
    *_of(
        "ApplicationAutoScaling::ScalableTarget",
        {**_SCALED, "ResourceId": "service/small/target", "MinCapacity": 1, "MaxCapacity": 4},
        _changed(
            _target,
            {"SuspendedState": {"DynamicScalingInSuspended": True}},
            {},
            SuspendedState={
                "DynamicScalingInSuspended": False,
                "DynamicScalingOutSuspended": False,
                "ScheduledScalingSuspended": False,
            },
        ),
        (
            {"ScheduledActions": [_at(6, 2), _at(20, 1)]},
            {"ScheduledActions": [_at(6, 3)]},
            lambda account, own: [
                (one["ScheduledActionName"], one["ScalableTargetAction"]) for one in _actions(account, own)
            ],
            [("at-6", {"MinCapacity": 3})],
        ),
        (
            {"Tags": {"kept": "1", "changed": "old", "gone": "1"}},
            {"Tags": {"kept": "1", "changed": "new", "added": "1"}},
            lambda account, own: account.client("application-autoscaling").list_tags_for_resource(
                ResourceARN=_target(account, own)["ScalableTargetARN"]
            )["Tags"],
            _NEW_TAGS,
        ),
    ),
    *_of(
        "ApplicationAutoScaling::ScalingPolicy",
        {**_SCALED, "PolicyName": "changed", "PolicyType": "TargetTrackingScaling"},
        (
            {"TargetTrackingScalingPolicyConfiguration": _tracking(50)},
            {"TargetTrackingScalingPolicyConfiguration": _tracking(70, ScaleInCooldown=300)},
            lambda account, own: (
                _policy(account, own)["PolicyARN"] == own,
                _policy(account, own)["TargetTrackingScalingPolicyConfiguration"],
                sorted(alarm["Threshold"] for alarm in account.client("cloudwatch").describe_alarms()["MetricAlarms"]),
            ),
            (True, _tracking(70.0, ScaleInCooldown=300), [63.0, 70.0]),
        ),
    ),
    *_of(
        "SecretsManager::ResourcePolicy",
        {"SecretId": "<secret>"},
        (
            {"ResourcePolicy": _may("secretsmanager:GetSecretValue")},
            {"ResourcePolicy": _may("secretsmanager:DescribeSecret")},
            lambda account, own: json.loads(
                account.client("secretsmanager").get_resource_policy(SecretId=own)["ResourcePolicy"]
            ),
            _may("secretsmanager:DescribeSecret"),
        ),
    ),
    *_of(
        "SecretsManager::RotationSchedule",
        {"SecretId": "<secret>", "RotationLambdaARN": "<function>"},
        (
            {"RotationRules": {"AutomaticallyAfterDays": 30}},
            {"RotationRules": {"ScheduleExpression": "rate(10 days)", "Duration": "2h"}},
            _each(_secret, "RotationEnabled", "RotationLambdaARN", "RotationRules"),
            {
                "RotationEnabled": True,
                "RotationLambdaARN": "<function>",
                "RotationRules": {"ScheduleExpression": "rate(10 days)", "Duration": "2h"},
            },
        ),
    ),
    *_of(
        "SecretsManager::SecretTargetAttachment",
        {"SecretId": "<secret>", "TargetType": "AWS::RDS::DBInstance"},
        (
            {"TargetId": "first"},
            {"TargetId": "second"},
            lambda account, own: json.loads(
                account.client("secretsmanager").get_secret_value(SecretId=own)["SecretString"]
            ),
            {
                "username": "small",
                "engine": "mysql",
                "host": f"second.aaaaaaaaaa.{REGION}.rds.amazonaws.com",
                "port": 3306,
                "dbInstanceIdentifier": "second",
            },
        ),
    ),
]


def _make(account: Account, change: Change, properties: Mapping[str, Any]) -> Made:
    return make(account.account, change.kind, "Changed", account.filled({**change.common, **properties}))


def _update(account: Account, made: Made, kind: str, properties: Mapping[str, Any]) -> None:
    name = "small-dev-layer-Changed-0123456789AB"
    made.update(Wanted(f"AWS::{kind}", "Changed", "small-dev-layer", _STACK, name, account.filled(dict(properties))))


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_update_in_place(change: Change, account: Account) -> None:
    """The service shows the new properties and only them; updated back, it shows what it showed at first."""
    made = _make(account, change, change.before)
    try:
        first, whole = change.ask(account, made.physical_id), _still(made.describe())
        _update(account, made, change.kind, {**change.common, **change.after})
        assert change.ask(account, made.physical_id) == account.filled(change.expected)
        assert (made.unread, made.unshown) == ((), ())
        if change.returns:
            _update(account, made, change.kind, {**change.common, **change.before})
            assert change.ask(account, made.physical_id) == first
            assert _still(made.describe()) == whole
    finally:
        if change.kind == "RDS::DBInstance":
            account.client("rds").modify_db_instance(DBInstanceIdentifier=made.physical_id, DeletionProtection=False)
        made.delete(False)


_MOVING = frozenset(("Alarms", "ResponseMetadata", "Version", "VersionIdsToStages", "deployments"))


@pytest.mark.parametrize(
    ("kind", "before", "after", "reason"),
    [
        (
            "RDS::DBInstance",
            _DB | _SIZE | {"EngineVersion": "15.7"},
            _DB | _SIZE | {"EngineVersion": "16.4"},
            "AllowMajorVersionUpgrade flag must be present",
        ),
        (
            "RDS::DBInstance",
            _DB | _SIZE,
            _DB | _SIZE | {"Domain": "d-1"},
            "cannot change Domain of AWS::RDS::DBInstance",
        ),
        (
            "SSM::Parameter",
            _SSM | {"Tier": "Advanced"},
            _SSM | {"Tier": "Standard"},
            "can't downgrade a parameter from the advanced-parameter tier",
        ),
        (
            "ECS::Service",
            _SERVICE | _RUNS,
            _SERVICE | {"TaskDefinition": "nobody"},
            "Unable to describe task definition",
        ),
    ],
)
def test_update_that_fails_changes_nothing(
    kind: str, before: dict[str, Any], after: dict[str, Any], reason: str, account: Account
) -> None:
    """What cannot be done is refused, and the resource is taken to be what it was."""
    made = make(account.account, kind, "Changed", account.filled(before))
    try:
        whole = _still(made.describe())
        with pytest.raises(Exception, match=reason):
            _update(account, made, kind, after)
        assert _still(made.describe()) == whole
    finally:
        made.delete(False)


@pytest.mark.parametrize(
    ("kind", "properties", "reason"),
    [
        ("ECS::Cluster", {"ClusterName": "small"}, "already exists"),
        ("ECS::Service", _SERVICE | _RUNS | {"ServiceName": "scaled"}, "Creation of service was not idempotent"),
        ("ApplicationAutoScaling::ScalableTarget", _SCALED | {"MinCapacity": 1, "MaxCapacity": 2}, "already exists"),
        ("SecretsManager::Secret", {"Name": "attached"}, "the secret attached already exists"),
        ("RDS::DBInstance", _DB | _SIZE | {"DBInstanceIdentifier": "first"}, "already exists"),
    ],
)
def test_taken_name_is_refused(kind: str, properties: dict[str, Any], reason: str, account: Account) -> None:
    """What exists is not taken over by a template that names it."""
    with pytest.raises(Exception, match=reason):
        make(account.account, kind, "Taken", account.filled(properties))


def test_cluster_with_services_stays(account: Account) -> None:
    """ECS does not delete a cluster in which something runs."""
    with pytest.raises(ClientError, match="The Cluster cannot be deleted while Services are active"):
        account.client("ecs").delete_cluster(cluster="small")


def test_instance_is_made_of_a_snapshot(account: Account) -> None:
    """What a snapshot holds is there again, and what the template says otherwise is changed."""
    account.client("rds").create_db_snapshot(DBSnapshotIdentifier="kept", DBInstanceIdentifier="first")
    properties = {
        "DBInstanceIdentifier": "restored",
        "DBSnapshotIdentifier": "kept",
        "DBInstanceClass": "db.m6g.large",
        "BackupRetentionPeriod": 9,
    }
    made = make(account.account, "RDS::DBInstance", "Restored", properties)
    names = ("DBInstanceIdentifier", "DBName", "Engine", "DBInstanceClass", "BackupRetentionPeriod")
    shown = [_database(account, made.physical_id)[name] for name in names]
    assert (shown, made.unread, made.unshown) == (["restored", "small", "postgres", "db.m6g.large", 9], (), ())
    made.delete(False)


def test_generated_secret_stays_until_its_rules_change(account: Account) -> None:
    """A password is made up again where the template says it otherwise, and not for another change."""
    rules = {"GenerateSecretString": {"PasswordLength": 20, "ExcludePunctuation": True}}
    longer = {"GenerateSecretString": {"PasswordLength": 30, "ExcludePunctuation": True}}
    made = make(account.account, "SecretsManager::Secret", "Changed", rules)
    client, words = account.client("secretsmanager"), []
    for properties in (rules, rules | {"Description": "New"}, longer | {"Description": "New"}):
        _update(account, made, "SecretsManager::Secret", properties)
        words.append(client.get_secret_value(SecretId=made.physical_id)["SecretString"])
    assert (words[0] == words[1], [len(word) for word in words]) == (True, [20, 20, 30])
    made.delete(False)


def _still(value: Any) -> Any:
    """Return a description without times and counts of changes, and with lists of objects in one order."""
    if isinstance(value, dict):
        return {name: _still(child) for name, child in value.items() if name not in _MOVING and child is not None}
    if isinstance(value, list | tuple):
        items = [_still(item) for item in value]
        return sorted(items, key=str) if all(isinstance(item, dict) for item in items) else items
    return "" if isinstance(value, datetime) else value
