"""What scales in protected environments has room to grow."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP681",
    severity=Severity.LOW,
    types=("AWS::ApplicationAutoScaling::ScalableTarget",),
    rationale="With one bound for both directions nothing ever scales, however many policies ask for it.",
    remediation="Set MaxCapacity to more than MinCapacity.",
    controls=("NIST SC-5",),
    protected_only=True,
)


def check(target: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Equal bounds are a fixed size, which needs no scalable target."""
    least, most = target.integer("MinCapacity"), target.integer("MaxCapacity")
    if most <= least:
        yield problem(target, "MaxCapacity", f"it can grow from {least} to {most} only")
