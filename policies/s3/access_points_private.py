"""Access points block public access."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.reading import undecidable

POLICY = Policy(
    id="SP528",
    severity=Severity.HIGH,
    types=("AWS::S3::AccessPoint", "AWS::S3::MultiRegionAccessPoint"),
    rationale="A policy of an access point opens its bucket as much as a policy of the bucket, and these settings can "
    "never be changed.",
    remediation="Set all four settings of PublicAccessBlockConfiguration to true.",
    controls=("FSBP S3.19", "FSBP S3.24", "NIST AC-3"),
)

_KEY = "PublicAccessBlockConfiguration"
_SETTINGS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def check(point: Resource, deployment: Deployment) -> Iterator[Problem]:
    """All are on where nothing is said; what one means that is left out of a stated configuration is not documented."""
    if not stated(point, _KEY):
        return
    block = point.block(_KEY)
    for setting in each(_SETTINGS):
        if setting not in block:
            raise undecidable(block, setting, "is left out, and what that means is not documented")
        if not block.boolean(setting):
            yield problem(point, block.path_of(setting), f"{setting} is off")
