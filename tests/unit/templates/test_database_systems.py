"""The databases of Caja, MueJam and Mattilda, asked in every environment."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from stackproof import Deployment, Resource

OTHERS = pytest.mark.systems("caja", "muejam", "mattilda")


@dataclass(frozen=True)
class Size:
    """What was promised of one environment's database."""

    instance_class: str
    multi_az: bool
    connections: int
    storage: tuple[int, int] = (20, 100)
    replicas: int = 0
    replica_class: str = ""


SIZES = {
    ("caja", "dev"): Size("db.t3.micro", False, 80),
    ("caja", "staging"): Size("db.r6g.large", True, 1500, (100, 500)),
    ("caja", "prod"): Size("db.r6g.large", True, 1500, (100, 500)),
    ("muejam", "dev"): Size("db.t3.small", False, 180, (100, 500)),
    ("muejam", "staging"): Size("db.t3.medium", True, 400, (100, 500), 1, "db.t3.medium"),
    ("muejam", "prod"): Size("db.r6g.xlarge", True, 1500, (100, 500), 2, "db.r6g.large"),
    ("mattilda", "staging"): Size("db.t3.micro", False, 80),
    ("mattilda", "prod"): Size("db.t3.micro", True, 80),
}
VERSIONS = {"caja": "17", "muejam": "15", "mattilda": "15"}


def _size(deployment: Deployment) -> Size:
    return SIZES[deployment.system, deployment.environment.name]


def _replicas(deployment: Deployment) -> list[Resource]:
    return [deployment["database"][name] for name in ("FirstReplica", "SecondReplica")[: _size(deployment).replicas]]


@pytest.mark.promise("CJ-03")
@pytest.mark.promise("MJ-04")
@pytest.mark.promise("MD-04")
@OTHERS
def test_sizes(deployment: Deployment) -> None:
    """Class, standby and storage that grows, per environment."""
    database, size = deployment["database"]["Database"], _size(deployment)
    found = (database.text("DBInstanceClass"), database.boolean("MultiAZ"))
    assert found == (size.instance_class, size.multi_az)
    assert (database.integer("AllocatedStorage"), database.integer("MaxAllocatedStorage")) == size.storage
    assert database.boolean("DeletionProtection") is (deployment.environment.protected or size.multi_az)


@pytest.mark.promise("MJ-04")
@OTHERS
def test_read_replicas(deployment: Deployment) -> None:
    """As many as promised, of their own class, of the same parameters, and as closed as their source."""
    stack, size = deployment["database"], _size(deployment)
    instances = stack.of_type("AWS::RDS::DBInstance")
    replicas = _replicas(deployment)
    assert instances == [stack["Database"], *replicas]
    for replica in replicas:
        assert deployment.follow(replica["SourceDBInstanceIdentifier"]) is stack["Database"]
        assert replica.text("DBInstanceClass") == size.replica_class
        assert deployment.follow(replica["DBParameterGroupName"]) is stack["DatabaseParameterGroup"]
        assert replica.boolean("PubliclyAccessible", default=True) is False
        groups = [deployment.follow(group) for group in replica.items_of("VPCSecurityGroups")]
        assert groups == [deployment["networking"]["DatabaseSecurityGroup"]]


@pytest.mark.promise("CJ-03")
@pytest.mark.promise("MJ-04")
@pytest.mark.promise("MD-04")
@OTHERS
def test_engine_and_parameters(deployment: Deployment) -> None:
    """PostgreSQL of the promised version, with a parameter group of its own that forces TLS."""
    stack, version = deployment["database"], VERSIONS[deployment.system]
    database, group = stack["Database"], stack["DatabaseParameterGroup"]
    assert (database.text("Engine"), database.text("EngineVersion")) == ("postgres", version)
    assert deployment.follow(database["DBParameterGroupName"]) is group
    assert (group.text("Family"), group.block("Parameters").text("rds.force_ssl")) == (f"postgres{version}", "1")


@pytest.mark.promise("CJ-03")
@pytest.mark.promise("CJ-09")
@pytest.mark.promise("MD-04")
@OTHERS
def test_encryption(deployment: Deployment) -> None:
    """At rest with the environment's key, which rotates; what Performance Insights keeps too."""
    database, key = deployment["database"]["Database"], deployment["networking"]["EncryptionKey"]
    assert database.boolean("StorageEncrypted")
    assert deployment.follow(database["KmsKeyId"]) is key
    assert deployment.follow(database["PerformanceInsightsKMSKeyId"]) is key
    assert key.boolean("EnableKeyRotation")


@pytest.mark.promise("CJ-03")
@pytest.mark.promise("CJ-12")
@OTHERS
def test_any_second_of_a_week_can_be_restored(deployment: Deployment) -> None:
    """Seven days of backups, which outlive the instance.

    With automated backups RDS writes the transaction log away every five minutes, so that a restore is five minutes
    behind: within the promised fifteen.
    """
    database = deployment["database"]["Database"]
    assert database.integer("BackupRetentionPeriod") == 7
    assert database.boolean("DeleteAutomatedBackups", default=True) is False
    assert database.attributes.text("DeletionPolicy") == "Snapshot"


