"""ECS: clusters, their capacity providers, task definitions and services."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.recipe import Job, Recipe

_CLUSTER = ["ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "STATISTICS", "TAGS"]


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
    return job.client.describe_task_definition(taskDefinition=job.physical_id, include=["TAGS"])


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
        attributes={"Arn": "cluster.clusterArn"},
        show=(_cluster,),
    ),
    Recipe(
        "AWS::ECS::ClusterCapacityProviderAssociations",
        "ecs",
        make=_providers,
        remove=_no_providers,
        show=(_cluster,),
        hidden=("Cluster",),
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
    ),
    Recipe(
        "AWS::ECS::Service",
        "ecs",
        "create_service",
        "service.serviceArn",
        name="serviceName",
        before=_before_service,
        attributes={"Name": "service.serviceName", "ServiceArn": "service.serviceArn"},
        remove=_delete_service,
        show=(_service,),
        hidden=("Cluster", "TaskDefinition"),
    ),
)
