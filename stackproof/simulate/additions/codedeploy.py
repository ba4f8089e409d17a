"""CodeDeploy: changing and removing what moto only makes, alarms of groups, and deployment configurations."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from moto.codedeploy import responses as _responses

from stackproof.simulate.additions.keeping import Item, Kind, Method, Operation, Refused, Response, now

# moto is typed in parts; its internals are what the contract test says, not what its annotations say.
responses: Any = _responses

_known_info = responses._deployment_group_info


def _group_info(group: Any) -> dict[str, Any]:
    """Show the alarms of a group, which moto keeps, and its Auto Scaling groups as objects."""
    groups = [{"name": name} for name in group.auto_scaling_groups]
    alarms = group.alarm_configuration or {}
    return {**_known_info(group), "alarmConfiguration": alarms, "autoScalingGroups": groups}


def _no_application(name: str) -> Refused:
    return Refused("ApplicationDoesNotExistException", f"No application found for name: {name}")


def _delete_application(response: Response, request: Item) -> Any:
    """Remove an application with its groups; CodeDeploy says nothing where there is none."""
    backend, name = response.codedeploy_backend, request["applicationName"]
    backend.applications.pop(name, None)
    backend.deployment_groups.pop(name, None)
    return {}


def _delete_deployment_group(response: Response, request: Item) -> Any:
    backend = response.codedeploy_backend
    if request["applicationName"] not in backend.applications:
        raise _no_application(request["applicationName"])
    backend.deployment_groups.get(request["applicationName"], {}).pop(request["deploymentGroupName"], None)
    return {"hooksNotCleanedUp": []}


_GROUP_PARTS = {
    "deploymentConfigName": "deployment_config_name",
    "ec2TagFilters": "ec2_tag_filters",
    "onPremisesInstanceTagFilters": "on_premises_instance_tag_filters",
    "autoScalingGroups": "auto_scaling_groups",
    "serviceRoleArn": "service_role_arn",
    "triggerConfigurations": "trigger_configurations",
    "alarmConfiguration": "alarm_configuration",
    "autoRollbackConfiguration": "auto_rollback_configuration",
    "outdatedInstancesStrategy": "outdated_instances_strategy",
    "deploymentStyle": "deployment_style",
    "blueGreenDeploymentConfiguration": "blue_green_deployment_configuration",
    "loadBalancerInfo": "load_balancer_info",
    "ec2TagSet": "ec2_tag_set",
    "ecsServices": "ecs_services",
    "onPremisesTagSet": "on_premises_tag_set",
    "terminationHookEnabled": "termination_hook_enabled",
}


def _update_deployment_group(response: Response, request: Item) -> Any:
    backend = response.codedeploy_backend
    group = backend.get_deployment_group(request["applicationName"], request["currentDeploymentGroupName"])
    for name, attribute in _GROUP_PARTS.items():
        if name in request:
            setattr(group, attribute, request[name])
    return {"hooksNotCleanedUp": []}


def _deployment_config(request: Item, _response: Response) -> Item:
    return {"deploymentConfigId": str(uuid.uuid4()), "createTime": now(), "computePlatform": "Server", **request}


KINDS = (
    Kind(
        "codedeploy",
        "deploymentConfigName",
        {
            "CreateDeploymentConfig": Operation("write", new=True),
            "GetDeploymentConfig": Operation("read"),
            "DeleteDeploymentConfig": Operation("remove"),
        },
        made=_deployment_config,
        missing="DeploymentConfigDoesNotExistException",
        taken="DeploymentConfigAlreadyExistsException",
    ),
)

METHODS: Mapping[tuple[str, str], Method] = {
    ("codedeploy", "DeleteApplication"): _delete_application,
    ("codedeploy", "DeleteDeploymentGroup"): _delete_deployment_group,
    ("codedeploy", "UpdateDeploymentGroup"): _update_deployment_group,
}

PATCHES = ((responses, "_deployment_group_info", _group_info),)
