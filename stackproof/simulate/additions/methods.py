"""Operations of moto's services that need code, written as moto would have them: on its own models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stackproof.simulate.additions.keeping import Item, Method, Refused, Response


def _put_composite_alarm(response: Response, _request: Item) -> Any:
    """Take a composite alarm: moto's alarms may have a rule, and are shown with it; only the operation is missing."""
    response.put_metric_alarm()
    return {}


def _put_dashboard(response: Response, request: Item) -> Any:
    """Keep the tags of a dashboard with those of alarms."""
    answer = response.put_dashboard()
    arn = response.cloudwatch_backend.dashboards[request["DashboardName"]].arn
    response.cloudwatch_backend.tagger.tag_resource(arn, request.get("Tags", []))
    return answer


def _create_replication_group(response: Response, request: Item) -> Any:
    """Make as many nodes as were asked for, and an address for readers; moto makes one node and no address."""
    nodes = int(request.get("NumCacheClusters", 0))
    if nodes > 1 and "ReplicasPerNodeGroup" not in request:
        response.params["ReplicasPerNodeGroup"] = nodes - 1
    answer = response.create_replication_group()
    group = response.elasticache_backend.replication_groups[request["ReplicationGroupId"]]
    for node_group in group.node_groups:
        if "reader_endpoint_address" in node_group:
            address = node_group["reader_endpoint_address"]
            node_group["reader_endpoint"] = {"address": address, "port": node_group["port"]}
    return answer


def _delete_replication_group(response: Response, request: Item) -> Any:
    """Let a group go; in moto it is being deleted for ever."""
    answer = response.delete_replication_group()
    response.elasticache_backend.replication_groups.pop(request["ReplicationGroupId"])
    return answer


def _nodes(response: Response, request: Item) -> Any:
    """Show the nodes of replication groups, which moto keeps as names only, beside the clusters that it has."""
    backend = response.elasticache_backend
    nodes = {node["CacheClusterId"]: node for group in backend.replication_groups.values() for node in _of_group(group)}
    wanted = request.get("CacheClusterId")
    if wanted in nodes:
        return {"CacheClusters": [nodes[wanted]]}
    clusters = backend.describe_cache_clusters(cache_cluster_id=wanted)
    return {"CacheClusters": clusters if wanted else [*clusters, *nodes.values()]}


def _of_group(group: Any) -> list[Item]:
    common = {
        "ReplicationGroupId": group.replication_group_id,
        "CacheClusterStatus": "available",
        "CacheNodeType": group.cache_node_type,
        "Engine": group.engine,
        "EngineVersion": group.engine_version,
        "NumCacheNodes": 1,
        "PreferredMaintenanceWindow": group.preferred_maintenance_window,
        "CacheSubnetGroupName": group.cache_subnet_group_name,
        "CacheParameterGroup": {"CacheParameterGroupName": group.cache_parameter_group_name},
        "SecurityGroups": [{"SecurityGroupId": name, "Status": "active"} for name in group.security_group_ids or ()],
        "NotificationConfiguration": {"TopicArn": group.notification_topic_arn, "TopicStatus": "active"},
        "SnapshotRetentionLimit": group.snapshot_retention_limit,
        "SnapshotWindow": group.snapshot_window,
        "AuthTokenEnabled": group.auth_token_enabled,
        "TransitEncryptionEnabled": group.transit_encryption_enabled,
        "AtRestEncryptionEnabled": group.at_rest_encryption_enabled,
    }
    common = {name: value for name, value in common.items() if value is not None}
    return [{**common, "CacheClusterId": name} for name in group.member_clusters]


def _cache_tags(response: Response, request: Item) -> Any:
    """Show the tags of what moto's list of ARNs does not name; everything is tagged by one service."""
    tags = response.elasticache_backend.tagging_service.list_tags_for_resource(request["ResourceName"])["Tags"]
    return {"TagList": tags} if tags else response.list_tags_for_resource()


def _delete_cache_subnet_group(response: Response, request: Item) -> Any:
    name = request["CacheSubnetGroupName"]
    backend = response.elasticache_backend
    users = [group for group in backend.replication_groups.values() if group.cache_subnet_group_name == name]
    if users:
        raise Refused("CacheSubnetGroupInUse", f"Cache subnet group {name} is currently in use.")
    if backend.cache_subnet_groups.pop(name, None) is None:
        raise Refused("CacheSubnetGroupNotFoundFault", f"Cache Subnet Group {name} does not exist.")
    return {}


