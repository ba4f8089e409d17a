"""The network as a tester finds it in the console: addresses, routes, group rules, network ACLs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Simulated

pytestmark = pytest.mark.systems("maticko")

TIERS = {
    "public": {"10.0.1.0/24": "us-east-1a", "10.0.2.0/24": "us-east-1b"},
    "private": {"10.0.3.0/24": "us-east-1a", "10.0.4.0/24": "us-east-1b"},
    "database": {"10.0.5.0/24": "us-east-1a", "10.0.6.0/24": "us-east-1b"},
}


def _vpc(simulated: Simulated) -> str:
    return simulated.id_of("networking", "Vpc")


def _in_vpc(simulated: Simulated) -> list[dict[str, Any]]:
    return [{"Name": "vpc-id", "Values": [_vpc(simulated)]}]


def _routes(simulated: Simulated, subnet: str) -> dict[str, str]:
    """Return where each destination goes from a subnet: its kind, local, igw, nat or vpce."""
    filters = [{"Name": "association.subnet-id", "Values": [simulated.id_of("networking", subnet)]}]
    (table,) = simulated.client("ec2").describe_route_tables(Filters=filters)["RouteTables"]
    return {
        route.get("DestinationCidrBlock") or route["DestinationPrefixListId"]: route.get("NatGatewayId")
        or route["GatewayId"]
        for route in table["Routes"]
    }


@pytest.mark.promise("MT-01")
def test_vpc_has_its_addresses_and_dns(simulated: Simulated) -> None:
    """The VPC is 10.0.0.0/16 with DNS support and host names."""
    ec2 = simulated.client("ec2")
    (vpc,) = ec2.describe_vpcs(VpcIds=[_vpc(simulated)])["Vpcs"]
    support = ec2.describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute="enableDnsSupport")["EnableDnsSupport"]
    names = ec2.describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute="enableDnsHostnames")["EnableDnsHostnames"]
    assert (vpc["CidrBlock"], support["Value"], names["Value"]) == ("10.0.0.0/16", True, True)


@pytest.mark.promise("MT-01", "MT-02", "MT-03", "MT-04")
def test_subnets_have_their_addresses_and_zones(simulated: Simulated) -> None:
    """Two zones hold one subnet of each tier, and the VPC holds no other."""
    found = simulated.client("ec2").describe_subnets(Filters=_in_vpc(simulated))["Subnets"]
    assert {subnet["CidrBlock"]: subnet["AvailabilityZone"] for subnet in found} == {
        cidr: zone for tier in TIERS.values() for cidr, zone in tier.items()
    }


@pytest.mark.promise("MT-03")
def test_no_subnet_gives_public_addresses(simulated: Simulated) -> None:
    """No instance gets a public address unless it asks for one."""
    found = simulated.client("ec2").describe_subnets(Filters=_in_vpc(simulated))["Subnets"]
    assert {subnet["MapPublicIpOnLaunch"] for subnet in found} == {False}


@pytest.mark.promise("MT-02")
@pytest.mark.parametrize("zone", ["A", "B"])
def test_public_subnets_reach_the_internet_gateway(simulated: Simulated, zone: str) -> None:
    """A public subnet routes to the VPC and, for the rest, to the internet gateway."""
    assert _routes(simulated, f"PublicSubnet{zone}") == {
        "10.0.0.0/16": "local",
        "0.0.0.0/0": simulated.id_of("networking", "InternetGateway"),
    }


@pytest.mark.promise("MT-03", "MT-05")
@pytest.mark.parametrize("zone", ["A", "B"])
def test_private_subnets_reach_the_internet_through_nat(
    simulated: Simulated, zone: str, by_environment: Callable[..., str]
) -> None:
    """A private subnet goes out through NAT: its own zone's gateway in prod, the one gateway elsewhere."""
    gateway = by_environment(simulated, dev="A", test="A", prod=zone)
    routes = _routes(simulated, f"PrivateSubnet{zone}")
    assert routes["0.0.0.0/0"] == simulated.id_of("networking", f"NatGateway{gateway}")


@pytest.mark.promise("MT-05")
def test_nat_gateways_stand_in_public_subnets(simulated: Simulated, by_environment: Callable[..., Any]) -> None:
    """There is one NAT gateway, in prod one per zone, each in the public subnet of its zone."""
    found = simulated.client("ec2").describe_nat_gateways(Filters=_in_vpc(simulated))["NatGateways"]
    zones = by_environment(simulated, dev=["A"], test=["A"], prod=["A", "B"])
    public = [simulated.id_of("networking", f"PublicSubnet{zone}") for zone in zones]
    assert sorted(gateway["SubnetId"] for gateway in found) == sorted(public)


@pytest.mark.promise("MT-04")
@pytest.mark.parametrize("zone", ["A", "B"])
def test_database_subnets_have_the_local_route_only(simulated: Simulated, zone: str) -> None:
    """Nothing leads from a database subnet out of the VPC."""
    assert _routes(simulated, f"DatabaseSubnet{zone}") == {"10.0.0.0/16": "local"}


