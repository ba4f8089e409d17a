"""ElastiCache: nodes, zones and addresses of replication groups, their changes, snapshots and parameter groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from moto.ec2.models import ec2_backends
from moto.elasticache.models import CacheSubnetGroup

from stackproof.simulate.additions.keeping import Item, Method, Refused, Response, now

_SLOTS = 16384


def _group(response: Response, request: Item) -> Any:
    (group,) = response.elasticache_backend.describe_replication_groups(request["ReplicationGroupId"])
    return group


def _create_replication_group(response: Response, request: Item) -> Any:
    """Make as many nodes as were asked for, over all zones; moto makes one node, and puts the others into one zone."""
    nodes, shards = int(request.get("NumCacheClusters", 0)), int(request.get("NumNodeGroups", 1))
    if nodes > 1 and "ReplicasPerNodeGroup" not in request:
        response.params["ReplicasPerNodeGroup"] = nodes - 1
    if shards > 1 or str(request.get("CacheParameterGroupName", "")).endswith(".cluster.on"):
        response.params.setdefault("ClusterMode", "enabled")
    answer = response.create_replication_group()
    group = _group(response, request)
    for shard in group.node_groups:
        address = shard.pop("reader_endpoint_address", None)
        if address:
            shard["reader_endpoint"] = {"address": address, "port": shard["port"]}
    group.engine_version = group.engine_version or _NEWEST.get(group.engine, "7.1")
    group.cache_parameter_group_name = group.cache_parameter_group_name or _default_settings(group)
    group.auto_minor_version_upgrade = group.auto_minor_version_upgrade is not False
    _slice(group.node_groups, request.get("NodeGroupConfiguration", ()))
    if not request.get("PreferredCacheClusterAZs"):
        _spread(response, group, request.get("NodeGroupConfiguration", ()))
    return answer


_NEWEST = {"redis": "7.1", "valkey": "8.1"}


def _default_settings(group: Any) -> str:
    """Return the name of the parameter group that a replication group has where none is asked for."""
    major, _, _ = str(group.engine_version).partition(".")
    family = {"5": "5.0", "6": "6.x"}.get(major, major) if group.engine == "redis" else major
    return f"default.{group.engine}{family}{'.cluster.on' if group.cluster_enabled else ''}"


def _slice(shards: list[Any], stated: Iterable[Item]) -> None:
    """Give the shards of a group even parts of the slots, unless the request states them."""
    if len(shards) < 2 or any("Slots" in config for config in stated):
        return
    for index, shard in enumerate(shards):
        first, last = (_SLOTS * at // len(shards) for at in (index, index + 1))
        shard["slots"] = f"{first}-{last - 1}"


def _spread(response: Response, group: Any, stated: Iterable[Item] = ()) -> None:
    """Put the nodes of each shard into the zones of the subnets by turns, unless the request states them."""
    zones = _zones(response, group)
    named = {config.get("NodeGroupId") for config in stated if "PrimaryAvailabilityZone" in config}
    for index, shard in enumerate(group.node_groups):
        if shard["node_group_id"] not in named:
            for place, node in enumerate(shard["node_group_members"]):
                node["preferred_availability_zone"] = zones[(index + place) % len(zones)]


def _zones(response: Response, group: Any) -> list[str]:
    backend = response.elasticache_backend
    subnets = backend.cache_subnet_groups.get(group.cache_subnet_group_name)
    if subnets is not None:
        return sorted({str(subnet["subnet_availability_zone"]) for subnet in subnets.subnets})
    ec2: Any = ec2_backends[response.current_account][response.region]
    return sorted(zone.name for zone in ec2.describe_availability_zones())


def _with_replicas(response: Response, request: Item) -> Any:
    """Make or take away replicas, in every shard or in those that the request names."""
    group = _group(response, request)
    counts = {config["NodeGroupId"]: config["NewReplicaCount"] for config in request.get("ReplicaConfiguration", ())}
    for shard in group.node_groups:
        count = counts.get(shard["node_group_id"], request.get("NewReplicaCount"))
        if count is not None:
            _resize(group, shard, int(count) + 1)
    _spread(response, group)
    return {"ReplicationGroup": group}


def _resize(group: Any, shard: Any, nodes: int) -> None:
    members = shard["node_group_members"]
    primary = members[0]
    own = primary["cache_cluster_id"].removesuffix("001")
    for number in range(len(members) + 1, nodes + 1):
        name = f"{own}{number:0>3}"
        node = {"cache_cluster_id": name, "cache_node_id": primary["cache_node_id"]}
        if "read_endpoint" in primary:
            _, _, domain = primary["read_endpoint"]["address"].partition(".")
            node["read_endpoint"] = {"address": f"{name}.{domain}", "port": group.port}
            node["current_role"] = "replica"
        members.append(node)
    del members[nodes:]
    group.member_clusters = [
        node["cache_cluster_id"] for shard in group.node_groups for node in shard["node_group_members"]
    ]


def _with_shards(response: Response, request: Item) -> Any:
    """Make or take away shards; the slots are shared out anew."""
    group, wanted = _group(response, request), int(request["NodeGroupCount"])
    shards = group.node_groups
    for number in range(len(shards) + 1, wanted + 1):
        name = f"{number:0>4}"
        node = {"cache_cluster_id": f"{group.replication_group_id}-{name}-001", "cache_node_id": name}
        shard = {"node_group_id": name, "status": "available", "node_group_members": [node]}
        shards.append(shard)
        _resize(group, shard, len(shards[0]["node_group_members"]))
    removed = set(request.get("NodeGroupsToRemove", ()))
    kept = [shard for shard in shards if shard["node_group_id"] not in removed][:wanted]
    group.node_groups = kept
    _slice(kept, ())
    _resize(group, kept[0], len(kept[0]["node_group_members"]))
    _spread(response, group)
    return {"ReplicationGroup": group}


_PLAIN = {
    "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
    "CacheParameterGroupName": "cache_parameter_group_name",
    "EngineVersion": "engine_version",
    "IpDiscovery": "ip_discovery",
    "NotificationTopicArn": "notification_topic_arn",
    "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "SecurityGroupIds": "security_group_ids",
    "SnapshotWindow": "snapshot_window",
    "SnapshottingClusterId": "snapshotting_cluster_id",
    "TransitEncryptionEnabled": "transit_encryption_enabled",
    "TransitEncryptionMode": "transit_encryption_mode",
}
"""What moto's change of a group passes over, by parameter."""


