"""The storage layer as a tester finds it in the console."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Simulated

pytestmark = pytest.mark.systems("muejam", "caja")

BUCKETS = ("MediaBucket", "StaticBucket", "BackupsBucket")
ORIGINS = {
    "muejam-dev": "https://dev.muejam.example.com",
    "muejam-staging": "https://staging.muejam.example.com",
    "muejam-prod": "https://muejam.example.com",
    "caja-dev": "https://dev.caja.example.com",
    "caja-staging": "https://staging.caja.example.com",
    "caja-prod": "https://caja.example.com",
}
PRIVATE = {
    "BlockPublicAcls": True,
    "BlockPublicPolicy": True,
    "IgnorePublicAcls": True,
    "RestrictPublicBuckets": True,
}


def _encryption(simulated: Simulated, bucket: str) -> tuple[str, str]:
    found = simulated.client("s3").get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    (rule,) = found["Rules"]
    default = rule["ApplyServerSideEncryptionByDefault"]
    return default["SSEAlgorithm"], default["KMSMasterKeyID"]


@pytest.mark.promise("MJ-05", "CJ-12")
@pytest.mark.parametrize("bucket", BUCKETS)
def test_bucket_keeps_versions(simulated: Simulated, bucket: str) -> None:
    """What is overwritten or deleted can be brought back."""
    name = simulated.id_of("storage", bucket)
    assert simulated.client("s3").get_bucket_versioning(Bucket=name)["Status"] == "Enabled"


@pytest.mark.promise("MJ-05", "CJ-09")
@pytest.mark.parametrize("bucket", BUCKETS)
def test_bucket_is_encrypted_with_the_environment_key(simulated: Simulated, bucket: str) -> None:
    """Objects are encrypted with the environment's key."""
    assert _encryption(simulated, simulated.id_of("storage", bucket)) == ("aws:kms", simulated.key_arn())


@pytest.mark.promise("MJ-05", "CJ-09")
@pytest.mark.parametrize("bucket", [*BUCKETS, "AccessLogsBucket"])
def test_bucket_is_closed_to_the_public(simulated: Simulated, bucket: str) -> None:
    """Nothing can make a bucket or an object in it public."""
    name = simulated.id_of("storage", bucket)
    assert simulated.client("s3").get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"] == PRIVATE


@pytest.mark.promise("MJ-05", "CJ-09")
@pytest.mark.parametrize("bucket", BUCKETS)
def test_requests_are_logged_to_a_bucket_that_exists(simulated: Simulated, bucket: str) -> None:
    """Access logs go to the layer's own bucket, each bucket's under its own prefix."""
    s3, name = simulated.client("s3"), simulated.id_of("storage", bucket)
    found = s3.get_bucket_logging(Bucket=name)["LoggingEnabled"]
    logs = simulated.id_of("storage", "AccessLogsBucket")
    prefix = bucket.removesuffix("Bucket").lower()
    assert logs in {entry["Name"] for entry in s3.list_buckets()["Buckets"]}
    assert (found["TargetBucket"], found["TargetPrefix"]) == (logs, f"{prefix}/")


@pytest.mark.promise("MJ-05")
@pytest.mark.parametrize(
    ("bucket", "methods"), [("MediaBucket", ["GET", "HEAD", "PUT", "POST"]), ("StaticBucket", ["GET", "HEAD"])]
)
def test_pages_of_the_named_origin_only_may_ask(simulated: Simulated, bucket: str, methods: list[str]) -> None:
    """Uploads go to the media bucket, static files are read, both from the system's own pages."""
    found = simulated.client("s3").get_bucket_cors(Bucket=simulated.id_of("storage", bucket))
    (rule,) = found["CORSRules"]
    assert (rule["AllowedOrigins"], rule["AllowedMethods"]) == ([ORIGINS[simulated.prefix]], methods)


@pytest.mark.promise("MJ-05")
def test_no_page_reads_backups(simulated: Simulated) -> None:
    """The backups bucket answers pages of no origin."""
    s3 = simulated.client("s3")
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchCORSConfiguration"):
        s3.get_bucket_cors(Bucket=simulated.id_of("storage", "BackupsBucket"))


