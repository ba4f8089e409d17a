"""Ma-Ticko's networking layer, asked in every environment."""

from __future__ import annotations

import pytest

from stackproof import Deployment, Resource, Stack

pytestmark = pytest.mark.systems("maticko")


def _name(value: object) -> str:
    """Return the logical id of a reference, or a text as it is."""
    text = str(value)
    return text[2:-1].partition(".")[0] if text.startswith("${") else text


def _routes(stack: Stack, subnet: str) -> list[tuple[str, str]]:
    """Return where traffic from a subnet goes beside the local network: destination and target."""
    tables = [
        association["RouteTableId"]
        for association in stack.of_type("AWS::EC2::SubnetRouteTableAssociation")
        if association["SubnetId"] == stack[subnet].reference
    ]
    assert len(tables) == 1, f"{subnet} has no route table of its own"
    return [
        (route.text("DestinationCidrBlock"), _name(route.get("GatewayId") or route.get("NatGatewayId")))
        for route in stack.of_type("AWS::EC2::Route")
        if route["RouteTableId"] == tables[0]
    ]


@pytest.mark.promise("MT-01")
def test_vpc(deployment: Deployment) -> None:
    """10.0.0.0/16 with DNS support and host names."""
    vpc = deployment["networking"]["Vpc"]
    assert vpc.text("CidrBlock") == "10.0.0.0/16"
    assert (vpc.boolean("EnableDnsSupport"), vpc.boolean("EnableDnsHostnames")) == (True, True)


SUBNETS = {
    "PublicSubnetA": "10.0.1.0/24",
    "PublicSubnetB": "10.0.2.0/24",
    "PrivateSubnetA": "10.0.3.0/24",
    "PrivateSubnetB": "10.0.4.0/24",
    "DatabaseSubnetA": "10.0.5.0/24",
    "DatabaseSubnetB": "10.0.6.0/24",
}


@pytest.mark.promise("MT-02")
@pytest.mark.promise("MT-03")
@pytest.mark.promise("MT-04")
def test_subnets(deployment: Deployment) -> None:
    """Two per tier, with the addresses that were promised, none of which gives public addresses by itself."""
    subnets = deployment["networking"].of_type("AWS::EC2::Subnet")
    assert {subnet.logical_id: subnet.text("CidrBlock") for subnet in subnets} == SUBNETS
    assert [subnet.logical_id for subnet in subnets if subnet.boolean("MapPublicIpOnLaunch", default=True)] == []


@pytest.mark.promise("MT-01")
def test_zones(deployment: Deployment) -> None:
    """Each tier has a subnet in each of two zones, which only the account can name."""
    stack = deployment["networking"]
    zones = {subnet: str(stack[subnet]["AvailabilityZone"]) for subnet in SUBNETS}
    assert zones == {
        subnet: f"${{Fn::Select {'AB'.index(subnet[-1])}, ${{Fn::GetAZs us-east-1}}}}" for subnet in SUBNETS
    }


@pytest.mark.promise("MT-02")
@pytest.mark.parametrize("subnet", ["PublicSubnetA", "PublicSubnetB"])
def test_public_subnets_reach_the_internet(deployment: Deployment, subnet: str) -> None:
    """Through the internet gateway of the VPC."""
    stack = deployment["networking"]
    assert _routes(stack, subnet) == [("0.0.0.0/0", "InternetGateway")]
    attachment = stack["InternetGatewayAttachment"]
    assert (_name(attachment["VpcId"]), _name(attachment["InternetGatewayId"])) == ("Vpc", "InternetGateway")


NAT = {
    "dev": {"PrivateSubnetA": "NatGatewayA", "PrivateSubnetB": "NatGatewayA"},
    "test": {"PrivateSubnetA": "NatGatewayA", "PrivateSubnetB": "NatGatewayA"},
    "prod": {"PrivateSubnetA": "NatGatewayA", "PrivateSubnetB": "NatGatewayB"},
}


