"""Tasks share no namespace with their host."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.containers import TASK

POLICY = Policy(
    id="SP634",
    severity=Severity.HIGH,
    types=(TASK,),
    rationale="A task in the namespaces of its host sees the processes, the memory and the network of all the others, "
    "and takes the role of the host from its metadata.",
    remediation="Set NetworkMode to awsvpc, and remove PidMode and IpcMode.",
    controls=("FSBP ECS.3", "FSBP ECS.17", "FSBP ECS.1", "NIST AC-6", "NIST SC-39"),
)

_KEYS = {"NetworkMode": "network", "PidMode": "processes", "IpcMode": "shared memory"}


def check(task: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The containers of one task may share among themselves."""
    for key in each(_KEYS):
        if task.text(key).lower() == "host":
            yield problem(task, key, f"its containers share the {_KEYS[key]} of the host")
