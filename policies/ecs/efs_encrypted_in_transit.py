"""Tasks speak to EFS over TLS."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.containers import TASK, volumes

POLICY = Policy(
    id="SP647",
    severity=Severity.MEDIUM,
    types=(TASK,),
    rationale="NFS itself encrypts nothing, so that files cross the network readable.",
    remediation="Set TransitEncryption of EFSVolumeConfiguration to ENABLED.",
    controls=("FSBP ECS.18", "NIST SC-8"),
)


def check(task: Resource, deployment: Deployment) -> Iterator[Problem]:
    """It is off where nothing is said."""
    for volume in volumes(task):
        if stated(volume, "EFSVolumeConfiguration"):
            configuration = volume.block("EFSVolumeConfiguration")
            if configuration.text("TransitEncryption", "DISABLED").upper() != "ENABLED":
                yield problem(task, configuration.path_of("TransitEncryption"), "its files cross the network readable")
