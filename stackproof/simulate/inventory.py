"""What an account holds, asked of the services themselves: the proof that a deletion left nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Thing:
    """One thing that an account holds.

    Attributes:
        kind: what a tester would call it, such as ``VPC``.
        id: its id, name or ARN.
    """

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


@dataclass(frozen=True, slots=True)
class _Listing:
    """How the things of one kind are listed.

    Attributes:
        items: where they stand in the answer: keys with dots; a list on the way is gone through.
        id: the key of a thing's id.
        gone: key and values that say that a thing is on its way out.
    """

    kind: str
    service: str
    operation: str
    items: str
    id: str
    gone: tuple[str, tuple[str, ...]] | None = None


_LISTINGS = (
    _Listing("VPC", "ec2", "describe_vpcs", "Vpcs", "VpcId"),
    _Listing("subnet", "ec2", "describe_subnets", "Subnets", "SubnetId"),
    _Listing("internet gateway", "ec2", "describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    _Listing(
        "NAT gateway", "ec2", "describe_nat_gateways", "NatGateways", "NatGatewayId", ("State", ("deleted", "deleting"))
    ),
    _Listing("elastic IP address", "ec2", "describe_addresses", "Addresses", "AllocationId"),
    _Listing("route table", "ec2", "describe_route_tables", "RouteTables", "RouteTableId"),
    _Listing("security group", "ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
    _Listing("network ACL", "ec2", "describe_network_acls", "NetworkAcls", "NetworkAclId"),
    _Listing(
        "VPC endpoint",
        "ec2",
        "describe_vpc_endpoints",
        "VpcEndpoints",
        "VpcEndpointId",
        ("State", ("deleted", "deleting")),
    ),
    _Listing("flow log", "ec2", "describe_flow_logs", "FlowLogs", "FlowLogId"),
    _Listing("launch template", "ec2", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateId"),
    _Listing(
        "instance",
        "ec2",
        "describe_instances",
        "Reservations.Instances",
        "InstanceId",
        ("State.Name", ("terminated", "shutting-down")),
    ),
    _Listing("volume", "ec2", "describe_volumes", "Volumes", "VolumeId"),
    _Listing("network interface", "ec2", "describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
    _Listing("load balancer", "elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerArn"),
    _Listing("target group", "elbv2", "describe_target_groups", "TargetGroups", "TargetGroupArn"),
    _Listing(
        "Auto Scaling group", "autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", "AutoScalingGroupName"
    ),
    _Listing("scaling policy", "autoscaling", "describe_policies", "ScalingPolicies", "PolicyARN"),
    _Listing("alarm", "cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    _Listing(
        "database instance",
        "rds",
        "describe_db_instances",
        "DBInstances",
        "DBInstanceIdentifier",
        ("DBInstanceStatus", ("deleting",)),
    ),
    _Listing("database snapshot", "rds", "describe_db_snapshots", "DBSnapshots", "DBSnapshotIdentifier"),
    _Listing("database subnet group", "rds", "describe_db_subnet_groups", "DBSubnetGroups", "DBSubnetGroupName"),
    _Listing(
        "database parameter group", "rds", "describe_db_parameter_groups", "DBParameterGroups", "DBParameterGroupName"
    ),
    _Listing("role", "iam", "list_roles", "Roles", "RoleName"),
    _Listing("instance profile", "iam", "list_instance_profiles", "InstanceProfiles", "InstanceProfileName"),
    _Listing("log group", "logs", "describe_log_groups", "logGroups", "logGroupName"),
    _Listing("secret", "secretsmanager", "list_secrets", "SecretList", "ARN"),
    _Listing("key", "kms", "list_keys", "Keys", "KeyId"),
    _Listing("bucket", "s3", "list_buckets", "Buckets", "Name"),
    _Listing(
        "stack", "cloudformation", "list_stacks", "StackSummaries", "StackName", ("StackStatus", ("DELETE_COMPLETE",))
    ),
)


def inventory(client: Callable[[str], Any]) -> frozenset[Thing]:
    """Return everything that an account holds and that these services can list.

    Parameters:
        client: gives a boto3 client by its service.
    """
    return frozenset(thing for listing in _LISTINGS for thing in _things(listing, client))


def _things(listing: _Listing, client: Callable[[str], Any]) -> Iterator[Thing]:
    service = client(listing.service)
    if service.can_paginate(listing.operation):
        answers = service.get_paginator(listing.operation).paginate()
    else:
        answers = [getattr(service, listing.operation)()]
    for answer in answers:
        for item in _walk(answer, listing.items):
            if not _is_gone(listing, item, service):
                yield Thing(listing.kind, str(item[listing.id]))


def _walk(value: Any, path: str) -> Iterator[Any]:
    first, _, rest = path.partition(".")
    for item in value.get(first) or ():
        if rest:
            yield from _walk(item, rest)
        else:
            yield item


def _is_gone(listing: _Listing, item: Any, service: Any) -> bool:
    """Return whether a thing is on its way out, or is part of another that is listed or belongs to AWS."""
    if listing.kind == "key":
        # A list of keys says nothing of them; AWS deletes its customers' only after a waiting period.
        key = service.describe_key(KeyId=item["KeyId"])["KeyMetadata"]
        return bool(key["KeyState"] == "PendingDeletion" or _is_aws_key(item["KeyId"], service))
    if listing.kind in _PARTS_OF_VPC:
        return _PARTS_OF_VPC[listing.kind](item)
    if listing.gone is None:
        return False
    path, states = listing.gone
    value = item
    for key in path.split("."):
        value = value[key]
    return value in states


def _is_aws_key(key_id: str, service: Any) -> bool:
    aliases = service.list_aliases(KeyId=key_id)["Aliases"]
    return any(alias["AliasName"].startswith("alias/aws/") for alias in aliases)


_PARTS_OF_VPC: dict[str, Callable[[Any], bool]] = {
    "network ACL": lambda acl: bool(acl["IsDefault"]),
    "security group": lambda group: bool(group["GroupName"] == "default"),
    "route table": lambda table: any(association.get("Main") for association in table["Associations"]),
}
"""What comes and goes with a VPC, which is listed itself."""
