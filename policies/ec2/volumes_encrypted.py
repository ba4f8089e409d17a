"""EBS volumes are encrypted."""

from collections.abc import Iterator

from stackproof.policy import Block, Deployment, Policy, Problem, Resource, Severity, Undecidable, each, problem
from stackproof.policy.instances import STARTED_FROM, launch_template_of, settings
from stackproof.policy.reading import blocks, undecidable

POLICY = Policy(
    id="SP107",
    severity=Severity.HIGH,
    types=("AWS::EC2::Volume", *STARTED_FROM),
    rationale="A volume, its snapshots and copies are readable to whoever gets hold of them unless they are encrypted.",
    remediation="Set Encrypted to true; for the root volume that needs a block device mapping of its own.",
    controls=("FSBP EC2.3", "FSBP EC2.181", "CIS 2.2.1", "NIST SC-28"),
)

# The two names that AWS reserves for the root volume of current (HVM) images.
ROOTS = ("/dev/xvda", "/dev/sda1")


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A volume that says nothing follows its snapshot, or the account's default, which no template can show."""
    if resource.type == "AWS::EC2::Volume":
        yield from judged(resource, resource.properties)
        return
    block = settings(resource)
    for mapping in each((None, *blocks(block, "BlockDeviceMappings"))):
        if mapping is None:
            check_root(resource, block, deployment)
        elif "Ebs" in mapping:
            yield from judged(resource, mapping.block("Ebs"))


def judged(resource: Resource, volume: Block) -> Iterator[Problem]:
    """Yield what is wrong with one volume."""
    origin = next((key for key in ("SnapshotId", "SourceVolumeId") if key in volume), None)
    if "Encrypted" not in volume and origin:
        raise undecidable(volume, origin, "decides whether the volume is encrypted; say it with Encrypted")
    if not volume.boolean("Encrypted"):
        yield problem(resource, volume.path_of("Encrypted"), "its volume is not encrypted")


def check_root(resource: Resource, block: Block, deployment: Deployment) -> None:
    """Refuse to judge a root volume that the machine image describes; an instance may leave it to its template."""
    mappings = blocks(block, "BlockDeviceMappings")
    if any("Ebs" in mapping and mapping.text("DeviceName") in ROOTS for mapping in mappings):
        return
    inherits = resource.type == "AWS::EC2::Instance"
    if inherits and launch_template_of(block, "LaunchTemplate", deployment) is not None:
        return
    raise Undecidable(
        "the machine image, or a default of the account, decides whether the root volume is encrypted",
        resource.mark_of(block.path_of("BlockDeviceMappings")),
        block.path_of("BlockDeviceMappings"),
    )
