"""Buckets of protected environments are encrypted with a key of one's own."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.buckets import BUCKET, default_encryption, is_origin, receives_logs

POLICY = Policy(
    id="SP526",
    severity=Severity.LOW,
    types=(BUCKET,),
    rationale="Objects are always encrypted; with a key of one's own, who reads them needs two permissions, and access "
    "can be taken away from everybody at once.",
    remediation="Set SSEAlgorithm to aws:kms and KMSMasterKeyID to a key that you manage, with BucketKeyEnabled.",
    controls=("NIST SC-12", "NIST SC-28"),
    protected_only=True,
)


def check(bucket: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Buckets of logs take the key of S3, because most writers know no other; what CloudFront hands out is public."""
    encryption = default_encryption(bucket)
    own = encryption.text("SSEAlgorithm", "AES256").startswith("aws:kms") and stated(encryption, "KMSMasterKeyID")
    if own and encryption.get("KMSMasterKeyID") != "alias/aws/s3":
        return
    if not receives_logs(bucket, deployment) and not is_origin(bucket, deployment):
        yield problem(bucket, "BucketEncryption", "it is encrypted with the key of AWS")
