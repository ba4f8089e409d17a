"""The cache layer of MueJam and Mattilda, asked in every environment."""

from __future__ import annotations

import json

import pytest

from stackproof import Deployment, Resource

pytestmark = pytest.mark.systems("muejam", "mattilda")

NODES = [f"${{Cache}}-00{number}" for number in range(1, 7)]

# Node type, nodes, and whether they fail over across zones.
SIZES = {
    ("muejam", "dev"): ("cache.t3.small", 1, False),
    ("muejam", "staging"): ("cache.t3.medium", 2, True),
    ("muejam", "prod"): ("cache.r6g.large", 3, True),
    ("mattilda", "staging"): ("cache.t3.micro", 1, False),
    ("mattilda", "prod"): ("cache.t3.micro", 2, True),
}


def _size(deployment: Deployment) -> tuple[str, int, bool]:
    return SIZES[deployment.system, deployment.environment.name]


def _zones(deployment: Deployment) -> str:
    return "ABC" if deployment.system == "muejam" else "AB"


@pytest.mark.promise("MJ-06")
@pytest.mark.promise("MD-05")
def test_sizes(deployment: Deployment) -> None:
    """Type and number of nodes per environment."""
    (cache,) = deployment.of_type("AWS::ElastiCache::ReplicationGroup")
    assert (cache.text("CacheNodeType"), cache.integer("NumCacheClusters")) == _size(deployment)[:2]


@pytest.mark.promise("MJ-06")
@pytest.mark.promise("MD-05")
def test_nodes_fail_over_across_zones(deployment: Deployment) -> None:
    """Where there is more than one."""
    cache = deployment["cache"]["Cache"]
    switches = (cache.boolean("AutomaticFailoverEnabled"), cache.boolean("MultiAZEnabled"))
    assert switches == (_size(deployment)[2],) * 2


@pytest.mark.promise("MJ-06")
@pytest.mark.promise("MD-05")
def test_engine(deployment: Deployment) -> None:
    """Redis 7.0 without shards, with the parameters of its family."""
    stack = deployment["cache"]
    cache, group = stack["Cache"], stack["CacheParameterGroup"]
    assert (cache.text("Engine"), cache.text("EngineVersion"), cache.integer("Port")) == ("redis", "7.0", 6379)
    assert {"NumNodeGroups", "ReplicasPerNodeGroup", "NodeGroupConfiguration"} & set(cache.properties) == set()
    assert deployment.follow(cache["CacheParameterGroupName"]) is group
    assert group.text("CacheParameterGroupFamily") == "redis7"
    assert group.block("Properties").text("maxmemory-policy") == "volatile-lru"


@pytest.mark.promise("MJ-06")
@pytest.mark.promise("MD-05")
def test_encryption(deployment: Deployment) -> None:
    """At rest with the environment's key, in transit because nothing else is spoken."""
    cache = deployment["cache"]["Cache"]
    assert cache.boolean("AtRestEncryptionEnabled")
    assert deployment.follow(cache["KmsKeyId"]) is deployment["networking"]["EncryptionKey"]
    assert (cache.boolean("TransitEncryptionEnabled"), cache.text("TransitEncryptionMode")) == (True, "required")


@pytest.mark.promise("MJ-06")
@pytest.mark.promise("MJ-10")
def test_token(deployment: Deployment) -> None:
    """Secrets Manager makes one that ElastiCache takes, and the cache reads it there."""
    stack = deployment["cache"]
    secret = stack["CacheTokenSecret"]
    made = secret.block("GenerateSecretString")
    assert str(stack["Cache"]["AuthToken"]) == "{{resolve:secretsmanager:${CacheTokenSecret}:SecretString:token}}"
    assert (made.text("GenerateStringKey"), json.loads(made.text("SecretStringTemplate"))) == ("token", {})
    assert (made.integer("PasswordLength"), made.boolean("ExcludePunctuation")) == (64, True)
    assert deployment.follow(secret["KmsKeyId"]) is deployment["networking"]["EncryptionKey"]


URL_SECRETS = {
    ("muejam", "dev"): "muejam/dev/cache-url",
    ("muejam", "staging"): "muejam/staging/cache-url",
    ("muejam", "prod"): "muejam/prod/cache-url",
    ("mattilda", "staging"): "mattilda/redis-url",
    ("mattilda", "prod"): "mattilda/redis-url",
}


