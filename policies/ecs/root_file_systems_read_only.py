"""Containers cannot change their own file system."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.containers import TASK, called, containers, is_windows

POLICY = Policy(
    id="SP632",
    severity=Severity.MEDIUM,
    types=(TASK,),
    rationale="Who breaks in cannot change the program or leave tools behind where nothing can be written.",
    remediation="Set ReadonlyRootFilesystem to true, and mount a volume where the program writes, such as /tmp.",
    controls=("FSBP ECS.5", "NIST AC-3", "NIST AC-6"),
)


def check(task: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Windows containers have no such switch."""
    if is_windows(task):
        return
    for container in containers(task):
        if not container.boolean("ReadonlyRootFilesystem"):
            path = container.path_of("ReadonlyRootFilesystem")
            yield problem(task, path, f"{called(container)} can change its own file system")
