"""The databases of Caja, MueJam and Mattilda as a tester finds them in the console."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from .conftest import Simulated

pytestmark = pytest.mark.systems("caja", "muejam", "mattilda")


@dataclass(frozen=True)
class Size:
    """What was promised of one environment's database."""

    instance_class: str
    multi_az: bool
    connections: float
    storage: tuple[int, int] = (20, 100)
    replicas: int = 0
    replica_class: str = ""


SIZES = {
    "caja-dev": Size("db.t3.micro", False, 64.0),
    "caja-staging": Size("db.r6g.large", True, 1200.0, (100, 500)),
    "caja-prod": Size("db.r6g.large", True, 1200.0, (100, 500)),
    "muejam-dev": Size("db.t3.small", False, 144.0, (100, 500)),
    "muejam-staging": Size("db.t3.medium", True, 320.0, (100, 500), 1, "db.t3.medium"),
    "muejam-prod": Size("db.r6g.xlarge", True, 1200.0, (100, 500), 2, "db.r6g.large"),
    "mattilda-staging": Size("db.t3.micro", False, 64.0),
    "mattilda-prod": Size("db.t3.micro", True, 64.0),
}
VERSIONS = {"caja": "17", "muejam": "15", "mattilda": "15"}
REPLICAS = ("FirstReplica", "SecondReplica")


def _instances(simulated: Simulated) -> dict[str, dict[str, Any]]:
    """Return all database instances of the account by their logical ids."""
    names = [name for name in ("Database", *REPLICAS) if name in simulated.deployment["database"].resources]
    ids = {simulated.id_of("database", name): name for name in names}
    found = simulated.client("rds").describe_db_instances()["DBInstances"]
    return {ids[instance["DBInstanceIdentifier"]]: instance for instance in found}


@pytest.mark.promise("CJ-03", "MJ-04", "MD-04")
def test_database_has_its_size_and_standby(simulated: Simulated) -> None:
    """Class, standby and storage that grows, as each environment was promised."""
    found, size = _instances(simulated)["Database"], SIZES[simulated.prefix]
    assert (found["DBInstanceClass"], found["MultiAZ"]) == (size.instance_class, size.multi_az)
    assert (found["AllocatedStorage"], found["MaxAllocatedStorage"]) == size.storage
    assert (found["Engine"], found["EngineVersion"].partition(".")[0]) == ("postgres", VERSIONS[simulated.system])


@pytest.mark.promise("CJ-03", "MJ-04", "MD-04")
def test_database_is_encrypted_and_private(simulated: Simulated) -> None:
    """Encrypted with the environment's key, in the database subnets, in one group, without a public address."""
    found = _instances(simulated)["Database"]
    assert (found["StorageEncrypted"], found["KmsKeyId"]) == (True, simulated.key_arn())
    assert found["PubliclyAccessible"] is False
    assert [group["VpcSecurityGroupId"] for group in found["VpcSecurityGroups"]] == [
        simulated.id_of("networking", "DatabaseSecurityGroup")
    ]
    assert {subnet["SubnetIdentifier"] for subnet in found["DBSubnetGroup"]["Subnets"]} == {
        simulated.id_of("networking", f"DatabaseSubnet{zone}") for zone in simulated.zones
    }


@pytest.mark.promise("CJ-03")
def test_database_can_be_brought_back_to_any_time_of_a_week(simulated: Simulated) -> None:
    """Backups are kept seven days, and a latest time to restore says that there are logs between them."""
    found = _instances(simulated)["Database"]
    assert found["BackupRetentionPeriod"] == 7
    assert "LatestRestorableTime" in found


@pytest.mark.promise("CJ-03", "MJ-04")
def test_database_uses_the_parameter_group_that_exists(simulated: Simulated) -> None:
    """The parameter group forces TLS and allows as many connections as the alarm is told of."""
    group = simulated.id_of("database", "DatabaseParameterGroup")
    pages = simulated.client("rds").get_paginator("describe_db_parameters").paginate(DBParameterGroupName=group)
    parameters = {
        parameter["ParameterName"]: parameter.get("ParameterValue")
        for page in pages
        for parameter in page["Parameters"]
    }
    used = {
        entry["DBParameterGroupName"]
        for found in _instances(simulated).values()
        for entry in found["DBParameterGroups"]
    }
    assert used == {group}
    assert parameters["rds.force_ssl"] == "1"
    assert float(parameters["max_connections"]) * 0.8 == SIZES[simulated.prefix].connections


@pytest.mark.promise("MJ-04")
def test_every_instance_is_watched_closely(simulated: Simulated) -> None:
    """Each instance reports every minute, by the role that exists for it, and shows its load."""
    role = simulated.client("iam").get_role(RoleName=simulated.id_of("database", "MonitoringRole"))["Role"]
    for found in _instances(simulated).values():
        assert (found["MonitoringInterval"], found["MonitoringRoleArn"]) == (60, role["Arn"])
        assert (found["PerformanceInsightsEnabled"], found["PerformanceInsightsKMSKeyId"]) == (
            True,
            simulated.key_arn(),
        )