def _modify_replication_group(response: Response, request: Item) -> Any:
    answer = response.modify_replication_group()
    group = _group(response, request)
    for parameter, name in _PLAIN.items():
        if parameter in request:
            setattr(group, name, request[parameter] or None)
    group.cache_parameter_group_name = group.cache_parameter_group_name or _default_settings(group)
    if "TransitEncryptionEnabled" in request:
        group.transit_encryption_enabled = request["TransitEncryptionEnabled"]
    if "AutoMinorVersionUpgrade" in request:
        group.auto_minor_version_upgrade = request["AutoMinorVersionUpgrade"]
    if request.get("AuthTokenUpdateStrategy") == "DELETE" or "AuthToken" in request:
        group.auth_token_enabled = "AuthToken" in request
        group.auth_token_last_modified_date = now() if group.auth_token_enabled else None
    if request.get("RemoveUserGroups"):
        group.user_group_ids = []
    removed = set(request.get("UserGroupIdsToRemove", ()))
    kept = [name for name in group.user_group_ids if name not in removed]
    group.user_group_ids = [*kept, *request.get("UserGroupIdsToAdd", ())]
    for entry in request.get("LogDeliveryConfigurations", ()):
        _deliver(group, entry)
    return answer


def _deliver(group: Any, entry: Item) -> None:
    """Deliver a log elsewhere, or no longer; a group has one place for each type of log."""
    others = [found for found in group.log_delivery_configurations if _log_type(found) != entry["LogType"]]
    if entry.get("Enabled", True):
        others += group._get_log_delivery_configurations([{k: v for k, v in entry.items() if k != "Enabled"}])
    group.log_delivery_configurations = others


def _log_type(entry: Item) -> str:
    return str(entry.get("LogType", entry.get("log_type")))


def _delete_replication_group(response: Response, request: Item) -> Any:
    """Let a group go, with a last snapshot if it is asked for; in moto it is being deleted for ever."""
    backend, name = response.elasticache_backend, request["ReplicationGroupId"]
    final = request.get("FinalSnapshotIdentifier")
    if final:
        backend.create_snapshot(final, name, None, None, None)
    answer = response.delete_replication_group()
    group = backend.replication_groups.pop(name)
    backend.tagging_service.delete_all_tags_for_resource(group.arn)
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


def _tags(response: Response, request: Item) -> Any:
    """Show the tags of what moto's list of ARNs does not name; everything is tagged by one service."""
    tags = response.elasticache_backend.tagging_service.list_tags_for_resource(request["ResourceName"])["Tags"]
    return (
        {"TagList": tags}
        if tags or ":parametergroup:" in request["ResourceName"]
        else response.list_tags_for_resource()
    )


def _modify_subnet_group(response: Response, request: Item) -> Any:
    backend, name = response.elasticache_backend, request["CacheSubnetGroupName"]
    (old,) = backend.describe_cache_subnet_groups(name)
    group = CacheSubnetGroup(
        account_id=response.current_account,
        region_name=response.region,
        cache_subnet_group_name=name,
        cache_subnet_group_description=request.get("CacheSubnetGroupDescription", old.cache_subnet_group_description),
        subnet_ids=request.get("SubnetIds", old.subnet_ids),
        tags=old.tags,
    )
    backend.cache_subnet_groups[name] = group
    return {"CacheSubnetGroup": group}


