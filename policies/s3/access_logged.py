"""Buckets of protected environments log who reads and writes."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.buckets import BUCKET, receives_logs

POLICY = Policy(
    id="SP521",
    severity=Severity.MEDIUM,
    types=(BUCKET,),
    rationale="After a leak the access log is what tells which objects were read, and by whom.",
    remediation="Name a bucket for logs in DestinationBucketName of LoggingConfiguration.",
    controls=("FSBP S3.9", "NIST AU-2", "NIST AU-12"),
    protected_only=True,
)


def check(bucket: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A bucket of logs need not log: each log would be an access that makes another."""
    if not stated(bucket, "LoggingConfiguration") and not receives_logs(bucket, deployment):
        yield problem(bucket, "LoggingConfiguration", "nobody can tell who read or wrote its objects")