@pytest.mark.promise("MJ-10")
@pytest.mark.promise("MD-07")
def test_url_secret(deployment: Deployment) -> None:
    """It has the agreed name and holds scheme, token, host, port and database in one line."""
    secret = deployment["cache"]["CacheUrlSecret"]
    assert secret.text("Name") == URL_SECRETS[deployment.system, deployment.environment.name]
    assert str(secret["SecretString"]) == (
        "rediss://:{{resolve:secretsmanager:${CacheTokenSecret}:SecretString:token}}"
        "@${Cache.PrimaryEndPoint.Address}:${Cache.PrimaryEndPoint.Port}/0"
    )
    assert deployment.follow(secret["KmsKeyId"]) is deployment["networking"]["EncryptionKey"]


@pytest.mark.promise("MD-01")
@pytest.mark.promise("MJ-06")
def test_place(deployment: Deployment) -> None:
    """In the database subnets of every zone, behind a group of its own."""
    stack, network = deployment["cache"], deployment["networking"]
    cache, group = stack["Cache"], stack["CacheSubnetGroup"]
    assert deployment.follow(cache["CacheSubnetGroupName"]) is group
    subnets = [deployment.follow(subnet) for subnet in group.items_of("SubnetIds")]
    assert subnets == [network[f"DatabaseSubnet{zone}"] for zone in _zones(deployment)]
    assert [deployment.follow(found) for found in cache.items_of("SecurityGroupIds")] == [stack["CacheSecurityGroup"]]


@pytest.mark.promise("MD-01")
@pytest.mark.promise("MJ-06")
def test_who_may_reach_the_cache(deployment: Deployment) -> None:
    """The application's security group on 6379, and nobody else; no rule that stands alone adds to it."""
    group = deployment["cache"]["CacheSecurityGroup"]
    (rule,) = group.items_of("SecurityGroupIngress")
    assert deployment.follow(rule["SourceSecurityGroupId"]) is deployment["networking"]["ApplicationSecurityGroup"]
    assert (rule.text("IpProtocol"), rule.integer("FromPort"), rule.integer("ToPort")) == ("tcp", 6379, 6379)
    added = [
        found.logical_id
        for found in deployment.of_type("AWS::EC2::SecurityGroupIngress")
        if deployment.follow(found["GroupId"]) is group
    ]
    assert added == []


@pytest.mark.promise("MD-01")
@pytest.mark.promise("MJ-06")
def test_cache_calls_nobody(deployment: Deployment) -> None:
    """Its one rule leads nowhere."""
    (rule,) = deployment["cache"]["CacheSecurityGroup"].items_of("SecurityGroupEgress")
    assert rule.text("CidrIp") == "127.0.0.1/32"


@pytest.mark.promise("MD-01")
@pytest.mark.promise("MJ-06")
def test_application_may_call_the_cache(deployment: Deployment) -> None:
    """Its security group, which states all egress, has a rule for 6379."""
    rule = deployment["cache"]["ApplicationEgressToCache"]
    assert deployment.follow(rule["GroupId"]) is deployment["networking"]["ApplicationSecurityGroup"]
    assert deployment.follow(rule["DestinationSecurityGroupId"]) is deployment["cache"]["CacheSecurityGroup"]
    assert (rule.integer("FromPort"), rule.integer("ToPort")) == (6379, 6379)


def _entries(deployment: Deployment, acl: str, *, egress: bool) -> list[Resource]:
    """Return the entries of a network ACL in all layers, one direction of them."""
    return [
        entry
        for entry in deployment.of_type("AWS::EC2::NetworkAclEntry")
        if deployment.follow(entry["NetworkAclId"]) is deployment["networking"][acl]
        and entry.boolean("Egress") is egress
    ]


def _open(entries: list[Resource], port: int) -> set[str]:
    """Return from or to where entries let a port through."""
    return {
        entry.text("CidrBlock")
        for entry in entries
        if entry.block("PortRange").integer("From") <= port <= entry.block("PortRange").integer("To")
    }


def _addresses(deployment: Deployment, tier: str) -> set[str]:
    return {deployment["networking"][f"{tier}Subnet{zone}"].text("CidrBlock") for zone in _zones(deployment)}