def _subscribers(response: Response, request: Item) -> Any:
    budget = response.backend.budgets[request["AccountId"]].get(request["BudgetName"])
    found = [
        entry for entry in (budget.notifications if budget else ()) if _same(entry.details, request["Notification"])
    ]
    if not found:
        raise Refused("NotFoundException", f"No such notification of budget {request['BudgetName']}.")
    return {"Subscribers": found[0].subscribers}


def _create_budget(response: Response, request: Item) -> Any:
    """Keep the tags beside the budget, where moto would have them."""
    response.create_budget()
    name = request["Budget"]["BudgetName"]
    response.backend.budgets[request["AccountId"]][name].tags = request.get("ResourceTags", [])
    return {}


def _budget_tags(response: Response, request: Item) -> Any:
    name = request["ResourceARN"].rpartition("/")[2]
    budget = response.backend.budgets[response.current_account].get(name)
    if budget is None:
        raise Refused("NotFoundException", f"{request['ResourceARN']} does not exist.")
    return {"ResourceTags": budget.tags}


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    keys = ("NotificationType", "ComparisonOperator", "Threshold")
    return all(one.get(key) == other.get(key) for key in keys)


def _publish_function(response: Response, request: Item) -> Any:
    """A function of moto has one code; publishing moves its stage."""
    function = response.backend.describe_function(name=request["Name"])
    function.stage = "LIVE"
    return {"FunctionSummary": function.function_summary}


_GROUP_METRICS = tuple(
    f"Group{name}"
    for name in (
        "MinSize",
        "MaxSize",
        "DesiredCapacity",
        "InServiceInstances",
        "PendingInstances",
        "StandbyInstances",
        "TerminatingInstances",
        "TotalInstances",
        "InServiceCapacity",
        "PendingCapacity",
        "StandbyCapacity",
        "TerminatingCapacity",
        "TotalCapacity",
    )
)


def _enable_metrics_collection(response: Response, request: Item) -> Any:
    """Collect every metric of a group where the request names none."""
    answer = response.enable_metrics_collection()
    if not request.get("Metrics"):
        group = response.autoscaling_backend.autoscaling_groups[request["AutoScalingGroupName"]]
        group.metrics = list(_GROUP_METRICS)
    return answer


def described(rule: Any) -> str | None:
    """Return what a rule of a security group is for; moto knows it of address ranges only, not of groups."""
    peers = (rule.ip_range, rule.source_group)
    return next((peer["Description"] for peer in peers if peer and "Description" in peer), None)


def may_take_logs(by_policy: Callable[..., bool], target_bucket: Any, target_prefix: str | None) -> bool:
    """Return whether S3 lets a bucket's access logs be sent to another; it asks for grants where there are ACLs only.

    A policy that lets the logs in may name the bucket that sends them, and so can only be put there after this.
    """
    rule = target_bucket.ownership_rule
    without_acls = rule is None or "BucketOwnerEnforced" in str(rule)
    return without_acls or by_policy(target_bucket=target_bucket, target_prefix=target_prefix)


METHODS: Mapping[tuple[str, str], Method] = {
    ("autoscaling", "EnableMetricsCollection"): _enable_metrics_collection,
    ("cloudwatch", "PutCompositeAlarm"): _put_composite_alarm,
    ("elasticache", "DeleteCacheSubnetGroup"): _delete_cache_subnet_group,
    ("cloudwatch", "PutDashboard"): _put_dashboard,
    ("elasticache", "CreateReplicationGroup"): _create_replication_group,
    ("elasticache", "DeleteReplicationGroup"): _delete_replication_group,
    ("elasticache", "DescribeCacheClusters"): _nodes,
    ("elasticache", "ListTagsForResource"): _cache_tags,
    ("budgets", "CreateBudget"): _create_budget,
    ("budgets", "DescribeSubscribersForNotification"): _subscribers,
    ("budgets", "ListTagsForResource"): _budget_tags,
    ("cloudfront", "PublishFunction"): _publish_function,
}
