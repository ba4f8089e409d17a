"""What an account holds, asked of the services themselves: the proof that a deletion left nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Client = Callable[[str], Any]
"""Gives a boto3 client by its service."""
Calls = Callable[[Client], Iterable[Mapping[str, Any]]]
"""Gives the arguments of each call that a list takes."""


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
        id: the key of a thing's id, which is its physical id in a stack; several are joined by ``|``; empty where what
            is listed is the id.
        gone: key and values that say that a thing is on its way out.
        calls: the arguments of each call that it takes; they count as members of what it lists.
    """

    kind: str
    service: str
    operation: str
    items: str
    id: str
    gone: tuple[str, tuple[str, ...]] | None = None
    calls: Calls = lambda _client: ({},)


def _once(**given: Any) -> Calls:
    return lambda _client: (given,)


_INACTIVE = ("status", ("DRAINING", "INACTIVE"))


def _clusters(client: Client) -> Iterator[dict[str, Any]]:
    return ({"cluster": arn} for arn in client("ecs").list_clusters()["clusterArns"])


def _described_clusters(client: Client) -> Iterator[dict[str, Any]]:
    return ({"clusters": [found["cluster"]]} for found in _clusters(client))


def _services(client: Client) -> Iterator[dict[str, Any]]:
    for cluster in _clusters(client):
        yield from ({**cluster, "services": [arn]} for arn in client("ecs").list_services(**cluster)["serviceArns"])


def _zones(client: Client) -> Iterator[dict[str, Any]]:
    return ({"HostedZoneId": zone["Id"]} for zone in client("route53").list_hosted_zones()["HostedZones"])


def _account(client: Client) -> Iterator[dict[str, Any]]:
    yield {"AccountId": client("sts").get_caller_identity()["Account"]}


def _scopes(client: Client) -> Iterator[dict[str, Any]]:
    """Iterate over where web ACLs stand; those of CloudFront can be asked for in the first region only."""
    yield {"Scope": "REGIONAL"}
    if client("wafv2").meta.region_name == "us-east-1":
        yield {"Scope": "CLOUDFRONT"}