@pytest.mark.promise("MD-01")
@pytest.mark.promise("MJ-06")
def test_network_acls_let_requests_through(deployment: Deployment) -> None:
    """From every private subnet to every database subnet on 6379, and the answers back."""
    private, database = _addresses(deployment, "Private"), _addresses(deployment, "Database")
    assert _open(_entries(deployment, "PrivateNetworkAcl", egress=True), 6379) >= database
    assert _open(_entries(deployment, "DatabaseNetworkAcl", egress=False), 6379) >= private
    assert _open(_entries(deployment, "DatabaseNetworkAcl", egress=True), 32768) >= private
    assert "0.0.0.0/0" in _open(_entries(deployment, "PrivateNetworkAcl", egress=False), 32768)


@pytest.mark.promise("MJ-06")
def test_network_acls_let_replicas_copy(deployment: Deployment) -> None:
    """Between the database subnets in both directions, and only where there are replicas."""
    stack = deployment["cache"]
    entries = [entry for entry in stack.of_type("AWS::EC2::NetworkAclEntry") if "Replication" in entry.logical_id]
    found = {(entry.boolean("Egress"), entry.text("CidrBlock")) for entry in entries}
    wanted = {(way, cidr) for way in (True, False) for cidr in _addresses(deployment, "Database")}
    assert found == (wanted if _size(deployment)[1] > 1 else set())


@pytest.mark.promise("MD-01")
@pytest.mark.promise("MJ-06")
def test_network_acl_numbers_do_not_collide(deployment: Deployment) -> None:
    """Each number of an ACL and direction is used once, over all layers."""
    numbers = [
        (str(entry["NetworkAclId"]), entry.boolean("Egress"), entry.integer("RuleNumber"))
        for entry in deployment.of_type("AWS::EC2::NetworkAclEntry")
    ]
    assert sorted(numbers) == sorted(set(numbers))


@pytest.mark.promise("MJ-06")
@pytest.mark.promise("MD-05")
def test_logs(deployment: Deployment) -> None:
    """The slow log and the engine's log go to a log group with the environment's key, and end."""
    stack = deployment["cache"]
    group = stack["CacheLogGroup"]
    deliveries = stack["Cache"].items_of("LogDeliveryConfigurations")
    assert [delivery.text("LogType") for delivery in deliveries] == ["slow-log", "engine-log"]
    for delivery in deliveries:
        details = delivery.block("DestinationDetails").block("CloudWatchLogsDetails")
        assert deployment.follow(details["LogGroup"]) is group
    assert deployment.follow(group["KmsKeyId"]) is deployment["networking"]["EncryptionKey"]
    assert group.integer("RetentionInDays") == 365


@pytest.mark.promise("MJ-06")
@pytest.mark.promise("MD-05")
def test_snapshots(deployment: Deployment) -> None:
    """A week of them, taken before maintenance begins, and a last one when the cache goes."""
    cache = deployment["cache"]["Cache"]
    assert cache.integer("SnapshotRetentionLimit") == 7
    assert cache.text("SnapshotWindow") == "03:00-04:00"
    assert cache.text("PreferredMaintenanceWindow") == "sun:04:30-sun:05:30"
    attributes = cache.attributes
    assert (attributes.text("DeletionPolicy"), attributes.text("UpdateReplacePolicy")) == ("Snapshot", "Snapshot")


# Metric, statistic, periods of five minutes, threshold.
ALARMS = {
    "HighCpuAlarm": ("CPUUtilization", "Average", 2, 75),
    "HighEngineCpuAlarm": ("EngineCPUUtilization", "Average", 2, 75),
    "HighMemoryAlarm": ("DatabaseMemoryUsagePercentage", "Average", 2, 80),
    "EvictionsAlarm": ("Evictions", "Sum", 1, 1000),
}