@pytest.mark.promise("CJ-12")
@pytest.mark.systems("caja")
@pytest.mark.environments("staging", "prod")
def test_a_standby_takes_over(deployment: Deployment) -> None:
    """The failure of a zone costs a minute or two and no data: within the promised hour and fifteen minutes."""
    stack, network = deployment["database"], deployment["networking"]
    assert stack["Database"].boolean("MultiAZ")
    subnets = [deployment.follow(subnet) for subnet in stack["DatabaseSubnetGroup"].items_of("SubnetIds")]
    assert subnets == [network["DatabaseSubnetA"], network["DatabaseSubnetB"]]


@pytest.mark.promise("CJ-12")
@pytest.mark.systems("caja")
def test_backups_reach_the_second_region(deployment: Deployment) -> None:
    """Staging and prod copy each backup and log to the recovery layer's region, under its key, for a week; dev none.

    RDS copies them as soon as they are written, so that a lost region costs little more than the five minutes.
    """
    database = deployment["database"]["Database"]
    keys = {key for key in database.properties if key.startswith("AutomaticBackupReplication")}
    if deployment.environment.name == "dev":
        assert keys == set()
        return
    recovery = deployment["recovery"]
    assert database.text("AutomaticBackupReplicationRegion") == recovery.context.region == "us-west-2"
    assert deployment.follow(database["AutomaticBackupReplicationKmsKeyId"]) is recovery["EncryptionKey"]
    assert database.integer("AutomaticBackupReplicationRetentionPeriod") == 7


@pytest.mark.promise("CJ-03")
@pytest.mark.promise("MJ-04")
@OTHERS
def test_insight(deployment: Deployment) -> None:
    """Performance Insights for a week and enhanced monitoring every minute, with the role that RDS demands for it."""
    stack = deployment["database"]
    for instance in (stack["Database"], *_replicas(deployment)):
        assert instance.boolean("EnablePerformanceInsights")
        assert instance.integer("PerformanceInsightsRetentionPeriod") == 7
        assert instance.integer("MonitoringInterval") == 60
        assert deployment.follow(instance["MonitoringRoleArn"]) is stack["MonitoringRole"]
    role = stack["MonitoringRole"]
    (trusted,) = role.block("AssumeRolePolicyDocument").items_of("Statement")
    assert trusted.block("Principal") == {"Service": "monitoring.rds.amazonaws.com"}
    (policy,) = role.items_of("ManagedPolicyArns")
    assert str(policy).endswith(":iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole")


@pytest.mark.promise("CJ-01")
@pytest.mark.promise("MD-01")
@OTHERS
def test_place(deployment: Deployment) -> None:
    """In the database subnets of every zone, without a public address, behind the group that admits the application."""
    stack, network = deployment["database"], deployment["networking"]
    database = stack["Database"]
    assert database.boolean("PubliclyAccessible", default=True) is False
    subnets = [deployment.follow(subnet) for subnet in stack["DatabaseSubnetGroup"].items_of("SubnetIds")]
    zones = [subnet for subnet in network.of_type("AWS::EC2::Subnet") if subnet.logical_id.startswith("Database")]
    assert subnets == zones
    groups = [deployment.follow(group) for group in database.items_of("VPCSecurityGroups")]
    assert groups == [network["DatabaseSecurityGroup"]]


@pytest.mark.promise("MJ-04")
@OTHERS
def test_replication_passes_the_network_acl(deployment: Deployment) -> None:
    """With replicas the database subnets may speak to each other, in both directions, and to nobody else."""
    stack, network = deployment["database"], deployment["networking"]
    entries = stack.of_type("AWS::EC2::NetworkAclEntry")
    found = {(entry.boolean("Egress"), entry.text("CidrBlock")) for entry in entries}
    subnets = [subnet for subnet in network.of_type("AWS::EC2::Subnet") if subnet.logical_id.startswith("Database")]
    expected = {(egress, subnet.text("CidrBlock")) for egress in (False, True) for subnet in subnets}
    assert found == (expected if _size(deployment).replicas else set())
    assert {deployment.follow(entry["NetworkAclId"]) for entry in entries} <= {network["DatabaseNetworkAcl"]}


# Metric, threshold and severity by alarm; the threshold of connections is 80 % of what the class permits.
ALARMS = {
    "HighCpuAlarm": ("CPUUtilization", 80, "WarningTopic"),
    "FirstReplicaHighCpuAlarm": ("CPUUtilization", 80, "WarningTopic"),
    "SecondReplicaHighCpuAlarm": ("CPUUtilization", 80, "WarningTopic"),
    "FirstReplicaLagAlarm": ("ReplicaLag", 1, "WarningTopic"),
    "SecondReplicaLagAlarm": ("ReplicaLag", 1, "WarningTopic"),
}


