"""What holds of the networking layer for every value that it permits."""

from __future__ import annotations

import ipaddress
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings

from stackproof import Resource, Stack, load_system
from stackproof.strategies import stacks

NETWORKS = stacks(load_system("maticko").templates["networking"])
EVERY = settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def _network(resource: Resource) -> ipaddress.IPv4Network:
    return ipaddress.IPv4Network(resource.text("CidrBlock"))


@pytest.mark.promise("MT-02")
@pytest.mark.promise("MT-03")
@pytest.mark.promise("MT-04")
@EVERY
@given(NETWORKS)
def test_subnets_are_disjoint_and_inside_of_the_vpc(stack: Stack) -> None:
    """No two subnets share an address, and none lies outside, whatever the address range, layout and zones."""
    vpc = _network(stack["Vpc"])
    subnets = [_network(subnet) for subnet in stack.of_type("AWS::EC2::Subnet")]
    zones = int(str(stack.values["Zones"]))
    assert [subnet.prefixlen for subnet in subnets] == [24] * 3 * zones
    assert [str(subnet) for subnet in subnets if not subnet.subnet_of(vpc)] == []
    assert [(str(a), str(b)) for a, b in combinations(subnets, 2) if a.overlaps(b)] == []


@pytest.mark.promise("MT-04")
@EVERY
@given(NETWORKS)
def test_database_subnets_have_no_way_out(stack: Stack) -> None:
    """Their route table holds no route at all, and they use no other."""
    associations = stack.of_type("AWS::EC2::SubnetRouteTableAssociation")
    tables = {
        association["RouteTableId"]
        for association in associations
        if str(association["SubnetId"]).startswith("${DatabaseSubnet")
    }
    assert tables == {stack["DatabaseRouteTable"].reference}
    assert [route.logical_id for route in stack.of_type("AWS::EC2::Route") if route["RouteTableId"] in tables] == []
    endpoints = [
        table for endpoint in stack.of_type("AWS::EC2::VPCEndpoint") for table in endpoint.items_of("RouteTableIds")
    ]
    assert [table for table in endpoints if table in tables] == []


@pytest.mark.promise("MT-04")
@EVERY
@given(NETWORKS)
def test_every_subnet_has_a_route_table_and_an_acl(stack: Stack) -> None:
    """None falls back to the main route table or the default network ACL, which lets everything through."""
    subnets = {subnet.reference for subnet in stack.of_type("AWS::EC2::Subnet")}
    for kind in ("AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::SubnetNetworkAclAssociation"):
        assert {association["SubnetId"] for association in stack.of_type(kind)} == subnets


@pytest.mark.promise("MT-05")
@EVERY
@given(NETWORKS)
def test_private_subnets_go_out_through_nat(stack: Stack) -> None:
    """Each has one default route, to a NAT gateway that exists."""
    gateways = {gateway.reference for gateway in stack.of_type("AWS::EC2::NatGateway")}
    for association in stack.of_type("AWS::EC2::SubnetRouteTableAssociation"):
        if str(association["SubnetId"]).startswith("${PrivateSubnet"):
            routes = [r for r in stack.of_type("AWS::EC2::Route") if r["RouteTableId"] == association["RouteTableId"]]
            assert [route.text("DestinationCidrBlock") for route in routes] == ["0.0.0.0/0"]
            assert routes[0]["NatGatewayId"] in gateways


@pytest.mark.promise("MT-07")
@EVERY
@given(NETWORKS)
def test_only_the_web_is_open_to_the_world(stack: Stack) -> None:
    """Ports 80 and 443 of the load balancer, and nothing else, whatever the application's port is."""
    opened = [
        (group.logical_id, rule.integer("FromPort"), rule.integer("ToPort"))
        for group in stack.of_type("AWS::EC2::SecurityGroup")
        for rule in group.items_of("SecurityGroupIngress")
        if {"CidrIp", "CidrIpv6", "SourcePrefixListId"} & set(rule)
    ]
    assert opened == [("LoadBalancerSecurityGroup", 80, 80), ("LoadBalancerSecurityGroup", 443, 443)]
    alone = stack.of_type("AWS::EC2::SecurityGroupIngress")
    assert [rule.logical_id for rule in alone if "SourceSecurityGroupId" not in rule] == []


@pytest.mark.promise("MT-11")
@EVERY
@given(NETWORKS)
def test_no_administration_port_is_open(stack: Stack) -> None:
    """Neither SSH nor remote desktop, in no group and through no network ACL from the world."""
    ranges = [
        (rule.integer("FromPort"), rule.integer("ToPort"))
        for group in stack.of_type("AWS::EC2::SecurityGroup")
        for rule in group.items_of("SecurityGroupIngress")
    ]
    ranges += [(r.integer("FromPort"), r.integer("ToPort")) for r in stack.of_type("AWS::EC2::SecurityGroupIngress")]
    ranges += [
        (entry.block("PortRange").integer("From"), entry.block("PortRange").integer("To"))
        for entry in stack.of_type("AWS::EC2::NetworkAclEntry")
        if not entry.boolean("Egress")
        and entry.text("CidrBlock") == "0.0.0.0/0"
        and entry.text("RuleAction") == "allow"
    ]
    assert [
        span for span in ranges if span[0] <= 22 <= span[1] or (span[0] <= 3389 <= span[1] and span != (32768, 65535))
    ] == []
