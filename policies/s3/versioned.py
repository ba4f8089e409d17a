"""Buckets of protected environments keep earlier versions."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP507",
    severity=Severity.LOW,
    types=("AWS::S3::Bucket",),
    rationale="What is overwritten or deleted, by mistake or by an attacker, comes back from its last version.",
    remediation="Set Status of VersioningConfiguration to Enabled, with a lifecycle rule for old versions.",
    controls=("NIST CP-9",),
    protected_only=True,
)


def check(bucket: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Directory buckets are another type and know no versions."""
    if bucket.block("VersioningConfiguration").text("Status") != "Enabled":
        yield problem(bucket, "VersioningConfiguration", "what is overwritten or deleted is lost")