@pytest.mark.promise("MT-03")
@pytest.mark.promise("MT-05")
def test_private_subnets_go_out_through_nat(deployment: Deployment) -> None:
    """Production has a gateway in each zone, the others share one; each lies in the public subnet of its zone."""
    stack = deployment["networking"]
    expected = NAT[deployment.environment.name]
    assert {subnet: _routes(stack, subnet) for subnet in expected} == {
        subnet: [("0.0.0.0/0", gateway)] for subnet, gateway in expected.items()
    }
    gateways = {gateway.logical_id: _name(gateway["SubnetId"]) for gateway in stack.of_type("AWS::EC2::NatGateway")}
    assert gateways == {name: f"PublicSubnet{name[-1]}" for name in expected.values()}


@pytest.mark.promise("MT-04")
@pytest.mark.parametrize("subnet", ["DatabaseSubnetA", "DatabaseSubnetB"])
def test_database_subnets_are_isolated(deployment: Deployment, subnet: str) -> None:
    """They have no route but the local one."""
    assert _routes(deployment["networking"], subnet) == []


def _allowed(stack: Stack, acl: str, *, egress: bool) -> list[tuple[int, int, str]]:
    return [
        (entry.block("PortRange").integer("From"), entry.block("PortRange").integer("To"), entry.text("CidrBlock"))
        for entry in stack.of_type("AWS::EC2::NetworkAclEntry")
        if _name(entry["NetworkAclId"]) == acl
        and entry.boolean("Egress") is egress
        and (entry.text("RuleAction"), entry.integer("Protocol")) == ("allow", 6)
    ]


WORLD = "0.0.0.0/0"
ACLS = {
    "PublicNetworkAcl": (
        [
            (80, 80, WORLD),
            (443, 443, WORLD),
            (1024, 3388, WORLD),
            (3390, 65535, WORLD),
            (1024, 65535, "10.0.3.0/24"),
            (1024, 65535, "10.0.4.0/24"),
        ],
        [(443, 443, WORLD), (1024, 65535, WORLD)],
    ),
    "PrivateNetworkAcl": (
        [(8000, 8000, "10.0.1.0/24"), (8000, 8000, "10.0.2.0/24"), (32768, 65535, WORLD)],
        [
            (443, 443, WORLD),
            (5432, 5432, "10.0.5.0/24"),
            (5432, 5432, "10.0.6.0/24"),
            (1024, 65535, "10.0.1.0/24"),
            (1024, 65535, "10.0.2.0/24"),
        ],
    ),
    "DatabaseNetworkAcl": (
        [(5432, 5432, "10.0.3.0/24"), (5432, 5432, "10.0.4.0/24")],
        [(32768, 65535, "10.0.3.0/24"), (32768, 65535, "10.0.4.0/24")],
    ),
}


@pytest.mark.promise("MT-06")
@pytest.mark.promise("MT-04")
@pytest.mark.parametrize("acl", ACLS)
def test_network_acls(deployment: Deployment, acl: str) -> None:
    """The second ring lets through what the tiers need, answers included, and the database speaks to no one else."""
    stack = deployment["networking"]
    assert (_allowed(stack, acl, egress=False), _allowed(stack, acl, egress=True)) == ACLS[acl]


@pytest.mark.promise("MT-06")
def test_every_subnet_has_the_acl_of_its_tier(deployment: Deployment) -> None:
    """None falls back to the default network ACL, and no entry denies or covers every protocol."""
    stack = deployment["networking"]
    found = {
        _name(association["SubnetId"]): _name(association["NetworkAclId"])
        for association in stack.of_type("AWS::EC2::SubnetNetworkAclAssociation")
    }
    assert found == {subnet: subnet.replace("Subnet", "NetworkAcl")[:-1] for subnet in SUBNETS}
    entries = stack.of_type("AWS::EC2::NetworkAclEntry")
    assert {(entry.text("RuleAction"), entry.integer("Protocol")) for entry in entries} == {("allow", 6)}