@pytest.mark.promise("MJ-04")
def test_replicas_are_as_many_and_as_large_as_promised(simulated: Simulated) -> None:
    """The database and its replicas name each other, and there are no other instances."""
    found, size = _instances(simulated), SIZES[simulated.prefix]
    database = found.pop("Database")
    source = database["DBInstanceIdentifier"]
    assert found.keys() == set(REPLICAS[: size.replicas])
    assert {replica["DBInstanceClass"] for replica in found.values()} == (
        {size.replica_class} if size.replicas else set()
    )
    assert {replica["ReadReplicaSourceDBInstanceIdentifier"] for replica in found.values()} <= {source}
    assert set(database["ReadReplicaDBInstanceIdentifiers"]) == {
        replica["DBInstanceIdentifier"] for replica in found.values()
    }


@pytest.mark.promise("MJ-04")
def test_replicas_are_encrypted_and_private(simulated: Simulated) -> None:
    """A replica is as closed as its source."""
    group = simulated.id_of("networking", "DatabaseSecurityGroup")
    for found in _instances(simulated).values():
        assert (found["StorageEncrypted"], found["KmsKeyId"]) == (True, simulated.key_arn())
        assert found["PubliclyAccessible"] is False
        assert [entry["VpcSecurityGroupId"] for entry in found["VpcSecurityGroups"]] == [group]


@pytest.mark.promise("MJ-08", "CJ-03", "MD-04")
def test_outputs_give_the_endpoints(simulated: Simulated) -> None:
    """The stack says where the database and each replica listen."""
    outputs = simulated.outputs("database")
    endpoints = {
        ("Endpoint" if name == "Database" else f"{name}Endpoint"): found["Endpoint"]["Address"]
        for name, found in _instances(simulated).items()
    }
    assert {name: value for name, value in outputs.items() if name.endswith("Endpoint")} == endpoints


@pytest.mark.promise("CJ-09", "MJ-10", "MD-07")
def test_secret_opens_the_database(simulated: Simulated) -> None:
    """Secrets Manager holds a long made-up password and the address, encrypted with the environment's key."""
    name = f"{simulated.system}/{simulated.environment}/database"
    secret, found = json.loads(simulated.secret(name)), _instances(simulated)["Database"]
    described = simulated.client("secretsmanager").describe_secret(SecretId=name)
    assert (len(secret["password"]), secret["password"].isalnum()) == (48, True)
    assert (secret["username"], secret["dbname"]) == (found["MasterUsername"], found["DBName"])
    assert (secret["host"], secret["port"]) == (found["Endpoint"]["Address"], found["Endpoint"]["Port"])
    assert described["KmsKeyId"] == simulated.key_arn()


@pytest.mark.promise("CJ-09", "MJ-10", "MD-07")
def test_no_stack_shows_the_password(simulated: Simulated) -> None:
    """Neither parameters nor outputs nor templates of any stack hold the password."""
    password = json.loads(simulated.secret(f"{simulated.system}/{simulated.environment}/database"))["password"]
    cloudformation = simulated.client("cloudformation")
    for stack in cloudformation.describe_stacks()["Stacks"]:
        template = cloudformation.get_template(StackName=stack["StackName"])["TemplateBody"]
        assert password not in json.dumps([stack, template], default=str)


@pytest.mark.promise("MJ-07", "CJ-07")
@pytest.mark.parametrize(
    ("alarm", "metric", "severity"),
    [
        ("HighCpuAlarm", "CPUUtilization", "warning"),
        ("ManyConnectionsAlarm", "DatabaseConnections", "critical"),
        ("LittleStorageAlarm", "FreeStorageSpace", "critical"),
    ],
)
def test_alarm_watches_the_database(simulated: Simulated, alarm: str, metric: str, severity: str) -> None:
    """CPU over 80 %, 80 % of the permitted connections and less than 1 GiB of storage are told."""
    found = simulated.alarm("database", alarm)
    thresholds = {"HighCpuAlarm": 80.0, "LittleStorageAlarm": 1024.0**3}
    threshold = thresholds.get(alarm, SIZES[simulated.prefix].connections)
    assert (found["MetricName"], found["Threshold"]) == (metric, threshold)
    assert found["Dimensions"] == [{"Name": "DBInstanceIdentifier", "Value": simulated.id_of("database", "Database")}]
    assert (found["AlarmActions"], found["OKActions"]) == ([simulated.topic(severity)], [simulated.topic(severity)])


@pytest.mark.promise("MJ-07")
def test_alarm_watches_the_lag_of_each_replica(simulated: Simulated) -> None:
    """A replica that lags more than a second behind for five minutes is a warning; without replicas no alarm asks."""
    names = REPLICAS[: SIZES[simulated.prefix].replicas]
    found = simulated.client("cloudwatch").describe_alarms(AlarmTypes=["MetricAlarm"])["MetricAlarms"]
    lags = [alarm for alarm in found if alarm.get("MetricName") == "ReplicaLag"]
    assert {(alarm["Dimensions"][0]["Value"], alarm["Threshold"], *alarm["AlarmActions"]) for alarm in lags} == {
        (simulated.id_of("database", name), 1.0, simulated.topic("warning")) for name in names
    }
