"""What holds of the cache layer for every value that it permits."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings

from stackproof import Stack, load_system
from stackproof.strategies import stacks

TEMPLATE = load_system("muejam").templates["cache"]
EVERY = settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.promise("MJ-06")
@pytest.mark.promise("MD-05")
@EVERY
@given(stacks(TEMPLATE))
def test_cache_is_encrypted_and_asks_for_a_token(stack: Stack) -> None:
    """At rest, in transit, and never with a token in clear."""
    cache = stack["Cache"]
    assert cache.boolean("AtRestEncryptionEnabled")
    assert (cache.boolean("TransitEncryptionEnabled"), cache.text("TransitEncryptionMode")) == (True, "required")
    assert str(cache["AuthToken"]) == "{{resolve:secretsmanager:${CacheTokenSecret}:SecretString:token}}"
    assert [name for name in stack.template.parameters if re.search("token|password", name.lower())] == []


@pytest.mark.promise("MJ-06")
@EVERY
@given(stacks(TEMPLATE))
def test_failover_fits_the_nodes(stack: Stack) -> None:
    """ElastiCache refuses it with one node, and zones without it; with several only a suspension turns it off."""
    cache = stack["Cache"]
    several = cache.integer("NumCacheClusters") > 1
    suspended = stack.values["SuspendFailover"] == "true"
    switches = (cache.boolean("AutomaticFailoverEnabled"), cache.boolean("MultiAZEnabled"))
    assert switches == (several and not suspended,) * 2


@pytest.mark.promise("MJ-06")
@EVERY
@given(stacks(TEMPLATE, SuspendFailover="false"))
def test_nothing_but_the_number_of_nodes_decides_on_failover(stack: Stack) -> None:
    """No other value leaves several nodes without it."""
    cache = stack["Cache"]
    assert cache.boolean("AutomaticFailoverEnabled") is (cache.integer("NumCacheClusters") > 1)


@pytest.mark.promise("MJ-09")
@EVERY
@given(stacks(TEMPLATE))
def test_growth_replaces_nothing(stack: Stack) -> None:
    """What size and number decide is not among the properties whose change makes another, empty cache."""
    cache = stack["Cache"]
    assert cache.text("CacheNodeType") == stack.values["NodeType"]
    assert str(cache.integer("NumCacheClusters")) == stack.values["Nodes"]
    assert {"ReplicationGroupId", "PreferredCacheClusterAZs", "SnapshotName", "SnapshotArns"} & set(
        cache.properties
    ) == set()


@pytest.mark.promise("MJ-07")
@EVERY
@given(stacks(TEMPLATE))
def test_every_node_is_watched(stack: Stack) -> None:
    """By every alarm, within the ten metrics that CloudWatch permits."""
    nodes = {f"${{Cache}}-00{number}" for number in range(1, stack["Cache"].integer("NumCacheClusters") + 1)}
    for alarm in stack.of_type("AWS::CloudWatch::Alarm"):
        _, *metrics = alarm.items_of("Metrics")
        dimensions = [metric.block("MetricStat").block("Metric").items_of("Dimensions") for metric in metrics]
        assert len(metrics) <= 10
        assert {str(dimension["Value"]) for (dimension,) in dimensions} >= nodes


@pytest.mark.promise("MD-01")
@EVERY
@given(stacks(TEMPLATE))
def test_only_the_application_reaches_the_cache(stack: Stack) -> None:
    """No value opens another way in."""
    sources = [
        (sorted(set(rule) & {"CidrIp", "CidrIpv6", "SourcePrefixListId"}), rule.integer("FromPort"))
        for group in stack.of_type("AWS::EC2::SecurityGroup")
        for rule in group.items_of("SecurityGroupIngress")
    ]
    assert sources == [([], 6379)]
    assert stack.of_type("AWS::EC2::SecurityGroupIngress") == []


@pytest.mark.promise("MD-01")
@EVERY
@given(stacks(TEMPLATE))
def test_network_acl_entries_are_free_for_a_layer(stack: Stack) -> None:
    """Numbers from 400 on that the database layer's (500 and up) do not use, each once per list and direction."""
    numbers = [
        (str(entry["NetworkAclId"]), entry.boolean("Egress"), entry.integer("RuleNumber"))
        for entry in stack.of_type("AWS::EC2::NetworkAclEntry")
    ]
    assert sorted(numbers) == sorted(set(numbers))
    assert {number for *_, number in numbers} <= {400, 410, 420, 600, 610, 620}


@pytest.mark.promise("MJ-06")
@EVERY
@given(stacks(TEMPLATE))
def test_both_deletion_policies_are_stated(stack: Stack) -> None:
    """Of everything that holds data; the cache itself leaves a snapshot."""
    kinds = ("AWS::ElastiCache::ReplicationGroup", "AWS::SecretsManager::Secret", "AWS::Logs::LogGroup")
    silent = [
        resource.logical_id
        for resource in stack.of_type(*kinds)
        if not {"DeletionPolicy", "UpdateReplacePolicy"} <= set(resource.attributes)
    ]
    assert silent == []
    policies = stack["Cache"].attributes
    assert (policies.text("DeletionPolicy"), policies.text("UpdateReplacePolicy")) == ("Snapshot", "Snapshot")


@pytest.mark.promise("MD-07")
@EVERY
@given(stacks(TEMPLATE))
def test_url_secret_always_has_a_name(stack: Stack) -> None:
    """The given one, or the one made of system and environment."""
    values = stack.values
    made = f"{values['System']}/{values['Environment']}/cache-url"
    assert stack["CacheUrlSecret"].text("Name") == (values["UrlSecretName"] or made)
