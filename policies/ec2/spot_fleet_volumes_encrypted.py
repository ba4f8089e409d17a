"""EBS volumes of spot fleets are encrypted."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.reading import blocks, undecidable

POLICY = Policy(
    id="SP132",
    severity=Severity.HIGH,
    types=("AWS::EC2::SpotFleet",),
    rationale="A volume and its snapshots are readable to whoever gets hold of them unless they are encrypted.",
    remediation="Set Encrypted to true for every volume of the launch specifications.",
    controls=("FSBP EC2.173", "NIST SC-28"),
)


def check(fleet: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Launch templates are judged by SP107; a volume that says nothing follows its snapshot, or the account."""
    data = fleet.block("SpotFleetRequestConfigData")
    for specification in each(blocks(data, "LaunchSpecifications")):
        for mapping in each(blocks(specification, "BlockDeviceMappings")):
            volume = mapping.block("Ebs")
            if "Ebs" not in mapping:
                continue
            if "SnapshotId" in volume and "Encrypted" not in volume:
                raise undecidable(
                    volume, "SnapshotId", "decides whether the volume is encrypted; say it with Encrypted"
                )
            if not volume.boolean("Encrypted"):
                yield problem(fleet, volume.path_of("Encrypted"), "its volume is not encrypted")
