"""What holds of the recovery layer for every value that it permits."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from stackproof import Stack, load_system
from stackproof.strategies import stacks

TEMPLATE = load_system("caja").templates["recovery"]
EVERY = settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.promise("CJ-12")
@pytest.mark.promise("CJ-09")
@EVERY
@given(stacks(TEMPLATE))
def test_copies_are_always_private_encrypted_and_versioned(stack: Stack) -> None:
    """No value opens a bucket or ends the rotation of the key."""
    assert stack["EncryptionKey"].boolean("EnableKeyRotation")
    denied = {str(policy["Bucket"]) for policy in stack.of_type("AWS::S3::BucketPolicy")}
    for bucket in stack.of_type("AWS::S3::Bucket"):
        block = bucket.block("PublicAccessBlockConfiguration")
        assert all(block.boolean(key) for key in block)
        assert len(block) == 4
        assert bucket.block("VersioningConfiguration").text("Status") == "Enabled"
        assert "BucketEncryption" in bucket
        assert str(bucket.reference) in denied


@pytest.mark.promise("CJ-12")
@EVERY
@given(stacks(TEMPLATE))
def test_copies_are_kept(stack: Stack) -> None:
    """Those of backups for ninety days at least, those of media for good."""
    (media,) = stack["MediaReplicaBucket"].block("LifecycleConfiguration").items_of("Rules")
    keep, _ = stack["ReplicaBucket"].block("LifecycleConfiguration").items_of("Rules")
    assert keep.integer("ExpirationInDays") >= 90
    assert "ExpirationInDays" not in media


@pytest.mark.promise("CJ-12")
@EVERY
@given(stacks(TEMPLATE))
def test_data_outlive_the_stack(stack: Stack) -> None:
    """Buckets and the key without which they are lost."""
    for resource in stack.of_type("AWS::S3::Bucket", "AWS::KMS::Key"):
        assert resource.attributes.text("DeletionPolicy") in ("Retain", "RetainExceptOnCreate")
        assert resource.attributes.text("UpdateReplacePolicy") == "Retain"


@pytest.mark.promise("CJ-12")
@EVERY
@given(stacks(TEMPLATE))
def test_stands_alone(stack: Stack) -> None:
    """Nothing in a second region can import from the first."""
    foreign = {reference.stack for resource in stack.resources.values() for reference in resource.references()} - {
        stack.name
    }
    assert foreign == set()
    assert "ImportValue" not in str([dict(resource.properties) for resource in stack.resources.values()])
