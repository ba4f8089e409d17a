"""Application Auto Scaling: tags, switched-off scaling, and policies that stay themselves when they are changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stackproof.simulate.additions.keeping import Item, Method, Refused, Response

_RUNNING = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}
_LOW = 0.9
"""The part of a target value below which the alarm that scales in fires."""


def _targets(response: Response) -> dict[str, Any]:
    backend = response.applicationautoscaling_backend
    return {target.arn: target for targets in backend.targets.values() for target in targets.values()}


def _register(response: Response, request: Item) -> Any:
    answer = json.loads(response.register_scalable_target())
    target = _targets(response)[answer["ScalableTargetARN"]]
    target.suspended_state = {**_RUNNING, **(target.suspended_state or {})}
    _tagged(target).update(request.get("Tags", {}))
    return answer


def _tagged(target: Any) -> dict[str, str]:
    tags: dict[str, str] = vars(target).setdefault("tags", {})
    return tags


def _target(response: Response, request: Item) -> Any:
    arn = request["ResourceARN"]
    if arn not in _targets(response):
        raise Refused("ResourceNotFoundException", f"{arn} does not exist.")
    return _targets(response)[arn]


def _list_tags(response: Response, request: Item) -> Any:
    return {"Tags": _tagged(_target(response, request))}


def _tag(response: Response, request: Item) -> Any:
    _tagged(_target(response, request)).update(request["Tags"])
    return {}


def _untag(response: Response, request: Item) -> Any:
    for key in request["TagKeys"]:
        _tagged(_target(response, request)).pop(key, None)
    return {}


def _put_policy(response: Response, request: Item) -> Any:
    """Change a policy and let it be the same; its alarms are made anew and fire at its target value."""
    backend = response.applicationautoscaling_backend
    names = ("ServiceNamespace", "ResourceId", "ScalableDimension", "PolicyName")
    key = "\t".join(request[name] for name in names)
    old = backend.policies.get(key)
    if old is not None:
        old.delete_alarms(old.account_id, old.region_name)
    answer = json.loads(response.put_scaling_policy())
    policy = backend.policies[key]
    if old is not None:
        policy.policy_arn, policy.creation_time = old.policy_arn, old.creation_time
    value = (policy.target_tracking_scaling_policy_configuration or {}).get("TargetValue")
    if value is not None:
        for alarm, part in zip(policy.alarms, (1.0, _LOW), strict=False):
            alarm.threshold = value * part
    return {**answer, "PolicyARN": policy.policy_arn}


METHODS: Mapping[tuple[str, str], Method] = {
    ("application-autoscaling", "ListTagsForResource"): _list_tags,
    ("application-autoscaling", "PutScalingPolicy"): _put_policy,
    ("application-autoscaling", "RegisterScalableTarget"): _register,
    ("application-autoscaling", "TagResource"): _tag,
    ("application-autoscaling", "UntagResource"): _untag,
}
