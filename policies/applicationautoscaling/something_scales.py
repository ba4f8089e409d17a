"""Scalable targets have something that scales them."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, Undecidable, problem
from stackproof.policy.alternatives import stated, unknown

POLICY = Policy(
    id="SP682",
    severity=Severity.LOW,
    types=("AWS::ApplicationAutoScaling::ScalableTarget",),
    rationale="Bounds alone move nothing: without a policy or a schedule the size stays what it was at the start.",
    remediation="Add a scaling policy that names the target, or state ScheduledActions.",
    controls=("NIST SC-5",),
)

_KEYS = ("ServiceNamespace", "ResourceId", "ScalableDimension")


def check(target: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A policy names its target by reference, or by the same namespace, resource and dimension."""
    unsure: Undecidable | None = None
    for policy in deployment.of_type("AWS::ApplicationAutoScaling::ScalingPolicy"):
        named = policy.get("ScalingTargetId")
        if deployment.follow(named) is target or (
            named is None and all(policy.get(key) == target.get(key) for key in _KEYS)
        ):
            return
        if isinstance(named, Symbol) and deployment.follow(named) is None:
            unsure = unknown(policy, "ScalingTargetId", named)
    if stated(target, "ScheduledActions"):
        return
    if unsure is not None:
        raise unsure
    yield problem(target, "", "no policy and no schedule scales it")
