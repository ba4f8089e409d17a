"""Containers have no rights over their host."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, each, problem
from stackproof.policy.alternatives import elements, unknown
from stackproof.policy.containers import TASK, called, containers

POLICY = Policy(
    id="SP633",
    severity=Severity.HIGH,
    types=(TASK,),
    rationale="A privileged container is root on its host and so in every other container there.",
    remediation="Remove Privileged, and of the capabilities add no more than the one that is needed.",
    controls=("FSBP ECS.4", "NIST AC-6"),
)

# Each of them is a way to the host: "capabilities(7)" of the Linux manual.
_CAPABILITIES = ("ALL", "DAC_READ_SEARCH", "SYS_ADMIN", "SYS_BOOT", "SYS_MODULE", "SYS_RAWIO")


def check(task: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Other capabilities, such as NET_ADMIN of a proxy, stay inside of the container."""
    for container in containers(task):
        for key in each(("Privileged", "LinuxParameters")):
            if key == "Privileged":
                if container.boolean(key):
                    yield problem(task, container.path_of(key), f"{called(container)} is root on its host")
                continue
            capabilities = container.block(key).block("Capabilities")
            for name in each(elements(capabilities, "Add")):
                if isinstance(name, Symbol):
                    raise unknown(capabilities, "Add", name)
                if f"{name}".upper().removeprefix("CAP_") in _CAPABILITIES:
                    message = f"{called(container)} has the capability {name}, a way to its host"
                    yield problem(task, capabilities.path_of("Add"), message)
