"""Groups whose updates wait for signals are created by them too."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP211",
    severity=Severity.MEDIUM,
    types=("AWS::AutoScaling::AutoScalingGroup",),
    rationale="Without it a new group counts as complete before one of its instances works, and the old one goes.",
    remediation="Add a CreationPolicy with a ResourceSignal whose Count is the number of instances.",
    controls=("NIST CM-3", "NIST CP-10"),
)


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A count of 0 waits for nobody."""
    update = group.attributes.block("UpdatePolicy")
    waits = update.block("AutoScalingRollingUpdate").boolean("WaitOnResourceSignals")
    replaces = update.block("AutoScalingReplacingUpdate").boolean("WillReplace")
    if not waits and not replaces:
        return
    creation = group.attributes.block("CreationPolicy")
    if "ResourceSignal" not in creation:
        yield problem(group, "CreationPolicy.ResourceSignal", "its creation waits for no signal")
    elif creation.block("ResourceSignal").integer("Count", 1) < 1:
        yield problem(group, "CreationPolicy.ResourceSignal.Count", "its creation waits for no signal")
