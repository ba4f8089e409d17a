"""Application Auto Scaling: what is scaled, and by which policy."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.existing import AlreadyExistsError
from stackproof.simulate.modify import modify, request
from stackproof.simulate.recipe import Job, Recipe, Tagging
from stackproof.simulate.updates import came_and_went

_TARGET = ("ResourceId", "ScalableDimension", "ServiceNamespace")
_SCALING = dict.fromkeys(
    ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended"), False
)


def _is_new_target(job: Job) -> None:
    """Refuse what is scaled already; registering it again would change how."""
    which = {name: str(job.wanted.properties[name]) for name in _TARGET}
    ids = {"ResourceIds": [which["ResourceId"]], "ServiceNamespace": which["ServiceNamespace"]}
    if job.client.describe_scalable_targets(**ids, ScalableDimension=which["ScalableDimension"])["ScalableTargets"]:
        raise AlreadyExistsError(job.wanted.type, **which)


def _target(job: Job) -> None:
    """Give a target the id that CloudFormation makes of its three keys, and its schedule."""
    job.physical_id = "|".join(str(job.request[name]) for name in _TARGET)
    if not job.before:
        for action in job.take("ScheduledActions", []):
            _schedule(job, action)


def _schedule(job: Job, action: dict[str, Any]) -> None:
    job.client.put_scheduled_action(**{**request(job, "put_scheduled_action", action), **_which(job)})


def _which(job: Job) -> dict[str, Any]:
    return {name: job.request[name] for name in _TARGET}


def _change_target(job: Job) -> None:
    """Register a target again, which changes what is given; an action of another name is another action."""
    required: dict[str, Any] = {name: None for name in ("MinCapacity", "MaxCapacity", "RoleARN") if name in job.left}
    modify(job, "register_scalable_target", {"SuspendedState": _SCALING, **required}, **_which(job))
    added, removed = came_and_went(job, "ScheduledActions")
    job.touched("ScheduledActions")
    for name in {action["ScheduledActionName"] for action in removed}:
        job.client.delete_scheduled_action(ScheduledActionName=name, **_which(job))
    for action in added:
        _schedule(job, action)


def _targets(job: Job) -> Any:
    which = _which(job)
    ids = [which.pop("ResourceId")]
    return job.client.describe_scalable_targets(ResourceIds=ids, **which)["ScalableTargets"]


def _scheduled(job: Job) -> Any:
    return {"ScheduledActions": job.client.describe_scheduled_actions(**_which(job))["ScheduledActions"]}


def _target_tags(job: Job) -> Any:
    return job.client.list_tags_for_resource(ResourceARN=job.answer["ScalableTargetARN"]).get("Tags")


def _deregister(job: Job, _snapshot: bool) -> None:
    for action in job.client.describe_scheduled_actions(**_which(job))["ScheduledActions"]:
        job.client.delete_scheduled_action(ScheduledActionName=action["ScheduledActionName"], **_which(job))
    job.client.deregister_scalable_target(**_which(job))


def _of_target(properties: dict[str, Any]) -> dict[str, Any]:
    """Return a policy's properties with the three keys that the id of its target holds."""
    target = str(properties.pop("ScalingTargetId", ""))
    return {**properties, **dict(zip(_TARGET, target.split("|"), strict=True))} if target else properties


def _change_policy(job: Job) -> None:
    """Put a policy again, under its name."""
    names = ("PolicyType", "StepScalingPolicyConfiguration", "TargetTrackingScalingPolicyConfiguration")
    if job.touched(*names):
        given = {name: value for name, value in job.wanted.properties.items() if name in names}
        own = {**_which(job), "PolicyName": job.request["PolicyName"]}
        job.client.put_scaling_policy(**{**request(job, "put_scaling_policy", given), **own})


def _policies(job: Job) -> Any:
    found = job.client.describe_scaling_policies(**_which(job))["ScalingPolicies"]
    return [policy for policy in found if policy["PolicyName"] == job.request["PolicyName"]]


def _delete_policy(job: Job, _snapshot: bool) -> None:
    job.client.delete_scaling_policy(PolicyName=job.request["PolicyName"], **_which(job))


RECIPES = (
    Recipe(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "application-autoscaling",
        "register_scalable_target",
        "=ResourceId",
        before=_is_new_target,
        late=("ScheduledActions",),
        after=_target,
        describe=lambda job, name: {"Id": job.physical_id}[name],
        remove=_deregister,
        show=(_targets, _target_tags, _scheduled),
        change=_change_target,
        tagging=Tagging(
            "tag_resource", "untag_resource", "ResourceARN", id=lambda job: job.answer["ScalableTargetARN"]
        ),
    ),
    Recipe(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        "application-autoscaling",
        "put_scaling_policy",
        "PolicyARN",
        prepare=_of_target,
        name="PolicyName",
        attributes={"Arn": "PolicyARN"},
        remove=_delete_policy,
        show=(_policies,),
        hidden=("ScalingTargetId",),
        change=_change_policy,
    ),
)
