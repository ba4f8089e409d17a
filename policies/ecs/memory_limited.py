"""Tasks have a limit of memory."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.containers import TASK, called, containers

POLICY = Policy(
    id="SP645",
    severity=Severity.LOW,
    types=(TASK,),
    rationale="One leak, or one flood of requests, takes the memory of every other task on the host.",
    remediation="Set Memory of the task or of each container.",
    controls=("NIST SC-5", "NIST SC-6"),
)


def check(task: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A reservation is no limit; Fargate always asks for the task's."""
    if stated(task, "Memory"):
        return
    for container in containers(task):
        if not stated(container, "Memory"):
            yield problem(task, container.path_of("Memory"), f"nothing limits the memory of {called(container)}")
