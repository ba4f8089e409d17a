"""The cache layer as a tester finds it in the console."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from .conftest import Simulated

pytestmark = pytest.mark.systems("muejam", "mattilda")

# Type of the nodes and their number.
SIZES = {
    "muejam-dev": ("cache.t3.small", 1),
    "muejam-staging": ("cache.t3.medium", 2),
    "muejam-prod": ("cache.r6g.large", 3),
    "mattilda-staging": ("cache.t3.micro", 1),
    "mattilda-prod": ("cache.t3.micro", 2),
}
URL_SECRETS = {
    "muejam-dev": "muejam/dev/cache-url",
    "muejam-staging": "muejam/staging/cache-url",
    "muejam-prod": "muejam/prod/cache-url",
    "mattilda-staging": "mattilda/redis-url",
    "mattilda-prod": "mattilda/redis-url",
}


def _group(simulated: Simulated) -> dict[str, Any]:
    name = simulated.id_of("cache", "Cache")
    groups = simulated.client("elasticache").describe_replication_groups(ReplicationGroupId=name)
    (found,) = groups["ReplicationGroups"]
    return dict(found)


def _nodes(simulated: Simulated) -> list[dict[str, Any]]:
    return list(simulated.client("elasticache").describe_cache_clusters()["CacheClusters"])


@pytest.mark.promise("MJ-06", "MD-05")
def test_nodes_are_as_many_and_as_large_as_promised(simulated: Simulated) -> None:
    """The account holds the nodes of this one group, each of the promised type."""
    kind, number = SIZES[simulated.prefix]
    group = simulated.id_of("cache", "Cache")
    assert {node["CacheClusterId"]: node["CacheNodeType"] for node in _nodes(simulated)} == {
        f"{group}-{position:03}": kind for position in range(1, number + 1)
    }


@pytest.mark.promise("MJ-06", "MD-05")
def test_nodes_run_redis_seven(simulated: Simulated) -> None:
    """Every node runs Redis 7.0."""
    assert {(node["Engine"], node["EngineVersion"]) for node in _nodes(simulated)} == {("redis", "7.0")}


@pytest.mark.promise("MJ-06")
def test_several_nodes_fail_over_across_zones(simulated: Simulated) -> None:
    """With more than one node automatic failover and several zones are on, with one neither can be."""
    found = _group(simulated)
    expected = "enabled" if SIZES[simulated.prefix][1] > 1 else "disabled"
    assert (found["AutomaticFailover"], found["MultiAZ"]) == (expected, expected)


@pytest.mark.promise("MJ-06", "MD-05")
def test_data_are_encrypted_at_rest_and_on_the_way(simulated: Simulated) -> None:
    """What Redis keeps is encrypted with the environment's key, and nobody speaks to it without TLS."""
    found = _group(simulated)
    assert (found["AtRestEncryptionEnabled"], found["KmsKeyId"]) == (True, simulated.key_arn())
    assert (found["TransitEncryptionEnabled"], found["TransitEncryptionMode"]) == (True, "required")


@pytest.mark.promise("MJ-06", "MJ-10")
def test_redis_asks_for_a_token(simulated: Simulated) -> None:
    """The token is on, and is 64 letters and digits that Secrets Manager made up."""
    token = json.loads(simulated.secret(simulated.id_of("cache", "CacheTokenSecret")))["token"]
    assert _group(simulated)["AuthTokenEnabled"] is True
    assert (len(token), token.isalnum()) == (64, True)


@pytest.mark.promise("MJ-10", "MD-07")
def test_url_secret_opens_the_cache(simulated: Simulated) -> None:
    """The URL has the token of the other secret and the address of the primary node, and asks for TLS."""
    url = urlsplit(simulated.secret(URL_SECRETS[simulated.prefix]))
    token = json.loads(simulated.secret(simulated.id_of("cache", "CacheTokenSecret")))["token"]
    primary = _group(simulated)["NodeGroups"][0]["PrimaryEndpoint"]
    assert (url.scheme, url.username, url.password) == ("rediss", "", token)
    assert (url.hostname, url.port, url.path) == (primary["Address"], primary["Port"], "/0")


