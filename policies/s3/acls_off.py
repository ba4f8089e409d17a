"""Buckets know no ACLs."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.buckets import BUCKET, receives_cloudfront_logs
from stackproof.policy.reading import each_block

POLICY = Policy(
    id="SP523",
    severity=Severity.LOW,
    types=(BUCKET,),
    rationale="With ACLs on, whoever writes an object owns it and decides who reads it, past every policy.",
    remediation="Remove AccessControl, and set ObjectOwnership to BucketOwnerEnforced.",
    controls=("FSBP S3.12", "NIST AC-3", "NIST AC-6"),
)

# Public ones are SP508's; those of the owner grant nothing that he has not.
_PUBLIC = ("AuthenticatedRead", "PublicRead", "PublicReadWrite")
_QUIET = ("", "BucketOwnerFullControl", "BucketOwnerRead", "Private", *_PUBLIC)


def check(bucket: Resource, deployment: Deployment) -> Iterator[Problem]:
    """They are off where nothing is said, and on where CloudFront writes its standard logs, for it asks for that."""
    if receives_cloudfront_logs(bucket, deployment):
        return
    for key in each(("AccessControl", "OwnershipControls")):
        if key == "AccessControl":
            acl = bucket.text(key)
            if acl not in _QUIET:
                yield problem(bucket, key, f"its ACL {acl} grants what a policy should")
            continue
        for rule in each_block(bucket.block(key), "Rules"):
            if rule.text("ObjectOwnership") in ("ObjectWriter", "BucketOwnerPreferred"):
                path = rule.path_of("ObjectOwnership")
                yield problem(bucket, path, "whoever writes an object may decide with an ACL who reads it")
