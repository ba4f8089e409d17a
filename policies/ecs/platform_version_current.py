"""Fargate runs tasks on its current platform."""

import re
from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.containers import SERVICE, TASK_SET, is_windows
from stackproof.policy.reading import undecidable

POLICY = Policy(
    id="SP639",
    severity=Severity.MEDIUM,
    types=(SERVICE, TASK_SET),
    rationale="Security patches of kernel and runtime come with the platform, and old ones are retired.",
    remediation="Remove PlatformVersion, or set it to LATEST.",
    controls=("FSBP ECS.10", "NIST SI-2"),
)

_LINUX = (1, 4, 0)


def check(service: Resource, deployment: Deployment) -> Iterator[Problem]:
    """It is the latest where nothing is said; that of Windows has the number 1.0.0."""
    if not stated(service, "PlatformVersion"):
        return
    version = service.text("PlatformVersion")
    numbers = tuple(map(int, re.findall(r"\d+", version)))
    if version.upper() == "LATEST" or numbers >= _LINUX:
        return
    task = deployment.follow(service.get("TaskDefinition"))
    if numbers == (1, 0, 0) and task is None:
        reason = f"is {version}, the current one of Windows, and no template shows what its tasks run"
        raise undecidable(service.properties, "PlatformVersion", reason)
    if numbers != (1, 0, 0) or task is None or not is_windows(task):
        yield problem(service, "PlatformVersion", f"its tasks run on the old platform {version}")