def _lifecycle(simulated: Simulated, bucket: str) -> dict[str, dict[str, Any]]:
    found = simulated.client("s3").get_bucket_lifecycle_configuration(Bucket=bucket)
    return {rule["ID"]: rule for rule in found["Rules"]}


@pytest.mark.promise("MJ-05", "CJ-11")
def test_backups_are_kept_ninety_days(simulated: Simulated) -> None:
    """Backups move to cheaper storage after 30 days and go after 90, their old versions 30 days later."""
    rule = _lifecycle(simulated, simulated.id_of("storage", "BackupsBucket"))["KeepBackups"]
    assert (rule["Status"], rule["Expiration"]) == ("Enabled", {"Days": 90})
    assert rule["Transitions"] == [{"Days": 30, "StorageClass": "STANDARD_IA"}]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}


@pytest.mark.promise("MJ-05", "CJ-11")
def test_media_move_to_cheaper_storage_and_stay(simulated: Simulated) -> None:
    """What users uploaded moves after 90 days; only its old versions go."""
    rule = _lifecycle(simulated, simulated.id_of("storage", "MediaBucket"))["MoveAndTidy"]
    assert rule["Transitions"] == [{"Days": 90, "StorageClass": "STANDARD_IA"}]
    assert "Days" not in rule["Expiration"]


@pytest.mark.promise("MJ-05", "MJ-07")
@pytest.mark.parametrize("bucket", BUCKETS)
def test_alarm_watches_the_size_of_the_bucket(simulated: Simulated, bucket: str) -> None:
    """More than 100 GiB in the bucket that exists goes to the warning topic."""
    found = simulated.alarm("storage", bucket.replace("Bucket", "SizeAlarm"))
    measured = {
        dimension["Value"]
        for query in found["Metrics"]
        if "MetricStat" in query
        for dimension in query["MetricStat"]["Metric"]["Dimensions"]
        if dimension["Name"] == "BucketName"
    }
    assert measured == {simulated.id_of("storage", bucket)}
    assert (found["ComparisonOperator"], found["Threshold"]) == ("GreaterThanThreshold", 100 * 1024**3)
    assert found["AlarmActions"] == [simulated.topic("warning")]


@pytest.mark.promise("MJ-08", "CJ-13")
@pytest.mark.parametrize("bucket", BUCKETS)
def test_outputs_name_the_bucket(simulated: Simulated, bucket: str) -> None:
    """The stack says what the bucket is called; the name begins with system and environment."""
    outputs, name = simulated.outputs("storage"), simulated.id_of("storage", bucket)
    assert (outputs[f"{bucket}Name"], outputs[f"{bucket}Arn"]) == (name, f"arn:aws:s3:::{name}")
    assert name.startswith(f"{simulated.prefix}-storage-")


@pytest.mark.promise("CJ-11", "CJ-13")
@pytest.mark.parametrize("bucket", BUCKETS)
def test_bucket_carries_the_tags_of_its_costs(simulated: Simulated, bucket: str) -> None:
    """System, environment and layer stand on the bucket."""
    tags = simulated.client("s3").get_bucket_tagging(Bucket=simulated.id_of("storage", bucket))["TagSet"]
    # In a real account there are those of CloudFormation, and of taskcat, too.
    own = {tag["Key"]: tag["Value"] for tag in tags if not tag["Key"].startswith(("Name", "aws:", "taskcat-"))}
    assert own == {"System": simulated.system, "Environment": simulated.environment, "Layer": "storage"}


@pytest.mark.promise("MJ-05")
@pytest.mark.parametrize(("bucket", "parameter"), [("MediaBucket", "media_bucket"), ("StaticBucket", "static_bucket")])
def test_instances_learn_the_name(simulated: Simulated, bucket: str, parameter: str) -> None:
    """Parameter Store holds the bucket's name where an application reads its settings."""
    path = f"/{simulated.system}/{simulated.environment}/application/"
    found = simulated.client("ssm").get_parameters_by_path(Path=path)["Parameters"]
    assert {entry["Name"]: entry["Value"] for entry in found}[f"{path}{parameter}"] == simulated.id_of(
        "storage", bucket
    )
