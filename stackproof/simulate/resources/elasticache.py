"""ElastiCache: subnet groups, parameter groups and replication groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.modify import modify
from stackproof.simulate.recipe import Job, Recipe, Tagging
from stackproof.simulate.shapes import arguments
from stackproof.simulate.updates import came_and_went

_KINDS = {
    "AWS::ElastiCache::ParameterGroup": "parametergroup",
    "AWS::ElastiCache::ReplicationGroup": "replicationgroup",
    "AWS::ElastiCache::SubnetGroup": "subnetgroup",
}


def _arn(job: Job) -> str:
    account = job.other("sts").get_caller_identity()["Account"]
    region, partition = job.client.meta.region_name, job.client.meta.partition
    return f"arn:{partition}:elasticache:{region}:{account}:{_KINDS[job.wanted.type]}:{job.physical_id}"


def _tags(job: Job) -> Any:
    return job.client.list_tags_for_resource(ResourceName=_arn(job))["TagList"]


_TAGGING = Tagging("add_tags_to_resource", "remove_tags_from_resource", "ResourceName", id=_arn)


def _parameters(job: Job) -> None:
    """Set the parameters of a new group; those of one that is updated are seen to by `_change_parameters`."""
    if not job.before:
        _set_parameters(job, job.take("Properties", {}))


def _set_parameters(job: Job, parameters: Mapping[str, Any]) -> None:
    if parameters:
        job.client.modify_cache_parameter_group(
            CacheParameterGroupName=job.physical_id,
            ParameterNameValues=[
                {"ParameterName": name, "ParameterValue": as_text(value)} for name, value in parameters.items()
            ],
        )


def _change_parameters(job: Job) -> None:
    """Set what is new or other, and reset what is no longer named."""
    if not job.touched("Properties"):
        return
    before, now = (dict(held.get("Properties") or {}) for held in (job.before, job.wanted.properties))
    gone = [{"ParameterName": name} for name in before if name not in now]
    if gone:
        job.client.reset_cache_parameter_group(CacheParameterGroupName=job.physical_id, ParameterNameValues=gone)
    _set_parameters(job, {name: value for name, value in now.items() if before.get(name) != value})


def _change_subnets(job: Job) -> None:
    names = ("Description", "SubnetIds")
    if job.touched(*names):
        given = {name: value for name, value in job.wanted.properties.items() if name in names}
        renamed = {"Description": "CacheSubnetGroupDescription"}
        request, _ = arguments(job.client, "modify_cache_subnet_group", given, renamed)
        job.client.modify_cache_subnet_group(CacheSubnetGroupName=job.physical_id, **request)


def _needs_exist(job: Job) -> None:
    """Ask for the groups that a replication group names; ElastiCache refuses it where one is not there."""
    subnets = job.wanted.properties.get("CacheSubnetGroupName")
    if subnets:
        job.client.describe_cache_subnet_groups(CacheSubnetGroupName=subnets)
    parameters = str(job.wanted.properties.get("CacheParameterGroupName", "default."))
    if not parameters.startswith("default."):
        job.client.describe_cache_parameter_groups(CacheParameterGroupName=parameters)


def _group(job: Job) -> Any:
    (found,) = job.client.describe_replication_groups(ReplicationGroupId=job.physical_id)["ReplicationGroups"]
    return found


def _shown_group(job: Job) -> Any:
    """Return a group with its shape counted, and one of its nodes, which all have the same settings."""
    found = _group(job)
    nodes = found["NodeGroups"][0]["NodeGroupMembers"]
    counts = {
        "ReplicationGroupDescription": found["Description"],
        "NumCacheClusters": len(found["MemberClusters"]),
        "NumNodeGroups": len(found["NodeGroups"]),
        "ReplicasPerNodeGroup": len(nodes) - 1,
        "AutomaticFailoverEnabled": found["AutomaticFailover"] == "enabled",
        "MultiAZEnabled": found["MultiAZ"] == "enabled",
    }
    cluster = job.client.describe_cache_clusters(CacheClusterId=found["MemberClusters"][0])["CacheClusters"]
    return [found, counts, cluster]


_DEFAULTS: dict[str, Any] = {
    "AutoMinorVersionUpgrade": True,
    "AutomaticFailoverEnabled": False,
    "CacheParameterGroupName": "",
    "IpDiscovery": "ipv4",
    "MultiAZEnabled": False,
    "NotificationTopicArn": "",
    "PreferredMaintenanceWindow": "",
    "SecurityGroupIds": [],
    "SnapshotRetentionLimit": 0,
    "SnapshotWindow": "05:00-6:00",
    "TransitEncryptionEnabled": False,
    "TransitEncryptionMode": "",
}
"""What a removed property goes back to, as the simulated service has it at first."""
_REQUIRED = ("CacheNodeType", "Engine", "EngineVersion", "ReplicationGroupDescription", "SnapshottingClusterId")
"""Can be changed; what they were before a template named them is not known."""


def _change_group(job: Job) -> None:
    """Change a group at once; a new version stays when a template no longer names it."""
    own: dict[str, Any] = {"ReplicationGroupId": job.physical_id, "ApplyImmediately": True}
    job.gone -= {"EngineVersion"}
    _change_size(job)
    own |= {**_changed_token(job), **_changed_users(job), **_changed_logs(job)}
    required = {name: None for name in _REQUIRED if name in job.left}
    if not modify(job, "modify_replication_group", {**_DEFAULTS, **required}, **own) and len(own) > 2:
        job.client.modify_replication_group(**own)


def _change_size(job: Job) -> None:
    """Add or take away shards, then nodes; a group of one shard counts nodes, one of several counts replicas."""
    own, now = {"ReplicationGroupId": job.physical_id, "ApplyImmediately": True}, job.wanted.properties
    if job.touched("NumNodeGroups"):
        count, names = int(now.get("NumNodeGroups", 1)), [shard["NodeGroupId"] for shard in _group(job)["NodeGroups"]]
        removed = {"NodeGroupsToRemove": names[count:]} if count < len(names) else {}
        job.client.modify_replication_group_shard_configuration(**own, NodeGroupCount=count, **removed)
    if job.touched("NumCacheClusters", "ReplicasPerNodeGroup"):
        wanted = int(now.get("ReplicasPerNodeGroup", int(now.get("NumCacheClusters", 1)) - 1))
        replicas = len(_group(job)["NodeGroups"][0]["NodeGroupMembers"]) - 1
        if wanted != replicas:
            word = "increase" if wanted > replicas else "decrease"
            getattr(job.client, f"{word}_replica_count")(**own, NewReplicaCount=wanted)


def _changed_token(job: Job) -> dict[str, Any]:
    if not job.touched("AuthToken"):
        return {}
    token = job.wanted.properties.get("AuthToken")
    return {"AuthToken": token, "AuthTokenUpdateStrategy": "SET"} if token else {"AuthTokenUpdateStrategy": "DELETE"}


def _changed_users(job: Job) -> dict[str, Any]:
    added, removed = came_and_went(job, "UserGroupIds")
    job.touched("UserGroupIds")
    return {
        name: groups for name, groups in (("UserGroupIdsToAdd", added), ("UserGroupIdsToRemove", removed)) if groups
    }


def _changed_logs(job: Job) -> dict[str, Any]:
    """Return where logs are to go now; one that is no longer named is switched off."""
    added, removed = came_and_went(job, "LogDeliveryConfigurations")
    job.touched("LogDeliveryConfigurations")
    named = {entry["LogType"] for entry in added}
    off = [{"LogType": entry["LogType"], "Enabled": False} for entry in removed if entry["LogType"] not in named]
    request, _ = arguments(job.client, "modify_replication_group", {"LogDeliveryConfigurations": [*added, *off]})
    return request if added or off else {}


def _delete_group(job: Job, snapshot: bool) -> None:
    final = {"FinalSnapshotIdentifier": f"{job.physical_id}-final"} if snapshot else {}
    job.client.delete_replication_group(ReplicationGroupId=job.physical_id, **final)


_ENDPOINTS = {
    "PrimaryEndPoint": "PrimaryEndpoint",
    "ReaderEndPoint": "ReaderEndpoint",
}


def _endpoint(job: Job, name: str) -> Any:
    found = _group(job)
    kind, _, part = name.partition(".")
    if kind == "ConfigurationEndPoint":
        return str(found["ConfigurationEndpoint"][part])
    if kind == "ReadEndPoint":
        return _read_endpoints(found, part)
    return str(found["NodeGroups"][0][_ENDPOINTS[kind]][part])


def _read_endpoints(found: dict[str, Any], part: str) -> Any:
    """Return the addresses or ports of all nodes, as a list or as the text of one."""
    nodes = [node["ReadEndpoint"] for node in found["NodeGroups"][0]["NodeGroupMembers"]]
    key = {"Addresses": "Address", "Ports": "Port"}[part.removesuffix("List").removesuffix(".")]
    values = [str(node[key]) for node in nodes]
    return values if part.endswith("List") else f"[{', '.join(values)}]"


RECIPES = (
    Recipe(
        "AWS::ElastiCache::SubnetGroup",
        "elasticache",
        "create_cache_subnet_group",
        "=CacheSubnetGroupName",
        "delete_cache_subnet_group",
        "CacheSubnetGroupName",
        names={"Description": "CacheSubnetGroupDescription"},
        name="CacheSubnetGroupName",
        lower=True,
        show=("describe_cache_subnet_groups:CacheSubnetGroupName", _tags),
        change=_change_subnets,
        tagging=_TAGGING,
    ),
    Recipe(
        "AWS::ElastiCache::ParameterGroup",
        "elasticache",
        "create_cache_parameter_group",
        "=CacheParameterGroupName",
        "delete_cache_parameter_group",
        "CacheParameterGroupName",
        names={"Properties": "Parameters"},
        name="CacheParameterGroupName",
        lower=True,
        late=("Properties",),
        after=_parameters,
        attributes={"CacheParameterGroupName": "=CacheParameterGroupName"},
        show=(
            "describe_cache_parameter_groups:CacheParameterGroupName",
            "describe_cache_parameters:CacheParameterGroupName",
            _tags,
        ),
        change=_change_parameters,
        tagging=_TAGGING,
    ),
    Recipe(
        "AWS::ElastiCache::ReplicationGroup",
        "elasticache",
        "create_replication_group",
        "=ReplicationGroupId",
        name="ReplicationGroupId",
        name_length=40,
        lower=True,
        before=_needs_exist,
        describe=_endpoint,
        show=(_shown_group, _tags),
        hidden=("AuthToken",),
        remove=_delete_group,
        change=_change_group,
        tagging=_TAGGING,
    ),
)
