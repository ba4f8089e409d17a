"""Buckets that keep earlier versions let old ones go."""

from collections.abc import Iterator

from stackproof.policy import Block, Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.buckets import BUCKET, has_lifecycle_rule, is_versioned

POLICY = Policy(
    id="SP522",
    severity=Severity.LOW,
    types=(BUCKET,),
    rationale="Whatever is deleted, personal data too, stays for ever and is paid for as long.",
    remediation="Add a lifecycle rule with NoncurrentVersionExpiration.",
    controls=("NIST SI-12",),
)


def check(bucket: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Who locks objects wants to keep them."""
    if not is_versioned(bucket) or bucket.boolean("ObjectLockEnabled"):
        return
    if not has_lifecycle_rule(bucket, _ends_versions):
        yield problem(bucket, "LifecycleConfiguration", "its old versions stay for ever")


def _ends_versions(rule: Block) -> bool:
    return "NoncurrentVersionExpiration" in rule or "NoncurrentVersionExpirationInDays" in rule