@pytest.mark.promise("MJ-07")
@pytest.mark.promise("CJ-07")
@OTHERS
def test_alarms(deployment: Deployment) -> None:
    """CPU above 80 %, and for each replica its lag above a second, warn."""
    stack = deployment["database"]
    instances = {"": stack["Database"]} | {replica.logical_id: replica for replica in _replicas(deployment)}
    expected = {name for name in ALARMS if name.partition("Replica")[1] == ""} | {
        name for name in ALARMS if any(replica and name.startswith(replica) for replica in instances)
    }
    assert {name for name in ALARMS if name in stack} == expected
    for name in expected:
        metric, threshold, topic = ALARMS[name]
        alarm = stack[name]
        watched = instances[next((replica for replica in instances if replica and name.startswith(replica)), "")]
        assert (alarm.text("Namespace"), alarm.text("MetricName")) == ("AWS/RDS", metric)
        assert (alarm.text("ComparisonOperator"), alarm.integer("Threshold")) == ("GreaterThanThreshold", threshold)
        assert [deployment.follow(item["Value"]) for item in alarm.items_of("Dimensions")] == [watched]
        told = [deployment.follow(action) for action in alarm.items_of("AlarmActions")]
        assert told == [deployment["monitoring"][topic]]


@pytest.mark.promise("MJ-07")
@pytest.mark.promise("CJ-07")
@OTHERS
def test_connections_that_run_out_are_critical(deployment: Deployment) -> None:
    """Above 80 % of the connections that the parameter group permits."""
    stack, size = deployment["database"], _size(deployment)
    alarm = stack["ManyConnectionsAlarm"]
    assert stack["DatabaseParameterGroup"].block("Parameters").integer("max_connections") == size.connections
    assert (alarm.text("MetricName"), alarm.text("ComparisonOperator")) == (
        "DatabaseConnections",
        "GreaterThanThreshold",
    )
    assert alarm.integer("Threshold") * 100 == size.connections * 80
    told = [deployment.follow(action) for action in alarm.items_of("AlarmActions")]
    assert told == [deployment["monitoring"]["CriticalTopic"]]


@pytest.mark.promise("CJ-12")
@pytest.mark.promise("MJ-07")
@OTHERS
def test_storage_that_runs_out_is_critical(deployment: Deployment) -> None:
    """Below one GiB, although the storage grows by itself."""
    alarm = deployment["database"]["LittleStorageAlarm"]
    assert (alarm.text("MetricName"), alarm.integer("Threshold")) == ("FreeStorageSpace", 1024**3)
    told = [deployment.follow(action) for action in alarm.items_of("AlarmActions")]
    assert told == [deployment["monitoring"]["CriticalTopic"]]


@pytest.mark.promise("CJ-09")
@pytest.mark.promise("MJ-10")
@OTHERS
def test_credentials(deployment: Deployment) -> None:
    """Secrets Manager makes the password, encrypted with the environment's key; no parameter holds one."""
    stack, key = deployment["database"], deployment["networking"]["EncryptionKey"]
    secret = stack["DatabaseSecret"]
    made = secret.block("GenerateSecretString")
    assert json.loads(made.text("SecretStringTemplate"))["dbname"] == deployment.system
    assert (made.text("GenerateStringKey"), made.integer("PasswordLength")) == ("password", 48)
    assert deployment.follow(secret["KmsKeyId"]) is key
    password = "{{resolve:secretsmanager:${DatabaseSecret}:SecretString:password}}"
    assert str(stack["Database"]["MasterUserPassword"]) == password


@pytest.mark.promise("MD-07")
@pytest.mark.promise("CJ-09")
@pytest.mark.systems("caja", "mattilda")
def test_connection_url(deployment: Deployment) -> None:
    """A secret of the agreed name holds it, encrypted, put together from the other secret, and asks for TLS."""
    stack = deployment["database"]
    secret = stack["UrlSecret"]
    reference = "{{{{resolve:secretsmanager:${{DatabaseSecret}}:SecretString:{}}}}}"
    assert secret.text("Name") == f"{deployment.system}/database-url"
    assert str(secret["SecretString"]) == (
        f"postgresql://{reference.format('username')}:{reference.format('password')}"
        f"@${{Database.Endpoint.Address}}:${{Database.Endpoint.Port}}/{deployment.system}?sslmode=require"
    )
    assert deployment.follow(secret["KmsKeyId"]) is deployment["networking"]["EncryptionKey"]
    output = stack.outputs["UrlSecretArn"]
    assert deployment.follow(output.value) is secret
    assert output.export == f"{deployment.system}-{deployment.environment.name}-DatabaseUrlSecretArn"


@pytest.mark.promise("MJ-08")
@pytest.mark.systems("muejam")
def test_endpoints(deployment: Deployment) -> None:
    """The primary's, and one for each replica."""
    outputs = deployment["database"].outputs
    endpoints = {name: str(output.value) for name, output in outputs.items() if name.endswith("Endpoint")}
    names = {"Endpoint": "Database"} | {
        f"{replica.logical_id}Endpoint": replica.logical_id for replica in _replicas(deployment)
    }
    assert endpoints == {name: f"${{{instance}.Endpoint.Address}}" for name, instance in names.items()}
