"""Ma-Ticko's database layer, asked in every environment."""

from __future__ import annotations

import json

import pytest

from stackproof import Deployment

pytestmark = pytest.mark.systems("maticko")

SIZES = {
    "dev": ("db.t3.micro", False, False),
    "test": ("db.t3.small", False, False),
    "prod": ("db.t3.medium", True, True),
}


@pytest.mark.promise("MT-16")
def test_sizes(deployment: Deployment) -> None:
    """Class, standby and deletion protection per environment."""
    database = deployment["database"]["Database"]
    found = (database.text("DBInstanceClass"), database.boolean("MultiAZ"), database.boolean("DeletionProtection"))
    assert found == SIZES[deployment.environment.name]
    assert [i.logical_id for i in deployment.of_type("AWS::RDS::DBInstance")] == ["Database"]


@pytest.mark.promise("MT-16")
def test_engine(deployment: Deployment) -> None:
    """PostgreSQL 17 on its usual port."""
    database = deployment["database"]["Database"]
    assert (database.text("Engine"), database.text("EngineVersion"), database.integer("Port")) == (
        "postgres",
        "17",
        5432,
    )


@pytest.mark.promise("MT-16")
def test_encryption(deployment: Deployment) -> None:
    """At rest with the environment's key, in transit because TLS is forced."""
    stack = deployment["database"]
    database, group = stack["Database"], stack["DatabaseParameterGroup"]
    assert database.boolean("StorageEncrypted")
    assert deployment.follow(database["KmsKeyId"]) is deployment["networking"]["EncryptionKey"]
    assert deployment.follow(database["DBParameterGroupName"]) is group
    assert (group.text("Family"), group.block("Parameters").text("rds.force_ssl")) == ("postgres17", "1")


@pytest.mark.promise("MT-16")
def test_backups_and_windows(deployment: Deployment) -> None:
    """Seven days of backups, taken before maintenance begins; a snapshot outlives the instance."""
    database = deployment["database"]["Database"]
    assert database.integer("BackupRetentionPeriod") == 7
    assert database.text("PreferredBackupWindow") == "03:00-04:00"
    assert database.text("PreferredMaintenanceWindow") == "sun:04:30-sun:05:30"
    attributes = database.attributes
    assert (attributes.text("DeletionPolicy"), attributes.text("UpdateReplacePolicy")) == ("Snapshot", "Snapshot")


@pytest.mark.promise("MT-16")
@pytest.mark.promise("MT-04")
def test_place(deployment: Deployment) -> None:
    """In the database subnets, without a public address, behind the one group that lets the instances in."""
    stack, network = deployment["database"], deployment["networking"]
    database = stack["Database"]
    assert database.boolean("PubliclyAccessible", default=True) is False
    group = deployment.follow(database["DBSubnetGroupName"])
    assert group is stack["DatabaseSubnetGroup"]
    subnets = [deployment.follow(subnet) for subnet in stack["DatabaseSubnetGroup"].items_of("SubnetIds")]
    assert subnets == [network["DatabaseSubnetA"], network["DatabaseSubnetB"]]
    groups = [deployment.follow(found) for found in database.items_of("VPCSecurityGroups")]
    assert groups == [network["DatabaseSecurityGroup"]]


@pytest.mark.promise("MT-07")
def test_who_may_reach_the_database(deployment: Deployment) -> None:
    """The instances' security group on 5432, and nobody else; no other layer adds a rule."""
    network = deployment["networking"]
    (rule,) = network["DatabaseSecurityGroup"].items_of("SecurityGroupIngress")
    assert deployment.follow(rule["SourceSecurityGroupId"]) is network["ApplicationSecurityGroup"]
    assert (rule.integer("FromPort"), rule.integer("ToPort")) == (5432, 5432)
    added = [
        found.logical_id
        for found in deployment.of_type("AWS::EC2::SecurityGroupIngress")
        if deployment.follow(found["GroupId"]) is network["DatabaseSecurityGroup"]
    ]
    assert added == []


@pytest.mark.promise("MT-17")
def test_credentials(deployment: Deployment) -> None:
    """Secrets Manager makes the password, the instance reads it there, and the secret learns the address."""
    stack, name = deployment["database"], deployment.environment.name
    secret, attachment = stack["DatabaseSecret"], stack["DatabaseSecretAttachment"]
    made = secret.block("GenerateSecretString")
    assert secret.text("Name") == f"maticko/{name}/database"
    assert json.loads(made.text("SecretStringTemplate")) == {"username": "app_owner", "dbname": "maticko"}
    assert (made.text("GenerateStringKey"), made.integer("PasswordLength")) == ("password", 48)
    password = str(stack["Database"]["MasterUserPassword"])
    assert password == "{{resolve:secretsmanager:${DatabaseSecret}:SecretString:password}}"
    assert deployment.follow(attachment["SecretId"]) is secret
    assert deployment.follow(attachment["TargetId"]) is stack["Database"]


