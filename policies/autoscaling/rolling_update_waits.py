"""Rolling updates wait until new instances have signalled."""

from collections.abc import Iterator

from stackproof.policy import Block, Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP210",
    severity=Severity.HIGH,
    types=("AWS::AutoScaling::AutoScalingGroup",),
    rationale="An update that does not wait replaces every working instance by a broken one before anybody notices.",
    remediation="Set WaitOnResourceSignals, PauseTime, MinInstancesInService and SuspendProcesses of the update.",
    controls=("NIST CM-3", "NIST CP-10", "NIST SI-2"),
)


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A replacing update makes a second group, which waits by its creation policy."""
    update = group.attributes.block("UpdatePolicy")
    if "AutoScalingRollingUpdate" in update:
        yield from judged(group, update.block("AutoScalingRollingUpdate"))
    elif not update.block("AutoScalingReplacingUpdate").boolean("WillReplace"):
        yield problem(group, "UpdatePolicy", "it has no update policy, so its instances keep their old configuration")


def judged(group: Resource, rolling: Block) -> Iterator[Problem]:
    """Yield what is wrong with a rolling update."""
    if not rolling.boolean("WaitOnResourceSignals"):
        path = rolling.path_of("WaitOnResourceSignals")
        yield problem(group, path, "an update goes on without waiting for the signals of new instances")
    if rolling.text("PauseTime", "PT0S") in ("PT0S", "PT0M", "PT0H"):
        yield problem(group, rolling.path_of("PauseTime"), "it does not say how long a signal is waited for")
    # With a single instance at most, none can stay in service.
    if rolling.integer("MinInstancesInService") < 1 and group.integer("MaxSize", 2) > 1:
        yield problem(group, rolling.path_of("MinInstancesInService"), "an update may take every instance at once")
    if not rolling.items_of("SuspendProcesses"):
        path = rolling.path_of("SuspendProcesses")
        yield problem(group, path, "nothing keeps scaling and health checks from ending instances during an update")