_LISTINGS = (
    _Listing("VPC", "ec2", "describe_vpcs", "Vpcs", "VpcId"),
    _Listing("subnet", "ec2", "describe_subnets", "Subnets", "SubnetId"),
    _Listing("internet gateway", "ec2", "describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    _Listing(
        "NAT gateway", "ec2", "describe_nat_gateways", "NatGateways", "NatGatewayId", ("State", ("deleted", "deleting"))
    ),
    _Listing("elastic IP address", "ec2", "describe_addresses", "Addresses", "PublicIp"),
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
    _Listing("key pair", "ec2", "describe_key_pairs", "KeyPairs", "KeyName"),
    _Listing("DHCP options", "ec2", "describe_dhcp_options", "DhcpOptions", "DhcpOptionsId"),
    _Listing(
        "egress-only gateway",
        "ec2",
        "describe_egress_only_internet_gateways",
        "EgressOnlyInternetGateways",
        "EgressOnlyInternetGatewayId",
    ),
    _Listing(
        "VPN gateway", "ec2", "describe_vpn_gateways", "VpnGateways", "VpnGatewayId", ("State", ("deleted", "deleting"))
    ),
    _Listing("prefix list", "ec2", "describe_managed_prefix_lists", "PrefixLists", "PrefixListId"),
    _Listing(
        "launch configuration",
        "autoscaling",
        "describe_launch_configurations",
        "LaunchConfigurations",
        "LaunchConfigurationName",
    ),
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
    _Listing(
        "cluster",
        "ecs",
        "describe_clusters",
        "clusters",
        "clusterName",
        _INACTIVE,
        _described_clusters,
    ),
    _Listing("service", "ecs", "describe_services", "services", "serviceArn", _INACTIVE, _services),
    _Listing("task definition", "ecs", "list_task_definitions", "taskDefinitionArns", "", calls=_once(status="ACTIVE")),
    _Listing(
        "scalable target",
        "application-autoscaling",
        "describe_scalable_targets",
        "ScalableTargets",
        "ResourceId|ScalableDimension|ServiceNamespace",
        calls=_once(ServiceNamespace="ecs"),
    ),
    _Listing(
        "scaling policy",
        "application-autoscaling",
        "describe_scaling_policies",
        "ScalingPolicies",
        "PolicyARN",
        calls=_once(ServiceNamespace="ecs"),
    ),
    _Listing("alarm", "cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    _Listing(
        "composite alarm",
        "cloudwatch",
        "describe_alarms",
        "CompositeAlarms",
        "AlarmName",
        calls=_once(AlarmTypes=["CompositeAlarm"]),
    ),
    _Listing("dashboard", "cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    _Listing("topic", "sns", "list_topics", "Topics", "TopicArn"),
    _Listing("subscription", "sns", "list_subscriptions", "Subscriptions", "SubscriptionArn"),
    _Listing("rule", "events", "list_rules", "Rules", "Name"),
    _Listing("trail", "cloudtrail", "list_trails", "Trails", "Name"),
    _Listing("parameter", "ssm", "describe_parameters", "Parameters", "Name"),
    _Listing("repository", "ecr", "describe_repositories", "repositories", "repositoryName"),
    _Listing("certificate", "acm", "list_certificates", "CertificateSummaryList", "CertificateArn"),
    _Listing(
        "record",
        "route53",
        "list_resource_record_sets",
        "ResourceRecordSets",
        "Name",
        calls=_zones,
    ),
    _Listing("cache", "elasticache", "describe_replication_groups", "ReplicationGroups", "ReplicationGroupId"),
    _Listing(
        "cache subnet group", "elasticache", "describe_cache_subnet_groups", "CacheSubnetGroups", "CacheSubnetGroupName"
    ),
    _Listing(
        "cache parameter group",
        "elasticache",
        "describe_cache_parameter_groups",
        "CacheParameterGroups",
        "CacheParameterGroupName",
    ),
    _Listing("distribution", "cloudfront", "list_distributions", "DistributionList.Items", "Id"),
    _Listing("function", "cloudfront", "list_functions", "FunctionList.Items", "FunctionMetadata.FunctionARN"),
    _Listing(
        "origin access control", "cloudfront", "list_origin_access_controls", "OriginAccessControlList.Items", "Id"
    ),
    *(
        _Listing(
            kind,
            "cloudfront",
            operation,
            f"{word}List.Items",
            f"{word}.Id",
            calls=_once(Type="custom"),
        )
        for kind, operation, word in (
            ("cache policy", "list_cache_policies", "CachePolicy"),
            ("origin request policy", "list_origin_request_policies", "OriginRequestPolicy"),
            ("response headers policy", "list_response_headers_policies", "ResponseHeadersPolicy"),
        )
    ),
    _Listing("web ACL", "wafv2", "list_web_acls", "WebACLs", "Name|Id|Scope", calls=_scopes),
    _Listing("budget", "budgets", "describe_budgets", "Budgets", "BudgetName", calls=_account),
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
    _Listing("policy", "iam", "list_policies", "Policies", "Arn", calls=_once(Scope="Local")),
    _Listing("identity provider", "iam", "list_open_id_connect_providers", "OpenIDConnectProviderList", "Arn"),
    _Listing("log group", "logs", "describe_log_groups", "logGroups", "logGroupName"),
    _Listing("metric filter", "logs", "describe_metric_filters", "metricFilters", "filterName"),
    _Listing("log resource policy", "logs", "describe_resource_policies", "resourcePolicies", "policyName"),
    _Listing("log delivery source", "logs", "describe_delivery_sources", "deliverySources", "name"),
    _Listing("log delivery destination", "logs", "describe_delivery_destinations", "deliveryDestinations", "name"),
    _Listing("log delivery", "logs", "describe_deliveries", "deliveries", "id"),
    _Listing("secret", "secretsmanager", "list_secrets", "SecretList", "ARN"),
    _Listing("key", "kms", "list_keys", "Keys", "KeyId"),
    _Listing("key alias", "kms", "list_aliases", "Aliases", "AliasName"),
    _Listing("bucket", "s3", "list_buckets", "Buckets", "Name"),
    _Listing("hosted zone", "route53", "list_hosted_zones", "HostedZones", "Id"),
    _Listing("cache snapshot", "elasticache", "describe_snapshots", "Snapshots", "SnapshotName"),
    _Listing("queue", "sqs", "list_queues", "QueueUrls", ""),
    _Listing("lambda function", "lambda", "list_functions", "Functions", "FunctionName"),
    _Listing("table", "dynamodb", "list_tables", "TableNames", ""),
    _Listing("REST API", "apigateway", "get_rest_apis", "items", "id"),
    _Listing("state machine", "stepfunctions", "list_state_machines", "stateMachines", "stateMachineArn"),
    _Listing("file system", "efs", "describe_file_systems", "FileSystems", "FileSystemId"),
    _Listing("user pool", "cognito-idp", "list_user_pools", "UserPools", "Id", calls=_once(MaxResults=60)),
    _Listing("CodeDeploy application", "codedeploy", "list_applications", "applications", ""),
    _Listing(
        "stack", "cloudformation", "list_stacks", "StackSummaries", "StackName", ("StackStatus", ("DELETE_COMPLETE",))
    ),
)


def inventory(client: Client) -> frozenset[Thing]:
    """Return everything that an account holds and that these services can list.

    Parameters:
        client: gives a boto3 client by its service.
    """
    return frozenset(thing for listing in _LISTINGS for thing in _things(listing, client))


def _things(listing: _Listing, client: Client) -> Iterator[Thing]:
    service = client(listing.service)
    for given in listing.calls(client):
        if service.can_paginate(listing.operation):
            answers = service.get_paginator(listing.operation).paginate(**given)
        else:
            answers = [getattr(service, listing.operation)(**given)]
        for answer in answers:
            for item in _walk(answer, listing.items):
                if not listing.id:
                    yield Thing(listing.kind, item)
                elif not _is_gone(listing, item, service):
                    yield Thing(listing.kind, _id(listing.id, {**given, **item}))


def _id(keys: str, item: Any) -> str:
    return "|".join(str(_value(item, key)).rstrip(".") for key in keys.split("|"))


def _value(item: Any, path: str) -> Any:
    for key in path.split("."):
        item = item[key]
    return item


def _walk(value: Any, path: str) -> Iterator[Any]:
    first, _, rest = path.partition(".")
    below = value.get(first) or ()
    for item in [below] if isinstance(below, dict) else below:
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
    if listing.kind in _NOT_OF_ITS_OWN:
        return _NOT_OF_ITS_OWN[listing.kind](item)
    if listing.gone is None:
        return False
    path, states = listing.gone
    return _value(item, path) in states


def _is_aws_key(key_id: str, service: Any) -> bool:
    aliases = service.list_aliases(KeyId=key_id)["Aliases"]
    return any(alias["AliasName"].startswith("alias/aws/") for alias in aliases)


_NOT_OF_ITS_OWN: dict[str, Callable[[Any], bool]] = {
    "network ACL": lambda acl: bool(acl["IsDefault"]),
    "security group": lambda group: bool(group["GroupName"] == "default"),
    "route table": lambda table: any(association.get("Main") for association in table["Associations"]),
    "database parameter group": lambda group: bool(group["DBParameterGroupName"].startswith("default.")),
    "parameter": lambda parameter: bool(parameter["Name"].startswith("/aws/")),
    "prefix list": lambda prefixes: prefixes["OwnerId"] == "AWS" or prefixes["State"].startswith("delete"),
    "key alias": lambda alias: bool(alias["AliasName"].startswith("alias/aws/")),
    # CloudFormation leaves the records behind that validated a certificate.
    "record": lambda record: (
        record["Type"] in ("NS", "SOA")
        or any(".acm-validations.aws" in value["Value"] for value in record.get("ResourceRecords", ()))
    ),
}
"""What comes and goes with something that is listed itself, or is AWS's."""
