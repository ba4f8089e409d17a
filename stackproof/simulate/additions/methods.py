"""Operations of moto's services that need code, written as moto would have them: on its own models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stackproof.simulate.additions.keeping import Item, Method, Response

_GROUP_METRICS = tuple(
    f"Group{name}"
    for name in (
        "MinSize",
        "MaxSize",
        "DesiredCapacity",
        "InServiceInstances",
        "PendingInstances",
        "StandbyInstances",
        "TerminatingInstances",
        "TotalInstances",
        "InServiceCapacity",
        "PendingCapacity",
        "StandbyCapacity",
        "TerminatingCapacity",
        "TotalCapacity",
    )
)


def _enable_metrics_collection(response: Response, request: Item) -> Any:
    """Collect every metric of a group where the request names none."""
    answer = response.enable_metrics_collection()
    if not request.get("Metrics"):
        group = response.autoscaling_backend.autoscaling_groups[request["AutoScalingGroupName"]]
        group.metrics = list(_GROUP_METRICS)
    return answer


def may_take_logs(by_policy: Callable[..., bool], target_bucket: Any, target_prefix: str | None) -> bool:
    """Return whether S3 lets a bucket's access logs be sent to another; it asks for grants where there are ACLs only.

    A policy that lets the logs in may name the bucket that sends them, and so can only be put there after this.
    """
    rule = target_bucket.ownership_rule
    without_acls = rule is None or "BucketOwnerEnforced" in str(rule)
    return without_acls or by_policy(target_bucket=target_bucket, target_prefix=target_prefix)


METHODS: Mapping[tuple[str, str], Method] = {
    ("autoscaling", "EnableMetricsCollection"): _enable_metrics_collection,
}
