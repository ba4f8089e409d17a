"""The networks of Caja, MueJam and Mattilda as a tester finds them in the console."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Simulated

pytestmark = pytest.mark.systems("caja", "muejam", "mattilda")

# First two octets of every address, and the third octets by tier, zone by zone.
VPCS = {
    "caja-dev": "10.10",
    "caja-staging": "10.20",
    "caja-prod": "10.30",
    "muejam-dev": "10.0",
    "muejam-staging": "10.0",
    "muejam-prod": "10.0",
    "mattilda-staging": "10.0",
    "mattilda-prod": "10.0",
}
OCTETS: dict[str, dict[str, tuple[int, ...]]] = {
    "caja": {"Public": (1, 2), "Private": (11, 12), "Database": (21, 22)},
    "muejam": {"Public": (1, 2, 3), "Private": (11, 12, 13), "Database": (21, 22, 23)},
    "mattilda": {"Public": (1, 2), "Private": (3, 4), "Database": (5, 6)},
}
# The zones of the NAT gateways through which the private subnets of A, B and C go out.
GATEWAYS = {
    "caja-dev": "AA",
    "caja-staging": "AB",
    "caja-prod": "AB",
    "muejam-dev": "ABC",
    "muejam-staging": "ABC",
    "muejam-prod": "ABC",
    "mattilda-staging": "AA",
    "mattilda-prod": "AB",
}
TIERS = ("Public", "Private", "Database")


def _in_vpc(simulated: Simulated) -> list[dict[str, Any]]:
    return [{"Name": "vpc-id", "Values": [simulated.id_of("networking", "Vpc")]}]


def _routes(simulated: Simulated, subnet: str) -> dict[str, str]:
    """Return where each destination goes from a subnet; gateways of S3 and the like are left out."""
    filters = [{"Name": "association.subnet-id", "Values": [simulated.id_of("networking", subnet)]}]
    (table,) = simulated.client("ec2").describe_route_tables(Filters=filters)["RouteTables"]
    return {
        route["DestinationCidrBlock"]: route.get("NatGatewayId") or route["GatewayId"]
        for route in table["Routes"]
        if "DestinationCidrBlock" in route
    }


@pytest.mark.promise("CJ-01", "MJ-01", "MD-01")
def test_subnets_have_their_addresses_and_zones(simulated: Simulated) -> None:
    """Each zone holds one subnet of each tier, the VPC no other, and none gives public addresses."""
    found = simulated.client("ec2").describe_subnets(Filters=_in_vpc(simulated))["Subnets"]
    assert {subnet["CidrBlock"]: subnet["AvailabilityZone"] for subnet in found} == {
        f"{VPCS[simulated.prefix]}.{octet}.0/24": f"us-east-1{zone.lower()}"
        for octets in OCTETS[simulated.system].values()
        for octet, zone in zip(octets, simulated.zones, strict=True)
    }
    assert {subnet["MapPublicIpOnLaunch"] for subnet in found} == {False}


@pytest.mark.promise("CJ-01", "MJ-01", "MD-01")
def test_public_subnets_reach_the_internet_gateway(simulated: Simulated) -> None:
    """A public subnet routes to the VPC and, for the rest, to the internet gateway."""
    routes = {
        "0.0.0.0/0": simulated.id_of("networking", "InternetGateway"),
        f"{VPCS[simulated.prefix]}.0.0/16": "local",
    }
    assert [_routes(simulated, f"PublicSubnet{zone}") for zone in simulated.zones] == [routes] * len(simulated.zones)


@pytest.mark.promise("CJ-01", "MJ-01", "MD-01")
def test_private_subnets_reach_the_internet_through_nat(simulated: Simulated) -> None:
    """MueJam has a NAT gateway per zone everywhere, Caja from staging on, Mattilda in prod, each in a public subnet."""
    expected = GATEWAYS[simulated.prefix]
    found = simulated.client("ec2").describe_nat_gateways(Filters=_in_vpc(simulated))["NatGateways"]
    assert {gateway["NatGatewayId"]: gateway["SubnetId"] for gateway in found} == {
        simulated.id_of("networking", f"NatGateway{zone}"): simulated.id_of("networking", f"PublicSubnet{zone}")
        for zone in set(expected)
    }
    assert [_routes(simulated, f"PrivateSubnet{zone}")["0.0.0.0/0"] for zone in simulated.zones] == [
        simulated.id_of("networking", f"NatGateway{zone}") for zone in expected
    ]


@pytest.mark.promise("CJ-01", "MJ-01", "MD-01")
def test_database_subnets_have_the_local_route_only(simulated: Simulated) -> None:
    """Nothing leads from a database subnet out of the VPC."""
    local = {f"{VPCS[simulated.prefix]}.0.0/16": "local"}
    assert [_routes(simulated, f"DatabaseSubnet{zone}") for zone in simulated.zones] == [local] * len(simulated.zones)


def _rules(simulated: Simulated, group: str) -> set[tuple[str, int, int, str]]:
    """Return the inward rules of a group: protocol, ports and peer, other groups by their logical ids."""
    names = {simulated.id_of("networking", name): name for name in GROUPS}
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
        if not rule["IsEgress"]
    }


GROUPS = {
    "LoadBalancerSecurityGroup": {("tcp", 80, 80, "0.0.0.0/0"), ("tcp", 443, 443, "0.0.0.0/0")},
    "ApplicationSecurityGroup": {("tcp", 8000, 8000, "LoadBalancerSecurityGroup")},
    "DatabaseSecurityGroup": {("tcp", 5432, 5432, "ApplicationSecurityGroup")},
}


@pytest.mark.promise("CJ-01", "MD-01")
@pytest.mark.parametrize("group", GROUPS)
def test_group_lets_in_this_and_nothing_else(simulated: Simulated, group: str) -> None:
    """World to load balancer, load balancer to application, application to database."""
    assert _rules(simulated, group) == GROUPS[group]


@pytest.mark.promise("CJ-01")
@pytest.mark.parametrize("tier", TIERS)
def test_network_acl_stands_before_its_subnets(simulated: Simulated, tier: str) -> None:
    """Each tier has a network ACL of its own before all of its subnets."""
    acl_id = simulated.id_of("networking", f"{tier}NetworkAcl")
    (acl,) = simulated.client("ec2").describe_network_acls(NetworkAclIds=[acl_id])["NetworkAcls"]
    assert {association["SubnetId"] for association in acl["Associations"]} == {
        simulated.id_of("networking", f"{tier}Subnet{zone}") for zone in simulated.zones
    }


@pytest.mark.promise("CJ-01", "CJ-08")
def test_flow_logs_of_all_traffic_are_kept_encrypted(simulated: Simulated) -> None:
    """The VPC's flow logs go, by a role that exists, to a log group that is encrypted and keeps them a year."""
    filters = [{"Name": "resource-id", "Values": [simulated.id_of("networking", "Vpc")]}]
    (flow_log,) = simulated.client("ec2").describe_flow_logs(Filters=filters)["FlowLogs"]
    role = simulated.client("iam").get_role(RoleName=simulated.id_of("networking", "FlowLogRole"))["Role"]
    group = simulated.id_of("networking", "FlowLogGroup")
    (found,) = simulated.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert (flow_log["TrafficType"], flow_log["FlowLogStatus"]) == ("ALL", "ACTIVE")
    assert (flow_log["LogGroupName"], flow_log["DeliverLogsPermissionArn"]) == (group, role["Arn"])
    assert (found["retentionInDays"], found["kmsKeyId"]) == (365, simulated.key_arn())


