"""What changes in place of networks, instances, load balancers and Auto Scaling groups, and that it changes back."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jmespath  # type: ignore[import-untyped]
import pytest

from stackproof.simulate import SimulatedAccount, simulated_account
from stackproof.simulate.handlers import CannotUpdateError, Made, Wanted

from .resource_cases import ACCOUNT, REGION, World, make

Properties = dict[str, Any]
IMAGE = "ami-12c6146b"
_OLD, _NEW = [{"Key": "Name", "Value": "old"}], [{"Key": "Name", "Value": "new"}, {"Key": "Layer", "Value": "l"}]
_TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
_POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*"}]}
_REFUSED = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "403"}}]


def _script(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _data(**more: Any) -> Properties:
    return {"ImageId": IMAGE, "InstanceType": "t3.micro", **more}


def _forward(arn: str) -> list[Properties]:
    return [{"Type": "forward", "TargetGroupArn": arn}]


STANDING: Mapping[str, tuple[str, Callable[[World], Properties]]] = {
    "Vpc": ("EC2::VPC", lambda w: {"CidrBlock": "10.0.0.0/16"}),
    "A": (
        "EC2::Subnet",
        lambda w: {"VpcId": w.ref("Vpc"), "CidrBlock": "10.0.0.0/24", "AvailabilityZone": f"{REGION}a"},
    ),
    "B": (
        "EC2::Subnet",
        lambda w: {"VpcId": w.ref("Vpc"), "CidrBlock": "10.0.1.0/24", "AvailabilityZone": f"{REGION}b"},
    ),
    "C": (
        "EC2::Subnet",
        lambda w: {"VpcId": w.ref("Vpc"), "CidrBlock": "10.0.2.0/24", "AvailabilityZone": f"{REGION}c"},
    ),
    "Web": ("EC2::SecurityGroup", lambda w: {"VpcId": w.ref("Vpc"), "GroupDescription": "web"}),
    "Db": ("EC2::SecurityGroup", lambda w: {"VpcId": w.ref("Vpc"), "GroupDescription": "database"}),
    "Gateway": ("EC2::InternetGateway", lambda w: {}),
    "OtherGateway": ("EC2::InternetGateway", lambda w: {}),
    "FreeGateway": ("EC2::InternetGateway", lambda w: {}),
    "Attached": (
        "EC2::VPCGatewayAttachment",
        lambda w: {"VpcId": w.ref("Vpc"), "InternetGatewayId": w.ref("Gateway")},
    ),
    "Table": ("EC2::RouteTable", lambda w: {"VpcId": w.ref("Vpc")}),
    "OtherTable": ("EC2::RouteTable", lambda w: {"VpcId": w.ref("Vpc")}),
    "Lonely": ("EC2::VPC", lambda w: {"CidrBlock": "10.9.0.0/16"}),
    "Hub": ("EC2::TransitGateway", lambda w: {}),
    "Acl": ("EC2::NetworkAcl", lambda w: {"VpcId": w.ref("Vpc")}),
    "Private": ("EC2::NatGateway", lambda w: {"SubnetId": w.ref("A"), "ConnectivityType": "private"}),
    "Role": ("IAM::Role", lambda w: {"AssumeRolePolicyDocument": _TRUST}),
    "Profile": ("IAM::InstanceProfile", lambda w: {"Roles": [w.ref("Role")]}),
    "OtherProfile": ("IAM::InstanceProfile", lambda w: {"Roles": [w.ref("Role")]}),
    "Machine": ("EC2::Instance", lambda w: {"ImageId": IMAGE, "SubnetId": w.ref("A")}),
    "Balancer": (
        "ElasticLoadBalancingV2::LoadBalancer",
        lambda w: {"Subnets": [w.ref("A"), w.ref("B")], "SecurityGroups": [w.ref("Web")]},
    ),
    "Targets": (
        "ElasticLoadBalancingV2::TargetGroup",
        lambda w: {"VpcId": w.ref("Vpc"), "Port": 80, "Protocol": "HTTP"},
    ),
    "OtherTargets": (
        "ElasticLoadBalancingV2::TargetGroup",
        lambda w: {"VpcId": w.ref("Vpc"), "Port": 80, "Protocol": "HTTP"},
    ),
    "Listener": (
        "ElasticLoadBalancingV2::Listener",
        lambda w: {"LoadBalancerArn": w.ref("Balancer"), "Port": 80, "Protocol": "HTTP", "DefaultActions": _REFUSED},
    ),
    "SecureListener": (
        "ElasticLoadBalancingV2::Listener",
        lambda w: {
            "LoadBalancerArn": w.ref("Balancer"),
            "Port": 443,
            "Protocol": "HTTPS",
            "Certificates": [{"CertificateArn": w.ref("Certificate")}],
            "DefaultActions": _REFUSED,
        },
    ),
    "Template": (
        "EC2::LaunchTemplate",
        lambda w: {"LaunchTemplateData": _data(SecurityGroupIds=[w.ref("Web")])},
    ),
    "Configuration": ("AutoScaling::LaunchConfiguration", lambda w: _data()),
    "Group": (
        "AutoScaling::AutoScalingGroup",
        lambda w: {**_from_template(w), "MinSize": "0", "MaxSize": "1", "VPCZoneIdentifier": [w.ref("A")]},
    ),
    "Topic": ("SNS::Topic", lambda w: {}),
    "OtherTopic": ("SNS::Topic", lambda w: {}),
}
"""What the resources of the table refer to."""


def _from_template(w: World) -> Properties:
    version = {"LaunchTemplateId": w.ref("Template"), "Version": w.att("Template", "LatestVersionNumber")}
    return {"LaunchTemplate": version}


@dataclass(frozen=True)
class Update:
    """A resource that is made, changed, and changed back.

    Attributes:
        common: the properties that stay.
        before: those at first.
        after: those that take their place.
        ask: a JMESPath over what the service describes.
        first: what it finds before; names of standing resources in braces stand for what ``Ref`` gives.
        then: what it finds afterwards.
    """

    type: str
    what: str
    ask: str
    first: Any
    then: Any
    common: Callable[[World], Properties] = field(default=lambda _world: {})
    before: Callable[[World], Properties] = field(default=lambda _world: {})
    after: Callable[[World], Properties] = field(default=lambda _world: {})

    def __str__(self) -> str:
        return f"{self.type.partition('::')[2]} {self.what}"


def _fixed(**properties: Any) -> Callable[[World], Properties]:
    return lambda _world: dict(properties)


def _tags(kind: str, ask: str, common: Callable[[World], Properties], **empty: Any) -> tuple[Update, ...]:
    """Return the two ways in which tags change: into others, and away."""
    pairs = "[].[Key, Value] | sort_by(@, &[0])"
    old, new = [["Name", "old"]], [["Layer", "l"], ["Name", "new"]]
    return (
        Update(kind, "tags", f"({ask} || `[]`){pairs}", old, new, common, _fixed(Tags=_OLD), _fixed(Tags=_NEW)),
        Update(kind, "no tags", f"({ask} || `[]`){pairs}", new, [], common, _fixed(Tags=_NEW), **empty),
    )


def _in_vpc(**properties: Any) -> Callable[[World], Properties]:
    return lambda w: {"VpcId": w.ref("Vpc"), **properties}


_SUBNET = _in_vpc(CidrBlock="10.0.7.0/24", AvailabilityZone=f"{REGION}a")


def _rule(port: int, **peer: Any) -> Properties:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **peer}


def _endpoint(w: World) -> Properties:
    return {
        "VpcId": w.ref("Vpc"),
        "ServiceName": f"com.amazonaws.{REGION}.ecr.api",
        "VpcEndpointType": "Interface",
    }


def _machine(w: World) -> Properties:
    return {"ImageId": IMAGE, "SubnetId": w.ref("A")}


def _pair(w: World) -> Properties:
    return {"Subnets": [w.ref("A"), w.ref("B")]}


def _web_targets(w: World) -> Properties:
    return {"VpcId": w.ref("Vpc"), "Port": 80, "Protocol": "HTTP"}


def _listener(w: World) -> Properties:
    return {"LoadBalancerArn": w.ref("Balancer"), "Port": 8080, "Protocol": "HTTP"}


def _path(path: str) -> list[Properties]:
    return [{"Field": "path-pattern", "PathPatternConfig": {"Values": [path]}}]


def _listener_rule(w: World) -> Properties:
    return {"ListenerArn": w.ref("Listener"), "Priority": 7, "Actions": _REFUSED, "Conditions": _path("/a")}


def _group(w: World) -> Properties:
    return {**_from_template(w), "MinSize": "1", "MaxSize": "2", "VPCZoneIdentifier": [w.ref("A")]}


def _in_group(**properties: Any) -> Callable[[World], Properties]:
    return lambda w: {"AutoScalingGroupName": w.ref("Group"), **properties}


_VPC, _ENDPOINT, _INSTANCE = "EC2::VPC", "EC2::VPCEndpoint", "EC2::Instance"
_ENTRY, _PREFIXES = "EC2::NetworkAclEntry", "EC2::PrefixList"
_BALANCER, _TARGETS = "ElasticLoadBalancingV2::LoadBalancer", "ElasticLoadBalancingV2::TargetGroup"
_LISTENER, _LISTENER_RULE = "ElasticLoadBalancingV2::Listener", "ElasticLoadBalancingV2::ListenerRule"
_GROUP, _SCALING = "AutoScaling::AutoScalingGroup", "AutoScaling::ScalingPolicy"
_HOOK, _SCHEDULE = "AutoScaling::LifecycleHook", "AutoScaling::ScheduledAction"

UPDATES = (
    Update(
        _VPC,
        "names in DNS",
        "[1:].[EnableDnsSupport.Value, EnableDnsHostnames.Value] | [] | [?@ != null]",
        [True, False],
        [False, True],
        _fixed(CidrBlock="10.1.0.0/16"),
        after=_fixed(EnableDnsSupport=False, EnableDnsHostnames=True),
    ),
    *_tags(_VPC, "[0].Vpcs[0].Tags", _fixed(CidrBlock="10.1.0.0/16")),
    Update(
        "EC2::Subnet",
        "addresses on launch",
        "[0].Subnets[0].[MapPublicIpOnLaunch, AssignIpv6AddressOnCreation, EnableDns64]",
        [True, False, False],
        [False, True, True],
        _SUBNET,
        _fixed(MapPublicIpOnLaunch=True),
        _fixed(AssignIpv6AddressOnCreation="true", EnableDns64=True),
    ),
    Update(
        "EC2::Subnet",
        "names on launch",
        "[0].Subnets[0].PrivateDnsNameOptionsOnLaunch.[HostnameType, EnableResourceNameDnsARecord]",
        ["ip-name", False],
        ["resource-name", True],
        _SUBNET,
        after=_fixed(
            PrivateDnsNameOptionsOnLaunch={"HostnameType": "resource-name", "EnableResourceNameDnsARecord": True}
        ),
    ),
    Update(
        "EC2::Subnet",
        "IPv6 range",
        "[0].Subnets[0].Ipv6CidrBlockAssociationSet[].Ipv6CidrBlock",
        [],
        ["2600:1f18::/64"],
        _SUBNET,
        after=_fixed(Ipv6CidrBlock="2600:1f18::/64"),
    ),
    *_tags("EC2::Subnet", "[0].Subnets[0].Tags", _SUBNET),
    *_tags("EC2::InternetGateway", "[0].InternetGateways[0].Tags", _fixed()),
    *_tags(
        "EC2::EgressOnlyInternetGateway", "[0].EgressOnlyInternetGateways[0].Tags", lambda w: {"VpcId": w.ref("Vpc")}
    ),
    *_tags("EC2::VPNGateway", "[0].VpnGateways[0].Tags", _fixed(Type="ipsec.1")),
    *_tags("EC2::DHCPOptions", "[0].Tags", _fixed(DomainName="example.org")),
    *_tags("EC2::RouteTable", "[0].RouteTables[0].Tags", _in_vpc()),
    *_tags("EC2::EIP", "[0].Addresses[0].Tags", _fixed()),
    *_tags(
        "EC2::NatGateway", "[0].NatGateways[0].Tags", lambda w: {"SubnetId": w.ref("A"), "ConnectivityType": "private"}
    ),
    *_tags(
        "EC2::FlowLog",
        "[0].FlowLogs[0].Tags",
        lambda w: {
            "ResourceId": w.ref("Vpc"),
            "ResourceType": "VPC",
            "TrafficType": "ALL",
            "LogDestinationType": "s3",
            "LogDestination": "arn:aws:s3:::flows",
        },
    ),
    *_tags(_ENDPOINT, "[0].VpcEndpoints[0].Tags", _endpoint),
    *_tags(_PREFIXES, "[0].PrefixLists[0].Tags", _fixed(PrefixListName="list", AddressFamily="IPv4", MaxEntries=1)),
    *_tags("EC2::NetworkAcl", "[0].NetworkAcls[0].Tags", _in_vpc()),
    *_tags("EC2::SecurityGroup", "[0].Tags", _in_vpc(GroupDescription="x")),
    *_tags("EC2::NetworkInterface", "[0].NetworkInterfaces[0].TagSet", lambda w: {"SubnetId": w.ref("A")}),
    *_tags("EC2::Volume", "[0].Volumes[0].Tags", _fixed(AvailabilityZone=f"{REGION}a", Size=8)),
    *_tags(_INSTANCE, "[0].Tags", _machine),
    *_tags(_BALANCER, "[-1].TagDescriptions[0].Tags", _pair),
    *_tags(_TARGETS, "[2].TagDescriptions[0].Tags", _web_targets),
    *_tags(_LISTENER, "[-1].TagDescriptions[0].Tags", lambda w: {**_listener(w), "DefaultActions": _REFUSED}),
    *_tags(_LISTENER_RULE, "[-1].TagDescriptions[0].Tags", _listener_rule),
    Update(
        "EC2::VPCGatewayAttachment",
        "gateway",
        "[0][0].InternetGateways[0].[InternetGatewayId, Attachments[0].VpcId]",
        ["{OtherGateway}", "{Lonely}"],
        ["{FreeGateway}", "{Lonely}"],
        lambda w: {"VpcId": w.ref("Lonely")},
        lambda w: {"InternetGatewayId": w.ref("OtherGateway")},
        lambda w: {"InternetGatewayId": w.ref("FreeGateway")},
    ),
    Update(
        "EC2::Route",
        "target",
        "[0].Routes[0].[GatewayId, NatGatewayId]",
        ["{Gateway}", None],
        [None, "{Private}"],
        lambda w: {"RouteTableId": w.ref("Table"), "DestinationCidrBlock": "0.0.0.0/0"},
        lambda w: {"GatewayId": w.ref("Gateway")},
        lambda w: {"NatGatewayId": w.ref("Private")},
    ),
    Update(
        "EC2::EIP",
        "instance",
        "[0].Addresses[0].InstanceId || 'none'",
        "none",
        "{Machine}",
        after=lambda w: {"InstanceId": w.ref("Machine")},
    ),
    Update(
        _ENDPOINT,
        "subnets and groups",
        "[0].VpcEndpoints[0].[SubnetIds, Groups[].GroupId, length(NetworkInterfaceIds), PrivateDnsEnabled]",
        [["{A}"], ["{Web}"], 1, True],
        [["{B}", "{C}"], ["{Db}"], 2, False],
        _endpoint,
        lambda w: {"SubnetIds": [w.ref("A")], "SecurityGroupIds": [w.ref("Web")], "PrivateDnsEnabled": True},
        lambda w: {
            "SubnetIds": [w.ref("B"), w.ref("C")],
            "SecurityGroupIds": [w.ref("Db")],
            "PrivateDnsEnabled": False,
        },
    ),
    Update(
        _ENDPOINT,
        "policy",
        "[0].VpcEndpoints[0].contains(PolicyDocument, 'Deny')",
        True,
        False,
        _endpoint,
        _fixed(PolicyDocument=_POLICY),
    ),
    Update(
        _ENDPOINT,
        "route tables",
        "[0].VpcEndpoints[0].RouteTableIds",
        ["{Table}"],
        ["{OtherTable}"],
        _in_vpc(ServiceName=f"com.amazonaws.{REGION}.s3", VpcEndpointType="Gateway"),
        lambda w: {"RouteTableIds": [w.ref("Table")]},
        lambda w: {"RouteTableIds": [w.ref("OtherTable")]},
    ),
    Update(
        _PREFIXES,
        "entries",
        "[[0].PrefixLists[0].[PrefixListName, MaxEntries], [1].Entries[].[Cidr, Description]]",
        [["web", 2], [["10.0.0.1/32", "one"]]],
        [["app", 3], [["10.0.0.2/32", "two"], ["10.0.0.3/32", "three"]]],
        _fixed(AddressFamily="IPv4"),
        _fixed(PrefixListName="web", MaxEntries=2, Entries=[{"Cidr": "10.0.0.1/32", "Description": "one"}]),
        _fixed(
            PrefixListName="app",
            MaxEntries=3,
            Entries=[
                {"Cidr": "10.0.0.2/32", "Description": "two"},
                {"Cidr": "10.0.0.3/32", "Description": "three"},
            ],
        ),
    ),
    Update(
        "EC2::TransitGateway",
        "options",
        "[0].TransitGateways[0].[Description, Options.DnsSupport, Options.AutoAcceptSharedAttachments]",
        ["hub", "disable", "disable"],
        ["the hub", "enable", "enable"],
        before=_fixed(Description="hub", DnsSupport="disable"),
        after=_fixed(Description="the hub", AutoAcceptSharedAttachments="enable"),
    ),
    Update(
        "EC2::TransitGatewayAttachment",
        "subnets",
        "[0].TransitGatewayVpcAttachments[0].SubnetIds",
        ["{A}"],
        ["{B}"],
        lambda w: {"VpcId": w.ref("Vpc"), "TransitGatewayId": w.ref("Hub")},
        lambda w: {"SubnetIds": [w.ref("A")]},
        lambda w: {"SubnetIds": [w.ref("B")]},
    ),
    Update(
        "EC2::NetworkInterface",
        "groups and check",
        "[0].NetworkInterfaces[0].[Description, SourceDestCheck, Groups[].GroupId]",
        ["front", True, ["{Web}"]],
        ["", False, ["{Db}"]],
        lambda w: {"SubnetId": w.ref("A")},
        lambda w: {"Description": "front", "GroupSet": [w.ref("Web")]},
        lambda w: {"SourceDestCheck": False, "GroupSet": [w.ref("Db")]},
    ),
    Update(
        "EC2::SecurityGroup",
        "ingress",
        "[0].SecurityGroupIngress[].[FromPort, CidrIp || CidrIpv6 || SourceSecurityGroupId, Description]",
        [[80, "0.0.0.0/0", "all"], [22, "{Web}", "members"]],
        [[80, "0.0.0.0/0", "everybody"], [443, "::/0", None]],
        _in_vpc(GroupDescription="x"),
        lambda w: {
            "SecurityGroupIngress": [
                _rule(80, CidrIp="0.0.0.0/0", Description="all"),
                _rule(22, SourceSecurityGroupId=w.ref("Web"), Description="members"),
            ]
        },
        _fixed(
            SecurityGroupIngress=[
                _rule(80, CidrIp="0.0.0.0/0", Description="everybody"),
                _rule(443, CidrIpv6="::/0"),
            ]
        ),
    ),
    Update(
        "EC2::SecurityGroup",
        "egress",
        "[0].SecurityGroupEgress[].[IpProtocol, ToPort, CidrIp || DestinationSecurityGroupId]",
        [["-1", -1, "0.0.0.0/0"]],
        [["tcp", 5432, "{Db}"]],
        _in_vpc(GroupDescription="x"),
        after=lambda w: {"SecurityGroupEgress": [_rule(5432, DestinationSecurityGroupId=w.ref("Db"))]},
    ),
    Update(
        "EC2::SecurityGroupIngress",
        "description",
        "[0].SecurityGroupRules[0].[SecurityGroupRuleId, Description]",
        ["{self}", "the web"],
        ["{self}", "the web, by TLS"],
        lambda w: {"GroupId": w.ref("Db"), **_rule(443, SourceSecurityGroupId=w.ref("Web"))},
        _fixed(Description="the web"),
        _fixed(Description="the web, by TLS"),
    ),
    Update(
        "EC2::SecurityGroupEgress",
        "description",
        "[0].SecurityGroupRules[0].[SecurityGroupRuleId, Description]",
        ["{self}", "the web"],
        ["{self}", None],
        lambda w: {"GroupId": w.ref("Db"), **_rule(443, CidrIp="10.0.0.0/8")},
        _fixed(Description="the web"),
    ),
    Update(
        _ENTRY,
        "rule",
        "[0][0].[RuleAction, Protocol, CidrBlock, Ipv6CidrBlock, PortRange.To, Icmp.Type]",
        ["allow", "6", "10.0.0.0/8", None, 81, None],
        ["deny", "1", None, "::/0", None, 8],
        lambda w: {"NetworkAclId": w.ref("Acl"), "RuleNumber": 100, "Egress": True},
        _fixed(Protocol=6, RuleAction="allow", CidrBlock="10.0.0.0/8", PortRange={"From": 80, "To": 81}),
        _fixed(Protocol=1, RuleAction="deny", Ipv6CidrBlock="::/0", Icmp={"Code": -1, "Type": 8}),
    ),
    Update(
        "EC2::LaunchTemplate",
        "data",
        "[[0][0].[LaunchTemplateData.[InstanceType, UserData], VersionDescription], "
        "[1].Tags[].[Key, Value] | sort_by(@, &[0])]",
        [[["t3.micro", _script("one")], "first"], [["Name", "old"]]],
        [[["t3.small", None], None], [["Layer", "l"], ["Name", "new"]]],
        before=lambda w: {
            "LaunchTemplateData": _data(UserData=_script("one")),
            "VersionDescription": "first",
            "TagSpecifications": [{"ResourceType": "launch-template", "Tags": _OLD}],
        },
        after=_fixed(
            LaunchTemplateData={"ImageId": IMAGE, "InstanceType": "t3.small"},
            TagSpecifications=[{"ResourceType": "launch-template", "Tags": [*_NEW]}],
        ),
    ),
    Update(
        _INSTANCE,
        "size and start",
        "[0].[State.Name, InstanceType, EbsOptimized, UserData]",
        ["running", "t3.micro", False, _script("one")],
        ["running", "t3.large", True, _script("two")],
        _machine,
        _fixed(InstanceType="t3.micro", UserData=_script("one")),
        _fixed(InstanceType="t3.large", EbsOptimized=True, UserData=_script("two")),
    ),
    Update(
        _INSTANCE,
        "attributes",
        "[0].[DisableApiTermination, SourceDestCheck, InstanceInitiatedShutdownBehavior, Monitoring, SecurityGroupIds]",
        [True, True, "terminate", False, ["{Web}"]],
        [False, False, "stop", True, ["{Db}"]],
        _machine,
        lambda w: {
            "DisableApiTermination": True,
            "InstanceInitiatedShutdownBehavior": "terminate",
            "SecurityGroupIds": [w.ref("Web")],
        },
        lambda w: {"SourceDestCheck": False, "Monitoring": True, "SecurityGroupIds": [w.ref("Db")]},
    ),
    Update(
        _INSTANCE,
        "metadata",
        "[0].MetadataOptions.[HttpTokens, HttpPutResponseHopLimit]",
        ["required", 2],
        ["optional", 1],
        _machine,
        _fixed(MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 2}),
    ),
    Update(
        _INSTANCE,
        "profile",
        "[0].IamInstanceProfile",
        "{Profile}",
        "{OtherProfile}",
        _machine,
        lambda w: {"IamInstanceProfile": w.ref("Profile")},
        lambda w: {"IamInstanceProfile": w.ref("OtherProfile")},
    ),
    Update(
        _INSTANCE,
        "credits",
        "[0].CreditSpecification.CpuCredits",
        "standard",
        "unlimited",
        _machine,
        after=_fixed(CreditSpecification={"CPUCredits": "unlimited"}),
    ),
    Update(
        "EC2::Volume",
        "size",
        "[[0].Volumes[0].[Size, VolumeType, Iops, Throughput], [1].AutoEnableIO]",
        [[8, "gp3", 3000, 125], False],
        [[9, "gp3", 4000, 200], True],
        _fixed(AvailabilityZone=f"{REGION}a", VolumeType="gp3"),
        _fixed(Size=8, Iops=3000, Throughput=125),
        _fixed(Size=9, Iops=4000, Throughput=200, AutoEnableIO=True),
    ),
    Update(
        _BALANCER,
        "subnets and groups",
        "[0].[Subnets, SecurityGroups]",
        [["{A}", "{B}"], ["{Web}"]],
        [["{B}", "{C}"], ["{Web}", "{Db}"]],
        before=lambda w: {**_pair(w), "SecurityGroups": [w.ref("Web")]},
        after=lambda w: {
            "SubnetMappings": [{"SubnetId": w.ref("B")}, {"SubnetId": w.ref("C")}],
            "SecurityGroups": [w.ref("Web"), w.ref("Db")],
        },
    ),
    Update(
        _BALANCER,
        "attributes",
        '[1].Attributes[?contains(`["idle_timeout.timeout_seconds", "routing.http2.enabled"]`, Key)].Value',
        ["30", "true"],
        ["60", "false"],
        _pair,
        _fixed(LoadBalancerAttributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "30"}]),
        _fixed(LoadBalancerAttributes=[{"Key": "routing.http2.enabled", "Value": False}]),
    ),
    Update(
        _TARGETS,
        "health check",
        "[0].TargetGroups[0].[HealthCheckPath, HealthCheckIntervalSeconds, HealthyThresholdCount, Matcher.HttpCode]",
        ["/health", 15, 3, "204"],
        ["/", 30, 5, "200"],
        _web_targets,
        _fixed(
            HealthCheckPath="/health",
            HealthCheckIntervalSeconds=15,
            HealthyThresholdCount=3,
            Matcher={"HttpCode": "204"},
        ),
    ),
    Update(
        _TARGETS,
        "attributes",
        '[1].Attributes[?contains(`["deregistration_delay.timeout_seconds", "stickiness.enabled"]`, Key)].Value',
        ["300", "false"],
        ["30", "true"],
        _web_targets,
        after=_fixed(
            TargetGroupAttributes=[
                {"Key": "stickiness.enabled", "Value": "true"},
                {"Key": "deregistration_delay.timeout_seconds", "Value": 30},
            ]
        ),
    ),
    Update(
        _TARGETS,
        "targets",
        "[-1].Targets[].[Id, Port]",
        [["10.0.0.9", 81]],
        [["10.0.0.10", 82]],
        lambda w: {**_web_targets(w), "TargetType": "ip"},
        _fixed(Targets=[{"Id": "10.0.0.9", "Port": 81}]),
        _fixed(Targets=[{"Id": "10.0.0.10", "Port": 82}]),
    ),
    Update(
        _LISTENER,
        "actions",
        "[0].Listeners[0].[Port, DefaultActions[0].[Type, TargetGroupArn]]",
        [8080, ["fixed-response", None]],
        [8081, ["forward", "{Targets}"]],
        before=lambda w: {**_listener(w), "DefaultActions": _REFUSED},
        after=lambda w: {**_listener(w), "Port": 8081, "DefaultActions": _forward(w.ref("Targets"))},
    ),
    Update(
        _LISTENER,
        "attributes",
        "[1].Attributes[?Key == 'routing.http.response.server.enabled'].Value",
        ["false"],
        ["true"],
        lambda w: {**_listener(w), "DefaultActions": _REFUSED},
        _fixed(ListenerAttributes=[{"Key": "routing.http.response.server.enabled", "Value": "false"}]),
    ),
    Update(
        _LISTENER,
        "certificates",
        "[0].Listeners[0].[SslPolicy, Certificates[].CertificateArn, MutualAuthentication.Mode]",
        ["ELBSecurityPolicy-TLS13-1-2-2021-06", ["{Certificate}"], "passthrough"],
        ["ELBSecurityPolicy-2016-08", ["{OtherCertificate}"], "off"],
        lambda w: {
            "LoadBalancerArn": w.ref("Balancer"),
            "Port": 8443,
            "Protocol": "HTTPS",
            "DefaultActions": _REFUSED,
        },
        lambda w: {
            "Certificates": [{"CertificateArn": w.ref("Certificate")}],
            "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "MutualAuthentication": {"Mode": "passthrough"},
        },
        lambda w: {"Certificates": [{"CertificateArn": w.ref("OtherCertificate")}]},
    ),
    Update(
        _LISTENER,
        "protocol",
        "[0].Listeners[0].[Protocol, SslPolicy, Certificates[].CertificateArn]",
        ["HTTP", None, None],
        ["HTTPS", "ELBSecurityPolicy-TLS13-1-2-2021-06", ["{Certificate}"]],
        lambda w: {**_listener(w), "DefaultActions": _REFUSED},
        after=lambda w: {
            "Protocol": "HTTPS",
            "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "Certificates": [{"CertificateArn": w.ref("Certificate")}],
        },
    ),
    Update(
        "ElasticLoadBalancingV2::ListenerCertificate",
        "certificates",
        "[0].Certificates[?!IsDefault].CertificateArn",
        ["{OtherCertificate}"],
        ["{ThirdCertificate}"],
        lambda w: {"ListenerArn": w.ref("SecureListener")},
        lambda w: {"Certificates": [{"CertificateArn": w.ref("OtherCertificate")}]},
        lambda w: {"Certificates": [{"CertificateArn": w.ref("ThirdCertificate")}]},
    ),
    Update(
        _LISTENER_RULE,
        "conditions and actions",
        "[0].Rules[0].[Priority, Conditions[0].[Field, PathPatternConfig.Values], Actions[0].TargetGroupArn]",
        ["7", ["path-pattern", ["/a"]], "{Targets}"],
        ["8", ["path-pattern", ["/b"]], "{OtherTargets}"],
        lambda w: {"ListenerArn": w.ref("Listener")},
        lambda w: {"Priority": 7, "Conditions": _path("/a"), "Actions": _forward(w.ref("Targets"))},
        lambda w: {"Priority": 8, "Conditions": _path("/b"), "Actions": _forward(w.ref("OtherTargets"))},
    ),
    Update(
        _GROUP,
        "sizes",
        "[0].[MinSize, MaxSize, DesiredCapacity, length(Instances)]",
        [1, 2, 1, 1],
        [2, 4, 3, 3],
        lambda w: {**_from_template(w), "VPCZoneIdentifier": [w.ref("A"), w.ref("B")]},
        _fixed(MinSize="1", MaxSize="2", DesiredCapacity="1"),
        _fixed(MinSize="2", MaxSize="4", DesiredCapacity="3"),
    ),
    Update(
        _GROUP,
        "subnets",
        "[0].[VPCZoneIdentifier, AvailabilityZones]",
        [["{A}"], [f"{REGION}a"]],
        [["{B}", "{C}"], [f"{REGION}b", f"{REGION}c"]],
        lambda w: {**_from_template(w), "MinSize": "0", "MaxSize": "1"},
        lambda w: {"VPCZoneIdentifier": [w.ref("A")]},
        lambda w: {"VPCZoneIdentifier": [w.ref("B"), w.ref("C")]},
    ),
    Update(
        _GROUP,
        "launch template",
        "[0].[LaunchTemplate.Version, LaunchConfigurationName]",
        ["1", None],
        [None, "{Configuration}"],
        lambda w: {"MinSize": "0", "MaxSize": "1", "VPCZoneIdentifier": [w.ref("A")]},
        _from_template,
        lambda w: {"LaunchConfigurationName": w.ref("Configuration")},
    ),
    Update(
        _GROUP,
        "habits",
        "[0].[DefaultCooldown, HealthCheckType, HealthCheckGracePeriod, TerminationPolicies, CapacityRebalance]",
        [120, "ELB", 60, ["OldestInstance"], True],
        [300, "EC2", 0, ["Default"], False],
        _group,
        _fixed(
            Cooldown="120",
            HealthCheckType="ELB",
            HealthCheckGracePeriod=60,
            TerminationPolicies=["OldestInstance"],
            CapacityRebalance=True,
        ),
    ),
    Update(
        _GROUP,
        "limits",
        "[0].[MaxInstanceLifetime, DefaultInstanceWarmup, InstanceMaintenancePolicy.MinHealthyPercentage]",
        [86400, 30, 90],
        [604800, 60, 100],
        _group,
        _fixed(
            MaxInstanceLifetime=86400,
            DefaultInstanceWarmup=30,
            InstanceMaintenancePolicy={"MinHealthyPercentage": 90, "MaxHealthyPercentage": 110},
        ),
        _fixed(
            MaxInstanceLifetime=604800,
            DefaultInstanceWarmup=60,
            InstanceMaintenancePolicy={"MinHealthyPercentage": 100, "MaxHealthyPercentage": 110},
        ),
    ),
    Update(
        _GROUP,
        "tags",
        "[0].Tags[].[Key, Value, PropagateAtLaunch] | sort_by(@, &[0])",
        [["Layer", "l", False], ["Name", "old", True]],
        [["Name", "new", False]],
        _group,
        _fixed(
            Tags=[
                {"Key": "Name", "Value": "old", "PropagateAtLaunch": True},
                {"Key": "Layer", "Value": "l", "PropagateAtLaunch": False},
            ]
        ),
        _fixed(Tags=[{"Key": "Name", "Value": "new", "PropagateAtLaunch": False}]),
    ),
    Update(
        _GROUP,
        "target groups",
        "[0].TargetGroupARNs",
        ["{Targets}"],
        ["{OtherTargets}"],
        _group,
        lambda w: {"TargetGroupARNs": [w.ref("Targets")]},
        lambda w: {"TargetGroupARNs": [w.ref("OtherTargets")]},
    ),
    Update(
        _GROUP,
        "metrics",
        "[0].MetricsCollection[].Metrics[]",
        ["GroupMinSize"],
        [],
        _group,
        _fixed(MetricsCollection=[{"Granularity": "1Minute", "Metrics": ["GroupMinSize"]}]),
    ),
    Update(
        _GROUP,
        "notifications",
        "[0].NotificationConfigurations[].[TopicARN, NotificationTypes]",
        [["{Topic}", ["autoscaling:EC2_INSTANCE_LAUNCH"]]],
        [["{OtherTopic}", ["autoscaling:EC2_INSTANCE_TERMINATE"]]],
        _group,
        lambda w: {
            "NotificationConfigurations": [
                {"TopicARN": w.ref("Topic"), "NotificationTypes": ["autoscaling:EC2_INSTANCE_LAUNCH"]}
            ]
        },
        lambda w: {
            "NotificationConfigurations": [
                {"TopicARN": w.ref("OtherTopic"), "NotificationTypes": ["autoscaling:EC2_INSTANCE_TERMINATE"]}
            ]
        },
    ),
    Update(
        _GROUP,
        "hooks",
        "[0].LifecycleHookSpecificationList[].[LifecycleHookName, HeartbeatTimeout]",
        [["start", 60]],
        [["stop", 30]],
        _group,
        _fixed(
            LifecycleHookSpecificationList=[
                {
                    "LifecycleHookName": "start",
                    "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING",
                    "HeartbeatTimeout": 60,
                }
            ]
        ),
        _fixed(
            LifecycleHookSpecificationList=[
                {
                    "LifecycleHookName": "stop",
                    "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING",
                    "HeartbeatTimeout": 30,
                }
            ]
        ),
    ),
    Update(
        _SCALING,
        "simple",
        "[0].[PolicyARN, AdjustmentType, ScalingAdjustment, Cooldown]",
        ["{self}", "ChangeInCapacity", 1, 60],
        ["{self}", "ExactCapacity", 2, 300],
        _in_group(),
        _fixed(PolicyType="SimpleScaling", AdjustmentType="ChangeInCapacity", ScalingAdjustment=1, Cooldown="60"),
        _fixed(PolicyType="SimpleScaling", AdjustmentType="ExactCapacity", ScalingAdjustment=2),
    ),
    Update(
        _SCALING,
        "by a target",
        "[0].[PolicyType, TargetTrackingConfiguration.TargetValue, EstimatedInstanceWarmup]",
        ["TargetTrackingScaling", 50.0, None],
        ["TargetTrackingScaling", 60.0, 90],
        _in_group(PolicyType="TargetTrackingScaling"),
        _fixed(
            TargetTrackingConfiguration={
                "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
                "TargetValue": 50,
            }
        ),
        _fixed(
            TargetTrackingConfiguration={
                "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
                "TargetValue": 60,
            },
            EstimatedInstanceWarmup=90,
        ),
    ),
    Update(
        _HOOK,
        "times and topics",
        "[0][0].[HeartbeatTimeout, DefaultResult, NotificationTargetARN]",
        [60, "CONTINUE", "{Topic}"],
        [3600, "ABANDON", None],
        _in_group(LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING"),
        lambda w: {
            "HeartbeatTimeout": 60,
            "DefaultResult": "CONTINUE",
            "NotificationTargetARN": w.ref("Topic"),
            "RoleARN": w.att("Role", "Arn"),
        },
    ),
    Update(
        _SCHEDULE,
        "sizes and times",
        "[0].[MinSize, MaxSize, DesiredCapacity, Recurrence, TimeZone, StartTime]",
        [1, 3, 2, "0 8 * * *", "Europe/Vienna", None],
        [0, None, None, "0 9 * * *", None, "2030-01-01T00:00:00Z"],
        _in_group(),
        _fixed(MinSize=1, MaxSize=3, DesiredCapacity=2, Recurrence="0 8 * * *", TimeZone="Europe/Vienna"),
        _fixed(MinSize=0, Recurrence="0 9 * * *", StartTime="2030-01-01T00:00:00Z"),
    ),
    Update(
        "AutoScaling::WarmPool",
        "sizes",
        "[0].[MinSize, PoolState]",
        [1, "Running"],
        [2, "Stopped"],
        _in_group(),
        _fixed(MinSize=1, PoolState="Running"),
        _fixed(MinSize=2),
    ),
)


@dataclass(frozen=True)
class Standing:
    """An account with what the table refers to."""

    account: SimulatedAccount
    world: World


@pytest.fixture(scope="module")
def standing() -> Iterator[Standing]:
    """An account that holds everything that the resources of the table need."""
    with simulated_account(REGION, ACCOUNT) as account:
        world = World()
        account.client("s3").create_bucket(Bucket="flows")
        for name in ("Certificate", "OtherCertificate", "ThirdCertificate"):
            arn = account.client("acm").request_certificate(DomainName=f"{name}.example.org")["CertificateArn"]
            world[name] = Made(arn, dict[str, Any]().__getitem__, lambda _snapshot: None)
        for name, (kind, properties) in STANDING.items():
            world[name] = make(account, kind, name, properties(world))
        yield Standing(account, world)


def _wanted(kind: str, properties: Properties) -> Wanted:
    return Wanted(f"AWS::{kind}", "Changed", "small-dev-layer", "1", "small-dev-layer-Changed-0123456789AB", properties)


def _references(value: Any, world: World, own: str) -> Any:
    """Return an expectation with what its names refer to."""
    if isinstance(value, list):
        return [_references(item, world, own) for item in value]
    if isinstance(value, str) and value.startswith("{"):
        name = value.strip("{}")
        return own if name == "self" else world.ref(name)
    return value


@pytest.mark.parametrize("update", UPDATES, ids=str)
def test_resource_changes_in_place_and_back(update: Update, standing: Standing) -> None:
    """What a template changes is changed, what it removes has its default again, and all of it can be undone."""
    world = standing.world
    before = {**update.common(world), **update.before(world)}
    after = {**update.common(world), **update.after(world)}
    made = make(standing.account, update.type, "Changed", before)
    seen = [jmespath.search(update.ask, made.describe())]
    for properties in (after, before):
        made.update(_wanted(update.type, properties))
        seen.append(jmespath.search(update.ask, made.describe()))
        assert (made.unread, made.unshown) == ((), ())
    _remove(update.type, made, before)
    first, then = (_references(value, world, made.physical_id) for value in (update.first, update.then))
    assert seen == [first, then, first]


def _remove(kind: str, made: Made, properties: Properties) -> None:
    """Remove a resource; an instance that must not end has to be told that it may."""
    if properties.get("DisableApiTermination"):
        made.update(_wanted(kind, {**properties, "DisableApiTermination": False}))
    made.delete(False)


@pytest.mark.parametrize(
    ("kind", "common", "before", "after", "names"),
    [
        ("EC2::VPC", _fixed(CidrBlock="10.1.0.0/16"), _fixed(), _fixed(CidrBlock="10.2.0.0/16"), ["CidrBlock"]),
        (
            "EC2::Volume",
            _fixed(Size=8),
            _fixed(AvailabilityZone=f"{REGION}a"),
            _fixed(AvailabilityZone=f"{REGION}b"),
            ["AvailabilityZone"],
        ),
        (
            "EC2::VPCGatewayAttachment",
            lambda w: {"VpcId": w.ref("Lonely")},
            lambda w: {"InternetGatewayId": w.ref("OtherGateway")},
            _fixed(VpnGatewayId="vgw-0123456789abcdef0"),
            ["InternetGatewayId", "VpnGatewayId"],
        ),
        ("EC2::Instance", _machine, _fixed(), _fixed(Tenancy="host"), ["Tenancy"]),
        (
            "EC2::NatGateway",
            lambda w: {"SubnetId": w.ref("A"), "ConnectivityType": "private"},
            _fixed(),
            _fixed(SecondaryPrivateIpAddressCount=2),
            ["SecondaryPrivateIpAddressCount"],
        ),
    ],
)
def test_change_that_cannot_be_made_is_refused(
    kind: str,
    common: Callable[[World], Properties],
    before: Callable[[World], Properties],
    after: Callable[[World], Properties],
    names: list[str],
    standing: Standing,
) -> None:
    """A change in place of which the simulation is not capable fails and names the properties."""
    world = standing.world
    made = make(standing.account, kind, "Changed", {**common(world), **before(world)})
    with pytest.raises(CannotUpdateError, match=", ".join(names)):
        made.update(_wanted(kind, {**common(world), **after(world)}))
    made.delete(False)


def test_tenancy_of_a_network_becomes_the_default(standing: Standing) -> None:
    """A network that was dedicated may be shared; the way back is a replacement."""
    made = make(standing.account, _VPC, "Changed", {"CidrBlock": "10.1.0.0/16", "InstanceTenancy": "dedicated"})
    made.update(_wanted(_VPC, {"CidrBlock": "10.1.0.0/16"}))
    seen = jmespath.search("[0].Vpcs[0].InstanceTenancy", made.describe())
    made.delete(False)
    assert seen == "default"


def test_every_new_version_of_a_launch_template_has_a_number(standing: Standing) -> None:
    """``LatestVersionNumber`` follows the data; ``DefaultVersionNumber`` stays."""
    made = make(standing.account, "EC2::LaunchTemplate", "Changed", {"LaunchTemplateData": _data()})
    made.update(_wanted("EC2::LaunchTemplate", {"LaunchTemplateData": _data(EbsOptimized=True)}))
    versions = [made.attribute(name) for name in ("LatestVersionNumber", "DefaultVersionNumber")]
    made.delete(False)
    assert versions == ["2", "1"]


def test_instances_of_a_group_are_launched_from_its_version(standing: Standing) -> None:
    """New instances have the metadata options of the version that the group names, and stand in all its subnets."""
    world, account = standing.world, standing.account
    template = make(account, "EC2::LaunchTemplate", "Versions", {"LaunchTemplateData": _data()})
    template.update(
        _wanted("EC2::LaunchTemplate", {"LaunchTemplateData": _data(MetadataOptions={"HttpTokens": "required"})})
    )
    group = make(
        account,
        _GROUP,
        "Launched",
        {
            "LaunchTemplate": {"LaunchTemplateId": template.physical_id, "Version": "2"},
            "MinSize": "2",
            "MaxSize": "2",
            "VPCZoneIdentifier": [world.ref("A"), world.ref("B")],
        },
    )
    instances = jmespath.search("[0].Instances", group.describe())
    ids = [instance["InstanceId"] for instance in instances]
    found = account.client("ec2").describe_instances(InstanceIds=ids)
    seen = jmespath.search("Reservations[].Instances[].[MetadataOptions.HttpTokens, SubnetId]", found)
    group.delete(False)
    template.delete(False)
    assert [instance["LaunchTemplate"]["Version"] for instance in instances] == ["2", "2"]
    assert seen == [["required", world.ref("A")], ["required", world.ref("B")]]


def test_gateway_endpoint_leads_where_it_is_wanted(standing: Standing) -> None:
    """The tables of a gateway endpoint have a route to it; others have none, and none stays when it goes."""
    world = standing.world
    common = {"VpcId": world.ref("Vpc"), "ServiceName": f"com.amazonaws.{REGION}.s3", "VpcEndpointType": "Gateway"}
    made = make(standing.account, _ENDPOINT, "Changed", {**common, "RouteTableIds": [world.ref("Table")]})
    made.update(_wanted(_ENDPOINT, {**common, "RouteTableIds": [world.ref("OtherTable")]}))
    tables = [world.ref("Table"), world.ref("OtherTable")]

    def leading() -> list[int]:
        answer = standing.account.client("ec2").describe_route_tables(RouteTableIds=tables)
        found = {table["RouteTableId"]: table["Routes"] for table in answer["RouteTables"]}
        return [sum(route.get("GatewayId") == made.physical_id for route in found[table]) for table in tables]

    seen = leading()
    made.delete(False)
    assert (seen, leading()) == ([0, 1], [0, 0])


def test_instance_that_ends_leaves_its_target_group(standing: Standing) -> None:
    """A group that becomes smaller, or renews an instance, leaves no target behind that is gone."""
    world, account = standing.world, standing.account
    targets = make(account, _TARGETS, "Ended", _web_targets(world))
    common = {**_from_template(world), "MaxSize": "3", "VPCZoneIdentifier": [world.ref("A"), world.ref("B")]}
    common["TargetGroupARNs"] = [targets.physical_id]
    group = make(account, _GROUP, "Ended", {**common, "MinSize": "3"})
    group.update(_wanted(_GROUP, {**common, "MinSize": "1", "DesiredCapacity": "2"}))
    first = jmespath.search("[0].Instances[0].InstanceId", group.describe())
    account.client("autoscaling").terminate_instance_in_auto_scaling_group(
        InstanceId=first, ShouldDecrementDesiredCapacity=False
    )
    instances = jmespath.search("[0].Instances[].InstanceId", group.describe())
    answer = account.client("elbv2").describe_target_health(TargetGroupArn=targets.physical_id)
    registered = jmespath.search("TargetHealthDescriptions[].Target.Id", answer)
    group.delete(False)
    targets.delete(False)
    assert (len(instances), first in instances, sorted(registered)) == (2, False, sorted(instances))


def test_private_part_of_a_made_key_is_kept_in_parameter_store(standing: Standing) -> None:
    """CloudFormation puts the key that EC2 makes under ``/ec2/keypair/<id>``, and takes it away again."""
    made = make(standing.account, "EC2::KeyPair", "Key", {"KeyName": "administrators"})
    name = f"/ec2/keypair/{made.attribute('KeyPairId')}"
    ssm = standing.account.client("ssm")
    kept = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    made.delete(False)
    left = ssm.get_parameters(Names=[name])["Parameters"]
    assert (kept["Type"], "PRIVATE KEY" in kept["Value"], left) == ("SecureString", True, [])


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        ("Vpc", "DependencyViolation", "has dependencies and cannot be deleted"),
        ("A", "DependencyViolation", "has dependencies and cannot be deleted"),
        ("Web", "DependencyViolation", "has a dependent object"),
        ("Targets", "ResourceInUse", "is currently in use by a listener or a rule"),
    ],
)
def test_what_is_in_use_is_not_deleted(name: str, code: str, reason: str, standing: Standing) -> None:
    """A network, a subnet, a group of rules or of targets stays while something needs it."""
    world = standing.world
    listener = make(
        standing.account,
        _LISTENER,
        "User",
        {**_listener(world), "DefaultActions": _forward(world.ref("Targets"))},
    )
    with pytest.raises(Exception, match=f"{code}.*{reason}"):
        world[name].delete(False)
    listener.delete(False)


def test_gateway_with_mapped_addresses_is_not_detached(standing: Standing) -> None:
    """A gateway stays attached while an address of its network is public."""
    world, account = standing.world, standing.account
    address = make(account, "EC2::EIP", "Address", {"InstanceId": world.ref("Machine")})
    with pytest.raises(Exception, match=r"DependencyViolation.*has some mapped public address\(es\)"):
        world["Attached"].delete(False)
    address.delete(False)


def test_protected_load_balancer_is_not_deleted(standing: Standing) -> None:
    """A load balancer with deletion protection stays until the protection is off."""
    world = standing.world
    protected = {**_pair(world), "LoadBalancerAttributes": [{"Key": "deletion_protection.enabled", "Value": True}]}
    made = make(standing.account, _BALANCER, "Protected", protected)
    with pytest.raises(Exception, match=r"OperationNotPermitted.*deletion protection is enabled"):
        made.delete(False)
    made.update(_wanted(_BALANCER, _pair(world)))
    made.delete(False)
