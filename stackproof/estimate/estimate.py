"""What the resources of a deployment cost in a month: what stands there, not what passes through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stackproof.compose.deployment import Deployment
from stackproof.estimate import prices
from stackproof.resolve.stack import Resource
from stackproof.resolve.values import Undecidable

BY_USE = (
    "AWS::S3::Bucket",
    "AWS::CloudFront::Distribution",
    "AWS::Logs::LogGroup",
    "AWS::ECR::Repository",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::CloudTrail::Trail",
    "AWS::EC2::FlowLog",
    "AWS::Lambda::Function",
    "AWS::DynamoDB::Table",
)
"""Types whose price is mostly what is done with them; an estimate names them and counts nothing."""

FREE = (
    "AWS::ApplicationAutoScaling::",
    "AWS::AutoScaling::ScalingPolicy",
    "AWS::Budgets::Budget",
    "AWS::CertificateManager::Certificate",
    "AWS::CloudFront::",
    "AWS::EC2::EgressOnlyInternetGateway",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::LaunchTemplate",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::Route",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Subnet",
    "AWS::EC2::VPCCidrBlock",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::ECS::Cluster",
    "AWS::ECS::TaskDefinition",
    "AWS::ElastiCache::ParameterGroup",
    "AWS::ElastiCache::SubnetGroup",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::Events::Rule",
    "AWS::IAM::",
    "AWS::KMS::Alias",
    "AWS::Logs::Delivery",
    "AWS::Logs::MetricFilter",
    "AWS::Logs::ResourcePolicy",
    "AWS::RDS::DBParameterGroup",
    "AWS::RDS::DBSubnetGroup",
    "AWS::Route53::RecordSet",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SSM::Parameter",
    "AWS::SecretsManager::SecretTargetAttachment",
    "AWS::WAFv2::LoggingConfiguration",
    "AWS::WAFv2::WebACLAssociation",
)
"""Beginnings of types that cost nothing by themselves."""


@dataclass(frozen=True, slots=True)
class Line:
    """The price of one resource.

    Attributes:
        layer: the layer that holds it.
        logical_id: the resource.
        what: what is paid for, such as ``2-10 x t3.large``.
        low: US dollars a month with the fewest instances or tasks.
        high: US dollars a month with the most.
    """

    layer: str
    logical_id: str
    what: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """The prices of one environment.

    Attributes:
        lines: in deploy order.
        by_use: types that are paid by use, and that no line counts.
        unknown: resources whose price is not known, with the reason.
    """

    lines: tuple[Line, ...]
    by_use: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def low(self) -> float:
        """US dollars a month with the fewest instances and tasks."""
        return sum(line.low for line in self.lines)

    @property
    def high(self) -> float:
        """US dollars a month with the most."""
        return sum(line.high for line in self.lines)


def estimate(deployment: Deployment) -> Estimate:
    """Return what a deployment costs in a month, at the list prices of `stackproof.estimate.prices`."""
    lines: list[Line] = []
    unknown: list[str] = []
    for resource in deployment.resources:
        pricer = _PRICERS.get(resource.type)
        if pricer is None:
            if not resource.type.startswith(FREE) and resource.type not in (*BY_USE, "AWS::EC2::VPC"):
                unknown.append(f"{resource.stack}/{resource.logical_id}: no price of {resource.type} is known")
            continue
        try:
            lines += pricer(resource, deployment)
        except (KeyError, Undecidable) as reason:
            why = reason.reason if isinstance(reason, Undecidable) else f"no price of {reason.args[0]} is known"
            unknown.append(f"{resource.stack}/{resource.logical_id}: {why}")
    by_use = tuple(kind for kind in BY_USE if deployment.of_type(kind))
    return Estimate(tuple(lines), by_use, tuple(unknown))


Pricer = Callable[[Resource, Deployment], Iterator[Line]]


def _line(resource: Resource, what: str, low: float, high: float | None = None) -> Line:
    return Line(resource.stack, resource.logical_id, what, low, low if high is None else high)


def _flat(what: str, month: float) -> Pricer:
    """Return how a resource is priced that costs the same whatever it is set to."""

    def price(resource: Resource, _deployment: Deployment) -> Iterator[Line]:
        yield _line(resource, what, month)

    return price


def _span(low: int, high: int) -> str:
    return f"{low}" if low == high else f"{low}-{high}"


def _instance_group(group: Resource, deployment: Deployment) -> Iterator[Line]:
    low, high = group.integer("MinSize"), group.integer("MaxSize")
    template = deployment.follow(group.block("LaunchTemplate").get("LaunchTemplateId"))
    if template is None:
        raise KeyError("a group without a launch template of its own")
    data = template.block("LaunchTemplateData")
    kind = data.text("InstanceType")
    disks = sum(
        device.block("Ebs").integer("VolumeSize") for device in data.items_of("BlockDeviceMappings") if "Ebs" in device
    )
    spot = "InstanceMarketOptions" in data
    hourly = prices.INSTANCES[kind] * (prices.SPOT_SHARE if spot else 1)
    month = hourly * prices.HOURS + disks * prices.VOLUME_GIB
    what = f"{_span(low, high)} x {kind}{' on Spot' if spot else ''} with {disks} GiB"
    yield _line(group, what, low * month, high * month)


def _database(database: Resource, deployment: Deployment) -> Iterator[Line]:
    kind = database.text("DBInstanceClass")
    source = deployment.follow(database.get("SourceDBInstanceIdentifier"))
    storage = (source or database).integer("AllocatedStorage")
    most = (source or database).integer("MaxAllocatedStorage", storage)
    copies = 2 if database.boolean("MultiAZ") else 1
    hourly = prices.DATABASES[kind] * copies
    gib = prices.DATABASE_GIB * copies
    what = f"{kind}{' with a standby' if copies == 2 else ''}, {_span(storage, most)} GiB"
    yield _line(database, what, hourly * prices.HOURS + storage * gib, hourly * prices.HOURS + most * gib)


def _cache(cache: Resource, _deployment: Deployment) -> Iterator[Line]:
    kind, nodes = cache.text("CacheNodeType"), cache.integer("NumCacheClusters", 1)
    yield _line(cache, f"{nodes} x {kind}", nodes * prices.CACHES[kind] * prices.HOURS)


def _service(service: Resource, deployment: Deployment) -> Iterator[Line]:
    task = deployment.follow(service.get("TaskDefinition"))
    if task is None:
        raise KeyError("a service without a task definition of its own")
    low, high = _tasks(service, deployment)
    cpu, memory = task.integer("Cpu") / 1024, task.integer("Memory") / 1024
    platform = task.block("RuntimePlatform") if "RuntimePlatform" in task else None
    arm = platform is not None and platform.text("CpuArchitecture") == "ARM64"
    spot = any("SPOT" in item.text("CapacityProvider") for item in service.items_of("CapacityProviderStrategy"))
    share = (prices.ARM_SHARE if arm else 1) * (prices.SPOT_SHARE if spot else 1)
    month = (cpu * prices.FARGATE_CPU + memory * prices.FARGATE_GIB) * prices.HOURS * share
    what = f"{_span(low, high)} tasks of {cpu:g} vCPU and {memory:g} GiB{' on Spot' if spot else ''}"
    yield _line(service, what, low * month, high * month)


def _tasks(service: Resource, deployment: Deployment) -> tuple[int, int]:
    """Return the fewest and the most tasks: what scaling is bound to, or the desired count."""
    for target in deployment.users_of(service):
        if target.type == "AWS::ApplicationAutoScaling::ScalableTarget":
            return target.integer("MinCapacity"), target.integer("MaxCapacity")
    count = service.integer("DesiredCount", 1)
    return count, count


def _load_balancer(balancer: Resource, _deployment: Deployment) -> Iterator[Line]:
    zones = len(balancer.items_of("Subnets"))
    addresses = zones if balancer.text("Scheme", "internet-facing") == "internet-facing" else 0
    hourly = prices.LOAD_BALANCER + addresses * prices.PUBLIC_ADDRESS
    yield _line(balancer, f"load balancer with {addresses} public addresses", hourly * prices.HOURS)


def _web_acl(acl: Resource, _deployment: Deployment) -> Iterator[Line]:
    rules = len(acl.items_of("Rules"))
    yield _line(acl, f"web ACL with {rules} rules", prices.WEB_ACL + rules * prices.WEB_ACL_RULE)


def _endpoint(endpoint: Resource, _deployment: Deployment) -> Iterator[Line]:
    """A gateway endpoint is free; an interface endpoint is paid in each subnet."""
    if endpoint.text("VpcEndpointType", "Gateway") != "Gateway":
        subnets = len(endpoint.items_of("SubnetIds"))
        yield _line(endpoint, f"endpoint in {subnets} subnets", subnets * prices.ENDPOINT * prices.HOURS)


def _secret(secret: Resource, _deployment: Deployment) -> Iterator[Line]:
    copies = 1 + len(secret.items_of("ReplicaRegions"))
    yield _line(secret, "secret", copies * prices.SECRET)


def _address(address: Resource, deployment: Deployment) -> Iterator[Line]:
    used = any(isinstance(user, Resource) for user in deployment.users_of(address))
    yield _line(address, "public address" if used else "idle public address", prices.PUBLIC_ADDRESS * prices.HOURS)


_PRICERS: dict[str, Pricer] = {
    "AWS::AutoScaling::AutoScalingGroup": _instance_group,
    "AWS::RDS::DBInstance": _database,
    "AWS::ElastiCache::ReplicationGroup": _cache,
    "AWS::ECS::Service": _service,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _load_balancer,
    "AWS::EC2::NatGateway": _flat("NAT gateway", prices.NAT_GATEWAY * prices.HOURS),
    "AWS::EC2::EIP": _address,
    "AWS::EC2::VPCEndpoint": _endpoint,
    "AWS::KMS::Key": _flat("key", prices.KEY),
    "AWS::SecretsManager::Secret": _secret,
    "AWS::CloudWatch::Alarm": _flat("alarm", prices.ALARM),
    "AWS::CloudWatch::CompositeAlarm": _flat("composite alarm", prices.COMPOSITE_ALARM),
    "AWS::CloudWatch::Dashboard": _flat("dashboard", prices.DASHBOARD),
    "AWS::WAFv2::WebACL": _web_acl,
}
