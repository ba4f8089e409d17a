"""The database layer as a tester finds it in the console."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Simulated

pytestmark = pytest.mark.systems("maticko")


def _database(simulated: Simulated) -> dict[str, Any]:
    name = simulated.id_of("database", "Database")
    (found,) = simulated.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    return dict(found)


def _secret(simulated: Simulated) -> dict[str, Any]:
    answer = simulated.client("secretsmanager").get_secret_value(SecretId=f"maticko/{simulated.environment}/database")
    return dict(json.loads(answer["SecretString"]))


@pytest.mark.promise("MT-16")
def test_database_has_its_class_and_standby(simulated: Simulated, by_environment: Callable[..., Any]) -> None:
    """db.t3.micro, db.t3.small, db.t3.medium; a standby in another zone in prod."""
    found = _database(simulated)
    assert found["Engine"] == "postgres"
    assert (found["DBInstanceClass"], found["MultiAZ"]) == by_environment(
        simulated, dev=("db.t3.micro", False), test=("db.t3.small", False), prod=("db.t3.medium", True)
    )


@pytest.mark.promise("MT-16")
def test_database_is_encrypted_with_the_environment_key(simulated: Simulated) -> None:
    """What the database stores is encrypted."""
    found = _database(simulated)
    key = simulated.client("kms").describe_key(KeyId=simulated.id_of("networking", "EncryptionKey"))["KeyMetadata"]
    assert (found["StorageEncrypted"], found["KmsKeyId"]) == (True, key["Arn"])


@pytest.mark.promise("MT-04", "MT-16")
def test_database_is_private(simulated: Simulated) -> None:
    """The database has no public address, one security group, and the subnets of the database tier."""
    found = _database(simulated)
    assert found["PubliclyAccessible"] is False
    assert [group["VpcSecurityGroupId"] for group in found["VpcSecurityGroups"]] == [
        simulated.id_of("networking", "DatabaseSecurityGroup")
    ]
    assert {subnet["SubnetIdentifier"] for subnet in found["DBSubnetGroup"]["Subnets"]} == {
        simulated.id_of("networking", f"DatabaseSubnet{zone}") for zone in "AB"
    }


@pytest.mark.promise("MT-16")
def test_database_is_backed_up_for_seven_days(simulated: Simulated) -> None:
    """Backups are kept seven days, and the windows do not meet."""
    found = _database(simulated)
    assert found["BackupRetentionPeriod"] == 7
    assert (found["PreferredBackupWindow"], found["PreferredMaintenanceWindow"]) == (
        "03:00-04:00",
        "sun:04:30-sun:05:30",
    )


@pytest.mark.promise("MT-16")
def test_database_refuses_connections_without_tls(simulated: Simulated) -> None:
    """The instance uses a parameter group that forces TLS."""
    group = simulated.id_of("database", "DatabaseParameterGroup")
    pages = simulated.client("rds").get_paginator("describe_db_parameters").paginate(DBParameterGroupName=group)
    parameters = {
        parameter["ParameterName"]: parameter.get("ParameterValue")
        for page in pages
        for parameter in page["Parameters"]
    }
    assert [used["DBParameterGroupName"] for used in _database(simulated)["DBParameterGroups"]] == [group]
    assert parameters["rds.force_ssl"] == "1"


@pytest.mark.environments("prod")
@pytest.mark.simulation_only("would delete a database if the protection were off")
def test_database_of_prod_refuses_to_be_deleted(simulated: Simulated) -> None:
    """A deletion by hand is refused while the protection is on."""
    rds = simulated.client("rds")
    with pytest.raises(rds.exceptions.ClientError, match="Cannot delete protected DB Instance"):
        rds.delete_db_instance(DBInstanceIdentifier=simulated.id_of("database", "Database"), SkipFinalSnapshot=True)


def test_database_is_protected_in_prod_only(simulated: Simulated, by_environment: Callable[..., bool]) -> None:
    """Deletion protection is on in prod."""
    expected = by_environment(simulated, dev=False, test=False, prod=True)
    assert _database(simulated)["DeletionProtection"] is expected


@pytest.mark.promise("MT-17")
def test_secret_opens_the_database(simulated: Simulated) -> None:
    """Secrets Manager holds a long made-up password, and the address that goes with it."""
    secret, found = _secret(simulated), _database(simulated)
    assert len(secret["password"]) == 48
    assert secret["password"].isalnum()
    assert (secret["username"], secret["dbname"]) == ("app_owner", "maticko")
    assert (found["MasterUsername"], found["DBName"]) == ("app_owner", "maticko")
    assert (secret["host"], secret["port"]) == (found["Endpoint"]["Address"], found["Endpoint"]["Port"])


@pytest.mark.promise("MT-17")
def test_secret_is_encrypted_with_the_environment_key(simulated: Simulated) -> None:
    """The secret is encrypted with the environment's key."""
    found = simulated.client("secretsmanager").describe_secret(SecretId=simulated.id_of("database", "DatabaseSecret"))
    key = simulated.client("kms").describe_key(KeyId=simulated.id_of("networking", "EncryptionKey"))["KeyMetadata"]
    assert found["KmsKeyId"] == key["Arn"]


@pytest.mark.promise("MT-17")
def test_no_stack_shows_the_password(simulated: Simulated) -> None:
    """Neither parameters nor outputs nor templates of any stack hold the password."""
    password = _secret(simulated)["password"]
    cloudformation = simulated.client("cloudformation")
    for stack in cloudformation.describe_stacks()["Stacks"]:
        template = cloudformation.get_template(StackName=stack["StackName"])["TemplateBody"]
        assert password not in json.dumps([stack, template], default=str)


@pytest.mark.promise("MT-18")
@pytest.mark.parametrize(
    ("alarm", "metric", "thresholds"),
    [
        ("HighCpuAlarm", "CPUUtilization", {"dev": 80.0, "test": 80.0, "prod": 80.0}),
        # 80 % of max_connections: 80, 180 and 400.
        ("ManyConnectionsAlarm", "DatabaseConnections", {"dev": 64.0, "test": 144.0, "prod": 320.0}),
    ],
)
def test_alarm_watches_the_database(
    simulated: Simulated, alarm: str, metric: str, thresholds: dict[str, float]
) -> None:
    """CPU over 80 % and 80 % of the permitted connections raise an alarm."""
    name = simulated.id_of("database", alarm)
    (found,) = simulated.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert (found["MetricName"], found["Threshold"]) == (metric, thresholds[simulated.environment])
    assert found["Dimensions"] == [{"Name": "DBInstanceIdentifier", "Value": simulated.id_of("database", "Database")}]


@pytest.mark.promise("MT-19")
def test_outputs_give_the_endpoint(simulated: Simulated) -> None:
    """The stack says where the database listens."""
    outputs, found = simulated.outputs("database"), _database(simulated)
    assert (outputs["Endpoint"], outputs["Port"]) == (found["Endpoint"]["Address"], str(found["Endpoint"]["Port"]))
