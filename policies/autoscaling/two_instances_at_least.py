"""Auto Scaling groups keep two instances at least in protected environments."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP216",
    severity=Severity.MEDIUM,
    types=("AWS::AutoScaling::AutoScalingGroup",),
    rationale="With one instance the site is down until another has started, and no zone stands in for it.",
    remediation="Set MinSize to 2 or more.",
    controls=("NIST CP-10", "NIST SC-5"),
    protected_only=True,
)


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """What it may shrink to counts, not what it starts with."""
    size = group.integer("MinSize")
    if size < 2:
        yield problem(group, "MinSize", f"it may shrink to {size} instance{'' if size == 1 else 's'}")