@pytest.mark.promise("MJ-10", "MD-07")
@pytest.mark.parametrize("secret", ["CacheTokenSecret", "CacheUrlSecret"])
def test_secret_is_encrypted_with_the_environment_key(simulated: Simulated, secret: str) -> None:
    """Both secrets are encrypted with the environment's key."""
    found = simulated.client("secretsmanager").describe_secret(SecretId=simulated.id_of("cache", secret))
    assert found["KmsKeyId"] == simulated.key_arn()


@pytest.mark.promise("MJ-10", "MD-07")
def test_no_stack_shows_the_token(simulated: Simulated) -> None:
    """Neither parameters nor outputs nor templates of any stack hold the token."""
    token = json.loads(simulated.secret(simulated.id_of("cache", "CacheTokenSecret")))["token"]
    cloudformation = simulated.client("cloudformation")
    for stack in cloudformation.describe_stacks()["Stacks"]:
        template = cloudformation.get_template(StackName=stack["StackName"])["TemplateBody"]
        assert token not in json.dumps([stack, template], default=str)


@pytest.mark.promise("MJ-06", "MD-01")
def test_nodes_stand_in_the_database_subnets(simulated: Simulated) -> None:
    """The subnet group holds the database subnet of every zone, and the nodes use it."""
    name = simulated.id_of("cache", "CacheSubnetGroup")
    groups = simulated.client("elasticache").describe_cache_subnet_groups(CacheSubnetGroupName=name)
    (found,) = groups["CacheSubnetGroups"]
    assert {node["CacheSubnetGroupName"] for node in _nodes(simulated)} == {name}
    assert {subnet["SubnetIdentifier"] for subnet in found["Subnets"]} == {
        simulated.id_of("networking", f"DatabaseSubnet{zone}") for zone in simulated.zones
    }


def _rules(simulated: Simulated, group: str) -> set[tuple[bool, str, int, int, str]]:
    """Return the rules of a group: whether outward, protocol, ports and peer."""
    found = simulated.client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
    return {
        (
            rule["IsEgress"],
            rule["IpProtocol"],
            rule["FromPort"],
            rule["ToPort"],
            rule.get("CidrIpv4") or rule["ReferencedGroupInfo"]["GroupId"],
        )
        for rule in found["SecurityGroupRules"]
    }


@pytest.mark.promise("MJ-06", "MD-01")
def test_cache_has_a_group_of_its_own_that_lets_the_application_in(simulated: Simulated) -> None:
    """The nodes' one security group admits Redis from the application's group and calls nobody."""
    group = simulated.id_of("cache", "CacheSecurityGroup")
    application = simulated.id_of("networking", "ApplicationSecurityGroup")
    used = {entry["SecurityGroupId"] for node in _nodes(simulated) for entry in node["SecurityGroups"]}
    assert used == {group}
    assert _rules(simulated, group) == {
        (False, "tcp", 6379, 6379, application),
        (True, "tcp", 1, 1, "127.0.0.1/32"),
    }


@pytest.mark.promise("MJ-06", "MD-01")
def test_application_may_call_the_cache(simulated: Simulated) -> None:
    """The application's group lets requests out to the cache's group."""
    group = simulated.id_of("cache", "CacheSecurityGroup")
    assert (True, "tcp", 6379, 6379, group) in _rules(
        simulated, simulated.id_of("networking", "ApplicationSecurityGroup")
    )