@pytest.mark.promise("CJ-09")
def test_every_key_of_the_account_rotates(simulated: Simulated) -> None:
    """Whatever stack made it, a key is rotated every year; AWS looks after its own, which have its aliases."""
    kms = simulated.client("kms")
    listed = {key["KeyId"] for page in kms.get_paginator("list_keys").paginate() for key in page["Keys"]}
    aliases = [alias for page in kms.get_paginator("list_aliases").paginate() for alias in page["Aliases"]]
    own = listed - {alias.get("TargetKeyId") for alias in aliases if alias["AliasName"].startswith("alias/aws/")}
    assert simulated.id_of("networking", "EncryptionKey") in own
    assert {key for key in own if not kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]} == set()


@pytest.mark.promise("CJ-13")
def test_everything_in_the_vpc_carries_the_tags_of_its_costs(simulated: Simulated) -> None:
    """System and environment stand on what EC2 holds for this environment."""
    ec2 = simulated.client("ec2")
    vpc = _in_vpc(simulated)
    things = [
        *ec2.describe_vpcs(VpcIds=[simulated.id_of("networking", "Vpc")])["Vpcs"],
        *ec2.describe_subnets(Filters=vpc)["Subnets"],
        *ec2.describe_nat_gateways(Filters=vpc)["NatGateways"],
        *(
            group
            for group in ec2.describe_security_groups(Filters=vpc)["SecurityGroups"]
            if group["GroupName"] != "default"
        ),
    ]
    tags = [{tag["Key"]: tag["Value"] for tag in thing.get("Tags", [])} for thing in things]
    found = {(entry.get("System"), entry.get("Environment")) for entry in tags}
    assert found == {(simulated.system, simulated.environment)}
