"""The networks of Caja, MueJam and Mattilda, asked in every environment."""

from __future__ import annotations

import pytest

from stackproof import Deployment, Resource, Stack

pytestmark = pytest.mark.systems("caja", "muejam", "mattilda")

VPCS = {
    ("caja", "dev"): "10.10",
    ("caja", "staging"): "10.20",
    ("caja", "prod"): "10.30",
    **{("muejam", environment): "10.0" for environment in ("dev", "staging", "prod")},
    **{("mattilda", environment): "10.0" for environment in ("staging", "prod")},
}
# Third octets by tier, zone by zone.
OCTETS: dict[str, dict[str, tuple[int, ...]]] = {
    "caja": {"Public": (1, 2), "Private": (11, 12), "Database": (21, 22)},
    "muejam": {"Public": (1, 2, 3), "Private": (11, 12, 13), "Database": (21, 22, 23)},
    "mattilda": {"Public": (1, 2), "Private": (3, 4), "Database": (5, 6)},
}


def _pair(deployment: Deployment) -> tuple[str, str]:
    return deployment.system, deployment.environment.name


def _name(value: object) -> str:
    """Return the logical id of a reference, or a text as it is."""
    text = str(value)
    return text[2:-1].partition(".")[0] if text.startswith("${") else text


def _zones(deployment: Deployment) -> str:
    return "ABC"[: len(OCTETS[deployment.system]["Public"])]


@pytest.mark.promise("CJ-01")
@pytest.mark.promise("MJ-01")
@pytest.mark.promise("MD-01")
def test_subnets(deployment: Deployment) -> None:
    """Public, private and database subnets in each zone, with the addresses that were promised."""
    prefix = VPCS[_pair(deployment)]
    tiers = OCTETS[deployment.system].items()
    expected = {
        f"{tier}Subnet{zone}": f"{prefix}.{octet}.0/24"
        for tier, octets in tiers
        for zone, octet in zip(_zones(deployment), octets, strict=True)
    }
    stack = deployment["networking"]
    subnets = stack.of_type("AWS::EC2::Subnet")
    assert stack["Vpc"].text("CidrBlock") == f"{prefix}.0.0/16"
    assert {subnet.logical_id: subnet.text("CidrBlock") for subnet in subnets} == expected
    assert [subnet.logical_id for subnet in subnets if subnet.boolean("MapPublicIpOnLaunch", default=True)] == []


@pytest.mark.promise("CJ-01")
@pytest.mark.promise("MJ-01")
@pytest.mark.promise("MD-01")
def test_zones(deployment: Deployment) -> None:
    """The subnets of a tier lie in different zones, those of one zone in the same."""
    found = {
        subnet.logical_id[-1]: str(subnet["AvailabilityZone"])
        for subnet in deployment["networking"].of_type("AWS::EC2::Subnet")
    }
    assert found == {
        zone: f"${{Fn::Select {number}, ${{Fn::GetAZs us-east-1}}}}" for number, zone in enumerate(_zones(deployment))
    }


# Through which gateway each private subnet goes out.
GATEWAYS = {
    **{("caja", environment): "AB" for environment in ("staging", "prod")},
    ("caja", "dev"): "AA",
    **{("muejam", environment): "ABC" for environment in ("dev", "staging", "prod")},
    ("mattilda", "staging"): "AA",
    ("mattilda", "prod"): "AB",
}


def _routes(stack: Stack, subnet: str) -> list[tuple[str, str]]:
    tables = [
        association["RouteTableId"]
        for association in stack.of_type("AWS::EC2::SubnetRouteTableAssociation")
        if association["SubnetId"] == stack[subnet].reference
    ]
    return [
        (route.text("DestinationCidrBlock"), _name(route.get("GatewayId") or route.get("NatGatewayId")))
        for route in stack.of_type("AWS::EC2::Route")
        if route["RouteTableId"] in tables
    ]


@pytest.mark.promise("CJ-01")
@pytest.mark.promise("MJ-01")
@pytest.mark.promise("MD-01")
def test_ways_out(deployment: Deployment) -> None:
    """Public subnets reach the internet, private ones NAT (in MueJam their own zone's), database subnets nobody."""
    stack = deployment["networking"]
    for zone, gateway in zip(_zones(deployment), GATEWAYS[_pair(deployment)], strict=True):
        assert _routes(stack, f"PublicSubnet{zone}") == [("0.0.0.0/0", "InternetGateway")]
        assert _routes(stack, f"PrivateSubnet{zone}") == [("0.0.0.0/0", f"NatGateway{gateway}")]
        assert _routes(stack, f"DatabaseSubnet{zone}") == []
    gateways = {gateway.logical_id: _name(gateway["SubnetId"]) for gateway in stack.of_type("AWS::EC2::NatGateway")}
    assert gateways == {f"NatGateway{zone}": f"PublicSubnet{zone}" for zone in sorted(set(GATEWAYS[_pair(deployment)]))}


