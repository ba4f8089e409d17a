"""Buckets have no public ACL."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP508",
    severity=Severity.CRITICAL,
    types=("AWS::S3::Bucket",),
    rationale="A public ACL shows every object to the internet, or to everybody with an AWS account.",
    remediation="Remove AccessControl, and grant access with a bucket policy.",
    controls=("FSBP S3.2", "FSBP S3.3", "FSBP S3.12", "NIST AC-3"),
)

_PUBLIC = ("PublicRead", "PublicReadWrite", "AuthenticatedRead")


def check(bucket: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The block of public access would make the deployment fail instead; the ACL is wrong either way."""
    acl = bucket.text("AccessControl")
    if acl in _PUBLIC:
        yield problem(bucket, "AccessControl", f"its ACL {acl} opens it to strangers")
