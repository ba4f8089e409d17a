"""Caja's recovery layer in the second region."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof import Deployment, load_system

pytestmark = [pytest.mark.systems("caja"), pytest.mark.environments("staging", "prod")]

BUCKETS = ("ReplicaBucket", "MediaReplicaBucket")
ALL_BUCKETS = ("AccessLogsBucket", *BUCKETS)


def _values(value: Any) -> list[str]:
    return [str(value)] if isinstance(value, str) or not hasattr(value, "__iter__") else [str(item) for item in value]


@pytest.mark.promise("CJ-12")
def test_region(deployment: Deployment) -> None:
    """It stands far from the system itself."""
    assert deployment["recovery"].context.region == "us-west-2"
    assert deployment["storage"].context.region == "us-east-1"


@pytest.mark.promise("CJ-12")
def test_dev_keeps_no_copies() -> None:
    """Nothing there is critical."""
    assert "recovery" not in load_system("caja").deployment("dev").stacks


@pytest.mark.promise("CJ-09")
@pytest.mark.promise("CJ-12")
def test_key(deployment: Deployment) -> None:
    """A key of this region, rotated, for this account only, which outlives its stack."""
    key = deployment["recovery"]["EncryptionKey"]
    (statement,) = key.block("KeyPolicy").items_of("Statement")
    assert key.boolean("EnableKeyRotation")
    assert str(statement.block("Principal")["AWS"]) == "arn:aws:iam::${AWS::AccountId}:root"
    attributes = key.attributes
    policies = (attributes.text("DeletionPolicy"), attributes.text("UpdateReplacePolicy"))
    assert policies == ("RetainExceptOnCreate", "Retain")


@pytest.mark.promise("CJ-12")
def test_buckets(deployment: Deployment) -> None:
    """One for copies of backups, one for copies of media, one for logs; none has a name of its own."""
    buckets = deployment["recovery"].of_type("AWS::S3::Bucket")
    assert [bucket.logical_id for bucket in buckets] == list(ALL_BUCKETS)
    assert [bucket.logical_id for bucket in buckets if "BucketName" in bucket] == []


@pytest.mark.promise("CJ-12")
@pytest.mark.parametrize("name", ALL_BUCKETS)
def test_buckets_keep_versions(deployment: Deployment, name: str) -> None:
    """S3 copies to no other bucket."""
    bucket = deployment["recovery"][name]
    assert bucket.block("VersioningConfiguration").text("Status") == "Enabled"


@pytest.mark.promise("CJ-09")
@pytest.mark.promise("CJ-12")
@pytest.mark.parametrize("name", BUCKETS)
def test_copies_are_encrypted_with_the_key_of_their_region(deployment: Deployment, name: str) -> None:
    """With one request to KMS for many objects."""
    stack = deployment["recovery"]
    (encryption,) = stack[name].block("BucketEncryption").items_of("ServerSideEncryptionConfiguration")
    default = encryption.block("ServerSideEncryptionByDefault")
    assert (default.text("SSEAlgorithm"), encryption.boolean("BucketKeyEnabled")) == ("aws:kms", True)
    assert deployment.follow(default["KMSMasterKeyID"]) is stack["EncryptionKey"]


@pytest.mark.promise("CJ-09")
@pytest.mark.promise("CJ-12")
@pytest.mark.parametrize("name", ALL_BUCKETS)
def test_buckets_are_private(deployment: Deployment, name: str) -> None:
    """No list of rights of their own, no public policy, nothing without TLS."""
    stack = deployment["recovery"]
    bucket, policy = stack[name], stack[f"{name}Policy"]
    block = bucket.block("PublicAccessBlockConfiguration")
    switches = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    assert [switch for switch in switches if not block.boolean(switch)] == []
    (ownership,) = bucket.block("OwnershipControls").items_of("Rules")
    assert ownership.text("ObjectOwnership") == "BucketOwnerEnforced"
    assert deployment.follow(policy["Bucket"]) is bucket
    denial = policy.block("PolicyDocument").items_of("Statement")[-1]
    assert (denial.text("Effect"), denial.text("Principal"), denial.text("Action")) == ("Deny", "*", "s3:*")
    assert denial.block("Condition").block("Bool").text("aws:SecureTransport") == "false"


@pytest.mark.promise("CJ-11")
@pytest.mark.promise("CJ-12")
def test_copies_of_backups_last_as_long_as_backups(deployment: Deployment) -> None:
    """An expiry in the source is not copied, so the copies have their own."""
    days = {}
    for layer, name in (("storage", "BackupsBucket"), ("recovery", "ReplicaBucket")):
        rules = deployment[layer][name].block("LifecycleConfiguration").items_of("Rules")
        (keep,) = [rule for rule in rules if rule.text("Id") == "KeepBackups"]
        days[layer] = (keep.text("Status"), keep.integer("ExpirationInDays"))
    assert days == {"storage": ("Enabled", 90), "recovery": ("Enabled", 90)}


@pytest.mark.promise("CJ-11")
@pytest.mark.promise("CJ-12")
def test_copies_of_media_do_not_expire(deployment: Deployment) -> None:
    """Only what was overwritten or deleted goes, after a month."""
    (rule,) = deployment["recovery"]["MediaReplicaBucket"].block("LifecycleConfiguration").items_of("Rules")
    assert "ExpirationInDays" not in rule
    assert rule.block("NoncurrentVersionExpiration").integer("NoncurrentDays") == 30
    assert (rule.text("Status"), rule.boolean("ExpiredObjectDeleteMarker")) == ("Enabled", True)


@pytest.mark.promise("CJ-12")
@pytest.mark.parametrize(
    ("name", "replica", "markers"),
    [("MediaBucket", "MediaReplicaBucket", "Enabled"), ("BackupsBucket", "ReplicaBucket", "Disabled")],
)
def test_copies_in_the_second_region(deployment: Deployment, name: str, replica: str, markers: str) -> None:
    """Everything goes to a bucket of the recovery layer within fifteen minutes, with the key of that region."""
    stack, recovery = deployment["storage"], deployment["recovery"]
    configuration = stack[name].block("ReplicationConfiguration")
    (rule,) = configuration.items_of("Rules")
    destination = rule.block("Destination")
    assert deployment.follow(configuration["Role"]) is stack["ReplicationRole"]
    assert (rule.text("Status"), rule.block("Filter").text("Prefix")) == ("Enabled", "")
    assert deployment.follow(destination["Bucket"]) is recovery[replica]
    key = destination.block("EncryptionConfiguration")["ReplicaKmsKeyID"]
    assert deployment.follow(key) is recovery["EncryptionKey"]
    selected = rule.block("SourceSelectionCriteria").block("SseKmsEncryptedObjects")
    assert selected.text("Status") == "Enabled"
    time, metrics = destination.block("ReplicationTime"), destination.block("Metrics")
    assert (time.text("Status"), time.block("Time").integer("Minutes")) == ("Enabled", 15)
    assert (metrics.text("Status"), metrics.block("EventThreshold").integer("Minutes")) == ("Enabled", 15)
    assert rule.block("DeleteMarkerReplication").text("Status") == markers
    assert (stack.context.region, recovery.context.region) == ("us-east-1", "us-west-2")


@pytest.mark.promise("CJ-12")
@pytest.mark.promise("CJ-10")
def test_rights_of_replication(deployment: Deployment) -> None:
    """It reads the two sources, writes the two copies, and uses their keys for them only."""
    stack = deployment["storage"]
    policy = stack["ReplicationRights"]
    assert [deployment.follow(role) for role in policy.items_of("Roles")] == [stack["ReplicationRole"]]
    statements = {tuple(_values(item["Action"])): item for item in policy.block("PolicyDocument").items_of("Statement")}
    found = {actions: _values(item["Resource"]) for actions, item in statements.items()}
    media, backups = "${MediaBucket.Arn}", "${BackupsBucket.Arn}"
    replica, media_replica = "${ReplicaBucket.Arn}", "${MediaReplicaBucket.Arn}"
    assert found == {
        ("s3:GetReplicationConfiguration", "s3:ListBucket"): [media, backups],
        ("s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"): [
            f"{media}/*",
            f"{backups}/*",
        ],
        ("s3:ReplicateObject", "s3:ReplicateTags"): [f"{media_replica}/*", f"{replica}/*"],
        ("s3:ReplicateDelete",): [f"{media_replica}/*"],
        ("kms:Decrypt",): ["${EncryptionKey.Arn}"],
        ("kms:Encrypt", "kms:GenerateDataKey"): ["${EncryptionKey.Arn}"],
    }
    keys = {actions[0]: deployment.follow(item["Resource"]) for actions, item in statements.items()}
    assert keys["kms:Decrypt"] is deployment["networking"]["EncryptionKey"]
    assert keys["kms:Encrypt"] is deployment["recovery"]["EncryptionKey"]


@pytest.mark.promise("CJ-09")
@pytest.mark.promise("CJ-12")
@pytest.mark.parametrize("name", BUCKETS)
def test_requests_are_logged(deployment: Deployment, name: str) -> None:
    """Into a bucket of the same region, as S3 demands; the right to write there comes first."""
    bucket = deployment["recovery"][name]
    logging = bucket.block("LoggingConfiguration")
    assert deployment.follow(logging["DestinationBucketName"]) is deployment["recovery"]["AccessLogsBucket"]
    assert bucket.depends_on == ("AccessLogsBucketPolicy",)


@pytest.mark.promise("CJ-12")
def test_copies_outlive_the_stack(deployment: Deployment) -> None:
    """Only buckets that a first, failed creation leaves empty go with it."""
    stack = deployment["recovery"]
    found = {
        name: (stack[name].attributes.text("DeletionPolicy"), stack[name].attributes.text("UpdateReplacePolicy"))
        for name in BUCKETS
    }
    assert found == dict.fromkeys(BUCKETS, ("RetainExceptOnCreate", "Retain"))


@pytest.mark.promise("CJ-12")
def test_outputs(deployment: Deployment) -> None:
    """Key and buckets, handed to the layers that make the copies."""
    prefix = f"caja-{deployment.environment.name}-Recovery"
    found = {key: (str(output.value), output.export) for key, output in deployment["recovery"].outputs.items()}
    assert found == {
        "EncryptionKeyArn": ("${EncryptionKey.Arn}", f"{prefix}EncryptionKeyArn"),
        "BucketName": ("${ReplicaBucket}", f"{prefix}BucketName"),
        "BucketArn": ("${ReplicaBucket.Arn}", f"{prefix}BucketArn"),
        "MediaBucketName": ("${MediaReplicaBucket}", f"{prefix}MediaBucketName"),
        "MediaBucketArn": ("${MediaReplicaBucket.Arn}", f"{prefix}MediaBucketArn"),
    }


@pytest.mark.promise("CJ-12")
def test_stands_before_what_it_serves(deployment: Deployment) -> None:
    """It needs no other layer, and the storage layer waits for it."""
    order = list(deployment.stacks)
    assert deployment.imports["recovery"] == ()
    assert order.index("recovery") < order.index("storage")


@pytest.mark.promise("CJ-13")
def test_tags(deployment: Deployment) -> None:
    """Everything that takes tags says what it belongs to, for the bill too."""
    wanted = {"System": "caja", "Environment": deployment.environment.name, "Layer": "recovery"}
    for resource in deployment["recovery"].resources.values():
        if resource.type == "AWS::S3::BucketPolicy":
            continue
        tags = {tag.text("Key"): tag.text("Value") for tag in resource.items_of("Tags")}
        name = tags.pop("Name")
        assert (resource.logical_id, tags) == (resource.logical_id, wanted)
        assert name.startswith(f"caja-{deployment.environment.name}")
