"""ECS: clusters, their capacity providers, task definitions and services."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.existing import AlreadyExistsError
from stackproof.simulate.modify import modify
from stackproof.simulate.recipe import Job, Recipe, Tagging

_CLUSTER = ["ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "STATISTICS", "TAGS"]


def _arn(job: Job) -> str:
    """Return what ECS tags a thing by; a cluster's id is its name."""
    return str(job.answer["cluster"]["clusterArn"]) if job.wanted.type == "AWS::ECS::Cluster" else job.physical_id


_TAGGING = Tagging("tag_resource", "untag_resource", "resourceArn", tags="tags", keys="tagKeys", id=_arn)


def _is_new_cluster(job: Job) -> None:
    """Refuse a name that is taken; ECS itself would give back the cluster that has it."""
    name = job.wanted.properties.get("ClusterName")
    found = job.client.describe_clusters(clusters=[name])["clusters"] if name else ()
    if any(cluster["status"] == "ACTIVE" for cluster in found):
        raise AlreadyExistsError(job.wanted.type, ClusterName=str(name))


_CLUSTER_DEFAULTS: dict[str, Any] = {
    "ClusterSettings": [{"Name": "containerInsights", "Value": "disabled"}],
    "Configuration": {},
    "ServiceConnectDefaults": {"Namespace": ""},
}


def _change_cluster(job: Job) -> None:
    modify(job, "update_cluster", _CLUSTER_DEFAULTS, {"ClusterSettings": "settings"}, cluster=job.physical_id)
    names = ("CapacityProviders", "DefaultCapacityProviderStrategy")
    if job.touched(*names):
        given = {name: job.wanted.properties.get(name, []) for name in names}
        job.call("put_cluster_capacity_providers", given, cluster=job.physical_id)


def _cluster(job: Job) -> Any:
    (found,) = job.client.describe_clusters(clusters=[job.physical_id], include=_CLUSTER)["clusters"]
    return found


def _providers(job: Job) -> None:
    """Tell a cluster which capacity it may use; the call wants both lists."""
    job.physical_id = str(job.take("Cluster"))
    given = {name: job.take(name, []) for name in ("CapacityProviders", "DefaultCapacityProviderStrategy")}
    job.call("put_cluster_capacity_providers", given, cluster=job.physical_id)


def _no_providers(job: Job, _snapshot: bool) -> None:
    job.client.put_cluster_capacity_providers(
        cluster=job.physical_id, capacityProviders=[], defaultCapacityProviderStrategy=[]
    )


def _task_definition(job: Job) -> Any:
    found = job.client.describe_task_definition(taskDefinition=job.physical_id, include=["TAGS"])
    return {name: found.get(name) for name in ("taskDefinition", "tags")}


def _deregister(job: Job, _snapshot: bool) -> None:
    job.client.deregister_task_definition(taskDefinition=job.physical_id)


def _behind_load_balancers(properties: dict[str, Any], job: Job) -> None:
    """Refuse what ECS refuses: a target group that no listener sends anything to."""
    elbv2 = job.other("elbv2")
    for target in properties.get("LoadBalancers", ()):
        advanced = target.get("AdvancedConfiguration", {})
        for arn in filter(None, (target.get("TargetGroupArn"), advanced.get("AlternateTargetGroupArn"))):
            (group,) = elbv2.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
            if not group["LoadBalancerArns"]:
                raise ValueError(
                    f"The target group with targetGroupArn {arn} does not have an associated load balancer."
                )


def _known_alarms(properties: dict[str, Any], job: Job) -> None:
    """Refuse deployment alarms that do not exist."""
    names = properties.get("DeploymentConfiguration", {}).get("Alarms", {}).get("AlarmNames", ())
    found = job.other("cloudwatch").describe_alarms(AlarmNames=list(names))["MetricAlarms"] if names else ()
    missing = set(names) - {alarm["AlarmName"] for alarm in found}
    if missing:
        raise ValueError(f"The deployment alarms {', '.join(sorted(missing))} do not exist.")


