"""What a resource costs follows from what it is set to, in its environment and over its stacks."""

from __future__ import annotations

import pytest

from stackproof import parse_template
from stackproof.compose.templates import deployment_of_templates
from stackproof.estimate import Estimate, estimate

GROUP = """\
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        InstanceType: t3.large
        BlockDeviceMappings: [{DeviceName: /dev/xvda, Ebs: {VolumeSize: 20}}, {DeviceName: b, VirtualName: c}]
        %s
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties: {MinSize: '2', MaxSize: '10', LaunchTemplate: {LaunchTemplateId: !Ref Template, Version: '1'}}
"""
SERVICE = """\
  Task: {Type: AWS::ECS::TaskDefinition, Properties: {Cpu: '512', Memory: '1024'%s}}
  Service: {Type: AWS::ECS::Service, Properties: {TaskDefinition: !Ref Task%s}}
"""
TARGET = """\
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties: {MinCapacity: 2, MaxCapacity: 4, ResourceId: !Sub 'service/a/${Service.Name}'}
"""
DATABASE = (
    "  Data: {Type: AWS::RDS::DBInstance, Properties: {DBInstanceClass: db.t3.micro, AllocatedStorage: '20'%s}}\n"
)
REPLICA = (
    "  Replica: {Type: AWS::RDS::DBInstance, "
    "Properties: {DBInstanceClass: db.t3.small, SourceDBInstanceIdentifier: !Ref Data}}\n"
)
BALANCER = "  Web: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: [a, b]%s}}\n"


def _estimate(resources: str) -> Estimate:
    return estimate(deployment_of_templates({"shop": parse_template(f"Resources:\n{resources}")}))


# Resources, the last line's words, fewest and most US dollars a month.
PRICED = {
    "instances and disks": (GROUP % "Monitoring: {Enabled: true}", "2-10 x t3.large with 20 GiB", 124.67, 623.36),
    "instances on Spot": (
        GROUP % "InstanceMarketOptions: {MarketType: spot}",
        "2-10 x t3.large on Spot with 20 GiB",
        39.64,
        198.21,
    ),
    "tasks that scale": (SERVICE % ("", "") + TARGET, "2-4 tasks of 0.5 vCPU and 1 GiB", 36.04, 72.08),
    "tasks that do not": (SERVICE % ("", ", DesiredCount: 3"), "3 tasks of 0.5 vCPU and 1 GiB", 54.06, 54.06),
    "tasks on ARM": (
        SERVICE % (", RuntimePlatform: {CpuArchitecture: ARM64}", ""),
        "1 tasks of 0.5 vCPU and 1 GiB",
        14.42,
        14.42,
    ),
    "tasks on Spot": (
        SERVICE % ("", ", CapacityProviderStrategy: [{CapacityProvider: FARGATE_SPOT, Weight: 1}]"),
        "1 tasks of 0.5 vCPU and 1 GiB on Spot",
        5.41,
        5.41,
    ),
    "database": (DATABASE % "", "db.t3.micro, 20 GiB", 15.44, 15.44),
    "database that grows": (DATABASE % ", MaxAllocatedStorage: 100", "db.t3.micro, 20-100 GiB", 15.44, 24.64),
    "database with a standby": (DATABASE % ", MultiAZ: 'true'", "db.t3.micro with a standby, 20 GiB", 30.88, 30.88),
    "replica with its source's storage": (DATABASE % "" + REPLICA, "db.t3.small, 20 GiB", 28.58, 28.58),
    "cache": (
        "  Cache: {Type: AWS::ElastiCache::ReplicationGroup, "
        "Properties: {CacheNodeType: cache.t3.medium, NumCacheClusters: 2}}\n",
        "2 x cache.t3.medium",
        99.28,
        99.28,
    ),
    "public load balancer": (BALANCER % "", "load balancer with 2 public addresses", 23.73, 23.73),
    "internal load balancer": (BALANCER % ", Scheme: internal", "load balancer with 0 public addresses", 16.43, 16.43),
    "interface endpoint": (
        "  Gate: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcEndpointType: Interface, SubnetIds: [a, b, c]}}\n",
        "endpoint in 3 subnets",
        21.9,
        21.9,
    ),
    "web ACL": (
        "  Acl: {Type: AWS::WAFv2::WebACL, Properties: {Rules: [{Name: a}, {Name: b}]}}\n",
        "web ACL with 2 rules",
        7.0,
        7.0,
    ),
    "secret in two regions": (
        "  Secret: {Type: AWS::SecretsManager::Secret, Properties: {ReplicaRegions: [{Region: us-west-2}]}}\n",
        "secret",
        0.8,
        0.8,
    ),
}


@pytest.mark.parametrize(("resources", "what", "low", "high"), PRICED.values(), ids=PRICED)
def test_price(resources: str, what: str, low: float, high: float) -> None:
    line = _estimate(resources).lines[-1]
    assert (line.what, round(line.low, 2), round(line.high, 2)) == (what, low, high)


def test_sum() -> None:
    """The lines add up, and each names its layer and resource."""
    found = _estimate(DATABASE % ", MaxAllocatedStorage: 100" + REPLICA)
    assert [(line.layer, line.logical_id) for line in found.lines] == [("shop", "Data"), ("shop", "Replica")]
    assert (round(found.low, 2), round(found.high, 2)) == (44.02, 62.42)


def test_what_is_paid_by_use_is_named() -> None:
    """Traffic cannot be read from a template."""
    free = "  Vpc: {Type: AWS::EC2::VPC}\n  Gate: {Type: AWS::EC2::VPCEndpoint}\n"
    assert _estimate(f"  Bucket: {{Type: AWS::S3::Bucket}}\n{free}") == Estimate((), ("AWS::S3::Bucket",), ())


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        (DATABASE.replace("db.t3.micro", "db.z9.huge") % "", "shop/Data: no price of db.z9.huge is known"),
        (DATABASE.replace("db.t3.micro", "!ImportValue a") % "", "shop/Data: DBInstanceClass is ${Fn::ImportValue a}"),
        ("  Node: {Type: AWS::Redshift::Cluster}\n", "shop/Node: no price of AWS::Redshift::Cluster is known"),
        (
            "  Group: {Type: AWS::AutoScaling::AutoScalingGroup, Properties: {MinSize: 1, MaxSize: 1, "
            "LaunchTemplate: {LaunchTemplateId: lt-1}}}\n",
            "shop/Group: no price of a group without a launch template of its own is known",
        ),
        (
            "  Service: {Type: AWS::ECS::Service, Properties: {TaskDefinition: web}}\n",
            "shop/Service: no price of a service without a task definition of its own is known",
        ),
    ],
)
def test_what_is_not_known_is_named(resources: str, reason: str) -> None:
    """Nothing is priced at nothing because nobody knows it."""
    (found,) = _estimate(resources).unknown
    assert found.startswith(reason)
