"""Replication takes along everything that a bucket holds."""

from collections.abc import Iterator

from stackproof.policy import Block, Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.buckets import BUCKET, default_encryption, is_versioned
from stackproof.policy.reading import each_block
from stackproof.policy.regions import region_named

POLICY = Policy(
    id="SP525",
    severity=Severity.MEDIUM,
    types=(BUCKET,),
    rationale="S3 silently leaves out what is encrypted with KMS, unless a rule asks for it, and copies nothing to a "
    "bucket without versions; one finds out on the day of the disaster.",
    remediation="Set Status of SseKmsEncryptedObjects to Enabled, name a key in ReplicaKmsKeyID, and turn on versions "
    "in both buckets.",
    controls=("NIST CP-6", "NIST CP-9"),
)


def check(bucket: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Each rule that is enabled; what the other account or region holds is seen where it is in the deployment."""
    if not stated(bucket, "ReplicationConfiguration"):
        return
    configuration = bucket.block("ReplicationConfiguration")
    for rule in each_block(configuration, "Rules"):
        if rule.text("Status") != "Enabled":
            continue
        for question in each((_versions, _encrypted, _with_key_of_its_region)):
            yield from question(bucket, rule, deployment)


def _versions(bucket: Resource, rule: Block, deployment: Deployment) -> Iterator[Problem]:
    if not is_versioned(bucket):
        yield problem(bucket, "VersioningConfiguration", "it keeps no versions, without which nothing is replicated")
    destination = deployment.follow(rule.block("Destination").get("Bucket"))
    if destination is not None and destination.type == BUCKET and not is_versioned(destination):
        path = rule.block("Destination").path_of("Bucket")
        yield problem(bucket, path, f"{destination.logical_id} keeps no versions, without which nothing is replicated")


def _encrypted(bucket: Resource, rule: Block, deployment: Deployment) -> Iterator[Problem]:
    if not default_encryption(bucket).text("SSEAlgorithm").startswith("aws:kms"):
        return
    selection = rule.block("SourceSelectionCriteria")
    if selection.block("SseKmsEncryptedObjects").text("Status") != "Enabled":
        path = selection.path_of("SseKmsEncryptedObjects")
        yield problem(bucket, path, "its objects, which are encrypted with KMS, are not replicated")
    elif not stated(rule.block("Destination").block("EncryptionConfiguration"), "ReplicaKmsKeyID"):
        path = rule.block("Destination").path_of("EncryptionConfiguration")
        yield problem(bucket, path, "no key is named for the replicas of what is encrypted with KMS")


def _with_key_of_its_region(bucket: Resource, rule: Block, deployment: Deployment) -> Iterator[Problem]:
    """Where other stacks hold bucket and key, their regions are known; an ARN of a bucket names none."""
    destination = rule.block("Destination")
    encryption = destination.block("EncryptionConfiguration")
    copies = region_named(destination.get("Bucket"), deployment)
    key = region_named(encryption.get("ReplicaKmsKeyID"), deployment)
    if copies and key and copies != key:
        path = encryption.path_of("ReplicaKmsKeyID")
        yield problem(bucket, path, f"its copies go to {copies}, and their key stands in {key}")