@pytest.mark.promise("MJ-07")
@pytest.mark.parametrize("name", ALARMS)
def test_alarms_have_the_promised_thresholds(deployment: Deployment, name: str) -> None:
    """Above CPU 75 %, memory 80 % and 1000 evictions, of the worst node."""
    alarm = deployment["cache"][name]
    worst, *nodes = alarm.items_of("Metrics")
    stats = [node.block("MetricStat") for node in nodes]
    found = {(stat.block("Metric").text("MetricName"), stat.text("Stat"), stat.integer("Period")) for stat in stats}
    metric, statistic, periods, threshold = ALARMS[name]
    assert found == {(metric, statistic, 300)}
    assert worst.text("Expression") == f"MAX([{', '.join(node.text('Id') for node in nodes)}])"
    assert (alarm.integer("EvaluationPeriods"), alarm.integer("Threshold")) == (periods, threshold)
    assert alarm.text("ComparisonOperator") == "GreaterThanThreshold"


@pytest.mark.promise("MJ-07")
@pytest.mark.parametrize("name", ALARMS)
def test_alarms_cover_every_node(deployment: Deployment, name: str) -> None:
    """All six names that nodes of the group can have, so that none is missed when the group grows or fails over."""
    _, *nodes = deployment["cache"][name].items_of("Metrics")
    watched = []
    for node in nodes:
        metric = node.block("MetricStat").block("Metric")
        (dimension,) = metric.items_of("Dimensions")
        watched.append((metric.text("Namespace"), dimension.text("Name"), str(dimension["Value"])))
        assert node.boolean("ReturnData", default=True) is False
    assert watched == [("AWS/ElastiCache", "CacheClusterId", node) for node in NODES]


@pytest.mark.promise("MJ-07")
def test_alarms_are_heard(deployment: Deployment) -> None:
    """As warnings, when they begin and when they end; there are no others."""
    alarms = deployment["cache"].of_type("AWS::CloudWatch::Alarm")
    topic = deployment["monitoring"]["WarningTopic"]
    assert [alarm.logical_id for alarm in alarms] == list(ALARMS)
    for alarm in alarms:
        for key in ("AlarmActions", "OKActions"):
            assert [deployment.follow(action) for action in alarm.items_of(key)] == [topic]


@pytest.mark.promise("MJ-08")
@pytest.mark.promise("MD-05")
def test_outputs(deployment: Deployment) -> None:
    """Endpoint, port, group, secret and alarms, exported for others."""
    prefix = f"{deployment.system}-{deployment.environment.name}-Cache"
    found = {key: (str(output.value), output.export) for key, output in deployment["cache"].outputs.items()}
    several = _size(deployment)[1] > 1
    reader = {"ReaderEndpoint": ("${Cache.ReaderEndPoint.Address}", f"{prefix}ReaderEndpoint")} if several else {}
    assert found == reader | {
        "Endpoint": ("${Cache.PrimaryEndPoint.Address}", f"{prefix}Endpoint"),
        "Port": ("${Cache.PrimaryEndPoint.Port}", f"{prefix}Port"),
        "ReplicationGroupId": ("${Cache}", f"{prefix}ReplicationGroupId"),
        "UrlSecretArn": ("${CacheUrlSecret}", f"{prefix}UrlSecretArn"),
        "SecurityGroupId": ("${CacheSecurityGroup.GroupId}", f"{prefix}SecurityGroupId"),
        **{f"{alarm}Arn": (f"${{{alarm}.Arn}}", f"{prefix}{alarm}Arn") for alarm in ALARMS},
    }


@pytest.mark.promise("MJ-06")
@pytest.mark.promise("MD-05")
def test_tags(deployment: Deployment) -> None:
    """Everything that takes tags says what it belongs to."""
    untaggable = {"AWS::EC2::NetworkAclEntry", "AWS::EC2::SecurityGroupEgress"}
    wanted = {"System": deployment.system, "Environment": deployment.environment.name, "Layer": "cache"}
    for resource in deployment["cache"].resources.values():
        if resource.type in untaggable:
            continue
        tags = {tag.text("Key"): tag.text("Value") for tag in resource.items_of("Tags")}
        name = tags.pop("Name")
        assert (resource.logical_id, tags) == (resource.logical_id, wanted)
        assert name.startswith(f"{deployment.system}-{deployment.environment.name}")


@pytest.mark.promise("MJ-06")
@pytest.mark.promise("MD-05")
def test_needs_networking_and_monitoring_only(deployment: Deployment) -> None:
    """So that cache, database and application come and go independently of each other."""
    assert {found.exporter for found in deployment.imports["cache"]} == {"networking", "monitoring"}
