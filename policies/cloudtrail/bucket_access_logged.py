"""Access to the bucket of a trail is logged in protected environments."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, problem
from stackproof.policy.alternatives import stated, unknown

POLICY = Policy(
    id="SP756",
    severity=Severity.LOW,
    types=("AWS::CloudTrail::Trail",),
    rationale="Who reads or deletes the trail is the first question after an intrusion.",
    remediation="Set LoggingConfiguration of the bucket to another bucket of yours.",
    controls=("CIS 3.4", "NIST AU-9"),
    protected_only=True,
)


def check(trail: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A bucket that was there before, known by its name alone, is judged where it is made."""
    named = trail.get("S3BucketName")
    bucket = deployment.follow(named)
    if bucket is None:
        buckets = deployment.of_type("AWS::S3::Bucket")
        bucket = next((found for found in buckets if named is not None and found.get("BucketName") == named), None)
    if bucket is None and isinstance(named, Symbol):
        raise unknown(trail, "S3BucketName", named)
    if bucket is not None and not stated(bucket, "LoggingConfiguration"):
        yield problem(trail, "S3BucketName", f"nobody sees who reads or deletes it in its bucket {bucket.logical_id}")
