"""Containers run as another user than root."""

import re
from collections.abc import Iterator

from stackproof.policy import Block, Deployment, Policy, Problem, Resource, Severity, Text, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.containers import TASK, called, containers, is_windows

POLICY = Policy(
    id="SP631",
    severity=Severity.MEDIUM,
    types=(TASK,),
    rationale="An intruder who is root inside needs one flaw of the kernel less to get out; where the task definition "
    "does not say who runs, the image may, and most of them run as root.",
    remediation="Set User to the number of a user other than 0.",
    controls=("FSBP ECS.20", "FSBP ECS.21", "FSBP ECS.1", "NIST AC-6"),
)

# Of user, user:group and their numbers, what counts is the user; some write the number with zeros in front.
_ROOT = re.compile(r"(root|0+)(:.*)?", re.IGNORECASE)
_ADMINISTRATOR = re.compile(r"(containeradministrator|administrator)", re.IGNORECASE)


def check(task: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The log router of FireLens is an image of AWS that reads what root alone may."""
    for container in containers(task):
        if "FirelensConfiguration" in container:
            continue
        path = container.path_of("User")
        if not stated(container, "User"):
            yield problem(task, path, f"nothing says that {called(container)} runs as another user than root")
            continue
        user = _user(container)
        if (_ADMINISTRATOR if is_windows(task) else _ROOT).fullmatch(user):
            yield problem(task, path, f"{called(container)} runs as {user}")


def _user(container: Block) -> str:
    """Return who a container runs as; a known user with an unknown group is known."""
    value = container["User"]
    first = value.parts[0] if isinstance(value, Text) else ""
    return (first if isinstance(first, str) and ":" in first else container.text("User")).strip()