@pytest.mark.promise("MT-16")
def test_updates_wait_in_production(deployment: Deployment) -> None:
    """What needs a restart waits for the maintenance window where users would notice."""
    assert deployment["database"]["Database"].boolean("ApplyImmediately") is (deployment.environment.name != "prod")


# 80 % of the connections that the class bears.
CONNECTIONS = {"dev": (80, 64), "test": (180, 144), "prod": (400, 320)}


@pytest.mark.promise("MT-18")
def test_connections_alarm(deployment: Deployment) -> None:
    """It goes off at 80 % of the connections that the parameter group permits."""
    stack = deployment["database"]
    alarm = stack["ManyConnectionsAlarm"]
    permitted = stack["DatabaseParameterGroup"].block("Parameters").integer("max_connections")
    assert (permitted, alarm.integer("Threshold")) == CONNECTIONS[deployment.environment.name]
    assert (alarm.text("Namespace"), alarm.text("MetricName")) == ("AWS/RDS", "DatabaseConnections")
    assert [deployment.follow(item["Value"]) for item in alarm.items_of("Dimensions")] == [stack["Database"]]


@pytest.mark.promise("MT-18")
def test_alarms(deployment: Deployment) -> None:
    """CPU, connections and storage of the instance are watched."""
    alarms = deployment["database"].of_type("AWS::CloudWatch::Alarm")
    found = {
        alarm.text("MetricName"): (alarm.text("ComparisonOperator"), alarm.integer("Threshold"))
        for alarm in alarms
        if alarm.text("MetricName") != "DatabaseConnections"
    }
    assert found == {
        "CPUUtilization": ("GreaterThanThreshold", 80),
        "FreeStorageSpace": ("LessThanThreshold", 1024**3),
    }


# Critical is what endangers data or keeps users out; what only may come to that warns.
SEVERITIES = {
    "HighCpuAlarm": "WarningTopic",
    "ManyConnectionsAlarm": "CriticalTopic",
    "LittleStorageAlarm": "CriticalTopic",
}


@pytest.mark.promise("MT-18")
@pytest.mark.parametrize("name", SEVERITIES)
def test_alarms_are_heard(deployment: Deployment, name: str) -> None:
    """Each alarm tells the topic of its severity when it goes off and when all is well again."""
    alarm, topic = deployment["database"][name], deployment["monitoring"][SEVERITIES[name]]
    for actions in ("AlarmActions", "OKActions"):
        assert [deployment.follow(action) for action in alarm.items_of(actions)] == [topic]


@pytest.mark.promise("MT-19")
def test_outputs(deployment: Deployment) -> None:
    """Endpoint, port and secret, exported for others."""
    name = deployment.environment.name
    found = {key: (str(output.value), output.export) for key, output in deployment["database"].outputs.items()}
    assert found == {
        "Endpoint": ("${Database.Endpoint.Address}", f"maticko-{name}-DatabaseEndpoint"),
        "Port": ("${Database.Endpoint.Port}", f"maticko-{name}-DatabasePort"),
        "InstanceId": ("${Database}", f"maticko-{name}-DatabaseInstanceId"),
        "SecretArn": ("${DatabaseSecret}", f"maticko-{name}-DatabaseSecretArn"),
        "HighCpuAlarmArn": ("${HighCpuAlarm.Arn}", f"maticko-{name}-DatabaseHighCpuAlarmArn"),
        "ManyConnectionsAlarmArn": ("${ManyConnectionsAlarm.Arn}", f"maticko-{name}-DatabaseManyConnectionsAlarmArn"),
        "LittleStorageAlarmArn": ("${LittleStorageAlarm.Arn}", f"maticko-{name}-DatabaseLittleStorageAlarmArn"),
    }


@pytest.mark.promise("MT-20")
def test_independence(deployment: Deployment) -> None:
    """Neither of application and database refers to the other."""
    foreign = {
        (layer, reference.stack)
        for layer in ("application", "database")
        for resource in deployment[layer].resources.values()
        for reference in resource.references()
    }
    others = {pair for pair in foreign if pair[0] != pair[1]}
    assert others == {(layer, other) for layer in ("application", "database") for other in ("networking", "monitoring")}