def _ingress(deployment: Deployment) -> dict[str, list[tuple[int, int, str]]]:
    """Return by security group who may reach it: first and last port, and the source."""
    found: dict[str, list[tuple[int, int, str]]] = {
        group.logical_id: [_rule(rule) for rule in group.items_of("SecurityGroupIngress")]
        for group in deployment.of_type("AWS::EC2::SecurityGroup")
    }
    for alone in deployment.of_type("AWS::EC2::SecurityGroupIngress"):
        found[_name(alone["GroupId"])].append(_rule(alone))
    return found


def _rule(rule: Resource) -> tuple[int, int, str]:
    assert rule.text("IpProtocol") == "tcp"
    source = rule.get("CidrIp") or rule.get("SourceSecurityGroupId")
    return rule.integer("FromPort"), rule.integer("ToPort"), _name(source)


@pytest.mark.promise("MT-07")
def test_who_may_reach_whom(deployment: Deployment) -> None:
    """The world the load balancer, it the instances, they the database, and nothing else anything."""
    assert _ingress(deployment) == {
        "LoadBalancerSecurityGroup": [(80, 80, WORLD), (443, 443, WORLD)],
        "ApplicationSecurityGroup": [(8000, 8000, "LoadBalancerSecurityGroup")],
        "DatabaseSecurityGroup": [(5432, 5432, "ApplicationSecurityGroup")],
    }


@pytest.mark.promise("MT-07")
def test_who_may_call_whom(deployment: Deployment) -> None:
    """Each group states its egress: a group without any is open to everywhere."""
    stack = deployment["networking"]
    found = {
        group.logical_id: [
            (rule.integer("FromPort"), _name(rule.get("CidrIp") or rule.get("DestinationSecurityGroupId")))
            for rule in group.items_of("SecurityGroupEgress")
        ]
        for group in stack.of_type("AWS::EC2::SecurityGroup")
    }
    for alone in stack.of_type("AWS::EC2::SecurityGroupEgress"):
        found[_name(alone["GroupId"])].append((alone.integer("FromPort"), _name(alone["DestinationSecurityGroupId"])))
    assert found == {
        "LoadBalancerSecurityGroup": [(8000, "ApplicationSecurityGroup")],
        "ApplicationSecurityGroup": [(443, WORLD), (5432, "DatabaseSecurityGroup")],
        "DatabaseSecurityGroup": [(1, "127.0.0.1/32")],
    }


@pytest.mark.promise("MT-11")
def test_no_port_22(deployment: Deployment) -> None:
    """Nobody reaches SSH anywhere."""
    reached = {
        group: [rule for rule in rules if rule[0] <= 22 <= rule[1]] for group, rules in _ingress(deployment).items()
    }
    assert [group for group, rules in reached.items() if rules] == []


EXPORTS = [
    "VpcId",
    *(f"{tier}Subnet{zone}Id" for tier in ("Public", "Private") for zone in "AB"),
    "PrivateSubnetACidr",
    "PrivateSubnetBCidr",
    "DatabaseSubnetAId",
    "DatabaseSubnetBId",
    "DatabaseSubnetACidr",
    "DatabaseSubnetBCidr",
    "LoadBalancerSecurityGroupId",
    "ApplicationSecurityGroupId",
    "DatabaseSecurityGroupId",
    "ApplicationPort",
    "PrivateNetworkAclId",
    "DatabaseNetworkAclId",
    "EncryptionKeyArn",
]


@pytest.mark.promise("MT-20")
def test_exports(deployment: Deployment) -> None:
    """Exports carry system, environment and layer: environments do not meet in one account."""
    exports = [output.export for output in deployment["networking"].outputs.values() if output.export]
    assert exports == [f"maticko-{deployment.environment.name}-Networking{name}" for name in EXPORTS]


@pytest.mark.promise("MT-20")
def test_deploy_order_follows_from_imports(deployment: Deployment) -> None:
    """Application and database need networking, the topics of their alarms, and nothing else, in either order."""
    needs = {layer: {use.exporter for use in uses} for layer, uses in deployment.imports.items()}
    assert needs["networking"] == set()
    assert needs["application"] == needs["database"] == {"networking", "monitoring"}
