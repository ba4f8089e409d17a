"""Application Auto Scaling: what is scaled, and by which policy."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.recipe import Job, Recipe

_TARGET = ("ResourceId", "ScalableDimension", "ServiceNamespace")


def _target_id(job: Job) -> None:
    """Give a target the id that CloudFormation makes of its three keys."""
    job.physical_id = "|".join(str(job.request[name]) for name in _TARGET)


def _which(job: Job) -> dict[str, Any]:
    return {name: job.request[name] for name in _TARGET}


def _targets(job: Job) -> Any:
    which = _which(job)
    ids = [which.pop("ResourceId")]
    return job.client.describe_scalable_targets(ResourceIds=ids, **which)["ScalableTargets"]


def _target_tags(job: Job) -> Any:
    return job.client.list_tags_for_resource(ResourceARN=job.answer["ScalableTargetARN"]).get("Tags")


def _deregister(job: Job, _snapshot: bool) -> None:
    job.client.deregister_scalable_target(**_which(job))


def _of_target(properties: dict[str, Any]) -> dict[str, Any]:
    """Return a policy's properties with the three keys that the id of its target holds."""
    target = str(properties.pop("ScalingTargetId", ""))
    return {**properties, **dict(zip(_TARGET, target.split("|"), strict=True))} if target else properties


def _policies(job: Job) -> Any:
    which = _which(job)
    which.pop("ResourceId")
    return job.client.describe_scaling_policies(
        PolicyNames=[job.request["PolicyName"]], ResourceId=job.request["ResourceId"], **which
    )["ScalingPolicies"]


def _delete_policy(job: Job, _snapshot: bool) -> None:
    job.client.delete_scaling_policy(PolicyName=job.request["PolicyName"], **_which(job))


RECIPES = (
    Recipe(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "application-autoscaling",
        "register_scalable_target",
        "=ResourceId",
        after=_target_id,
        describe=lambda job, name: {"Id": job.physical_id}[name],
        remove=_deregister,
        show=(_targets, _target_tags),
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
    ),
)
