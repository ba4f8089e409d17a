"""Tasks mount nothing that governs their host."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.containers import TASK, volumes

POLICY = Policy(
    id="SP635",
    severity=Severity.HIGH,
    types=(TASK,),
    rationale="Who speaks to the Docker daemon or reads the secrets of the host is root on it, read-only mount or not.",
    remediation="Remove the volume, or mount only the directory that is needed.",
    controls=("NIST AC-3", "NIST AC-6"),
)

_GOVERNING = ("/", "/boot", "/dev", "/etc", "/root", "/run", "/var/lib/docker", "/var/lib/ecs", "/var/run")
_SOCKETS = ("docker.sock", "containerd.sock")


def check(task: Resource, deployment: Deployment) -> Iterator[Problem]:
    """What collectors of metrics read, such as /proc and /sys, is not among it."""
    for volume in volumes(task):
        host = volume.block("Host")
        path = host.text("SourcePath")
        shown = f"/{'/'.join(part for part in path.split('/') if part not in ('', '.'))}"
        if path and (shown in _GOVERNING or shown.endswith(_SOCKETS)):
            yield problem(task, host.path_of("SourcePath"), f"it mounts {path} of the host")
