"""Containers send their output to a log."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.containers import TASK, called, containers

POLICY = Policy(
    id="SP636",
    severity=Severity.MEDIUM,
    types=(TASK,),
    rationale="What a container printed is gone with it, and nobody learns why it stopped.",
    remediation="State LogConfiguration, such as LogDriver awslogs with a log group.",
    controls=("FSBP ECS.9", "NIST AU-2", "NIST AU-12"),
)


def check(task: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Whichever driver it is."""
    for container in containers(task):
        if not stated(container, "LogConfiguration"):
            yield problem(task, container.path_of("LogConfiguration"), f"the output of {called(container)} is lost")
            continue
        configuration = container.block("LogConfiguration")
        if configuration.text("LogDriver").lower() in ("", "none"):
            yield problem(task, configuration.path_of("LogDriver"), f"the output of {called(container)} is lost")
