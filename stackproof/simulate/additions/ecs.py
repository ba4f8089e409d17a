"""ECS: services as they stand when a deployment is done, with all that they were asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore import xform_name
from moto.core.utils import camelcase_to_underscores
from moto.moto_api._internal import mock_random

from stackproof.simulate.additions.keeping import Item, Method, Refused, Response, now

_ELSEWHERE = frozenset(("clientToken", "cluster", "forceNewDeployment", "role", "service", "taskDefinition"))
"""Parameters that moto sees to, or that ask for something once."""
_OF_DEPLOYMENTS = (
    "capacityProviderStrategy",
    "networkConfiguration",
    "platformVersion",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
)
"""What the latest deployment shows too, or it alone."""
_ROLLING: Item = {
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    "strategy": "ROLLING",
    "bakeTimeInMinutes": 0,
}


def _create_cluster(response: Response, request: Item) -> Any:
    answer = response.create_cluster()
    _fill_providers(response.ecs_backend._get_cluster(request.get("clusterName", "default")))
    return answer


def _put_providers(response: Response, request: Item) -> Any:
    answer = response.put_cluster_capacity_providers()
    _fill_providers(response.ecs_backend._get_cluster(request["cluster"]))
    return answer


def _fill_providers(cluster: Any) -> None:
    """Show empty lists as lists, and each part of a strategy in full."""
    cluster.capacity_providers = cluster.capacity_providers or []
    cluster.default_capacity_provider_strategy = _full(cluster.default_capacity_provider_strategy)


def _full(strategy: Any) -> list[Item]:
    return [{"weight": 0, "base": 0, **part} for part in strategy or ()]


def _delete_cluster(response: Response, request: Item) -> Any:
    backend = response.ecs_backend
    cluster = backend._get_cluster(request["cluster"])
    if any(found.cluster_arn == cluster.arn and found.status == "ACTIVE" for found in backend.services.values()):
        raise Refused("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
    return response.delete_cluster()


def _find(response: Response, request: Item, name: str) -> Any:
    (found,), _ = response.ecs_backend.describe_services(request.get("cluster", "default"), [name])
    return found


def _create_service(response: Response, request: Item) -> Any:
    """Keep all that a service is asked for; moto takes it to run on instances unless it is told otherwise."""
    found, _ = response.ecs_backend.describe_services(request.get("cluster", "default"), [request["serviceName"]])
    if any(service.status == "ACTIVE" for service in found):
        raise Refused("InvalidParameterException", "Creation of service was not idempotent.")
    response.create_service()
    service = _find(response, request, request["serviceName"])
    cluster = response.ecs_backend._get_cluster(request.get("cluster", "default"))
    service.created_at = now()
    _set(service, {"deploymentConfiguration": {}, **request})
    strategy = request.get("capacityProviderStrategy") or cluster.default_capacity_provider_strategy
    if strategy and "launchType" not in request:
        service.launch_type = None
        service.capacity_provider_strategy = _full(strategy)
    _settle(response, service, request, cluster)
    return {"service": service}


def _update_service(response: Response, request: Item) -> Any:
    response.update_service()
    service = _find(response, request, request["service"])
    if "taskDefinition" in request:
        found = response.ecs_backend.describe_task_definition(request["taskDefinition"])
        service.task_definition = found.arn
    _set(service, request)
    cluster = response.ecs_backend._get_cluster(request.get("cluster", "default"))
    _settle(response, service, request, cluster)
    return {"service": service}


def _set(service: Any, request: Item) -> None:
    given = {name: value for name, value in request.items() if name not in _ELSEWHERE}
    if "deploymentConfiguration" in given:
        given["deploymentConfiguration"] = {**_ROLLING, **given["deploymentConfiguration"]}
    if "capacityProviderStrategy" in given:
        given["capacityProviderStrategy"] = _full(given["capacityProviderStrategy"])
    for name, value in given.items():
        for attribute in {camelcase_to_underscores(name), xform_name(name)}:
            setattr(service, attribute, value)


def _settle(response: Response, service: Any, request: Item, cluster: Any) -> None:
    """Let the tasks run that are wanted, by one deployment that is complete."""
    backend = response.ecs_backend
    backend.update_cluster_resources(cluster, -service.pending_count, task_state="PENDING")
    backend.update_cluster_resources(cluster, service.desired_count - service.running_count, task_state="RUNNING")
    service.running_count, service.pending_count = service.desired_count, 0
    for deployment in service.deployments[:1]:
        identity = f"ecs-svc/{mock_random.randint(0, 32**12)}"
        deployment |= {name: request[name] for name in _OF_DEPLOYMENTS if name in request}
        deployment |= {
            "id": identity,
            "desiredCount": service.desired_count,
            "runningCount": service.running_count,
            "pendingCount": 0,
            "launchType": service.launch_type,
            "taskDefinition": service.task_definition,
            "rolloutState": "COMPLETED",
            "rolloutStateReason": f"ECS deployment {identity} completed.",
            "updatedAt": now(),
        }


METHODS: Mapping[tuple[str, str], Method] = {
    ("ecs", "CreateCluster"): _create_cluster,
    ("ecs", "CreateService"): _create_service,
    ("ecs", "DeleteCluster"): _delete_cluster,
    ("ecs", "PutClusterCapacityProviders"): _put_providers,
    ("ecs", "UpdateService"): _update_service,
}
