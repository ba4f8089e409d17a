"""Buckets block public access."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem

POLICY = Policy(
    id="SP505",
    severity=Severity.MEDIUM,
    types=("AWS::S3::Bucket",),
    rationale="The block outweighs every policy and ACL, so that no later mistake makes an object public; only buckets "
    "made since April 2023 have it by default.",
    remediation="Set all four settings of PublicAccessBlockConfiguration to true.",
    controls=("FSBP S3.8", "CIS 2.1.4", "NIST AC-3"),
)

_SETTINGS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def check(bucket: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A setting that is left out of a stated configuration is off."""
    if "PublicAccessBlockConfiguration" not in bucket:
        yield problem(bucket, "PublicAccessBlockConfiguration", "nothing says that it blocks public access")
        return
    block = bucket.block("PublicAccessBlockConfiguration")
    for setting in each(_SETTINGS):
        if not block.boolean(setting):
            yield problem(bucket, block.path_of(setting), f"{setting} is off")