def _counted(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of a service with one task, where CloudFormation starts one."""
    properties.pop("ForceNewDeployment", None)
    is_daemon = properties.get("SchedulingStrategy") == "DAEMON"
    return properties if is_daemon else {"DesiredCount": 1, **properties}


_NAMES = {"PlacementStrategies": "placementStrategy"}
_DEFAULTS: dict[str, Any] = {
    "AvailabilityZoneRebalancing": "DISABLED",
    "CapacityProviderStrategy": [],
    "DeploymentConfiguration": {},
    "EnableECSManagedTags": False,
    "EnableExecuteCommand": False,
    "HealthCheckGracePeriodSeconds": 0,
    "LoadBalancers": [],
    "PlacementConstraints": [],
    "PlacementStrategies": [],
    "PlatformVersion": "LATEST",
    "PropagateTags": "NONE",
    "ServiceConnectConfiguration": {"Enabled": False},
    "ServiceRegistries": [],
    "VolumeConfigurations": [],
    "VpcLatticeConfigurations": [],
}
"""What a removed property goes back to."""
_REQUIRED = ("DesiredCount", "NetworkConfiguration", "TaskDefinition", "DeploymentController")
"""Can be changed; what they were before a template named them is not known."""


def _change_service(job: Job) -> None:
    """Change a service by a new deployment; a count that is no longer stated is left to whatever scales it."""
    _before_service(job)
    job.gone -= {"DesiredCount"}
    own: dict[str, Any] = {"cluster": job.request.get("cluster", "default"), "service": job.physical_id}
    forced = {"forceNewDeployment": True} if job.touched("ForceNewDeployment") else {}
    required = {name: None for name in _REQUIRED if name in job.left}
    changed = modify(job, "update_service", {**_DEFAULTS, **required}, _NAMES, **own, **forced)
    if forced and not changed:
        job.client.update_service(**own, **forced)


def _before_service(job: Job) -> None:
    _behind_load_balancers(job.wanted.properties, job)
    _known_alarms(job.wanted.properties, job)


def _service(job: Job) -> Any:
    cluster = job.request.get("cluster", "default")
    (found,) = job.client.describe_services(cluster=cluster, services=[job.physical_id], include=["TAGS"])["services"]
    return found


def _delete_service(job: Job, _snapshot: bool) -> None:
    job.client.delete_service(cluster=job.request.get("cluster", "default"), service=job.physical_id, force=True)


RECIPES = (
    Recipe(
        "AWS::ECS::Cluster",
        "ecs",
        "create_cluster",
        "=clusterName",
        "delete_cluster",
        "cluster",
        names={"ClusterSettings": "settings"},
        name="clusterName",
        before=_is_new_cluster,
        attributes={"Arn": "cluster.clusterArn"},
        show=(_cluster,),
        change=_change_cluster,
        tagging=_TAGGING,
    ),
    Recipe(
        "AWS::ECS::ClusterCapacityProviderAssociations",
        "ecs",
        make=_providers,
        remove=_no_providers,
        show=(_cluster,),
        hidden=("Cluster",),
        put=True,
    ),
    Recipe(
        "AWS::ECS::TaskDefinition",
        "ecs",
        "register_task_definition",
        "taskDefinition.taskDefinitionArn",
        name="family",
        attributes={"TaskDefinitionArn": "taskDefinition.taskDefinitionArn"},
        remove=_deregister,
        show=(_task_definition,),
        tagging=_TAGGING,
    ),
    Recipe(
        "AWS::ECS::Service",
        "ecs",
        "create_service",
        "service.serviceArn",
        name="serviceName",
        names=_NAMES,
        prepare=_counted,
        before=_before_service,
        attributes={"Name": "service.serviceName", "ServiceArn": "service.serviceArn"},
        remove=_delete_service,
        show=(_service,),
        hidden=("Cluster", "ForceNewDeployment", "TaskDefinition"),
        change=_change_service,
        tagging=_TAGGING,
    ),
)