@pytest.mark.promise("MJ-06", "MD-01")
def test_network_acls_let_requests_through(simulated: Simulated) -> None:
    """Redis leaves the private tier for the database subnets and enters these from the private subnets only."""
    ids = {tier: simulated.id_of("networking", f"{tier}NetworkAcl") for tier in ("Private", "Database")}
    found = simulated.client("ec2").describe_network_acls(NetworkAclIds=list(ids.values()))["NetworkAcls"]
    rules = {
        (tier, entry["Egress"], entry["CidrBlock"])
        for acl in found
        for tier, acl_id in ids.items()
        if acl["NetworkAclId"] == acl_id
        for entry in acl["Entries"]
        if entry.get("PortRange") == {"From": 6379, "To": 6379} and entry["RuleAction"] == "allow"
    }
    outputs = simulated.outputs("networking")
    assert rules == {
        *(("Private", True, outputs[f"DatabaseSubnet{zone}Cidr"]) for zone in simulated.zones),
        *(("Database", False, outputs[f"PrivateSubnet{zone}Cidr"]) for zone in simulated.zones),
    }


@pytest.mark.promise("MJ-06", "MD-05")
def test_logs_of_redis_are_kept_encrypted_for_a_year(simulated: Simulated) -> None:
    """Slow log and engine log go to a group that exists, keeps them a year and encrypts them."""
    name = simulated.id_of("cache", "CacheLogGroup")
    (found,) = simulated.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    delivered = {
        entry["LogType"]: entry["DestinationDetails"]["CloudWatchLogsDetails"]["LogGroup"]
        for entry in _group(simulated)["LogDeliveryConfigurations"]
    }
    assert delivered == {"slow-log": name, "engine-log": name}
    assert (found["retentionInDays"], found["kmsKeyId"]) == (365, simulated.key_arn())


@pytest.mark.promise("MJ-07")
@pytest.mark.parametrize(
    ("alarm", "metric", "statistic", "threshold", "periods"),
    [
        ("HighCpuAlarm", "CPUUtilization", "Average", 75.0, (300, 2)),
        ("HighEngineCpuAlarm", "EngineCPUUtilization", "Average", 75.0, (300, 2)),
        ("HighMemoryAlarm", "DatabaseMemoryUsagePercentage", "Average", 80.0, (300, 2)),
        ("EvictionsAlarm", "Evictions", "Sum", 1000.0, (300, 1)),
    ],
)
def test_alarm_watches_every_node(
    simulated: Simulated, alarm: str, metric: str, statistic: str, threshold: float, periods: tuple[int, int]
) -> None:
    """CPU over 75 %, memory over 80 %, evictions over 1000 on any node that there is go to the warning topic."""
    found = simulated.alarm("cache", alarm)
    asked = [query["MetricStat"] for query in found["Metrics"] if "MetricStat" in query]
    watched = {entry["Metric"]["Dimensions"][0]["Value"] for entry in asked}
    assert {node["CacheClusterId"] for node in _nodes(simulated)} <= watched
    assert {(entry["Metric"]["MetricName"], entry["Stat"], entry["Period"]) for entry in asked} == {
        (metric, statistic, periods[0])
    }
    assert (found["ComparisonOperator"], found["Threshold"]) == ("GreaterThanThreshold", threshold)
    assert found["EvaluationPeriods"] == periods[1]
    warning = [simulated.topic("warning")]
    assert (found["AlarmActions"], found["OKActions"]) == (warning, warning)


@pytest.mark.promise("MJ-08", "MD-05")
def test_outputs_give_the_endpoints(simulated: Simulated) -> None:
    """The stack says where the cache listens, and with replicas where they do."""
    outputs, nodes = simulated.outputs("cache"), _group(simulated)["NodeGroups"][0]
    primary = nodes["PrimaryEndpoint"]
    assert (outputs["Endpoint"], outputs["Port"]) == (primary["Address"], str(primary["Port"]))
    reader = nodes["ReaderEndpoint"]["Address"] if SIZES[simulated.prefix][1] > 1 else None
    assert outputs.get("ReaderEndpoint") == reader