def _sources(group: Resource, port: int) -> list[str]:
    rules = group.items_of("SecurityGroupIngress")
    return [
        _name(rule.get("CidrIp") or rule.get("SourceSecurityGroupId"))
        for rule in rules
        if rule.integer("FromPort") <= port <= rule.integer("ToPort")
    ]


@pytest.mark.promise("CJ-01")
@pytest.mark.promise("MD-01")
@pytest.mark.promise("MJ-02")
def test_a_security_group_per_tier(deployment: Deployment) -> None:
    """The world reaches the load balancer, it the application's port, the application the database, and no one else."""
    stack = deployment["networking"]
    groups = [group.logical_id for group in stack.of_type("AWS::EC2::SecurityGroup")]
    assert groups == ["LoadBalancerSecurityGroup", "ApplicationSecurityGroup", "DatabaseSecurityGroup"]
    balancer, database = stack["LoadBalancerSecurityGroup"], stack["DatabaseSecurityGroup"]
    assert [rule.integer("FromPort") for rule in balancer.items_of("SecurityGroupIngress")] == [80, 443]
    assert (_sources(balancer, 80), _sources(balancer, 443)) == (["0.0.0.0/0"], ["0.0.0.0/0"])
    assert _sources(database, 5432) == ["ApplicationSecurityGroup"]
    (alone,) = stack.of_type("AWS::EC2::SecurityGroupIngress")
    assert (_name(alone["GroupId"]), _name(alone["SourceSecurityGroupId"])) == (
        "ApplicationSecurityGroup",
        "LoadBalancerSecurityGroup",
    )
    assert (alone.integer("FromPort"), alone.integer("ToPort")) == (8000, 8000)


@pytest.mark.promise("CJ-01")
@pytest.mark.promise("MD-01")
def test_network_acls(deployment: Deployment) -> None:
    """Each subnet has the network ACL of its tier; nothing of the database tier's names an address outside the VPC."""
    stack = deployment["networking"]
    found = {
        _name(association["SubnetId"]): _name(association["NetworkAclId"])
        for association in stack.of_type("AWS::EC2::SubnetNetworkAclAssociation")
    }
    assert found == {
        f"{tier}Subnet{zone}": f"{tier}NetworkAcl"
        for tier in ("Public", "Private", "Database")
        for zone in _zones(deployment)
    }
    prefix = VPCS[_pair(deployment)]
    outside = [
        entry.logical_id
        for entry in deployment.of_type("AWS::EC2::NetworkAclEntry")
        if deployment.follow(entry["NetworkAclId"]) is stack["DatabaseNetworkAcl"]
        and not entry.text("CidrBlock").startswith(f"{prefix}.")
    ]
    assert outside == []


@pytest.mark.promise("CJ-01")
@pytest.mark.promise("CJ-08")
def test_flow_logs(deployment: Deployment) -> None:
    """All traffic of the VPC is logged, encrypted, and kept for a year."""
    stack = deployment["networking"]
    log, group = stack["FlowLog"], stack["FlowLogGroup"]
    assert (log.text("ResourceType"), _name(log["ResourceId"]), log.text("TrafficType")) == ("VPC", "Vpc", "ALL")
    assert deployment.follow(log["LogGroupName"]) is group
    assert group.integer("RetentionInDays") == 365
    assert deployment.follow(group["KmsKeyId"]) is stack["EncryptionKey"]


@pytest.mark.promise("CJ-09")
def test_the_key_rotates(deployment: Deployment) -> None:
    """The environment's key is rotated, and is lost neither with its stack nor by a slip."""
    key = deployment["networking"]["EncryptionKey"]
    assert key.boolean("EnableKeyRotation")
    assert key.integer("PendingWindowInDays") == 30
    assert key.attributes.text("DeletionPolicy") == "RetainExceptOnCreate"


@pytest.mark.promise("MJ-08")
def test_outputs(deployment: Deployment) -> None:
    """The VPC, its subnets with the addresses of the tiers that other layers open, its groups and its key."""
    system, environment = _pair(deployment)
    exports = {output.export for output in deployment["networking"].outputs.values() if output.export}
    zones = _zones(deployment)
    expected = {f"{tier}Subnet{zone}Id" for tier in ("Public", "Private", "Database") for zone in zones}
    expected |= {f"{tier}Subnet{zone}Cidr" for tier in ("Private", "Database") for zone in zones}
    expected |= {f"{tier}SecurityGroupId" for tier in ("LoadBalancer", "Application", "Database")}
    expected |= {"VpcId", "ApplicationPort", "PrivateNetworkAclId", "DatabaseNetworkAclId", "EncryptionKeyArn"}
    assert exports == {f"{system}-{environment}-Networking{name}" for name in expected}
    assert deployment.follow(deployment["networking"].outputs["VpcId"].value) is deployment["networking"]["Vpc"]