def _rules(simulated: Simulated, group: str, direction: str) -> set[tuple[str, int, int, str]]:
    """Return the rules of a group: protocol, ports and peer, other groups by their logical id."""
    names = {
        simulated.id_of("networking", name): name
        for name in ("LoadBalancerSecurityGroup", "ApplicationSecurityGroup", "DatabaseSecurityGroup")
    }
    filters = [{"Name": "group-id", "Values": [simulated.id_of("networking", group)]}]
    rules = simulated.client("ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    return {
        (
            rule["IpProtocol"],
            rule["FromPort"],
            rule["ToPort"],
            rule.get("CidrIpv4") or names[rule["ReferencedGroupInfo"]["GroupId"]],
        )
        for rule in rules
        if rule["IsEgress"] is (direction == "out")
    }


@pytest.mark.promise("MT-07", "MT-11")
@pytest.mark.parametrize(
    ("group", "direction", "rules"),
    [
        ("LoadBalancerSecurityGroup", "in", {("tcp", 80, 80, "0.0.0.0/0"), ("tcp", 443, 443, "0.0.0.0/0")}),
        ("LoadBalancerSecurityGroup", "out", {("tcp", 8000, 8000, "ApplicationSecurityGroup")}),
        ("ApplicationSecurityGroup", "in", {("tcp", 8000, 8000, "LoadBalancerSecurityGroup")}),
        (
            "ApplicationSecurityGroup",
            "out",
            {("tcp", 443, 443, "0.0.0.0/0"), ("tcp", 5432, 5432, "DatabaseSecurityGroup")},
        ),
        ("DatabaseSecurityGroup", "in", {("tcp", 5432, 5432, "ApplicationSecurityGroup")}),
        ("DatabaseSecurityGroup", "out", {("tcp", 1, 1, "127.0.0.1/32")}),
    ],
)
def test_group_lets_through_this_and_nothing_else(
    simulated: Simulated, group: str, direction: str, rules: set[tuple[str, int, int, str]]
) -> None:
    """World to load balancer, load balancer to instances, instances to database; nothing else, and no port 22."""
    assert _rules(simulated, group, direction) == rules


def _acl(simulated: Simulated, tier: str) -> dict[str, Any]:
    acl_id = simulated.id_of("networking", f"{tier}NetworkAcl")
    (acl,) = simulated.client("ec2").describe_network_acls(NetworkAclIds=[acl_id])["NetworkAcls"]
    return dict(acl)


@pytest.mark.promise("MT-06")
@pytest.mark.parametrize("tier", ["Public", "Private", "Database"])
def test_network_acl_stands_before_its_subnets(simulated: Simulated, tier: str) -> None:
    """Each tier has a network ACL of its own before both of its subnets."""
    guarded = {association["SubnetId"] for association in _acl(simulated, tier)["Associations"]}
    assert guarded == {simulated.id_of("networking", f"{tier}Subnet{zone}") for zone in "AB"}


@pytest.mark.promise("MT-04", "MT-06")
def test_network_acl_of_the_database_speaks_to_the_private_tier_only(simulated: Simulated) -> None:
    """PostgreSQL comes in from the private subnets, answers go back to them, all else is denied."""
    allowed = {
        (entry["Egress"], entry["CidrBlock"], entry["PortRange"]["From"], entry["PortRange"]["To"])
        for entry in _acl(simulated, "Database")["Entries"]
        if entry["RuleAction"] == "allow"
    }
    assert allowed == {
        (False, "10.0.3.0/24", 5432, 5432),
        (False, "10.0.4.0/24", 5432, 5432),
        (True, "10.0.3.0/24", 32768, 65535),
        (True, "10.0.4.0/24", 32768, 65535),
    }


def test_flow_logs_of_all_traffic_are_kept_encrypted(simulated: Simulated) -> None:
    """The VPC's flow logs go to a log group that is encrypted with the environment's key."""
    (flow_log,) = simulated.client("ec2").describe_flow_logs(
        Filters=[{"Name": "resource-id", "Values": [_vpc(simulated)]}]
    )["FlowLogs"]
    group = simulated.id_of("networking", "FlowLogGroup")
    (found,) = simulated.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    key = simulated.client("kms").describe_key(KeyId=simulated.id_of("networking", "EncryptionKey"))["KeyMetadata"]
    assert (flow_log["TrafficType"], flow_log["LogGroupName"]) == ("ALL", group)
    assert (found["retentionInDays"], found["kmsKeyId"]) == (365, key["Arn"])


def test_encryption_key_rotates(simulated: Simulated) -> None:
    """The environment's key is rotated every year."""
    key = simulated.id_of("networking", "EncryptionKey")
    assert simulated.client("kms").get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True


def test_encryption_key_is_usable_by_logs_of_this_account_only(simulated: Simulated) -> None:
    """The key's policy names the account and, for log groups of this account, CloudWatch Logs."""
    key = simulated.id_of("networking", "EncryptionKey")
    policy = json.loads(simulated.client("kms").get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    assert [statement["Principal"] for statement in policy["Statement"]] == [
        {"AWS": f"arn:aws:iam::{simulated.account_id}:root"},
        {"Service": "logs.us-east-1.amazonaws.com"},
    ]
