"""ElastiCache: subnet groups, parameter groups and replication groups."""

from __future__ import annotations

from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.recipe import Job, Recipe


def _tags(kind: str) -> Any:
    def show(job: Job) -> Any:
        account = job.other("sts").get_caller_identity()["Account"]
        region, partition = job.client.meta.region_name, job.client.meta.partition
        arn = f"arn:{partition}:elasticache:{region}:{account}:{kind}:{job.physical_id}"
        return job.client.list_tags_for_resource(ResourceName=arn)["TagList"]

    return show


def _parameters(job: Job) -> None:
    parameters = job.take("Properties", {})
    if parameters:
        job.client.modify_cache_parameter_group(
            CacheParameterGroupName=job.physical_id,
            ParameterNameValues=[
                {"ParameterName": name, "ParameterValue": as_text(value)} for name, value in parameters.items()
            ],
        )


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
        "NumCacheClusters": len(found["MemberClusters"]),
        "NumNodeGroups": len(found["NodeGroups"]),
        "ReplicasPerNodeGroup": len(nodes) - 1,
        "AutomaticFailoverEnabled": found["AutomaticFailover"] == "enabled",
        "MultiAZEnabled": found["MultiAZ"] == "enabled",
    }
    cluster = job.client.describe_cache_clusters(CacheClusterId=found["MemberClusters"][0])["CacheClusters"]
    return [found, counts, cluster]


_ENDPOINTS = {
    "PrimaryEndPoint": "PrimaryEndpoint",
    "ReaderEndPoint": "ReaderEndpoint",
}


def _endpoint(job: Job, name: str) -> str:
    found = _group(job)
    kind, _, part = name.partition(".")
    if kind == "ConfigurationEndPoint":
        return str(found["ConfigurationEndpoint"][part])
    return str(found["NodeGroups"][0][_ENDPOINTS[kind]][part])


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
        show=("describe_cache_subnet_groups:CacheSubnetGroupName", _tags("subnetgroup")),
    ),
    Recipe(
        "AWS::ElastiCache::ParameterGroup",
        "elasticache",
        "create_cache_parameter_group",
        "=CacheParameterGroupName",
        "delete_cache_parameter_group",
        "CacheParameterGroupName",
        name="CacheParameterGroupName",
        lower=True,
        late=("Properties",),
        after=_parameters,
        attributes={"CacheParameterGroupName": "=CacheParameterGroupName"},
        show=(
            "describe_cache_parameter_groups:CacheParameterGroupName",
            "describe_cache_parameters:CacheParameterGroupName",
            _tags("parametergroup"),
        ),
    ),
    Recipe(
        "AWS::ElastiCache::ReplicationGroup",
        "elasticache",
        "create_replication_group",
        "=ReplicationGroupId",
        "delete_replication_group",
        "ReplicationGroupId",
        name="ReplicationGroupId",
        name_length=40,
        lower=True,
        before=_needs_exist,
        describe=_endpoint,
        show=(_shown_group, _tags("replicationgroup")),
        hidden=("AuthToken",),
    ),
)