def _delete_subnet_group(response: Response, request: Item) -> Any:
    name = request["CacheSubnetGroupName"]
    backend = response.elasticache_backend
    users = [group for group in backend.replication_groups.values() if group.cache_subnet_group_name == name]
    if users:
        raise Refused("CacheSubnetGroupInUse", f"Cache subnet group {name} is currently in use.")
    if backend.cache_subnet_groups.pop(name, None) is None:
        raise Refused("CacheSubnetGroupNotFoundFault", f"Cache Subnet Group {name} does not exist.")
    return {}


def _kept(response: Response) -> dict[str, Item]:
    """Return the parameter groups of an account and region, by name."""
    groups: dict[str, Item] = vars(response.elasticache_backend).setdefault("parameter_groups", {})
    return groups


def _settings(response: Response, request: Item) -> Item:
    name = request["CacheParameterGroupName"]
    if name not in _kept(response):
        raise Refused("CacheParameterGroupNotFound", f"CacheParameterGroup not found: {name}")
    return _kept(response)[name]


def _create_parameter_group(response: Response, request: Item) -> Any:
    name = request["CacheParameterGroupName"]
    if name in _kept(response):
        raise Refused("CacheParameterGroupAlreadyExists", f"Cache parameter group {name} already exists.")
    where = f"{response.region}:{response.current_account}"
    arn = f"arn:{response.partition}:elasticache:{where}:parametergroup:{name}"
    response.elasticache_backend.add_tags_to_resource(arn, request.get("Tags", []))
    members = ("CacheParameterGroupName", "CacheParameterGroupFamily", "Description")
    group = {**{member: request[member] for member in members}, "IsGlobal": False, "ARN": arn}
    _kept(response)[name] = {**group, "Parameters": {}}
    return {"CacheParameterGroup": group}


def _describe_parameter_groups(response: Response, request: Item) -> Any:
    one = [_settings(response, request)] if "CacheParameterGroupName" in request else list(_kept(response).values())
    return {"CacheParameterGroups": [{k: v for k, v in group.items() if k != "Parameters"} for group in one]}


def _describe_parameters(response: Response, request: Item) -> Any:
    parameters = _settings(response, request)["Parameters"].items()
    return {"Parameters": [{"ParameterName": name, "ParameterValue": value} for name, value in parameters]}


def _modify_parameter_group(response: Response, request: Item) -> Any:
    entries = {entry["ParameterName"]: entry.get("ParameterValue", "") for entry in request["ParameterNameValues"]}
    _settings(response, request)["Parameters"] |= entries
    return {"CacheParameterGroupName": request["CacheParameterGroupName"]}


def _reset_parameter_group(response: Response, request: Item) -> Any:
    """Give parameters of a group the values that their family has."""
    parameters = _settings(response, request)["Parameters"]
    named = [entry["ParameterName"] for entry in request.get("ParameterNameValues", ())]
    for name in list(parameters) if request.get("ResetAllParameters") else named:
        parameters.pop(name, None)
    return {"CacheParameterGroupName": request["CacheParameterGroupName"]}


def _delete_parameter_group(response: Response, request: Item) -> Any:
    group, name = _settings(response, request), request["CacheParameterGroupName"]
    backend = response.elasticache_backend
    if any(found.cache_parameter_group_name == name for found in backend.replication_groups.values()):
        raise Refused(
            "InvalidCacheParameterGroupState",
            f"One or more cache clusters are still members of this parameter group {name}, so the group cannot be "
            "deleted.",
        )
    _kept(response).pop(name)
    backend.tagging_service.delete_all_tags_for_resource(group["ARN"])
    return {}


METHODS: Mapping[tuple[str, str], Method] = {
    ("elasticache", "CreateCacheParameterGroup"): _create_parameter_group,
    ("elasticache", "CreateReplicationGroup"): _create_replication_group,
    ("elasticache", "DecreaseReplicaCount"): _with_replicas,
    ("elasticache", "DeleteCacheParameterGroup"): _delete_parameter_group,
    ("elasticache", "DeleteCacheSubnetGroup"): _delete_subnet_group,
    ("elasticache", "DeleteReplicationGroup"): _delete_replication_group,
    ("elasticache", "DescribeCacheClusters"): _nodes,
    ("elasticache", "DescribeCacheParameterGroups"): _describe_parameter_groups,
    ("elasticache", "DescribeCacheParameters"): _describe_parameters,
    ("elasticache", "IncreaseReplicaCount"): _with_replicas,
    ("elasticache", "ListTagsForResource"): _tags,
    ("elasticache", "ModifyCacheParameterGroup"): _modify_parameter_group,
    ("elasticache", "ModifyCacheSubnetGroup"): _modify_subnet_group,
    ("elasticache", "ModifyReplicationGroup"): _modify_replication_group,
    ("elasticache", "ModifyReplicationGroupShardConfiguration"): _with_shards,
    ("elasticache", "ResetCacheParameterGroup"): _reset_parameter_group,
}
