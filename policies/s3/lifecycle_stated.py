"""Buckets say how long objects stay."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.buckets import BUCKET, has_lifecycle_rule

POLICY = Policy(
    id="SP527",
    severity=Severity.LOW,
    types=(BUCKET, "AWS::S3Express::DirectoryBucket"),
    rationale="Parts of uploads that broke off are seen by nobody and paid for, and data that nobody needs can leak.",
    remediation="Add a lifecycle rule; where objects stay for good, one with AbortIncompleteMultipartUpload.",
    controls=("FSBP S3.13", "FSBP S3.25", "NIST SI-12"),
)


def check(bucket: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Whatever an enabled rule does."""
    if not has_lifecycle_rule(bucket, lambda rule: True):
        yield problem(bucket, "LifecycleConfiguration", "nothing ever leaves it by itself")
