"""Auto Scaling: groups, their policies, hooks and schedules, and launch configurations."""

from __future__ import annotations

import base64
from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.recipe import Job, Recipe
from stackproof.simulate.updates import came_and_went, in_turn, only


def _group(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of a group with its subnets as the one text that the API takes."""
    subnets = properties.get("VPCZoneIdentifier")
    return properties | ({"VPCZoneIdentifier": ",".join(subnets)} if subnets else {})


def _own(job: Job) -> dict[str, str]:
    return {"AutoScalingGroupName": job.physical_id}


def _metrics(job: Job) -> None:
    """Collect the metrics that are wanted now, and no others."""
    if not job.touched("MetricsCollection"):
        return
    if job.before.get("MetricsCollection"):
        job.client.disable_metrics_collection(**_own(job))
    for collected in job.wanted.properties.get("MetricsCollection") or ():
        job.call("enable_metrics_collection", collected, **_own(job))


def _notifications(held: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what is notified of what; topics may be given as a list of one."""
    one = held.get("NotificationConfiguration")
    found = [*(held.get("NotificationConfigurations") or ()), *([one] if one else ())]
    return [
        item | {"TopicARN": item["TopicARN"][0] if isinstance(item["TopicARN"], list) else item["TopicARN"]}
        for item in found
    ]


def _notify(job: Job) -> None:
    if not job.touched("NotificationConfiguration", "NotificationConfigurations"):
        return
    before, now = _notifications(job.before), _notifications(job.wanted.properties)
    for topic in {item["TopicARN"] for item in before} - {item["TopicARN"] for item in now}:
        job.client.delete_notification_configuration(**_own(job), TopicARN=topic)
    for item in now:
        job.call("put_notification_configuration", item, **_own(job))


def _hooks(job: Job) -> None:
    """Put the hooks that are wanted now and delete the others; a new group gets its hooks before its instances."""
    added, removed = came_and_went(job, "LifecycleHookSpecificationList")
    if not job.touched("LifecycleHookSpecificationList"):
        return
    for hook in removed:
        job.client.delete_lifecycle_hook(**_own(job), LifecycleHookName=hook["LifecycleHookName"])
    for hook in added:
        job.call("put_lifecycle_hook", hook, **_own(job))


_apart = in_turn(_metrics, _notify, _hooks)

_NAMES = {"Cooldown": "DefaultCooldown"}
_DEFAULTS: dict[str, Any] = {
    "Cooldown": 300,
    "HealthCheckGracePeriod": 0,
    "HealthCheckType": "EC2",
    "TerminationPolicies": ["Default"],
    "CapacityRebalance": False,
    "NewInstancesProtectedFromScaleIn": False,
    "DefaultInstanceWarmup": -1,
    "MaxInstanceLifetime": 0,
    "PlacementGroup": "",
    "InstanceMaintenancePolicy": {"MinHealthyPercentage": -1, "MaxHealthyPercentage": -1},
}
_CHANGED = (
    *_DEFAULTS,
    "AvailabilityZoneDistribution",
    "AvailabilityZoneImpairmentPolicy",
    "AvailabilityZones",
    "CapacityReservationSpecification",
    "Context",
    "DeletionProtection",
    "DesiredCapacity",
    "DesiredCapacityType",
    "InstanceLifecyclePolicy",
    "LaunchConfigurationName",
    "LaunchTemplate",
    "MaxSize",
    "MinSize",
    "MixedInstancesPolicy",
    "ServiceLinkedRoleARN",
    "VPCZoneIdentifier",
)


def _change_group(job: Job) -> None:
    """Change all that one call can change; a group whose capacity is no longer stated keeps the one that it has."""
    given = only(job.left, _CHANGED)
    given |= {name: value for name, value in _DEFAULTS.items() if name in job.gone}
    replaced = {"LaunchTemplate", "LaunchConfigurationName", "MixedInstancesPolicy"}
    kept = {"DesiredCapacity", *(replaced if replaced & given.keys() else ())}
    kept |= {"AvailabilityZones"} if "VPCZoneIdentifier" in given else set()
    job.touched(*given, *(job.gone & kept))
    if given:
        renamed = {_NAMES.get(name, name): value for name, value in _group(given).items()}
        job.call("update_auto_scaling_group", renamed, **_own(job))


def _attach(job: Job) -> None:
    """Attach what leads traffic to the group, and detach what no longer does."""
    for name, plural in (
        ("TargetGroupARNs", "load_balancer_target_groups"),
        ("LoadBalancerNames", "load_balancers"),
        ("TrafficSources", "traffic_sources"),
    ):
        added, removed = came_and_went(job, name)
        if job.touched(name):
            if removed:
                getattr(job.client, f"detach_{plural}")(**_own(job), **{name: removed})
            if added:
                getattr(job.client, f"attach_{plural}")(**_own(job), **{name: added})


def _tag(job: Job) -> None:
    """Change the tags, which say whether instances get them, too."""
    added, removed = came_and_went(job, "Tags")
    if not job.touched("Tags"):
        return
    own = {"ResourceId": job.physical_id, "ResourceType": "auto-scaling-group"}
    kept = {tag["Key"] for tag in job.wanted.properties.get("Tags") or ()}
    gone = [{**own, "Key": tag["Key"]} for tag in removed if tag["Key"] not in kept]
    if gone:
        job.client.delete_tags(Tags=gone)
    if added:
        job.call("create_or_update_tags", {"Tags": [{**own, **tag} for tag in added]})


def _found_group(job: Job) -> dict[str, Any]:
    answer = job.client.describe_auto_scaling_groups(AutoScalingGroupNames=[job.physical_id])
    return dict(answer["AutoScalingGroups"][0])


def _shown_group(job: Job) -> Any:
    """Show a group with its hooks and notifications, in the form in which a template declares them."""
    found = _found_group(job)
    hooks = job.client.describe_lifecycle_hooks(**_own(job))["LifecycleHooks"]
    answer = job.client.describe_notification_configurations(AutoScalingGroupNames=[job.physical_id])
    notified: dict[str, list[str]] = {}
    for item in answer["NotificationConfigurations"]:
        notified.setdefault(item["TopicARN"], []).append(item["NotificationType"])
    topics = [{"TopicARN": topic, "NotificationTypes": types} for topic, types in notified.items()]
    collected = found.get("EnabledMetrics", ())
    return found | {
        "Cooldown": found["DefaultCooldown"],
        "VPCZoneIdentifier": found.get("VPCZoneIdentifier", "").split(","),
        "LifecycleHookSpecificationList": hooks,
        "NotificationConfigurations": topics,
        "NotificationConfiguration": topics[0] if topics else {},
        "MetricsCollection": [
            {"Granularity": granularity, "Metrics": [one["Metric"] for one in collected]}
            for granularity in sorted({one["Granularity"] for one in collected})
        ],
    }


def _group_attribute(job: Job, name: str) -> Any:
    return {"AutoScalingGroupARN": _found_group(job)["AutoScalingGroupARN"]}[name]


def _delete_group(job: Job, _snapshot: bool) -> None:
    job.client.delete_auto_scaling_group(**_own(job), ForceDelete=True)


def _put_policy(job: Job) -> None:
    """Put a policy under the name that CloudFormation makes up; ``Ref`` gives its ARN."""
    job.request = {"PolicyName": f"{job.wanted.name}"} | job.request
    job.call(
        "put_scaling_policy", {"PolicyType": "SimpleScaling"} | job.wanted.properties, **only(job.request, _POLICY)
    )
    job.left = {name: None for name in job.left if name not in job.wanted.properties}
    # moto 5.2.5 leaves the ARN out of the answer.
    job.physical_id = _policy(job)["PolicyARN"]


_POLICY = ("PolicyName",)


def _policy(job: Job) -> Any:
    return job.client.describe_policies(PolicyNames=[job.request["PolicyName"]])["ScalingPolicies"][0]


def _policy_attribute(job: Job, name: str) -> Any:
    return {"Arn": job.physical_id, "PolicyName": job.request["PolicyName"]}[name]


def _change_policy(job: Job) -> None:
    if job.left or job.gone:
        job.left, job.gone = {}, set()
        _put_policy(job)


def _delete_policy(job: Job, _snapshot: bool) -> None:
    job.client.delete_policy(PolicyName=job.request["PolicyName"])


def _hook(job: Job) -> Any:
    group = job.wanted.properties["AutoScalingGroupName"]
    answer = job.client.describe_lifecycle_hooks(AutoScalingGroupName=group, LifecycleHookNames=[job.physical_id])
    return answer["LifecycleHooks"]


def _delete_hook(job: Job, _snapshot: bool) -> None:
    group = job.wanted.properties["AutoScalingGroupName"]
    job.client.delete_lifecycle_hook(AutoScalingGroupName=group, LifecycleHookName=job.physical_id)


def _scheduled(job: Job) -> Any:
    group = job.wanted.properties["AutoScalingGroupName"]
    answer = job.client.describe_scheduled_actions(AutoScalingGroupName=group, ScheduledActionNames=[job.physical_id])
    found = answer["ScheduledUpdateGroupActions"][0]
    times = {name: found[name].strftime("%Y-%m-%dT%H:%M:%SZ") for name in ("StartTime", "EndTime") if name in found}
    return found | times


def _scheduled_name(job: Job, name: str) -> Any:
    return {"ScheduledActionName": job.physical_id}[name]


def _delete_scheduled(job: Job, _snapshot: bool) -> None:
    group = job.wanted.properties["AutoScalingGroupName"]
    job.client.delete_scheduled_action(AutoScalingGroupName=group, ScheduledActionName=job.physical_id)


def _configuration(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of a launch configuration as the API takes them; botocore encodes user data itself."""
    found = dict(properties)
    if "InstanceMonitoring" in found:
        found["InstanceMonitoring"] = {"Enabled": found["InstanceMonitoring"]}
    if "UserData" in found:
        found["UserData"] = base64.b64decode(found["UserData"]).decode()
    return found


def _shown_configuration(job: Job) -> Any:
    answer = job.client.describe_launch_configurations(LaunchConfigurationNames=[job.physical_id])
    found = answer["LaunchConfigurations"][0]
    return found | {"InstanceMonitoring": found["InstanceMonitoring"]["Enabled"]}


def _put_pool(job: Job) -> None:
    properties = dict(job.wanted.properties)
    job.call("put_warm_pool", properties)
    job.left = {name: None for name in job.left if name not in properties}
    job.physical_id = as_text(properties["AutoScalingGroupName"])


def _pool(job: Job) -> Any:
    return job.client.describe_warm_pool(**_own(job))["WarmPoolConfiguration"] | _own(job)


def _delete_pool(job: Job, _snapshot: bool) -> None:
    job.client.delete_warm_pool(**_own(job), ForceDelete=True)


RECIPES = (
    Recipe(
        "AWS::AutoScaling::AutoScalingGroup",
        "autoscaling",
        "create_auto_scaling_group",
        "=AutoScalingGroupName",
        names=_NAMES,
        name="AutoScalingGroupName",
        prepare=_group,
        late=("MetricsCollection", "NotificationConfiguration", "NotificationConfigurations"),
        after=_apart,
        describe=_group_attribute,
        remove=_delete_group,
        show=(_shown_group,),
        change=in_turn(_tag, _attach, _change_group, _apart),
    ),
    Recipe(
        "AWS::AutoScaling::ScalingPolicy",
        "autoscaling",
        make=_put_policy,
        describe=_policy_attribute,
        remove=_delete_policy,
        show=(_policy,),
        change=_change_policy,
    ),
    Recipe(
        "AWS::AutoScaling::LifecycleHook",
        "autoscaling",
        "put_lifecycle_hook",
        "=LifecycleHookName",
        name="LifecycleHookName",
        remove=_delete_hook,
        show=(_hook,),
        put=True,
    ),
    Recipe(
        "AWS::AutoScaling::ScheduledAction",
        "autoscaling",
        "put_scheduled_update_group_action",
        "=ScheduledActionName",
        name="ScheduledActionName",
        describe=_scheduled_name,
        remove=_delete_scheduled,
        show=(_scheduled,),
        put=True,
    ),
    Recipe(
        "AWS::AutoScaling::LaunchConfiguration",
        "autoscaling",
        "create_launch_configuration",
        "=LaunchConfigurationName",
        "delete_launch_configuration",
        "LaunchConfigurationName",
        name="LaunchConfigurationName",
        prepare=_configuration,
        show=(_shown_configuration,),
    ),
    Recipe(
        "AWS::AutoScaling::WarmPool",
        "autoscaling",
        make=_put_pool,
        remove=_delete_pool,
        show=(_pool,),
        put=True,
    ),
)
