"""A resource of every type that has a recipe, with many of its properties; each names those before it only."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stackproof.simulate import SimulatedAccount
from stackproof.simulate.handlers import Made, Wanted
from stackproof.simulate.resources import find

ACCOUNT, REGION, SECOND = "123456789012", "us-east-1", "us-west-2"
TAGS = [{"Key": "Name", "Value": "small-dev-thing"}, {"Key": "System", "Value": "small"}]
ZONE, LOGS, COPIES = "example.org", "logs-of-small", "copies-of-small"
UUID = "[0-9a-f-]{36}"
_ARN = f"arn:aws:{{}}:{REGION}:{ACCOUNT}"


class World(dict[str, Made]):
    """What was made so far, by name."""

    def ref(self, name: str) -> str:
        """Return what ``Ref`` gives."""
        return self[name].physical_id

    def att(self, name: str, attribute: str) -> str:
        """Return what ``Fn::GetAtt`` gives."""
        return str(self[name].attribute(attribute))


@dataclass(frozen=True)
class Case:
    """One resource.

    Attributes:
        ref: a pattern of what ``Ref`` gives.
        attributes: patterns of what ``Fn::GetAtt`` gives.
        things: the kinds under which the account lists it.
        gaps: properties that the service neither takes nor shows.
    """

    name: str
    type: str
    properties: Callable[[World], dict[str, Any]]
    ref: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    things: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


def _policy(action: str, resource: str = "*", **principal: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement | ({"Principal": principal} if principal else {})]}


def _policy_for(service: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _visible(name: str) -> dict[str, Any]:
    return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}


def _subnet(part: int, zone: str) -> Case:
    return Case(
        f"Subnet{zone.upper()}",
        "EC2::Subnet",
        lambda w: {
            "VpcId": w.ref("Vpc"),
            "CidrBlock": f"10.0.{part}.0/24",
            "AvailabilityZone": f"{REGION}{zone}",
        },
        "subnet-[0-9a-f]{17}",
        {
            "AvailabilityZone": f"{REGION}{zone}",
            "AvailabilityZoneId": "use1-az[1-6]",
            "CidrBlock": f"10.0.{part}.0/24",
            "NetworkAclAssociationId": "aclassoc-.+",
            "SubnetId": "subnet-.+",
            "VpcId": "vpc-.+",
        },
        ("subnet",),
    )


def _rule(kind: str, peer: str) -> Case:
    return Case(
        f"Group{kind}",
        f"EC2::SecurityGroup{kind}",
        lambda w: {
            "GroupId": w.ref("Group"),
            "IpProtocol": "tcp",
            "FromPort": 6379,
            "ToPort": 6379,
            f"{peer}SecurityGroupId": w.ref("Group"),
            "Description": "Redis among members",
        },
        "sgr-[0-9a-f]{17}",
    )


_ROOT = f"arn:aws:iam::{ACCOUNT}:root"
_LB = f"{_ARN.format('elasticloadbalancing')}:loadbalancer/app/small-dev-layer-Bal-[0-9A-Z]{{12}}"
_RULE = f"{_ARN.format('elasticloadbalancing')}:listener-rule/app/.+"
_DATABASE_ARN = f"{_ARN.format('rds')}:db:small-database"

CASES = (
    Case(
        "Vpc",
        "EC2::VPC",
        lambda w: {"CidrBlock": "10.0.0.0/16", "Tags": TAGS},
        "vpc-[0-9a-f]{17}",
        {
            "VpcId": "vpc-.+",
            "CidrBlock": "10.0.0.0/16",
            "DefaultSecurityGroup": "sg-.+",
            "DefaultNetworkAcl": "acl-.+",
            "CidrBlockAssociations": ".+vpc-cidr-assoc-.+",
        },
        ("VPC",),
    ),
    *(_subnet(part, zone) for part, zone in enumerate("ab")),
    Case(
        "Group",
        "EC2::SecurityGroup",
        lambda w: {"VpcId": w.ref("Vpc"), "GroupDescription": "A group", "Tags": TAGS},
        "sg-[0-9a-f]{17}",
        {"GroupId": "sg-.+"},
        ("security group",),
    ),
    _rule("Ingress", "Source"),
    _rule("Egress", "Destination"),
    Case(
        "Endpoint",
        "EC2::VPCEndpoint",
        lambda w: {
            "VpcId": w.ref("Vpc"),
            "ServiceName": f"com.amazonaws.{REGION}.ecr.api",
            "VpcEndpointType": "Interface",
            "SubnetIds": [w.ref("SubnetA"), w.ref("SubnetB")],
            "SecurityGroupIds": [w.ref("Group")],
            "PrivateDnsEnabled": True,
            "PolicyDocument": _policy("ecr:*", AWS=_ROOT),
            "Tags": TAGS,
        },
        "vpce-[0-9a-f]{17}",
        {"Id": "vpce-.+"},
        ("VPC endpoint", "network interface"),
    ),
    Case(
        "Key",
        "KMS::Key",
        lambda w: {"KeyPolicy": _policy("kms:*", AWS=_ROOT), "EnableKeyRotation": True, "Description": "The key"},
        UUID,
        {"Arn": f"{_ARN.format('kms')}:key/{UUID}"},
        ("key",),
    ),
    Case(
        "Alias",
        "KMS::Alias",
        lambda w: {"AliasName": "alias/small-dev", "TargetKeyId": w.ref("Key")},
        "alias/small-dev",
        {},
        ("key alias",),
    ),
    Case(
        "Role",
        "IAM::Role",
        lambda w: {"AssumeRolePolicyDocument": _policy("sts:AssumeRole"), "Tags": TAGS},
        "small-dev-layer-Role-[0-9A-Z]{12}",
        {"Arn": f"arn:aws:iam::{ACCOUNT}:role/.+"},
        ("role",),
    ),
    Case(
        "Access",
        "IAM::ManagedPolicy",
        lambda w: {
            "ManagedPolicyName": "small-media",
            "Description": "Access to media",
            "Path": "/small/",
            "PolicyDocument": _policy("s3:GetObject"),
            "Roles": [w.ref("Role")],
        },
        f"arn:aws:iam::{ACCOUNT}:policy/small/small-media",
        {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/small/small-media"},
        ("policy",),
    ),
    Case(
        "Provider",
        "IAM::OIDCProvider",
        lambda w: {
            "Url": "https://token.actions.githubusercontent.com",
            "ClientIdList": ["sts.amazonaws.com"],
            "ThumbprintList": ["6938fd4d98bab03faadb97b34396831e3780aea1"],
            "Tags": TAGS,
        },
        f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com",
        {"Arn": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"},
        ("identity provider",),
    ),
    Case(
        "Balancer",
        "ElasticLoadBalancingV2::LoadBalancer",
        lambda w: {"Subnets": [w.ref("SubnetA"), w.ref("SubnetB")], "SecurityGroups": [w.ref("Group")], "Tags": TAGS},
        f"{_LB}/[0-9a-f]{{16}}",
        {"DNSName": r".+\.elb\.amazonaws\.com", "LoadBalancerFullName": "app/small-dev-layer-Bal-.+"},
        ("load balancer",),
    ),
    *(
        Case(
            name,
            "ElasticLoadBalancingV2::TargetGroup",
            lambda w: {"VpcId": w.ref("Vpc"), "Port": 8000, "Protocol": "HTTP", "TargetType": "ip"},
            f"{_ARN.format('elasticloadbalancing')}:targetgroup/small-dev-layer-{name[:3]}-.+",
            {"TargetGroupFullName": f"targetgroup/small-dev-layer-{name[:3]}-.+"},
            ("target group",),
        )
        for name in ("Blue", "Green", "Lonely")
    ),
    Case(
        "Listener",
        "ElasticLoadBalancingV2::Listener",
        lambda w: {
            "LoadBalancerArn": w.ref("Balancer"),
            "Port": 80,
            "Protocol": "HTTP",
            "DefaultActions": [
                {
                    "Type": "fixed-response",
                    "FixedResponseConfig": {
                        "StatusCode": "403",
                        "ContentType": "text/plain",
                        "MessageBody": "Forbidden",
                    },
                }
            ],
        },
        f"{_ARN.format('elasticloadbalancing')}:listener/app/.+",
        {"ListenerArn": ".+:listener/app/.+"},
    ),
    Case(
        "ListenerRule",
        "ElasticLoadBalancingV2::ListenerRule",
        lambda w: {
            "ListenerArn": w.ref("Listener"),
            "Priority": 10,
            "Conditions": [
                {
                    "Field": "http-header",
                    "HttpHeaderConfig": {"HttpHeaderName": "X-Origin-Verify", "Values": ["only-the-edge-knows"]},
                },
                {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/api/*"]}},
            ],
            "Actions": [
                {
                    "Type": "forward",
                    "ForwardConfig": {
                        "TargetGroups": [
                            {"TargetGroupArn": w.ref("Blue"), "Weight": 1},
                            {"TargetGroupArn": w.ref("Green"), "Weight": 0},
                        ],
                        "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 3600},
                    },
                }
            ],
        },
        _RULE,
        {"RuleArn": _RULE, "IsDefault": "False"},
    ),
    Case(
        "Resolver",
        "EC2::DHCPOptions",
        lambda w: {
            "DomainName": "small.internal",
            "DomainNameServers": ["10.0.0.2", "10.0.0.3"],
            "NtpServers": ["10.0.0.4"],
            "Tags": TAGS,
        },
        "dopt-[0-9a-f]{17}",
        {"DhcpOptionsId": "dopt-.+"},
        ("DHCP options",),
    ),
    Case(
        "Resolved",
        "EC2::VPCDHCPOptionsAssociation",
        lambda w: {"VpcId": w.ref("Vpc"), "DhcpOptionsId": w.ref("Resolver")},
        "dopt-[0-9a-f]{17}[|]vpc-[0-9a-f]{17}",
    ),
    Case(
        "MoreAddresses",
        "EC2::VPCCidrBlock",
        lambda w: {"VpcId": w.ref("Vpc"), "CidrBlock": "10.1.0.0/16"},
        "vpc-cidr-assoc-[0-9a-f]{17}",
    ),
    Case(
        "InternetGateway",
        "EC2::InternetGateway",
        lambda w: {"Tags": TAGS},
        "igw-[0-9a-f]{17}",
        {"InternetGatewayId": "igw-.+"},
        ("internet gateway",),
    ),
    Case(
        "Attachment",
        "EC2::VPCGatewayAttachment",
        lambda w: {"VpcId": w.ref("Vpc"), "InternetGatewayId": w.ref("InternetGateway")},
        "IGW[|]vpc-[0-9a-f]{17}",
        {"AttachmentType": "IGW"},
    ),
    Case(
        "VpnGateway",
        "EC2::VPNGateway",
        lambda w: {"Type": "ipsec.1", "AmazonSideAsn": 64512, "Tags": TAGS},
        "vgw-[0-9a-f]{8,17}",
        {"VPNGatewayId": "vgw-.+"},
        ("VPN gateway",),
    ),
    Case(
        "VpnAttachment",
        "EC2::VPCGatewayAttachment",
        lambda w: {"VpcId": w.ref("Vpc"), "VpnGatewayId": w.ref("VpnGateway")},
        "VGW[|]vpc-[0-9a-f]{17}",
        {"AttachmentType": "VGW"},
    ),
    Case(
        "WayOut",
        "EC2::EgressOnlyInternetGateway",
        lambda w: {"VpcId": w.ref("Vpc"), "Tags": TAGS},
        "eigw-[0-9a-f]{17}",
        {"Id": "eigw-.+"},
        ("egress-only gateway",),
    ),
    Case(
        "Office",
        "EC2::CustomerGateway",
        lambda w: {"Type": "ipsec.1", "BgpAsn": 65000, "IpAddress": "192.0.2.1", "Tags": TAGS},
        "cgw-[0-9a-f]{8,17}",
        {"CustomerGatewayId": "cgw-.+"},
    ),
    Case(
        "Peer",
        "EC2::VPC",
        lambda w: {"CidrBlock": "10.5.0.0/16"},
        "vpc-[0-9a-f]{17}",
        {},
        ("VPC",),
    ),
    Case(
        "Peering",
        "EC2::VPCPeeringConnection",
        lambda w: {"VpcId": w.ref("Vpc"), "PeerVpcId": w.ref("Peer"), "PeerOwnerId": ACCOUNT, "Tags": TAGS},
        "pcx-[0-9a-f]{8,17}",
        {"Id": "pcx-.+"},
    ),
    Case(
        "Hub",
        "EC2::TransitGateway",
        lambda w: {
            "Description": "Joins networks",
            "AmazonSideAsn": 64513,
            "AutoAcceptSharedAttachments": "enable",
            "DnsSupport": "disable",
            "Tags": TAGS,
        },
        "tgw-[0-9a-f]{17}",
        {"Id": "tgw-.+", "TransitGatewayArn": f"{_ARN.format('ec2')}:transit-gateway/tgw-.+"},
    ),
    Case(
        "Spoke",
        "EC2::TransitGatewayAttachment",
        lambda w: {
            "TransitGatewayId": w.ref("Hub"),
            "VpcId": w.ref("Vpc"),
            "SubnetIds": [w.ref("SubnetA")],
            "Options": {"DnsSupport": "enable"},
            "Tags": TAGS,
        },
        "tgw-attach-[0-9a-f]{17}",
        {"Id": "tgw-attach-.+"},
    ),
    Case(
        "RouteTable",
        "EC2::RouteTable",
        lambda w: {"VpcId": w.ref("Vpc"), "Tags": TAGS},
        "rtb-[0-9a-f]{17}",
        {"RouteTableId": "rtb-.+"},
        ("route table",),
    ),
    Case(
        "Route",
        "EC2::Route",
        lambda w: {
            "RouteTableId": w.ref("RouteTable"),
            "DestinationCidrBlock": "0.0.0.0/0",
            "GatewayId": w.ref("InternetGateway"),
        },
        "rtb-[0-9a-f]{17}[|]0.0.0.0/0",
        {"CidrBlock": "0.0.0.0/0"},
    ),
    Case(
        "Routed",
        "EC2::SubnetRouteTableAssociation",
        lambda w: {"RouteTableId": w.ref("RouteTable"), "SubnetId": w.ref("SubnetA")},
        "rtbassoc-[0-9a-f]{17}",
        {"Id": "rtbassoc-.+"},
    ),
    Case(
        "Address",
        "EC2::EIP",
        lambda w: {"Domain": "vpc", "NetworkBorderGroup": REGION, "Tags": TAGS},
        "([0-9]{1,3}[.]){3}[0-9]{1,3}",
        {"AllocationId": "eipalloc-[0-9a-f]{17}", "PublicIp": "([0-9]{1,3}[.]){3}[0-9]{1,3}"},
        ("elastic IP address",),
    ),
    Case(
        "Translator",
        "EC2::NatGateway",
        lambda w: {
            "SubnetId": w.ref("SubnetA"),
            "AllocationId": w.att("Address", "AllocationId"),
            "PrivateIpAddress": "10.0.0.77",
            "ConnectivityType": "public",
            "MaxDrainDurationSeconds": 120,
            "Tags": TAGS,
        },
        "nat-[0-9a-f]{17}",
        {"NatGatewayId": "nat-.+", "EniId": "eni-.+"},
        ("NAT gateway", "network interface"),
    ),
    Case(
        "FlowLog",
        "EC2::FlowLog",
        lambda w: {
            "ResourceId": w.ref("Vpc"),
            "ResourceType": "VPC",
            "TrafficType": "REJECT",
            "LogDestinationType": "s3",
            "LogDestination": f"arn:aws:s3:::{LOGS}",
            "LogFormat": "${version} ${vpc-id} ${action}",
            "MaxAggregationInterval": 60,
            "DestinationOptions": {
                "FileFormat": "parquet",
                "HiveCompatiblePartitions": True,
                "PerHourPartition": False,
            },
            "Tags": TAGS,
        },
        "fl-[0-9a-f]{17}",
        {"Id": "fl-.+"},
        ("flow log",),
    ),
    Case(
        "Offices",
        "EC2::PrefixList",
        lambda w: {
            "PrefixListName": "small-offices",
            "AddressFamily": "IPv4",
            "MaxEntries": 5,
            "Entries": [{"Cidr": "192.0.2.0/24", "Description": "The office"}],
            "Tags": TAGS,
        },
        "pl-[0-9a-f]{17}",
        {
            "PrefixListId": "pl-.+",
            "Arn": f"{_ARN.format('ec2')}:prefix-list/pl-.+",
            "OwnerId": ACCOUNT,
            "Version": "1",
        },
        ("prefix list",),
    ),
    Case(
        "Rules",
        "EC2::SecurityGroup",
        lambda w: {
            "VpcId": w.ref("Vpc"),
            "GroupName": "small-rules",
            "GroupDescription": "A group with rules of its own",
            "SecurityGroupIngress": [
                {
                    "IpProtocol": "tcp",
                    "FromPort": 443,
                    "ToPort": 443,
                    "CidrIp": "0.0.0.0/0",
                    "Description": "Everybody by TLS",
                },
                {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIpv6": "::/0"},
                {
                    "IpProtocol": "tcp",
                    "FromPort": 22,
                    "ToPort": 22,
                    "SourcePrefixListId": w.ref("Offices"),
                    "Description": "Administrators in offices",
                },
                {"IpProtocol": "-1", "SourceSecurityGroupId": w.ref("Group"), "Description": "Members"},
            ],
            "SecurityGroupEgress": [
                {
                    "IpProtocol": "tcp",
                    "FromPort": 5432,
                    "ToPort": 5432,
                    "DestinationSecurityGroupId": w.ref("Group"),
                    "Description": "The database",
                }
            ],
            "Tags": TAGS,
        },
        "sg-[0-9a-f]{17}",
        {"GroupId": "sg-.+", "Id": "sg-.+", "VpcId": "vpc-.+"},
        ("security group",),
    ),
    Case(
        "Acl",
        "EC2::NetworkAcl",
        lambda w: {"VpcId": w.ref("Vpc"), "Tags": TAGS},
        "acl-[0-9a-f]{17}",
        {"Id": "acl-.+"},
        ("network ACL",),
    ),
    Case(
        "EntryIn",
        "EC2::NetworkAclEntry",
        lambda w: {
            "NetworkAclId": w.ref("Acl"),
            "RuleNumber": 100,
            "Protocol": 6,
            "RuleAction": "allow",
            "CidrBlock": "0.0.0.0/0",
            "PortRange": {"From": 443, "To": 443},
        },
        "small-dev-layer-EntryIn-[0-9A-Z]{12}",
        {"Id": "small-dev-layer-EntryIn-.+"},
    ),
    Case(
        "EntryOut",
        "EC2::NetworkAclEntry",
        lambda w: {
            "NetworkAclId": w.ref("Acl"),
            "RuleNumber": 100,
            "Egress": True,
            "Protocol": 58,
            "RuleAction": "deny",
            "Ipv6CidrBlock": "::/0",
            "Icmp": {"Code": -1, "Type": 128},
        },
        "small-dev-layer-EntryOut-[0-9A-Z]{12}",
    ),
    Case(
        "Guarded",
        "EC2::SubnetNetworkAclAssociation",
        lambda w: {"NetworkAclId": w.ref("Acl"), "SubnetId": w.ref("SubnetB")},
        "aclassoc-[0-9a-f]{8,17}",
        {"AssociationId": "aclassoc-.+"},
    ),
    Case(
        "Interface",
        "EC2::NetworkInterface",
        lambda w: {
            "SubnetId": w.ref("SubnetA"),
            "GroupSet": [w.ref("Group")],
            "Description": "A front door",
            "PrivateIpAddress": "10.0.0.40",
            "SourceDestCheck": False,
            "Tags": TAGS,
        },
        "eni-[0-9a-f]{17}",
        {"Id": "eni-.+", "VpcId": "vpc-.+", "PrimaryPrivateIpAddress": "10.0.0.40"},
        ("network interface",),
    ),
    Case(
        "OtherAddress",
        "EC2::EIP",
        lambda w: {},
        "([0-9]{1,3}[.]){3}[0-9]{1,3}",
        {},
        ("elastic IP address",),
    ),
    Case(
        "Public",
        "EC2::EIPAssociation",
        lambda w: {
            "AllocationId": w.att("OtherAddress", "AllocationId"),
            "NetworkInterfaceId": w.ref("Interface"),
        },
        "eipassoc-[0-9a-f]{8,17}",
    ),
    Case(
        "KeyPair",
        "EC2::KeyPair",
        lambda w: {"KeyName": "small-administrators", "KeyType": "ed25519", "Tags": TAGS},
        "small-administrators",
        {"KeyPairId": "key-[0-9a-f]{17}", "KeyFingerprint": "[0-9a-zA-Z:/+=]+"},
        ("key pair", "parameter"),
    ),
    Case(
        "MachineProfile",
        "IAM::InstanceProfile",
        lambda w: {"Roles": [w.ref("Role")]},
        "small-dev-layer-MachineProfile-.+",
        {},
        ("instance profile",),
    ),
    Case(
        "Disk",
        "EC2::Volume",
        lambda w: {
            "AvailabilityZone": f"{REGION}a",
            "Size": 10,
            "VolumeType": "gp3",
            "Iops": 3500,
            "Throughput": 200,
            "Encrypted": True,
            "KmsKeyId": w.att("Key", "Arn"),
            "AutoEnableIO": True,
            "Tags": TAGS,
        },
        "vol-[0-9a-f]{17}",
        {"VolumeId": "vol-.+"},
        ("volume",),
    ),
    Case(
        "Instance",
        "EC2::Instance",
        lambda w: {
            "ImageId": "ami-12c6146b",
            "InstanceType": "t3.micro",
            "SubnetId": w.ref("SubnetA"),
            "SecurityGroupIds": [w.ref("Group")],
            "PrivateIpAddress": "10.0.0.50",
            "KeyName": w.ref("KeyPair"),
            "IamInstanceProfile": w.ref("MachineProfile"),
            "UserData": base64.b64encode(b"#!/bin/sh").decode(),
            "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 2},
            "BlockDeviceMappings": [
                {
                    "DeviceName": "/dev/xvda",
                    "Ebs": {"VolumeSize": 30, "VolumeType": "gp3", "Encrypted": True, "DeleteOnTermination": True},
                }
            ],
            "CreditSpecification": {"CPUCredits": "unlimited"},
            "Monitoring": True,
            "EbsOptimized": True,
            "SourceDestCheck": False,
            "DisableApiTermination": False,
            "InstanceInitiatedShutdownBehavior": "terminate",
            "Tenancy": "default",
            "EnclaveOptions": {"Enabled": False},
            "PropagateTagsToVolumeOnCreation": True,
            "Tags": TAGS,
        },
        "i-[0-9a-f]{17}",
        {
            "InstanceId": "i-.+",
            "AvailabilityZone": f"{REGION}a",
            "PrivateIp": "10.0.0.50",
            "PrivateDnsName": "ip-10-0-0-50.ec2.internal",
            "PublicIp": "",
            "PublicDnsName": "",
            "VpcId": "vpc-.+",
            "State.Name": "running",
        },
        ("instance", "network interface", "volume"),
    ),
    Case(
        "DiskOfMachine",
        "EC2::VolumeAttachment",
        lambda w: {"InstanceId": w.ref("Instance"), "VolumeId": w.ref("Disk"), "Device": "/dev/sdf"},
        "vol-[0-9a-f]{17}[|]i-[0-9a-f]{17}",
    ),
    Case(
        "Template",
        "EC2::LaunchTemplate",
        lambda w: {
            "VersionDescription": "The first",
            "TagSpecifications": [{"ResourceType": "launch-template", "Tags": TAGS}],
            "LaunchTemplateData": {
                "ImageId": "ami-12c6146b",
                "InstanceType": "t3.small",
                "IamInstanceProfile": {"Arn": w.att("MachineProfile", "Arn")},
                "InstanceMarketOptions": {"MarketType": "spot"},
                "SecurityGroupIds": [w.ref("Group")],
                "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
                "BlockDeviceMappings": [
                    {"DeviceName": "/dev/xvda", "Ebs": {"VolumeType": "gp3", "VolumeSize": 30, "Encrypted": True}}
                ],
                "TagSpecifications": [{"ResourceType": "instance", "Tags": TAGS}],
                "UserData": base64.b64encode(b"#!/bin/bash").decode(),
            },
        },
        "lt-[0-9a-f]{17}",
        {"LaunchTemplateId": "lt-.+", "LatestVersionNumber": "1", "DefaultVersionNumber": "1"},
        ("launch template",),
    ),
    Case(
        "Fleet",
        "AutoScaling::AutoScalingGroup",
        lambda w: {
            "LaunchTemplate": {
                "LaunchTemplateId": w.ref("Template"),
                "Version": w.att("Template", "LatestVersionNumber"),
            },
            "VPCZoneIdentifier": [w.ref("SubnetA"), w.ref("SubnetB")],
            "MinSize": "1",
            "MaxSize": "3",
            "Cooldown": "300",
            "TargetGroupARNs": [],
            "HealthCheckType": "ELB",
            "HealthCheckGracePeriod": 300,
            "DefaultInstanceWarmup": 60,
            "MaxInstanceLifetime": 604800,
            "MetricsCollection": [{"Granularity": "1Minute", "Metrics": ["GroupMinSize", "GroupMaxSize"]}],
            "TerminationPolicies": ["OldestInstance"],
            "Tags": [{"Key": "Name", "Value": "small-dev-fleet", "PropagateAtLaunch": True}],
        },
        "small-dev-layer-Fleet-.+",
        {"AutoScalingGroupARN": f"{_ARN.format('autoscaling')}:autoScalingGroup:.+:autoScalingGroupName/.+"},
        ("Auto Scaling group", "instance", "network interface", "volume"),
    ),
    Case(
        "ScaleUp",
        "AutoScaling::ScalingPolicy",
        lambda w: {
            "AutoScalingGroupName": w.ref("Fleet"),
            "PolicyType": "StepScaling",
            "AdjustmentType": "ChangeInCapacity",
            "MetricAggregationType": "Average",
            "EstimatedInstanceWarmup": 60,
            "StepAdjustments": [
                {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 20, "ScalingAdjustment": 1},
                {"MetricIntervalLowerBound": 20, "ScalingAdjustment": 2},
            ],
        },
        f"{_ARN.format('autoscaling')}:scalingPolicy:{UUID}:autoScalingGroupName/.+:policyName/small-dev-layer-.+",
        {"Arn": ".+:scalingPolicy:.+", "PolicyName": "small-dev-layer-ScaleUp-.+"},
        ("scaling policy",),
    ),
    Case(
        "TerminationHook",
        "AutoScaling::LifecycleHook",
        lambda w: {
            "AutoScalingGroupName": w.ref("Fleet"),
            "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING",
            "HeartbeatTimeout": 60,
            "DefaultResult": "CONTINUE",
            "NotificationMetadata": "drain first",
            "RoleARN": w.att("Role", "Arn"),
            "NotificationTargetARN": f"{_ARN.format('sqs')}:hooks",
        },
        "small-dev-layer-TerminationHook-.+",
    ),
    Case(
        "Nights",
        "AutoScaling::ScheduledAction",
        lambda w: {
            "AutoScalingGroupName": w.ref("Fleet"),
            "MinSize": 0,
            "MaxSize": 1,
            "DesiredCapacity": 0,
            "Recurrence": "0 22 * * *",
            "TimeZone": "Europe/Vienna",
            "StartTime": "2030-01-01T00:00:00Z",
        },
        "small-dev-layer-Nights-.+",
        {"ScheduledActionName": "small-dev-layer-Nights-.+"},
    ),
    Case(
        "Warm",
        "AutoScaling::WarmPool",
        lambda w: {
            "AutoScalingGroupName": w.ref("Fleet"),
            "MinSize": 1,
            "MaxGroupPreparedCapacity": 2,
            "PoolState": "Stopped",
            "InstanceReusePolicy": {"ReuseOnScaleIn": True},
        },
        "small-dev-layer-Fleet-.+",
    ),
    Case(
        "Configuration",
        "AutoScaling::LaunchConfiguration",
        lambda w: {
            "ImageId": "ami-12c6146b",
            "InstanceType": "t3.micro",
            "SecurityGroups": [w.ref("Group")],
            "IamInstanceProfile": w.ref("MachineProfile"),
            "KeyName": w.ref("KeyPair"),
            "InstanceMonitoring": False,
            "EbsOptimized": True,
            "AssociatePublicIpAddress": True,
            "PlacementTenancy": "default",
            "MetadataOptions": {"HttpTokens": "required"},
            "UserData": base64.b64encode(b"#!/bin/sh").decode(),
        },
        "small-dev-layer-Configuration-.+",
        {},
        ("launch configuration",),
    ),
    Case(
        "Alarm",
        "CloudWatch::Alarm",
        lambda w: {
            "AlarmName": "small-unhealthy",
            "AlarmDescription": "A target is unhealthy",
            "MetricName": "UnHealthyHostCount",
            "Namespace": "AWS/ApplicationELB",
            "Statistic": "Maximum",
            "Period": 60,
            "EvaluationPeriods": 2,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "Tags": TAGS,
        },
        "small-unhealthy",
        {"Arn": f"{_ARN.format('cloudwatch')}:alarm:small-unhealthy"},
        ("alarm",),
    ),
    Case(
        "Topic",
        "SNS::Topic",
        lambda w: {
            "TopicName": "small-critical",
            "DisplayName": "Critical alarms",
            "KmsMasterKeyId": w.ref("Key"),
            "SignatureVersion": "2",
            "Tags": TAGS,
        },
        f"{_ARN.format('sns')}:small-critical",
        {"TopicArn": f"{_ARN.format('sns')}:small-critical", "TopicName": "small-critical"},
        ("topic",),
    ),
    Case(
        "TopicPolicy",
        "SNS::TopicPolicy",
        lambda w: {
            "Topics": [w.ref("Topic")],
            "PolicyDocument": _policy("sns:Publish", w.ref("Topic"), Service="cloudwatch.amazonaws.com"),
        },
        "small-dev-layer-TopicPolicy-[0-9A-Z]{12}",
        {"Id": "small-dev-layer-TopicPolicy-[0-9A-Z]{12}"},
    ),
    Case(
        "Subscription",
        "SNS::Subscription",
        lambda w: {
            "TopicArn": w.ref("Topic"),
            "Protocol": "https",
            "Endpoint": "https://example.org/hook",
            "RawMessageDelivery": True,
            "FilterPolicy": {"severity": ["critical"]},
            "FilterPolicyScope": "MessageBody",
        },
        f"{_ARN.format('sns')}:small-critical:{UUID}",
        {"Arn": f"{_ARN.format('sns')}:small-critical:{UUID}"},
        ("subscription",),
    ),
    Case(
        "Down",
        "CloudWatch::CompositeAlarm",
        lambda w: {
            "AlarmName": "small-down",
            "AlarmDescription": "The service is down",
            "AlarmRule": f'ALARM("small-unhealthy") AND NOT OK({w.att("Alarm", "Arn")})',
            "AlarmActions": [w.ref("Topic")],
            "OKActions": [w.ref("Topic")],
            "ActionsEnabled": True,
            "Tags": TAGS,
        },
        "small-down",
        {"Arn": f"{_ARN.format('cloudwatch')}:alarm:small-down"},
        ("composite alarm",),
    ),
    Case(
        "Dashboard",
        "CloudWatch::Dashboard",
        lambda w: {"DashboardName": "small-dev", "DashboardBody": json.dumps({"widgets": []}), "Tags": TAGS},
        "small-dev",
        {},
        ("dashboard",),
    ),
    Case(
        "Budget",
        "Budgets::Budget",
        lambda w: {
            "Budget": {
                "BudgetName": "small-monthly",
                "BudgetType": "COST",
                "TimeUnit": "MONTHLY",
                "BudgetLimit": {"Amount": 100, "Unit": "USD"},
            },
            "NotificationsWithSubscribers": [
                {
                    "Notification": {
                        "NotificationType": "ACTUAL",
                        "ComparisonOperator": "GREATER_THAN",
                        "Threshold": 80,
                        "ThresholdType": "PERCENTAGE",
                    },
                    "Subscribers": [{"SubscriptionType": "SNS", "Address": w.ref("Topic")}],
                }
            ],
            "ResourceTags": TAGS,
        },
        "small-monthly",
        {},
        ("budget",),
    ),
    Case(
        "Cluster",
        "ECS::Cluster",
        lambda w: {
            "ClusterName": "small-dev",
            "ClusterSettings": [{"Name": "containerInsights", "Value": "enhanced"}],
            "Configuration": {"ExecuteCommandConfiguration": {"KmsKeyId": w.att("Key", "Arn"), "Logging": "DEFAULT"}},
            "Tags": TAGS,
        },
        "small-dev",
        {"Arn": f"{_ARN.format('ecs')}:cluster/small-dev"},
        ("cluster",),
    ),
    Case(
        "Capacity",
        "ECS::ClusterCapacityProviderAssociations",
        lambda w: {
            "Cluster": w.ref("Cluster"),
            "CapacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "DefaultCapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Base": 1, "Weight": 3}],
        },
        "small-dev",
    ),
    Case(
        "Task",
        "ECS::TaskDefinition",
        lambda w: {
            "Family": "small-dev-web",
            "Cpu": "512",
            "Memory": "1024",
            "NetworkMode": "awsvpc",
            "RequiresCompatibilities": ["FARGATE"],
            "ExecutionRoleArn": w.att("Role", "Arn"),
            "TaskRoleArn": w.att("Role", "Arn"),
            "RuntimePlatform": {"CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX"},
            "Volumes": [{"Name": "temporary-files"}],
            "ContainerDefinitions": [
                {
                    "Name": "web",
                    "Image": "web:1",
                    "Essential": True,
                    "ReadonlyRootFilesystem": True,
                    "User": "1000:1000",
                    "PortMappings": [{"ContainerPort": 8000, "Protocol": "tcp"}],
                    "Environment": [{"Name": "MODE", "Value": "production"}],
                    "Secrets": [{"Name": "DATABASE_URL", "ValueFrom": "arn:aws:secretsmanager:::secret:url"}],
                    "LogConfiguration": {"LogDriver": "awslogs", "Options": {"awslogs-group": LOGS}},
                    "LinuxParameters": {"InitProcessEnabled": True, "Capabilities": {"Drop": ["ALL"]}},
                    "HealthCheck": {"Command": ["CMD-SHELL", "curl -f localhost"], "Interval": 30, "Retries": 3},
                    "MountPoints": [{"SourceVolume": "temporary-files", "ContainerPath": "/temporary"}],
                    "DependsOn": [{"ContainerName": "xray-daemon", "Condition": "START"}],
                },
                {"Name": "xray-daemon", "Image": "xray:1", "Essential": False},
            ],
            "Tags": TAGS,
        },
        f"{_ARN.format('ecs')}:task-definition/small-dev-web:1",
        {"TaskDefinitionArn": f"{_ARN.format('ecs')}:task-definition/small-dev-web:1"},
        ("task definition",),
    ),
    Case(
        "Service",
        "ECS::Service",
        lambda w: {
            "ServiceName": "small-web",
            "Cluster": w.ref("Cluster"),
            "TaskDefinition": w.ref("Task"),
            "DesiredCount": 2,
            "CapacityProviderStrategy": [{"CapacityProvider": "FARGATE_SPOT", "Weight": 1, "Base": 0}],
            "PlatformVersion": "1.4.0",
            "EnableExecuteCommand": False,
            "EnableECSManagedTags": True,
            "PropagateTags": "SERVICE",
            "HealthCheckGracePeriodSeconds": 60,
            "AvailabilityZoneRebalancing": "ENABLED",
            "DeploymentConfiguration": {
                "MaximumPercent": 200,
                "MinimumHealthyPercent": 100,
                "Strategy": "BLUE_GREEN",
                "BakeTimeInMinutes": 10,
                "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
                "Alarms": {"AlarmNames": ["small-unhealthy"], "Enable": True, "Rollback": True},
            },
            "NetworkConfiguration": {
                "AwsvpcConfiguration": {
                    "AssignPublicIp": "DISABLED",
                    "Subnets": [w.ref("SubnetA"), w.ref("SubnetB")],
                    "SecurityGroups": [w.ref("Group")],
                }
            },
            "LoadBalancers": [
                {
                    "ContainerName": "web",
                    "ContainerPort": 8000,
                    "TargetGroupArn": w.ref("Blue"),
                    "AdvancedConfiguration": {
                        "AlternateTargetGroupArn": w.ref("Green"),
                        "ProductionListenerRule": w.ref("ListenerRule"),
                        "RoleArn": w.att("Role", "Arn"),
                    },
                }
            ],
            "Tags": TAGS,
        },
        f"{_ARN.format('ecs')}:service/small-dev/small-web",
        {"Name": "small-web", "ServiceArn": f"{_ARN.format('ecs')}:service/small-dev/small-web"},
        ("service",),
    ),
    Case(
        "Scaled",
        "ApplicationAutoScaling::ScalableTarget",
        lambda w: {
            "MinCapacity": 2,
            "MaxCapacity": 10,
            "ResourceId": "service/small-dev/small-web",
            "ScalableDimension": "ecs:service:DesiredCount",
            "ServiceNamespace": "ecs",
            "Tags": TAGS,
        },
        r"service/small-dev/small-web\|ecs:service:DesiredCount\|ecs",
        {"Id": r"service/small-dev/small-web\|ecs:service:DesiredCount\|ecs"},
        ("scalable target",),
    ),
    Case(
        "Scaling",
        "ApplicationAutoScaling::ScalingPolicy",
        lambda w: {
            "PolicyName": "small-cpu",
            "PolicyType": "TargetTrackingScaling",
            "ScalingTargetId": w.ref("Scaled"),
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 70,
                "ScaleInCooldown": 300,
                "ScaleOutCooldown": 60,
                "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
            },
        },
        f"{_ARN.format('autoscaling')}:scalingPolicy:{UUID}:resource/ecs/service/small-dev/small-web"
        ":policyName/small-cpu",
        {"Arn": ".+:policyName/small-cpu"},
        # Its two alarms come and go with it.
        ("scaling policy", "alarm"),
    ),
    Case(
        "CacheSubnets",
        "ElastiCache::SubnetGroup",
        lambda w: {"Description": "Private", "SubnetIds": [w.ref("SubnetA"), w.ref("SubnetB")], "Tags": TAGS},
        "small-dev-layer-cachesubnets-[0-9a-z]{12}",
        {},
        ("cache subnet group",),
    ),
    Case(
        "CacheSettings",
        "ElastiCache::ParameterGroup",
        lambda w: {
            "CacheParameterGroupFamily": "redis7",
            "Description": "Settings of the cache",
            "Properties": {"maxmemory-policy": "allkeys-lru", "timeout": 300},
            "Tags": TAGS,
        },
        "small-dev-layer-cachesettings-[0-9a-z]{12}",
        {},
        ("cache parameter group",),
    ),
    Case(
        "Cache",
        "ElastiCache::ReplicationGroup",
        lambda w: {
            "ReplicationGroupDescription": "Cache of small",
            "Engine": "redis",
            "EngineVersion": "7.1",
            "CacheNodeType": "cache.t4g.small",
            "NumCacheClusters": 3,
            "AutomaticFailoverEnabled": True,
            "MultiAZEnabled": True,
            "AtRestEncryptionEnabled": True,
            "TransitEncryptionEnabled": True,
            "TransitEncryptionMode": "required",
            "AuthToken": "not-to-be-shown-to-anybody",
            "KmsKeyId": w.att("Key", "Arn"),
            "CacheSubnetGroupName": w.ref("CacheSubnets"),
            "CacheParameterGroupName": w.ref("CacheSettings"),
            "SecurityGroupIds": [w.ref("Group")],
            "SnapshotRetentionLimit": 7,
            "SnapshotWindow": "03:00-04:00",
            "PreferredMaintenanceWindow": "sun:05:00-sun:06:00",
            "Port": 6379,
            "AutoMinorVersionUpgrade": True,
            "LogDeliveryConfigurations": [
                {
                    "DestinationType": "cloudwatch-logs",
                    "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": LOGS}},
                    "LogFormat": "json",
                    "LogType": "slow-log",
                }
            ],
            "Tags": TAGS,
        },
        "small-dev-layer-cache-[0-9a-z]{12}",
        {
            "PrimaryEndPoint.Address": "master.small-dev-layer-cache-.+",
            "PrimaryEndPoint.Port": "6379",
            "ReaderEndPoint.Address": "replica.small-dev-layer-cache-.+",
        },
        ("cache",),
    ),
    Case(
        "Repository",
        "ECR::Repository",
        lambda w: {
            "RepositoryName": "small/web",
            "ImageScanningConfiguration": {"ScanOnPush": True},
            "ImageTagMutability": "IMMUTABLE",
            "EncryptionConfiguration": {"EncryptionType": "KMS", "KmsKey": w.att("Key", "Arn")},
            "LifecyclePolicy": {
                "LifecyclePolicyText": json.dumps(
                    {
                        "rules": [
                            {
                                "rulePriority": 1,
                                "selection": {
                                    "tagStatus": "any",
                                    "countType": "imageCountMoreThan",
                                    "countNumber": 10,
                                },
                                "action": {"type": "expire"},
                            }
                        ]
                    }
                )
            },
            "RepositoryPolicyText": _policy("ecr:BatchGetImage", AWS=_ROOT),
            "EmptyOnDelete": True,
            "Tags": TAGS,
        },
        "small/web",
        {
            "Arn": f"{_ARN.format('ecr')}:repository/small/web",
            "RepositoryUri": rf"{ACCOUNT}\.dkr\.ecr\.{REGION}\.amazonaws\.com/small/web",
        },
        ("repository",),
    ),
    Case(
        "Parameter",
        "SSM::Parameter",
        lambda w: {
            "Name": "/small/dev/application/media_bucket",
            "Type": "String",
            "Value": "small-media",
            "Description": "Where media are",
            "Tier": "Standard",
            "DataType": "text",
            "AllowedPattern": "small-.+",
            "Tags": {"Name": "small-dev-thing"},
        },
        "/small/dev/application/media_bucket",
        {"Type": "String", "Value": "small-media"},
        ("parameter",),
    ),
    Case(
        "Secret",
        "SecretsManager::Secret",
        lambda w: {
            "Name": "small/dev/url",
            "Description": "Connection URL",
            "SecretString": "not-to-be-shown-to-anybody",
            "KmsKeyId": w.att("Key", "Arn"),
            "ReplicaRegions": [{"Region": SECOND}],
            "Tags": TAGS,
        },
        f"{_ARN.format('secretsmanager')}:secret:small/dev/url-[0-9A-Za-z]{{6}}",
        {"Id": ".+:secret:small/dev/url-.{6}"},
        ("secret",),
    ),
    Case(
        "UnnamedSecret",
        "SecretsManager::Secret",
        lambda w: {
            "GenerateSecretString": {
                "SecretStringTemplate": '{"username": "small"}',
                "GenerateStringKey": "password",
                "ExcludePunctuation": True,
            }
        },
        f"{_ARN.format('secretsmanager')}:secret:UnnamedSecret-[0-9A-Za-z]{{12}}-[0-9A-Za-z]{{6}}",
        {"Id": ".+:secret:UnnamedSecret-.{12}-.{6}"},
        ("secret",),
    ),
    Case(
        "SecretPolicy",
        "SecretsManager::ResourcePolicy",
        lambda w: {
            "SecretId": w.ref("UnnamedSecret"),
            "ResourcePolicy": _policy("secretsmanager:GetSecretValue", AWS=_ROOT),
            "BlockPublicPolicy": True,
        },
        ".+:secret:UnnamedSecret-.{12}-.{6}",
        {"Id": ".+:secret:UnnamedSecret-.{12}-.{6}"},
    ),
    Case(
        "UnnamedParameter",
        "SSM::Parameter",
        lambda w: {"Type": "StringList", "Value": "a,b"},
        "CFN-UnnamedParameter-[0-9A-Za-z]{12}",
        {"Type": "StringList", "Value": "a,b"},
        ("parameter",),
    ),
    Case(
        "Logs",
        "Logs::LogGroup",
        lambda w: {"LogGroupName": LOGS, "RetentionInDays": 30, "KmsKeyId": w.att("Key", "Arn"), "Tags": TAGS},
        LOGS,
        {"Arn": rf"{_ARN.format('logs')}:log-group:{LOGS}:\*"},
        ("log group",),
    ),
    Case(
        "Filter",
        "Logs::MetricFilter",
        lambda w: {
            "FilterName": "root-use",
            "LogGroupName": LOGS,
            "FilterPattern": '{ $.userIdentity.type = "Root" }',
            "MetricTransformations": [
                {
                    "MetricName": "RootUse",
                    "MetricNamespace": "small/dev",
                    "MetricValue": "1",
                    "Unit": "Count",
                    "Dimensions": [{"Key": "Region", "Value": "$.awsRegion"}],
                }
            ],
        },
        "root-use",
        {},
        ("metric filter",),
    ),
    Case(
        "LogsPolicy",
        "Logs::ResourcePolicy",
        lambda w: {"PolicyName": "small-waf", "PolicyDocument": json.dumps(_policy("logs:PutLogEvents"))},
        "small-waf",
        {},
        ("log resource policy",),
    ),
    Case(
        "Bucket",
        "S3::Bucket",
        lambda w: {
            "BucketName": "small-media",
            "VersioningConfiguration": {"Status": "Enabled"},
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {
                        "BucketKeyEnabled": True,
                        "ServerSideEncryptionByDefault": {
                            "SSEAlgorithm": "aws:kms",
                            "KMSMasterKeyID": w.att("Key", "Arn"),
                        },
                    }
                ]
            },
            "LifecycleConfiguration": {
                "Rules": [
                    {
                        "Id": "older-media",
                        "Status": "Enabled",
                        "Prefix": "media/",
                        "ExpirationInDays": 365,
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                        "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
                        "Transitions": [
                            {"StorageClass": "STANDARD_IA", "TransitionInDays": 30},
                            {"StorageClass": "GLACIER", "TransitionInDays": 180},
                        ],
                        "NoncurrentVersionTransitions": [{"StorageClass": "GLACIER", "TransitionInDays": 31}],
                    },
                    {
                        "Id": "scratch",
                        "Status": "Enabled",
                        "TagFilters": [{"Key": "kind", "Value": "scratch"}],
                        "ExpiredObjectDeleteMarker": True,
                    },
                ]
            },
            "CorsConfiguration": {
                "CorsRules": [
                    {
                        "Id": "uploads",
                        "AllowedOrigins": ["https://example.org"],
                        "AllowedMethods": ["PUT"],
                        "AllowedHeaders": ["*"],
                        "ExposedHeaders": ["ETag"],
                        "MaxAge": 3000,
                    }
                ]
            },
            "LoggingConfiguration": {"DestinationBucketName": LOGS, "LogFilePrefix": "media/"},
            "ReplicationConfiguration": {
                "Role": w.att("Role", "Arn"),
                "Rules": [
                    {
                        "Id": "second-region",
                        "Status": "Enabled",
                        "Priority": 1,
                        "Filter": {"Prefix": ""},
                        "DeleteMarkerReplication": {"Status": "Enabled"},
                        "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
                        "Destination": {
                            "Bucket": f"arn:aws:s3:::{COPIES}",
                            "StorageClass": "STANDARD_IA",
                            "EncryptionConfiguration": {"ReplicaKmsKeyID": f"arn:aws:kms:{SECOND}:{ACCOUNT}:key/1"},
                        },
                    }
                ],
            },
            "NotificationConfiguration": {
                "TopicConfigurations": [
                    {
                        "Event": "s3:ObjectCreated:*",
                        "Topic": w.ref("Topic"),
                        "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": "uploads/"}]}},
                    }
                ]
            },
            "WebsiteConfiguration": {"IndexDocument": "index.html", "ErrorDocument": "error.html"},
            "IntelligentTieringConfigurations": [
                {
                    "Id": "archive",
                    "Prefix": "old/",
                    "Status": "Enabled",
                    "Tierings": [{"AccessTier": "ARCHIVE_ACCESS", "Days": 90}],
                }
            ],
            "MetricsConfigurations": [{"Id": "uploads", "Prefix": "uploads/"}],
            "InventoryConfigurations": [
                {
                    "Id": "weekly",
                    "Enabled": True,
                    "IncludedObjectVersions": "Current",
                    "OptionalFields": ["Size"],
                    "ScheduleFrequency": "Weekly",
                    "Destination": {"BucketArn": f"arn:aws:s3:::{LOGS}", "Format": "CSV", "Prefix": "inventory"},
                }
            ],
            "Tags": TAGS,
        },
        "small-media",
        {
            "Arn": "arn:aws:s3:::small-media",
            "DomainName": r"small-media\.s3\.amazonaws\.com",
            "RegionalDomainName": rf"small-media\.s3\.{REGION}\.amazonaws\.com",
            "WebsiteURL": rf"http://small-media\.s3-website-{REGION}\.amazonaws\.com",
        },
        ("bucket",),
    ),
    Case(
        "Trail",
        "CloudTrail::Trail",
        lambda w: {
            "TrailName": "small-trail",
            "S3BucketName": w.ref("Bucket"),
            "S3KeyPrefix": "trail",
            "IncludeGlobalServiceEvents": True,
            "IsMultiRegionTrail": True,
            "EnableLogFileValidation": True,
            "KMSKeyId": w.att("Key", "Arn"),
            "CloudWatchLogsLogGroupArn": w.att("Logs", "Arn"),
            "CloudWatchLogsRoleArn": w.att("Role", "Arn"),
            "IsLogging": True,
            "EventSelectors": [
                {
                    "ReadWriteType": "All",
                    "IncludeManagementEvents": True,
                    "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::small-media/"]}],
                }
            ],
            "InsightSelectors": [{"InsightType": "ApiCallRateInsight"}],
            "Tags": TAGS,
        },
        "small-trail",
        {"Arn": f"{_ARN.format('cloudtrail')}:trail/small-trail"},
        ("trail",),
    ),
    Case(
        "EventRule",
        "Events::Rule",
        lambda w: {
            "Name": "small-deployments",
            "Description": "Deployments",
            "EventPattern": {"source": ["aws.ecs"]},
            "State": "ENABLED",
            "Targets": [
                {
                    "Id": "topic",
                    "Arn": w.ref("Topic"),
                    "InputTransformer": {"InputPathsMap": {"what": "$.detail"}, "InputTemplate": '"<what> happened"'},
                }
            ],
            "Tags": TAGS,
        },
        "small-deployments",
        {"Arn": f"{_ARN.format('events')}:rule/small-deployments"},
        ("rule",),
    ),
    Case(
        "Certificate",
        "CertificateManager::Certificate",
        lambda w: {
            "DomainName": f"api.{ZONE}",
            "SubjectAlternativeNames": [f"www.{ZONE}"],
            "ValidationMethod": "DNS",
            "DomainValidationOptions": [{"DomainName": f"api.{ZONE}", "HostedZoneId": w.ref("Zone")}],
            "KeyAlgorithm": "EC_prime256v1",
            "CertificateTransparencyLoggingPreference": "ENABLED",
            "Tags": TAGS,
        },
        f"{_ARN.format('acm')}:certificate/{UUID}",
        {},
        ("certificate",),
    ),
    Case(
        "Record",
        "Route53::RecordSet",
        lambda w: {
            "HostedZoneId": w.ref("Zone"),
            "Name": f"api.{ZONE}",
            "Type": "A",
            "AliasTarget": {
                "DNSName": w.att("Balancer", "DNSName"),
                "HostedZoneId": w.att("Balancer", "CanonicalHostedZoneID"),
                "EvaluateTargetHealth": True,
            },
        },
        rf"api\.{ZONE}",
        {},
        ("record",),
    ),
    Case(
        "TextRecord",
        "Route53::RecordSet",
        lambda w: {
            "HostedZoneName": f"{ZONE}.",
            "Name": f"text.{ZONE}.",
            "Type": "TXT",
            "TTL": 300,
            "ResourceRecords": ['"some text"'],
        },
        rf"text\.{ZONE}\.",
        {},
        ("record",),
    ),
    Case(
        "EdgeAcl",
        "WAFv2::WebACL",
        lambda w: {
            "Name": "small-edge",
            "Scope": "CLOUDFRONT",
            "Description": "What is let through",
            "DefaultAction": {"Allow": {}},
            "VisibilityConfig": _visible("small-edge"),
            "CustomResponseBodies": {"slow": {"ContentType": "TEXT_PLAIN", "Content": "Slow down"}},
            "Rules": [
                {
                    "Name": "common-rules",
                    "Priority": 0,
                    "OverrideAction": {"None": {}},
                    "Statement": {
                        "ManagedRuleGroupStatement": {
                            "VendorName": "AWS",
                            "Name": "AWSManagedRulesCommonRuleSet",
                            "RuleActionOverrides": [{"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}],
                        }
                    },
                    "VisibilityConfig": _visible("common-rules"),
                },
                {
                    "Name": "rate-limit",
                    "Priority": 1,
                    "Action": {"Block": {"CustomResponse": {"ResponseCode": 429, "CustomResponseBodyKey": "slow"}}},
                    "Statement": {
                        "RateBasedStatement": {
                            "Limit": 2000,
                            "AggregateKeyType": "IP",
                            "EvaluationWindowSec": 300,
                            "ScopeDownStatement": {
                                "ByteMatchStatement": {
                                    "SearchString": "/api/login",
                                    "FieldToMatch": {"UriPath": {}},
                                    "TextTransformations": [{"Priority": 0, "Type": "LOWERCASE"}],
                                    "PositionalConstraint": "STARTS_WITH",
                                }
                            },
                        }
                    },
                    "VisibilityConfig": _visible("rate-limit"),
                },
            ],
            "Tags": TAGS,
        },
        rf"small-edge\|{UUID}\|CLOUDFRONT",
        {"Arn": f"{_ARN.format('wafv2')}:global/webacl/small-edge/{UUID}", "Id": UUID},
        ("web ACL",),
    ),
    Case(
        "RegionalAcl",
        "WAFv2::WebACL",
        lambda w: {
            "Name": "small-regional",
            "Scope": "REGIONAL",
            "DefaultAction": {"Block": {}},
            "VisibilityConfig": _visible("small-regional"),
        },
        rf"small-regional\|{UUID}\|REGIONAL",
        {"Arn": f"{_ARN.format('wafv2')}:regional/webacl/small-regional/{UUID}"},
        ("web ACL",),
    ),
    Case(
        "Association",
        "WAFv2::WebACLAssociation",
        lambda w: {"WebACLArn": w.att("RegionalAcl", "Arn"), "ResourceArn": w.ref("Balancer")},
        rf".+:regional/webacl/small-regional/{UUID}\|{_LB}/.+",
    ),
    Case(
        "AclLogging",
        "WAFv2::LoggingConfiguration",
        lambda w: {
            "ResourceArn": w.att("EdgeAcl", "Arn"),
            "LogDestinationConfigs": [f"{_ARN.format('logs')}:log-group:aws-waf-logs-small"],
            "RedactedFields": [{"SingleHeader": {"Name": "authorization"}}],
            "LoggingFilter": {
                "DefaultBehavior": "DROP",
                "Filters": [
                    {
                        "Behavior": "KEEP",
                        "Requirement": "MEETS_ANY",
                        "Conditions": [{"ActionCondition": {"Action": "BLOCK"}}],
                    }
                ],
            },
        },
        f".+:global/webacl/small-edge/{UUID}",
    ),
    Case(
        "Caching",
        "CloudFront::CachePolicy",
        lambda w: {
            "CachePolicyConfig": {
                "Name": "small-cache",
                "Comment": "Keep for long",
                "DefaultTTL": 86400,
                "MinTTL": 1,
                "MaxTTL": 31536000,
                "ParametersInCacheKeyAndForwardedToOrigin": {
                    "CookiesConfig": {"CookieBehavior": "whitelist", "Cookies": ["session-id"]},
                    "HeadersConfig": {"HeaderBehavior": "none"},
                    "QueryStringsConfig": {"QueryStringBehavior": "all"},
                    "EnableAcceptEncodingGzip": True,
                    "EnableAcceptEncodingBrotli": True,
                },
            }
        },
        UUID,
        {"Id": UUID, "LastModifiedTime": ".+"},
        ("cache policy",),
    ),
    Case(
        "Forwarding",
        "CloudFront::OriginRequestPolicy",
        lambda w: {
            "OriginRequestPolicyConfig": {
                "Name": "small-origin",
                "CookiesConfig": {"CookieBehavior": "all"},
                "HeadersConfig": {"HeaderBehavior": "allExcept", "Headers": ["host"]},
                "QueryStringsConfig": {"QueryStringBehavior": "all"},
            }
        },
        UUID,
        {"Id": UUID},
        ("origin request policy",),
    ),
    Case(
        "Headers",
        "CloudFront::ResponseHeadersPolicy",
        lambda w: {
            "ResponseHeadersPolicyConfig": {
                "Name": "small-headers",
                "SecurityHeadersConfig": {
                    "StrictTransportSecurity": {
                        "AccessControlMaxAgeSec": 31536000,
                        "IncludeSubdomains": True,
                        "Preload": True,
                        "Override": True,
                    },
                    "ContentSecurityPolicy": {"ContentSecurityPolicy": "default-src 'self'", "Override": True},
                },
                "CorsConfig": {
                    "AccessControlAllowCredentials": False,
                    "AccessControlAllowHeaders": {"Items": ["*"]},
                    "AccessControlAllowMethods": {"Items": ["GET"]},
                    "AccessControlAllowOrigins": {"Items": ["https://example.org"]},
                    "OriginOverride": True,
                },
                "CustomHeadersConfig": {
                    "Items": [{"Header": "permissions-policy", "Value": "geolocation=()", "Override": True}]
                },
            }
        },
        UUID,
        {"Id": UUID},
        ("response headers policy",),
    ),
    Case(
        "OriginAccess",
        "CloudFront::OriginAccessControl",
        lambda w: {
            "OriginAccessControlConfig": {
                "Name": "small-access",
                "OriginAccessControlOriginType": "s3",
                "SigningBehavior": "always",
                "SigningProtocol": "sigv4",
            }
        },
        "[0-9A-Z]{13}",
        {"Id": "[0-9A-Z]{13}"},
        ("origin access control",),
    ),
    Case(
        "Pages",
        "CloudFront::Function",
        lambda w: {
            "Name": "small-pages",
            "AutoPublish": True,
            "FunctionConfig": {"Comment": "Finds pages", "Runtime": "cloudfront-js-2.0"},
            "FunctionCode": "function handler(event) { return event.request; }",
            "Tags": TAGS,
        },
        f"arn:aws:cloudfront::{ACCOUNT}:function/small-pages",
        {"FunctionARN": f"arn:aws:cloudfront::{ACCOUNT}:function/small-pages"},
        ("function",),
    ),
    Case(
        "Distribution",
        "CloudFront::Distribution",
        lambda w: {
            "DistributionConfig": {
                "Enabled": True,
                "Comment": "The edge of small",
                "Aliases": [f"www.{ZONE}"],
                "HttpVersion": "http2and3",
                "IPV6Enabled": True,
                "PriceClass": "PriceClass_100",
                "DefaultRootObject": "index.html",
                "WebACLId": w.att("EdgeAcl", "Arn"),
                "Origins": [
                    {
                        "Id": "site-origin",
                        "DomainName": w.att("Bucket", "RegionalDomainName"),
                        "OriginAccessControlId": w.ref("OriginAccess"),
                        "S3OriginConfig": {"OriginAccessIdentity": ""},
                    },
                    {
                        "Id": "api-origin",
                        "DomainName": f"api.{ZONE}",
                        "CustomOriginConfig": {
                            "OriginProtocolPolicy": "https-only",
                            "OriginSSLProtocols": ["TLSv1.2"],
                            "OriginReadTimeout": 45,
                        },
                        "OriginCustomHeaders": [
                            {"HeaderName": "X-Origin-Verify", "HeaderValue": "only-the-edge-knows"}
                        ],
                    },
                ],
                "DefaultCacheBehavior": {
                    "TargetOriginId": "site-origin",
                    "ViewerProtocolPolicy": "redirect-to-https",
                    "AllowedMethods": ["GET", "HEAD", "OPTIONS"],
                    "CachedMethods": ["GET", "HEAD"],
                    "Compress": True,
                    "CachePolicyId": w.ref("Caching"),
                    "ResponseHeadersPolicyId": w.ref("Headers"),
                    "FunctionAssociations": [{"EventType": "viewer-request", "FunctionARN": w.ref("Pages")}],
                },
                "CacheBehaviors": [
                    {
                        "PathPattern": "/api/*",
                        "TargetOriginId": "api-origin",
                        "ViewerProtocolPolicy": "https-only",
                        "CachePolicyId": w.ref("Caching"),
                        "OriginRequestPolicyId": w.ref("Forwarding"),
                    }
                ],
                "CustomErrorResponses": [
                    {
                        "ErrorCode": 403,
                        "ResponseCode": 200,
                        "ResponsePagePath": "/index.html",
                        "ErrorCachingMinTTL": 10,
                    }
                ],
                "ViewerCertificate": {
                    "AcmCertificateArn": w.ref("Certificate"),
                    "SslSupportMethod": "sni-only",
                    "MinimumProtocolVersion": "TLSv1.2_2021",
                },
                "Restrictions": {"GeoRestriction": {"RestrictionType": "whitelist", "Locations": ["DE"]}},
            },
            "Tags": TAGS,
        },
        "[0-9A-Z]{13}",
        {"Id": "[0-9A-Z]{13}", "DomainName": r"d[0-9a-z]{13}\.cloudfront\.net"},
        ("distribution",),
    ),
    Case(
        "Source",
        "Logs::DeliverySource",
        lambda w: {
            "Name": "small-source",
            "LogType": "ACCESS_LOGS",
            "ResourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/{w.ref('Distribution')}",
            "Tags": TAGS,
        },
        "small-source",
        {"Arn": f"{_ARN.format('logs')}:delivery-source:small-source", "Service": "cloudfront"},
        ("log delivery source",),
    ),
    Case(
        "Destination",
        "Logs::DeliveryDestination",
        lambda w: {
            "Name": "small-destination",
            "DestinationResourceArn": w.att("Bucket", "Arn"),
            "OutputFormat": "json",
            "Tags": TAGS,
        },
        "small-destination",
        {"Arn": f"{_ARN.format('logs')}:delivery-destination:small-destination"},
        ("log delivery destination",),
    ),
    Case(
        "Delivery",
        "Logs::Delivery",
        lambda w: {
            "DeliverySourceName": w.ref("Source"),
            "DeliveryDestinationArn": w.att("Destination", "Arn"),
            "S3SuffixPath": "/{yyyy}/{MM}",
            "S3EnableHiveCompatiblePath": False,
            "Tags": TAGS,
        },
        "[0-9A-Za-z]{16}",
        {"Arn": f"{_ARN.format('logs')}:delivery:.+", "DeliveryId": "[0-9A-Za-z]{16}"},
        ("log delivery",),
    ),
    Case(
        "Database",
        "RDS::DBInstance",
        lambda w: {
            "DBInstanceIdentifier": "small-database",
            "DBInstanceClass": "db.t3.micro",
            "Engine": "postgres",
            "AllocatedStorage": "20",
            "MasterUsername": "small",
            "MasterUserPassword": "not-to-be-shown-to-anybody",
            "BackupRetentionPeriod": 7,
            "EnablePerformanceInsights": True,
            "PerformanceInsightsRetentionPeriod": 7,
            "AutomaticBackupReplicationRegion": SECOND,
            "AutomaticBackupReplicationRetentionPeriod": 3,
        },
        "small-database",
        {"DBInstanceArn": _DATABASE_ARN, "Endpoint.Port": "5432"},
        ("database instance", "database snapshot"),
    ),
    Case(
        "Replica",
        "RDS::DBInstance",
        lambda w: {
            "DBInstanceIdentifier": "small-replica",
            "DBInstanceClass": "db.t3.micro",
            "SourceDBInstanceIdentifier": w.ref("Database"),
            "PreferredMaintenanceWindow": "sun:05:00-sun:06:00",
        },
        "small-replica",
        {},
        ("database instance",),
    ),
    Case(
        "DatabaseSubnets",
        "RDS::DBSubnetGroup",
        lambda w: {
            "DBSubnetGroupDescription": "Private",
            "SubnetIds": [w.ref("SubnetA"), w.ref("SubnetB")],
            "Tags": TAGS,
        },
        "small-dev-layer-databasesubnets-[0-9a-z]{12}",
        {"DBSubnetGroupArn": ".+:subgrp:small-dev-layer-databasesubnets-.+"},
        ("database subnet group",),
    ),
    Case(
        "DatabaseSettings",
        "RDS::DBParameterGroup",
        lambda w: {
            "Family": "postgres16",
            "Description": "Settings of the database",
            "Parameters": {"rds.force_ssl": "1", "log_min_duration_statement": 500},
            "Tags": TAGS,
        },
        "small-dev-layer-databasesettings-[0-9a-z]{12}",
        {
            "DBParameterGroupName": "small-dev-layer-databasesettings-[0-9a-z]{12}",
            "DBParameterGroupArn": ".+:pg:small-dev-layer-databasesettings-.+",
        },
        ("database parameter group",),
    ),
    Case(
        "WholeDatabase",
        "RDS::DBInstance",
        lambda w: {
            "DBInstanceClass": "db.m6g.large",
            "Engine": "postgres",
            "EngineVersion": "16.4",
            "DBName": "small",
            "AllocatedStorage": "100",
            "MaxAllocatedStorage": 400,
            "StorageType": "gp3",
            "Iops": 12000,
            "StorageThroughput": 500,
            "StorageEncrypted": True,
            "KmsKeyId": w.att("Key", "Arn"),
            "MasterUsername": "small",
            "ManageMasterUserPassword": True,
            "MasterUserSecret": {"KmsKeyId": w.att("Key", "Arn")},
            "DBSubnetGroupName": w.ref("DatabaseSubnets"),
            "DBParameterGroupName": w.ref("DatabaseSettings"),
            "VPCSecurityGroups": [w.ref("Group")],
            "MultiAZ": True,
            "Port": "5433",
            "PubliclyAccessible": False,
            "CopyTagsToSnapshot": True,
            "EnableIAMDatabaseAuthentication": True,
            "EnableCloudwatchLogsExports": ["postgresql", "upgrade"],
            "MonitoringInterval": 60,
            "MonitoringRoleArn": w.att("Role", "Arn"),
            "PerformanceInsightsKMSKeyId": w.att("Key", "Arn"),
            "EnablePerformanceInsights": True,
            "PreferredBackupWindow": "02:00-03:00",
            "PreferredMaintenanceWindow": "sun:05:00-sun:06:00",
            "CACertificateIdentifier": "rds-ca-rsa2048-g1",
            "DedicatedLogVolume": True,
            "NetworkType": "IPV4",
            "EngineLifecycleSupport": "open-source-rds-extended-support-disabled",
            "AssociatedRoles": [{"FeatureName": "s3Import", "RoleArn": w.att("Role", "Arn")}],
            "DeleteAutomatedBackups": True,
            "Tags": TAGS,
        },
        "small-dev-layer-wholedatabase-[0-9a-z]{12}",
        {
            "DbiResourceId": "db-[A-Z2-7]{26}",
            "Endpoint.Address": r"small-dev-layer-wholedatabase-.+\.rds\.amazonaws\.com",
            "Endpoint.HostedZoneId": "Z[0-9A-Z]+",
            "Endpoint.Port": "5433",
            "MasterUserSecret.SecretArn": f"{_ARN.format('secretsmanager')}:secret:.+",
        },
        ("database instance", "database snapshot", "secret"),
    ),
    Case(
        "DatabaseSecret",
        "SecretsManager::Secret",
        lambda w: {"SecretString": '{"username": "small"}'},
        ".+:secret:DatabaseSecret-.{12}-.{6}",
        {},
        ("secret",),
    ),
    Case(
        "DatabaseAddress",
        "SecretsManager::SecretTargetAttachment",
        lambda w: {
            "SecretId": w.ref("DatabaseSecret"),
            "TargetId": w.ref("WholeDatabase"),
            "TargetType": "AWS::RDS::DBInstance",
        },
        ".+:secret:DatabaseSecret-.{12}-.{6}",
        {"Id": ".+:secret:DatabaseSecret-.{12}-.{6}"},
    ),
    Case(
        "ShardedCache",
        "ElastiCache::ReplicationGroup",
        lambda w: {
            "ReplicationGroupId": "small-shards",
            "ReplicationGroupDescription": "Shards",
            "Engine": "redis",
            "CacheNodeType": "cache.t4g.small",
            "NumNodeGroups": 2,
            "ReplicasPerNodeGroup": 1,
            "AutomaticFailoverEnabled": True,
            "NodeGroupConfiguration": [
                {"NodeGroupId": "0001", "Slots": "0-9999"},
                {"NodeGroupId": "0002", "Slots": "10000-16383"},
            ],
        },
        "small-shards",
        {"ConfigurationEndPoint.Address": "clustercfg.small-shards.+", "ConfigurationEndPoint.Port": "6379"},
        ("cache",),
    ),
    # --- What others send to, run on and sign in with. ---
    Case(
        "Queue",
        "SQS::Queue",
        lambda w: {
            "QueueName": "small-jobs",
            "VisibilityTimeout": 60,
            "DelaySeconds": 5,
            "MessageRetentionPeriod": 86400,
            "ReceiveMessageWaitTimeSeconds": 20,
            "KmsMasterKeyId": w.ref("Key"),
            "KmsDataKeyReusePeriodSeconds": 600,
            "RedriveAllowPolicy": {"redrivePermission": "denyAll"},
            "Tags": TAGS,
        },
        f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/small-jobs",
        {
            "Arn": f"{_ARN.format('sqs')}:small-jobs",
            "QueueName": "small-jobs",
            "QueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/small-jobs",
        },
        things=("queue",),
    ),
    Case(
        "Orders",
        "SQS::Queue",
        lambda w: {
            "FifoQueue": True,
            "ContentBasedDeduplication": True,
            "DeduplicationScope": "messageGroup",
            "FifoThroughputLimit": "perMessageGroupId",
            "SqsManagedSseEnabled": True,
        },
        rf"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/small-dev-layer-Orders-[0-9A-Z]{{12}}\.fifo",
        things=("queue",),
    ),
    Case(
        "QueuePolicy",
        "SQS::QueuePolicy",
        lambda w: {
            "Queues": [w.ref("Queue")],
            "PolicyDocument": _policy("sqs:SendMessage", w.att("Queue", "Arn"), Service="sns.amazonaws.com"),
        },
        "small-dev-layer-QueuePolicy-[0-9A-Z]{12}",
        {"Id": "small-dev-layer-QueuePolicy-[0-9A-Z]{12}"},
    ),
    Case(
        "OrdersPolicy",
        "SQS::QueueInlinePolicy",
        lambda w: {"Queue": w.ref("Orders"), "PolicyDocument": _policy("sqs:*", w.att("Orders", "Arn"), AWS=_ROOT)},
        "https://.+/small-dev-layer-Orders-.+",
    ),
    Case(
        "News",
        "SNS::Topic",
        lambda w: {"DisplayName": "News"},
        ".+:small-dev-layer-News-.+",
        {"DisplayName": "News"},
        ("topic",),
    ),
    Case(
        "NewsPolicy",
        "SNS::TopicInlinePolicy",
        lambda w: {"TopicArn": w.ref("News"), "PolicyDocument": _policy("sns:Publish", w.ref("News"), AWS=_ROOT)},
        ".+:small-dev-layer-News-.+",
    ),
    Case(
        "InlinePolicy",
        "IAM::Policy",
        lambda w: {"PolicyName": "inline", "PolicyDocument": _policy("s3:ListBucket"), "Roles": [w.ref("Role")]},
        "small-dev-layer-InlinePolicy-[0-9A-Z]{12}",
        {"Id": "small-dev-layer-InlinePolicy-[0-9A-Z]{12}"},
    ),
    Case(
        "RolePolicy",
        "IAM::RolePolicy",
        lambda w: {"PolicyName": "one", "PolicyDocument": _policy("s3:ListBucket"), "RoleName": w.ref("Role")},
        r"one\|small-dev-layer-Role-[0-9A-Z]{12}",
    ),
    Case(
        "Profile",
        "IAM::InstanceProfile",
        lambda w: {"Path": "/small/", "Roles": [w.ref("Role")]},
        "small-dev-layer-Profile-[0-9A-Z]{12}",
        {"Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/small/.+"},
        ("instance profile",),
    ),
    Case(
        "LinkedRole",
        "IAM::ServiceLinkedRole",
        lambda w: {"AWSServiceName": "autoscaling.amazonaws.com", "Description": "Scales"},
        "AWSServiceRoleForAutoScaling",
        {"RoleName": "AWSServiceRoleForAutoScaling"},
        ("role",),
    ),
    Case(
        "Members",
        "IAM::Group",
        lambda w: {
            "Path": "/small/",
            "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
            "Policies": [{"PolicyName": "inline", "PolicyDocument": _policy("s3:ListBucket")}],
        },
        "small-dev-layer-Members-[0-9A-Z]{12}",
        {"Arn": f"arn:aws:iam::{ACCOUNT}:group/small/.+"},
    ),
    Case(
        "GroupPolicy",
        "IAM::GroupPolicy",
        lambda w: {"PolicyName": "one", "PolicyDocument": _policy("s3:ListBucket"), "GroupName": w.ref("Members")},
        r"one\|small-dev-layer-Members-[0-9A-Z]{12}",
    ),
    Case(
        "Person",
        "IAM::User",
        lambda w: {
            "UserName": "somebody",
            "Groups": [w.ref("Members")],
            "LoginProfile": {"Password": "Not-To-Be-Shown-1", "PasswordResetRequired": True},
            "ManagedPolicyArns": [w.ref("Access")],
            "PermissionsBoundary": "arn:aws:iam::aws:policy/PowerUserAccess",
            "Tags": TAGS,
        },
        "somebody",
        {"Arn": f"arn:aws:iam::{ACCOUNT}:user/somebody"},
    ),
    Case(
        "PersonPolicy",
        "IAM::UserPolicy",
        lambda w: {"PolicyName": "one", "PolicyDocument": _policy("s3:ListBucket"), "UserName": w.ref("Person")},
        r"one\|somebody",
    ),
    Case(
        "PersonKey", "IAM::AccessKey", lambda w: {"UserName": w.ref("Person")}, "AKIA.+", {"SecretAccessKey": ".{40}"}
    ),
    Case(
        "Membership",
        "IAM::UserToGroupAddition",
        lambda w: {"GroupName": w.ref("Members"), "Users": [w.ref("Person")]},
        "small-dev-layer-Membership-[0-9A-Z]{12}",
        {"Id": "small-dev-layer-Membership-[0-9A-Z]{12}"},
    ),
    Case("LogStream", "Logs::LogStream", lambda w: {"LogGroupName": w.ref("Logs"), "LogStreamName": "first"}, "first"),
    Case(
        "Bus",
        "Events::EventBus",
        lambda w: {
            "Name": "small-bus",
            "Description": "Orders",
            "KmsKeyIdentifier": w.ref("Key"),
            "DeadLetterConfig": {"Arn": w.att("Queue", "Arn")},
            "LogConfig": {"IncludeDetail": "NONE", "Level": "ERROR"},
            "Tags": TAGS,
        },
        "small-bus",
        {"Arn": f"{_ARN.format('events')}:event-bus/small-bus", "Name": "small-bus"},
    ),
    Case(
        "BusPolicy",
        "Events::EventBusPolicy",
        lambda w: {
            "EventBusName": w.ref("Bus"),
            "StatementId": "neighbour",
            "Action": "events:PutEvents",
            "Principal": "111122223333",
        },
        r"small-bus\|neighbour",
    ),
    Case(
        "BusRule",
        "Events::Rule",
        lambda w: {"EventBusName": w.ref("Bus"), "EventPattern": {"source": ["small"]}},
        r"small-bus\|small-dev-layer-BusRule-[0-9A-Z]{12}",
        {"Arn": f"{_ARN.format('events')}:rule/small-bus/small-dev-layer-BusRule-.+"},
    ),
    Case(
        "Kept",
        "Events::Archive",
        lambda w: {
            "SourceArn": w.att("Bus", "Arn"),
            "Description": "A month of orders",
            "EventPattern": {"source": ["small"]},
            "RetentionDays": 30,
        },
        "small-dev-layer-Kept-[0-9A-Z]{12}",
        {"Arn": f"{_ARN.format('events')}:archive/small-dev-layer-Kept-.+"},
    ),
    Case(
        "Hook",
        "Events::Connection",
        lambda w: {
            "AuthorizationType": "API_KEY",
            "AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyName": "key", "ApiKeyValue": "not-to-be-shown"}},
            "Description": "A hook",
        },
        "small-dev-layer-Hook-[0-9A-Z]{12}",
        {
            "Arn": f"{_ARN.format('events')}:connection/small-dev-layer-Hook-.+/{UUID}",
            "ArnForPolicy": f"{_ARN.format('events')}:connection/small-dev-layer-Hook-[0-9A-Z]{{12}}",
            "SecretArn": f"{_ARN.format('secretsmanager')}:secret:events!connection/small-dev-layer-Hook-.+",
        },
        ("secret",),
    ),
    Case(
        "Api",
        "Events::ApiDestination",
        lambda w: {
            "ConnectionArn": w.att("Hook", "Arn"),
            "HttpMethod": "POST",
            "InvocationEndpoint": "https://example.org/hook",
            "InvocationRateLimitPerSecond": 10,
        },
        "small-dev-layer-Api-[0-9A-Z]{12}",
        {"Arn": f"{_ARN.format('events')}:api-destination/small-dev-layer-Api-.+/{UUID}"},
    ),
    Case(
        "Plans",
        "Scheduler::ScheduleGroup",
        lambda w: {"Tags": TAGS},
        "small-dev-layer-Plans-[0-9A-Z]{12}",
        {"Arn": f"{_ARN.format('scheduler')}:schedule-group/small-dev-layer-Plans-.+", "State": "ACTIVE"},
    ),
    Case(
        "Plan",
        "Scheduler::Schedule",
        lambda w: {
            "GroupName": w.ref("Plans"),
            "Description": "Every night",
            "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 60},
            "ScheduleExpression": "cron(0 0 * * ? *)",
            "ScheduleExpressionTimezone": "Europe/Berlin",
            "Target": {"Arn": w.att("Queue", "Arn"), "RoleArn": w.att("Role", "Arn"), "Input": "{}"},
        },
        "small-dev-layer-Plan-[0-9A-Z]{12}",
        {"Arn": f"{_ARN.format('scheduler')}:schedule/small-dev-layer-Plans-.+/small-dev-layer-Plan-.+"},
    ),
    Case(
        "Stream",
        "Kinesis::Stream",
        lambda w: {
            "Name": "small-stream",
            "ShardCount": 2,
            "RetentionPeriodHours": 48,
            "StreamEncryption": {"EncryptionType": "KMS", "KeyId": w.ref("Key")},
            "DesiredShardLevelMetrics": ["IncomingBytes"],
            "MaxRecordSizeInKiB": 2048,
            "Tags": TAGS,
        },
        "small-stream",
        {"Arn": f"{_ARN.format('kinesis')}:stream/small-stream"},
    ),
    Case(
        "Reader",
        "Kinesis::StreamConsumer",
        lambda w: {"ConsumerName": "small-reader", "StreamARN": w.att("Stream", "Arn"), "Tags": TAGS},
        f"{_ARN.format('kinesis')}:stream/small-stream/consumer/small-reader(:.+)?",
        {"ConsumerStatus": "ACTIVE", "ConsumerName": "small-reader"},
    ),
    Case(
        "Forwarded",
        "Logs::SubscriptionFilter",
        lambda w: {
            "LogGroupName": w.ref("Logs"),
            "FilterName": "forwarded",
            "FilterPattern": "ERROR",
            "DestinationArn": w.att("Stream", "Arn"),
            "RoleArn": w.att("Role", "Arn"),
            "Distribution": "Random",
        },
        "forwarded",
    ),
    Case(
        "OwnZone",
        "Route53::HostedZone",
        lambda w: {
            "Name": "example.com",
            "HostedZoneConfig": {"Comment": "A zone of its own"},
            "HostedZoneTags": TAGS,
        },
        "Z[0-9A-Z]+",
        {"Id": "Z[0-9A-Z]+", "NameServers": r"\['ns-.+'\]"},
        things=("hosted zone",),
    ),
    Case(
        "OwnRecords",
        "Route53::RecordSetGroup",
        lambda w: {
            "HostedZoneId": w.ref("OwnZone"),
            "RecordSets": [
                {"Name": f"{name}.example.com.", "Type": "A", "TTL": "300", "ResourceRecords": ["192.0.2.1"]}
                for name in ("one", "two")
            ],
        },
        "small-dev-layer-OwnRecords-0123456789AB",
        {},
        ("record",),
    ),
    Case(
        "Health",
        "Route53::HealthCheck",
        lambda w: {
            "HealthCheckConfig": {
                "Type": "HTTPS",
                "FullyQualifiedDomainName": "api.example.com",
                "ResourcePath": "/health",
                "RequestInterval": 30,
                "FailureThreshold": 3,
                "EnableSNI": True,
            },
            "HealthCheckTags": TAGS,
        },
        UUID,
        {"HealthCheckId": UUID},
    ),
    Case(
        "Identity",
        "CloudFront::CloudFrontOriginAccessIdentity",
        lambda w: {"CloudFrontOriginAccessIdentityConfig": {"Comment": "For the site"}},
        "E[0-9A-Z]{13}",
        {"Id": "E[0-9A-Z]{13}", "S3CanonicalUserId": "[0-9a-f]{64}"},
    ),
    Case(
        "PublicKey",
        "CloudFront::PublicKey",
        lambda w: {
            "PublicKeyConfig": {
                "CallerReference": "one",
                "Name": "small-key",
                "Comment": "Signs addresses",
                "EncodedKey": "-----BEGIN PUBLIC KEY-----\nMFkwEwYH\n-----END PUBLIC KEY-----\n",
            }
        },
        "[0-9A-Z]{14}",
        {"CreatedTime": "20.+Z"},
    ),
    Case(
        "KeyGroup",
        "CloudFront::KeyGroup",
        lambda w: {"KeyGroupConfig": {"Name": "small-keys", "Items": [w.ref("PublicKey")], "Comment": "Signers"}},
        "[0-9A-Z]{14}",
        {"LastModifiedTime": "20.+Z"},
    ),
    Case(
        "KeyValues",
        "CloudFront::KeyValueStore",
        lambda w: {"Name": "small-values", "Comment": "What pages read", "Tags": TAGS},
        "small-values",
        {"Arn": f"arn:aws:cloudfront::{ACCOUNT}:key-value-store/{UUID}", "Id": UUID, "Status": "READY"},
    ),
    Case(
        "Addresses",
        "WAFv2::IPSet",
        lambda w: {
            "Scope": "REGIONAL",
            "IPAddressVersion": "IPV4",
            "Addresses": ["192.0.2.0/24"],
            "Description": "Who may always",
            "Tags": TAGS,
        },
        rf"small-dev-layer-Addresses-0123456789AB\|{UUID}\|REGIONAL",
        {"Arn": f"{_ARN.format('wafv2')}:regional/ipset/.+/{UUID}", "Id": UUID},
    ),
    Case(
        "Expressions",
        "WAFv2::RegexPatternSet",
        lambda w: {
            "Scope": "REGIONAL",
            "Name": "small-expressions",
            "RegularExpressionList": ["^/admin"],
            "Tags": TAGS,
        },
        rf"small-expressions\|{UUID}\|REGIONAL",
        {"Id": UUID},
    ),
    Case(
        "WafRules",
        "WAFv2::RuleGroup",
        lambda w: {
            "Scope": "REGIONAL",
            "Name": "small-rules",
            "Capacity": 10,
            "VisibilityConfig": _visible("small-rules"),
            "Rules": [
                {
                    "Name": "known",
                    "Priority": 0,
                    "Action": {"Count": {}},
                    "RuleLabels": [{"Name": "small:known"}],
                    "Statement": {"IPSetReferenceStatement": {"Arn": w.att("Addresses", "Arn")}},
                    "VisibilityConfig": _visible("known"),
                }
            ],
        },
        rf"small-rules\|{UUID}\|REGIONAL",
        {"Arn": f"{_ARN.format('wafv2')}:regional/rulegroup/.+", "LabelNamespace": f"awswaf:{ACCOUNT}:rulegroup:.+"},
    ),
    Case(
        "DeployApplication",
        "CodeDeploy::Application",
        lambda w: {"ComputePlatform": "Server", "Tags": TAGS},
        "small-dev-layer-DeployApplication-0123456789AB",
        things=("CodeDeploy application",),
    ),
    Case(
        "DeployConfig",
        "CodeDeploy::DeploymentConfig",
        lambda w: {"ComputePlatform": "Server", "MinimumHealthyHosts": {"Type": "HOST_COUNT", "Value": 1}},
        "small-dev-layer-DeployConfig-0123456789AB",
    ),
    Case(
        "DeployGroup",
        "CodeDeploy::DeploymentGroup",
        lambda w: {
            "ApplicationName": w.ref("DeployApplication"),
            "DeploymentConfigName": w.ref("DeployConfig"),
            "ServiceRoleArn": f"arn:aws:iam::{ACCOUNT}:role/deployer",
            "AutoScalingGroups": ["small-web"],
            "AlarmConfiguration": {"Enabled": True, "Alarms": [{"Name": "small-unhealthy"}]},
            "AutoRollbackConfiguration": {"Enabled": True, "Events": ["DEPLOYMENT_FAILURE"]},
            "DeploymentStyle": {"DeploymentType": "IN_PLACE", "DeploymentOption": "WITHOUT_TRAFFIC_CONTROL"},
            "Tags": TAGS,
        },
        "small-dev-layer-DeployGroup-0123456789AB",
    ),
    Case(
        "Table",
        "DynamoDB::Table",
        lambda w: {
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "owner")],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "by-owner",
                    "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["title"]},
                    "ContributorInsightsSpecification": {"Enabled": True},
                }
            ],
            "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
            "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": w.ref("Key")},
            "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7},
            "TableClass": "STANDARD_INFREQUENT_ACCESS",
            "OnDemandThroughput": {"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 50},
            "ResourcePolicy": {"PolicyDocument": _policy("dynamodb:GetItem", AWS=_ROOT)},
            "Tags": TAGS,
        },
        "small-dev-layer-Table-0123456789AB",
        {"Arn": f"{_ARN.format('dynamodb')}:table/.+", "StreamArn": f"{_ARN.format('dynamodb')}:table/.+/stream/20.+"},
        things=("table",),
    ),
    Case(
        "GlobalTable",
        "DynamoDB::GlobalTable",
        lambda w: {
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
            "WriteOnDemandThroughputSettings": {"MaxWriteRequestUnits": 50},
            "Replicas": [
                {"Region": REGION, "DeletionProtectionEnabled": False, "Tags": TAGS},
                {
                    "Region": SECOND,
                    "TableClass": "STANDARD_INFREQUENT_ACCESS",
                    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                },
            ],
        },
        "small-dev-layer-GlobalTable-0123456789AB",
        {"TableId": UUID, "Arn": f"{_ARN.format('dynamodb')}:table/.+"},
        things=("table",),
    ),
    Case(
        "RunnerRole",
        "IAM::Role",
        lambda w: {"RoleName": "small-runner", "AssumeRolePolicyDocument": _policy_for("lambda.amazonaws.com")},
        "small-runner",
        {"Arn": f"arn:aws:iam::{ACCOUNT}:role/small-runner"},
        ("role",),
    ),
    Case(
        "Runner",
        "Lambda::Function",
        lambda w: {
            "Code": {"ZipFile": "def handler(event, context):\n    return event\n"},
            "Handler": "index.handler",
            "Runtime": "python3.12",
            "Role": w.att("RunnerRole", "Arn"),
            "Description": "Runs",
            "Timeout": 30,
            "MemorySize": 512,
            "Environment": {"Variables": {"TABLE": w.ref("Table")}},
            "TracingConfig": {"Mode": "Active"},
            "VpcConfig": {"SubnetIds": [w.ref("SubnetA")], "SecurityGroupIds": [w.ref("Group")]},
            "DeadLetterConfig": {"TargetArn": f"{_ARN.format('sqs')}:dead"},
            "LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "INFO"},
            "EphemeralStorage": {"Size": 1024},
            "Architectures": ["arm64"],
            "KmsKeyArn": w.att("Key", "Arn"),
            "ReservedConcurrentExecutions": 5,
            "Tags": TAGS,
        },
        "small-dev-layer-Runner-0123456789AB",
        {"Arn": f"{_ARN.format('lambda')}:function:small-dev-layer-Runner-0123456789AB"},
        things=("lambda function",),
    ),
    Case(
        "MayRun",
        "Lambda::Permission",
        lambda w: {
            "FunctionName": w.att("Runner", "Arn"),
            "Action": "lambda:InvokeFunction",
            "Principal": "events.amazonaws.com",
            "SourceArn": f"{_ARN.format('events')}:rule/small-nightly",
            "SourceAccount": ACCOUNT,
        },
        "small-dev-layer-MayRun-0123456789AB",
        {"Id": "small-dev-layer-MayRun-0123456789AB"},
    ),
    Case(
        "RunnerVersion",
        "Lambda::Version",
        lambda w: {"FunctionName": w.ref("Runner"), "Description": "The first"},
        f"{_ARN.format('lambda')}:function:.+:1",
        {"Version": "1"},
    ),
    Case(
        "RunnerAlias",
        "Lambda::Alias",
        lambda w: {
            "FunctionName": w.ref("Runner"),
            "FunctionVersion": w.att("RunnerVersion", "Version"),
            "Name": "live",
        },
        f"{_ARN.format('lambda')}:function:.+:live",
        {"AliasArn": ".+:live"},
    ),
    Case(
        "RunnerSource",
        "Lambda::EventSourceMapping",
        lambda w: {
            "FunctionName": w.ref("Runner"),
            "EventSourceArn": w.att("Table", "StreamArn"),
            "StartingPosition": "LATEST",
            "BatchSize": 10,
            "MaximumRetryAttempts": 3,
            "BisectBatchOnFunctionError": True,
            "FilterCriteria": {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]},
        },
        UUID,
        {"Id": UUID, "EventSourceMappingArn": f"{_ARN.format('lambda')}:event-source-mapping:{UUID}"},
    ),
    Case(
        "RunnerUrl",
        "Lambda::Url",
        lambda w: {
            "TargetFunctionArn": w.att("Runner", "Arn"),
            "AuthType": "AWS_IAM",
            "Cors": {"AllowOrigins": ["https://example.org"]},
        },
        f"{_ARN.format('lambda')}:function:.+",
        {"FunctionUrl": r"https://[0-9a-z]{32}\.lambda-url\.us-east-1\.on\.aws/"},
    ),
    Case(
        "RestApi",
        "ApiGateway::RestApi",
        lambda w: {
            "Name": "small-api",
            "Description": "The API of small",
            "EndpointConfiguration": {"Types": ["REGIONAL"]},
            "BinaryMediaTypes": ["image/png"],
            "MinimumCompressionSize": 1024,
            "Policy": _policy("execute-api:Invoke", AWS="*"),
            "Tags": TAGS,
        },
        "[0-9a-z]{10}",
        {"RestApiId": "[0-9a-z]{10}", "RootResourceId": "[0-9a-z]{10}"},
        things=("REST API",),
    ),
    Case(
        "ApiResource",
        "ApiGateway::Resource",
        lambda w: {"RestApiId": w.ref("RestApi"), "ParentId": w.att("RestApi", "RootResourceId"), "PathPart": "orders"},
        "[0-9a-z]{10}",
        {"ResourceId": "[0-9a-z]{10}"},
    ),
    Case(
        "ApiMethod",
        "ApiGateway::Method",
        lambda w: {
            "RestApiId": w.ref("RestApi"),
            "ResourceId": w.ref("ApiResource"),
            "HttpMethod": "POST",
            "AuthorizationType": "AWS_IAM",
            "ApiKeyRequired": True,
            "RequestParameters": {"method.request.querystring.page": False},
            "MethodResponses": [{"StatusCode": "200", "ResponseModels": {"application/json": "Empty"}}],
            "Integration": {
                "Type": "AWS",
                "IntegrationHttpMethod": "POST",
                "Uri": f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/x/invocations",
                "PassthroughBehavior": "WHEN_NO_MATCH",
                "TimeoutInMillis": 5000,
                "IntegrationResponses": [
                    {"StatusCode": "200", "ResponseTemplates": {"application/json": "$input.body"}}
                ],
            },
        },
        "small-ApiMe-0123456789AB",
    ),
    Case(
        "ApiDeployment",
        "ApiGateway::Deployment",
        lambda w: {"RestApiId": w.ref("RestApi"), "Description": "The first"},
        "[0-9a-z]{10}",
        {"DeploymentId": "[0-9a-z]{10}"},
    ),
    Case(
        "ApiStage",
        "ApiGateway::Stage",
        lambda w: {
            "RestApiId": w.ref("RestApi"),
            "DeploymentId": w.ref("ApiDeployment"),
            "StageName": "live",
            "Variables": {"colour": "green"},
            "TracingEnabled": True,
            "MethodSettings": [
                {"ResourcePath": "/*", "HttpMethod": "*", "LoggingLevel": "INFO", "MetricsEnabled": True}
            ],
            "AccessLogSetting": {
                "DestinationArn": f"{_ARN.format('logs')}:log-group:api",
                "Format": "$context.requestId",
            },
            "Tags": TAGS,
        },
        "live",
    ),
    Case(
        "Machine",
        "StepFunctions::StateMachine",
        lambda w: {
            "DefinitionString": '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "${Word}", "End": true}}}',
            "DefinitionSubstitutions": {"Word": "hello"},
            "RoleArn": w.att("RunnerRole", "Arn"),
            "StateMachineType": "EXPRESS",
            "TracingConfiguration": {"Enabled": True},
            "Tags": TAGS,
        },
        f"{_ARN.format('states')}:stateMachine:small-dev-layer-Machine-0123456789AB",
        {"Name": "small-dev-layer-Machine-0123456789AB", "StateMachineRevisionId": "INITIAL"},
        things=("state machine",),
    ),
    Case(
        "Files",
        "EFS::FileSystem",
        lambda w: {
            "Encrypted": True,
            "KmsKeyId": w.ref("Key"),
            "ThroughputMode": "elastic",
            "BackupPolicy": {"Status": "ENABLED"},
            "LifecyclePolicies": [{"TransitionToIA": "AFTER_30_DAYS"}],
            "FileSystemTags": TAGS,
        },
        "fs-[0-9a-f]{17}",
        {"Arn": f"{_ARN.format('elasticfilesystem')}:file-system/fs-.+", "FileSystemId": "fs-.+"},
        things=("file system",),
    ),
    Case(
        "FilesTarget",
        "EFS::MountTarget",
        lambda w: {
            "FileSystemId": w.ref("Files"),
            "SubnetId": w.ref("SubnetA"),
            "SecurityGroups": [w.ref("Group")],
        },
        "fsmt-[0-9a-f]{17}",
        {"Id": "fsmt-.+", "IpAddress": r"10\.0\..+"},
        ("network interface",),
    ),
    Case(
        "FilesPoint",
        "EFS::AccessPoint",
        lambda w: {
            "FileSystemId": w.ref("Files"),
            "PosixUser": {"Uid": "1000", "Gid": "1000"},
            "RootDirectory": {"Path": "/data"},
            "AccessPointTags": TAGS,
        },
        "fsap-[0-9a-f]{17}",
        {"AccessPointId": "fsap-.+", "Arn": f"{_ARN.format('elasticfilesystem')}:access-point/fsap-.+"},
    ),
    Case(
        "People",
        "Cognito::UserPool",
        lambda w: {
            "UserPoolName": "small-people",
            "AutoVerifiedAttributes": ["email"],
            "UsernameAttributes": ["email"],
            "MfaConfiguration": "OPTIONAL",
            "EnabledMfas": ["SOFTWARE_TOKEN_MFA"],
            "Policies": {"PasswordPolicy": {"MinimumLength": 12, "RequireNumbers": True}},
            "Schema": [{"Name": "team", "AttributeDataType": "String", "Mutable": True}],
            "DeletionProtection": "INACTIVE",
            "UserPoolTags": {"Name": "small-people"},
        },
        "us-east-1_[0-9A-Za-z]{9}",
        {"ProviderName": "cognito-idp.us-east-1.amazonaws.com/us-east-1_.+", "Arn": ".+:userpool/us-east-1_.+"},
        things=("user pool",),
    ),
    Case(
        "PeopleClient",
        "Cognito::UserPoolClient",
        lambda w: {
            "UserPoolId": w.ref("People"),
            "GenerateSecret": True,
            "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"],
            "CallbackURLs": ["https://example.org/back"],
        },
        "[0-9a-z]{26}",
        {"ClientId": "[0-9a-z]{26}", "Name": "small-dev-layer-PeopleClient-0123456789AB", "ClientSecret": ".+"},
    ),
    Case(
        "RunnerInvocation",
        "Lambda::EventInvokeConfig",
        lambda w: {"FunctionName": w.ref("Runner"), "Qualifier": "$LATEST", "MaximumRetryAttempts": 1},
        r"small-dev-layer-Runner-0123456789AB\|\$LATEST",
    ),
    Case(
        "ApiAuthorizer",
        "ApiGateway::Authorizer",
        lambda w: {
            "RestApiId": w.ref("RestApi"),
            "Name": "people",
            "Type": "COGNITO_USER_POOLS",
            "ProviderARNs": [w.att("People", "Arn")],
            "IdentitySource": "method.request.header.Authorization",
        },
        "[0-9a-z]{6,10}",
        {"AuthorizerId": "[0-9a-z]{6,10}"},
    ),
    Case(
        "ApiModel",
        "ApiGateway::Model",
        lambda w: {"RestApiId": w.ref("RestApi"), "ContentType": "application/json", "Schema": {"type": "object"}},
        "[0-9A-Za-z]+",
    ),
    Case(
        "ApiRefusal",
        "ApiGateway::GatewayResponse",
        lambda w: {
            "RestApiId": w.ref("RestApi"),
            "ResponseType": "UNAUTHORIZED",
            "StatusCode": "401",
            "ResponseTemplates": {"application/json": "nobody"},
        },
        "small-dev-layer-ApiRefusal-0123456789AB",
        {"Id": "small-.+"},
    ),
    Case(
        "ApiValidator",
        "ApiGateway::RequestValidator",
        lambda w: {"RestApiId": w.ref("RestApi"), "ValidateRequestBody": True, "ValidateRequestParameters": False},
        "[0-9a-z]{6,10}",
        {"RequestValidatorId": "[0-9a-z]{6,10}"},
    ),
    Case(
        "ApiKey",
        "ApiGateway::ApiKey",
        lambda w: {"Enabled": True, "Description": "For the shop", "Tags": TAGS},
        "[0-9a-z]{10}",
        {"APIKeyId": "[0-9a-z]{10}"},
    ),
    Case(
        "ApiPlan",
        "ApiGateway::UsagePlan",
        lambda w: {
            "ApiStages": [{"ApiId": w.ref("RestApi"), "Stage": w.ref("ApiStage")}],
            "Throttle": {"RateLimit": 10, "BurstLimit": 20},
            "Quota": {"Limit": 1000, "Period": "DAY"},
            "Tags": TAGS,
        },
        "[0-9a-z]{6,10}",
        {"Id": "[0-9a-z]{6,10}"},
    ),
    Case(
        "ApiPlanKey",
        "ApiGateway::UsagePlanKey",
        lambda w: {"UsagePlanId": w.ref("ApiPlan"), "KeyId": w.ref("ApiKey"), "KeyType": "API_KEY"},
        "[0-9a-z]{10}:[0-9a-z]{6,10}",
        {"Id": ".+:.+"},
    ),
    Case(
        "ApiAccount",
        "ApiGateway::Account",
        lambda w: {"CloudWatchRoleArn": w.att("RunnerRole", "Arn")},
        "small-dev-layer-ApiAccount-0123456789AB",
        {"Id": "small-.+"},
    ),
    Case(
        "Activity",
        "StepFunctions::Activity",
        lambda w: {"Name": "small-activity", "Tags": TAGS},
        f"{_ARN.format('states')}:activity:small-activity",
        {"Arn": ".+", "Name": "small-activity"},
    ),
    Case(
        "PeopleGroup",
        "Cognito::UserPoolGroup",
        lambda w: {"UserPoolId": w.ref("People"), "GroupName": "admins", "Description": "Who may", "Precedence": 1},
        "admins",
    ),
    Case(
        "PeopleDomain",
        "Cognito::UserPoolDomain",
        lambda w: {"UserPoolId": w.ref("People"), "Domain": "small-people"},
        "small-people",
        {"CloudFrontDistribution": ".+"},
    ),
    Case(
        "Macro",
        "CloudFormation::Macro",
        lambda w: {"Name": "SmallMacro", "FunctionName": w.att("Runner", "Arn")},
        "SmallMacro",
        {"Id": "SmallMacro"},
    ),
    Case("Note", "CDK::Metadata", lambda w: {"Analytics": "v2:deflate64:one"}, UUID),
)


def make(account: SimulatedAccount, kind: str, name: str, properties: dict[str, Any]) -> Made:
    """Make one resource through its recipe."""
    handler = find(f"AWS::{kind}", account.client)
    assert handler is not None, kind
    stack_id = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/small-dev-layer/1"
    return handler(
        Wanted(f"AWS::{kind}", name, "small-dev-layer", stack_id, f"small-dev-layer-{name}-0123456789AB", properties)
    )


def prepare(account: SimulatedAccount, world: World) -> None:
    """Make what no case is about: a hosted zone, and buckets for logs and copies."""
    zone = account.client("route53").create_hosted_zone(Name=ZONE, CallerReference="small")["HostedZone"]["Id"]
    world["Zone"] = Made(zone.rpartition("/")[2], dict[str, Any]().__getitem__, lambda _snapshot: None)
    s3 = account.client("s3")
    s3.create_bucket(Bucket=LOGS)
    s3.create_bucket(Bucket=COPIES)
    s3.put_bucket_versioning(Bucket=COPIES, VersioningConfiguration={"Status": "Enabled"})
