"""Capacity providers end no instance on which tasks run."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated

POLICY = Policy(
    id="SP648",
    severity=Severity.LOW,
    types=("AWS::ECS::CapacityProvider",),
    rationale="Auto Scaling knows nothing of tasks, and ends the instance that suits it.",
    remediation="Set ManagedTerminationProtection to ENABLED, with managed scaling and a group that protects its "
    "instances from scale in.",
    controls=("FSBP ECS.19", "NIST CP-10"),
)


def check(provider: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Instances that ECS manages itself need no such thing; draining empties an instance before it ends."""
    if not stated(provider, "AutoScalingGroupProvider"):
        return
    group = provider.block("AutoScalingGroupProvider")
    if group.text("ManagedTerminationProtection", "DISABLED").upper() != "ENABLED":
        path = group.path_of("ManagedTerminationProtection")
        yield problem(provider, path, "Auto Scaling may end instances on which tasks run")
