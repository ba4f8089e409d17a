"""What moto's Auto Scaling forgets or lacks, on its own models."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from botocore import xform_name
from moto.autoscaling.models import FakeAutoScalingGroup, InstanceState

from stackproof.simulate.additions.keeping import Item, Method, Response

VERSION = "aws:ec2launchtemplate:version"
"""The tag that says from which version of a launch template an instance was launched."""
_replace: Any = FakeAutoScalingGroup.replace_autoscaling_group_instances
_set_desired_capacity: Any = FakeAutoScalingGroup.set_desired_capacity


def replace_instances(self: Any, count_needed: int, propagated_tags: dict[str, str]) -> None:
    """Launch instances in the emptiest subnets, from the version of the launch template that the group names.

    moto launches all in the first subnet, from the default version.
    """
    subnets = self.vpc_zone_identifier
    tags = dict(propagated_tags)
    if self.ec2_launch_template:
        tags[VERSION] = str(self.ec2_launch_template.get_version(self.launch_template_version).number)
    try:
        for _ in range(count_needed):
            if subnets:
                used = Counter(state.instance.subnet_id for state in self.instance_states)
                self.vpc_zone_identifier = min(subnets.split(","), key=used.__getitem__)
            _replace(self, 1, dict(tags))
    finally:
        self.vpc_zone_identifier = subnets


def set_desired_capacity(self: Any, new_capacity: int | None) -> None:
    """Keep the instances that stay in the order in which they came; in moto they have none."""
    before = list(self.instance_states)
    _set_desired_capacity(self, new_capacity)
    self.instance_states.sort(key=lambda state: before.index(state) if state in before else len(before))


def launched_from(self: Any) -> dict[str, Any] | None:
    """Return the launch template of an instance, in the version that it was launched from."""
    template = getattr(self.auto_scaling_group, "ec2_launch_template", None)
    version = next((tag["value"] for tag in self.instance.get_tags() if tag["key"] == VERSION), None)
    if template is None or version is None:
        return None
    return {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name, "Version": version}


_REMEMBERED = (
    "AvailabilityZoneDistribution",
    "AvailabilityZoneImpairmentPolicy",
    "CapacityReservationSpecification",
    "Context",
    "DefaultInstanceWarmup",
    "DeletionProtection",
    "DesiredCapacityType",
    "InstanceLifecyclePolicy",
    "InstanceMaintenancePolicy",
    "MaxInstanceLifetime",
    "ServiceLinkedRoleARN",
)
_CHANGED = ("CapacityRebalance", "DefaultCooldown", "PlacementGroup", "TerminationPolicies")


def _remember(thing: Any, request: Mapping[str, Any], names: Iterable[str]) -> None:
    for name in names:
        if name in request:
            setattr(thing, xform_name(name), request[name])


def _group(response: Response, request: Item) -> Any:
    return response.autoscaling_backend.autoscaling_groups[request["AutoScalingGroupName"]]


def _create_group(response: Response, request: Item) -> Any:
    """Keep what moto forgets, and wait for the health of instances as long as was asked for, or not at all."""
    answer = response.create_auto_scaling_group()
    group = _group(response, request)
    _remember(group, request, _REMEMBERED)
    group.health_check_grace_period = request.get("HealthCheckGracePeriod", 0)
    group.traffic_sources = request.get("TrafficSources", [])
    for hook in request.get("LifecycleHookSpecificationList", ()):
        _keep_hook(response, {"AutoScalingGroupName": group.name, **hook})
    return answer


def _update_group(response: Response, request: Item) -> Any:
    """Change what moto cannot change, too, and keep a policy of mixed instances that a request does not name."""
    group = _group(response, request)
    mixed = group.mixed_instances_policy
    answer = response.update_auto_scaling_group()
    _remember(group, request, (*_REMEMBERED, *_CHANGED))
    if "LaunchTemplate" in request or "LaunchConfigurationName" in request:
        mixed = None
    if "LaunchTemplate" in request or "MixedInstancesPolicy" in request:
        group.launch_config, group.launch_configuration_name = None, None
    if "LaunchConfigurationName" in request:
        group.ec2_launch_template = None
    if request.get("InstanceMaintenancePolicy", {}).get("MinHealthyPercentage") == -1:
        group.instance_maintenance_policy = None
    group.mixed_instances_policy = group.mixed_instances_policy or mixed
    return answer


def _disable_metrics_collection(response: Response, request: Item) -> Any:
    group = _group(response, request)
    gone = set(request.get("Metrics") or group.metrics)
    group.metrics = [metric for metric in group.metrics if metric not in gone]
    return {}


def _put_notifications(response: Response, request: Item) -> Any:
    group = _group(response, request)
    kept = getattr(group, "notifications", {})
    group.notifications = {**kept, request["TopicARN"]: request["NotificationTypes"]}
    return {}


def _delete_notifications(response: Response, request: Item) -> Any:
    group = _group(response, request)
    group.notifications = {
        topic: types for topic, types in getattr(group, "notifications", {}).items() if topic != request["TopicARN"]
    }
    return {}


def _notifications(response: Response, request: Item) -> Any:
    wanted = request.get("AutoScalingGroupNames")
    shown = [
        {"AutoScalingGroupName": group.name, "TopicARN": topic, "NotificationType": kind}
        for group in response.autoscaling_backend.autoscaling_groups.values()
        if not wanted or group.name in wanted
        for topic, types in getattr(group, "notifications", {}).items()
        for kind in types
    ]
    return {"NotificationConfigurations": shown}


def _attach_traffic_sources(response: Response, request: Item) -> Any:
    group = _group(response, request)
    added = [source for source in request["TrafficSources"] if source not in group.traffic_sources]
    group.traffic_sources = [*group.traffic_sources, *added]
    return {}


def _detach_traffic_sources(response: Response, request: Item) -> Any:
    group = _group(response, request)
    gone = {source["Identifier"] for source in request["TrafficSources"]}
    group.traffic_sources = [source for source in group.traffic_sources if source["Identifier"] not in gone]
    return {}


def _put_lifecycle_hook(response: Response, request: Item) -> Any:
    _keep_hook(response, request)
    return {}


def _keep_hook(response: Response, request: Mapping[str, Any]) -> None:
    """Keep a hook as it was asked for; moto's have a role and a queue of somebody else's."""
    backend, group = response.autoscaling_backend, request["AutoScalingGroupName"]
    name, transition = request["LifecycleHookName"], request.get("LifecycleTransition")
    timeout, result = request.get("HeartbeatTimeout"), request.get("DefaultResult")
    hook = backend.create_lifecycle_hook(name, group, transition, timeout, result)
    hook.notification_target_arn = request.get("NotificationTargetARN")
    hook.role_arn = request.get("RoleARN")
    hook.notification_metadata = request.get("NotificationMetadata")
    hook.global_timeout = min(hook.heartbeat_timeout * 100, 172800)


def _create_launch_configuration(response: Response, request: Item) -> Any:
    answer = response.create_launch_configuration()
    kept = response.autoscaling_backend.launch_configurations[request["LaunchConfigurationName"]]
    _remember(kept, request, ("PlacementTenancy",))
    return answer


METHODS: Mapping[tuple[str, str], Method] = {
    ("autoscaling", "AttachTrafficSources"): _attach_traffic_sources,
    ("autoscaling", "CreateAutoScalingGroup"): _create_group,
    ("autoscaling", "CreateLaunchConfiguration"): _create_launch_configuration,
    ("autoscaling", "DeleteNotificationConfiguration"): _delete_notifications,
    ("autoscaling", "DescribeNotificationConfigurations"): _notifications,
    ("autoscaling", "DetachTrafficSources"): _detach_traffic_sources,
    ("autoscaling", "DisableMetricsCollection"): _disable_metrics_collection,
    ("autoscaling", "PutLifecycleHook"): _put_lifecycle_hook,
    ("autoscaling", "PutNotificationConfiguration"): _put_notifications,
    ("autoscaling", "UpdateAutoScalingGroup"): _update_group,
}
PATCHES = (
    (FakeAutoScalingGroup, "replace_autoscaling_group_instances", replace_instances),
    (FakeAutoScalingGroup, "set_desired_capacity", set_desired_capacity),
    (InstanceState, "launch_template", property(launched_from)),
)
