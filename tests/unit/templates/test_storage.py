"""The storage layer of MueJam and Caja, asked in every environment."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof import Deployment, Resource

pytestmark = pytest.mark.systems("muejam", "caja")

BUCKETS = ("MediaBucket", "StaticBucket", "BackupsBucket")
ALL_BUCKETS = ("AccessLogsBucket", *BUCKETS)


def _rules(bucket: Resource) -> dict[str, Any]:
    """Return the lifecycle rules of a bucket by their id."""
    return {rule.text("Id"): rule for rule in bucket.block("LifecycleConfiguration").items_of("Rules")}


def _values(value: Any) -> list[str]:
    return [str(value)] if isinstance(value, str) or not hasattr(value, "__iter__") else [str(item) for item in value]


def _statements(resource: Resource, key: str = "PolicyDocument") -> list[Any]:
    return list(resource.block(key).items_of("Statement"))


@pytest.mark.promise("MJ-05")
@pytest.mark.promise("CJ-11")
def test_buckets(deployment: Deployment) -> None:
    """Media, static files, backups and the logs of the three; none has a name of its own."""
    buckets = deployment["storage"].of_type("AWS::S3::Bucket")
    assert [bucket.logical_id for bucket in buckets] == list(ALL_BUCKETS)
    assert [bucket.logical_id for bucket in buckets if "BucketName" in bucket] == []


@pytest.mark.promise("MJ-05")
@pytest.mark.promise("CJ-12")
@pytest.mark.parametrize("name", ALL_BUCKETS)
def test_buckets_keep_versions(deployment: Deployment, name: str) -> None:
    """What is overwritten or deleted comes back."""
    bucket = deployment["storage"][name]
    assert bucket.block("VersioningConfiguration").text("Status") == "Enabled"


@pytest.mark.promise("CJ-09")
@pytest.mark.promise("MJ-05")
@pytest.mark.parametrize("name", BUCKETS)
def test_buckets_are_encrypted_with_the_key_of_the_environment(deployment: Deployment, name: str) -> None:
    """With one request to KMS for many objects."""
    configuration = deployment["storage"][name].block("BucketEncryption")
    (encryption,) = configuration.items_of("ServerSideEncryptionConfiguration")
    default = encryption.block("ServerSideEncryptionByDefault")
    assert (default.text("SSEAlgorithm"), encryption.boolean("BucketKeyEnabled")) == ("aws:kms", True)
    assert deployment.follow(default["KMSMasterKeyID"]) is deployment["networking"]["EncryptionKey"]


@pytest.mark.promise("CJ-09")
@pytest.mark.promise("MJ-05")
def test_key_is_rotated(deployment: Deployment) -> None:
    """Every year."""
    assert deployment["networking"]["EncryptionKey"].boolean("EnableKeyRotation")


@pytest.mark.promise("MJ-05")
@pytest.mark.promise("CJ-09")
@pytest.mark.parametrize("name", ALL_BUCKETS)
def test_buckets_are_private(deployment: Deployment, name: str) -> None:
    """No list of rights of their own, no public policy, nothing without TLS."""
    stack = deployment["storage"]
    bucket, policy = stack[name], stack[f"{name}Policy"]
    block = bucket.block("PublicAccessBlockConfiguration")
    switches = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    assert [switch for switch in switches if not block.boolean(switch)] == []
    (ownership,) = bucket.block("OwnershipControls").items_of("Rules")
    assert ownership.text("ObjectOwnership") == "BucketOwnerEnforced"
    assert deployment.follow(policy["Bucket"]) is bucket
    denial = _statements(policy)[-1]
    assert (denial.text("Effect"), denial.text("Principal"), denial.text("Action")) == ("Deny", "*", "s3:*")
    assert _values(denial["Resource"]) == [f"${{{name}.Arn}}", f"${{{name}.Arn}}/*"]
    assert denial.block("Condition").block("Bool").text("aws:SecureTransport") == "false"


@pytest.mark.promise("MJ-05")
@pytest.mark.promise("CJ-09")
@pytest.mark.parametrize("name", BUCKETS)
def test_requests_are_logged(deployment: Deployment, name: str) -> None:
    """Into the bucket for logs, under a prefix of their own; the right to write there comes first."""
    bucket = deployment["storage"][name]
    logging = bucket.block("LoggingConfiguration")
    assert deployment.follow(logging["DestinationBucketName"]) is deployment["storage"]["AccessLogsBucket"]
    assert logging.text("LogFilePrefix") == f"{name.removesuffix('Bucket').lower()}/"
    assert bucket.depends_on == ("AccessLogsBucketPolicy",)


@pytest.mark.promise("MJ-05")
@pytest.mark.promise("CJ-09")
def test_only_s3_writes_logs(deployment: Deployment) -> None:
    """For buckets of this account."""
    allowed = _statements(deployment["storage"]["AccessLogsBucketPolicy"])[0]
    assert allowed.block("Principal").text("Service") == "logging.s3.amazonaws.com"
    assert (allowed.text("Effect"), allowed.text("Action")) == ("Allow", "s3:PutObject")
    assert str(allowed.block("Condition").block("StringEquals")["aws:SourceAccount"]) == "${AWS::AccountId}"


ORIGINS = {
    ("muejam", "dev"): "https://dev.muejam.example.com",
    ("muejam", "staging"): "https://staging.muejam.example.com",
    ("muejam", "prod"): "https://muejam.example.com",
    ("caja", "dev"): "https://dev.caja.example.com",
    ("caja", "staging"): "https://staging.caja.example.com",
    ("caja", "prod"): "https://caja.example.com",
}
METHODS = {"MediaBucket": ["GET", "HEAD", "PUT", "POST"], "StaticBucket": ["GET", "HEAD"]}


@pytest.mark.promise("MJ-05")
@pytest.mark.parametrize("name", METHODS)
def test_cors_for_the_named_origins(deployment: Deployment, name: str) -> None:
    """The site of the environment, and no other; media can be uploaded."""
    (rule,) = deployment["storage"][name].block("CorsConfiguration").items_of("CorsRules")
    assert list(rule.items_of("AllowedOrigins")) == [ORIGINS[deployment.system, deployment.environment.name]]
    assert list(rule.items_of("AllowedMethods")) == METHODS[name]
    assert "*" not in rule.items_of("AllowedHeaders")


@pytest.mark.promise("MJ-05")
def test_no_page_reads_backups(deployment: Deployment) -> None:
    """Nor the logs."""
    stack = deployment["storage"]
    assert [name for name in ("BackupsBucket", "AccessLogsBucket") if "CorsConfiguration" in stack[name]] == []


@pytest.mark.promise("MJ-05")
@pytest.mark.promise("CJ-11")
def test_backups_are_kept_ninety_days(deployment: Deployment) -> None:
    """In a cheaper class from the first month on."""
    rule = _rules(deployment["storage"]["BackupsBucket"])["KeepBackups"]
    (transition,) = rule.items_of("Transitions")
    assert (rule.text("Status"), rule.integer("ExpirationInDays")) == ("Enabled", 90)
    assert (transition.text("StorageClass"), transition.integer("TransitionInDays")) == ("STANDARD_IA", 30)


@pytest.mark.promise("MJ-05")
@pytest.mark.promise("CJ-11")
def test_media_are_kept_and_move_to_a_cheaper_class(deployment: Deployment) -> None:
    """No rule lets them expire."""
    rules = _rules(deployment["storage"]["MediaBucket"])
    (transition,) = rules["MoveAndTidy"].items_of("Transitions")
    assert (transition.text("StorageClass"), transition.integer("TransitionInDays")) == ("STANDARD_IA", 90)
    assert [name for name, rule in rules.items() if "ExpirationInDays" in rule] == []


@pytest.mark.promise("MJ-05")
@pytest.mark.promise("CJ-11")
@pytest.mark.parametrize("name", BUCKETS)
def test_leftovers_go(deployment: Deployment, name: str) -> None:
    """Earlier versions after a month, unfinished uploads after a week, markers when nothing is left behind them."""
    rules = [rule for rule in _rules(deployment["storage"][name]).values() if rule.text("Status") == "Enabled"]
    tidy = [rule for rule in rules if "NoncurrentVersionExpiration" in rule]
    assert [rule.block("NoncurrentVersionExpiration").integer("NoncurrentDays") for rule in tidy] == [30]
    uploads = [rule.block("AbortIncompleteMultipartUpload").integer("DaysAfterInitiation") for rule in tidy]
    assert uploads == [7]
    markers = [rule for rule in rules if rule.boolean("ExpiredObjectDeleteMarker")]
    assert [("ExpirationInDays" in rule) for rule in markers] == [False]


CLASSES = {
    "MediaBucket": ["StandardStorage", "StandardIAStorage", "StandardIASizeOverhead"],
    "StaticBucket": ["StandardStorage"],
    "BackupsBucket": ["StandardStorage", "StandardIAStorage", "StandardIASizeOverhead"],
}


@pytest.mark.promise("MJ-05")
@pytest.mark.promise("MJ-07")
@pytest.mark.parametrize("name", BUCKETS)
def test_size_alarm(deployment: Deployment, name: str) -> None:
    """At 100 GiB in all storage classes that the lifecycle uses, measured once a day."""
    stack = deployment["storage"]
    alarm = stack[f"{name.removesuffix('Bucket')}SizeAlarm"]
    size, *parts = alarm.items_of("Metrics")
    assert (alarm.integer("Threshold"), alarm.text("ComparisonOperator")) == (100 * 1024**3, "GreaterThanThreshold")
    assert (alarm.integer("EvaluationPeriods"), alarm.text("TreatMissingData")) == (1, "ignore")
    assert size.text("Expression") == f"SUM([{', '.join(part.text('Id') for part in parts)}])"
    measured = []
    for part in parts:
        stat = part.block("MetricStat")
        metric = stat.block("Metric")
        bucket, kind = metric.items_of("Dimensions")
        assert (metric.text("Namespace"), metric.text("MetricName")) == ("AWS/S3", "BucketSizeBytes")
        assert (stat.integer("Period"), bucket.text("Name"), kind.text("Name")) == (86400, "BucketName", "StorageType")
        assert deployment.follow(bucket["Value"]) is stack[name]
        measured.append(kind.text("Value"))
    assert measured == CLASSES[name]


@pytest.mark.promise("MJ-07")
@pytest.mark.parametrize("name", BUCKETS)
def test_size_alarm_measures_every_class_of_the_lifecycle(deployment: Deployment, name: str) -> None:
    """What a rule moves does not drop out of the sum."""
    rules = _rules(deployment["storage"][name]).values()
    moved = {item.text("StorageClass") for rule in rules for item in rule.items_of("Transitions")}
    names = {"STANDARD_IA": "StandardIAStorage"}
    assert {names[kind] for kind in moved} <= set(CLASSES[name])


@pytest.mark.promise("MJ-07")
def test_alarms_are_heard(deployment: Deployment) -> None:
    """As warnings, when they begin and when they end."""
    topic = deployment["monitoring"]["WarningTopic"]
    alarms = deployment["storage"].of_type("AWS::CloudWatch::Alarm")
    assert [alarm.logical_id for alarm in alarms] == ["MediaSizeAlarm", "StaticSizeAlarm", "BackupsSizeAlarm"]
    for alarm in alarms:
        for key in ("AlarmActions", "OKActions"):
            assert [deployment.follow(action) for action in alarm.items_of(key)] == [topic]


@pytest.mark.promise("CJ-12")
@pytest.mark.parametrize("name", BUCKETS)
def test_who_is_not_copied(deployment: Deployment, name: str) -> None:
    """Static files anywhere, nothing in MueJam, nothing in Caja's dev."""
    copied = deployment.system == "caja" and deployment.environment.name != "dev" and name != "StaticBucket"
    assert ("ReplicationConfiguration" in deployment["storage"][name]) is copied
    roles = {role.logical_id for role in deployment["storage"].of_type("AWS::IAM::Role")}
    assert roles == ({"ReplicationRole"} if "recovery" in deployment.stacks else set())


@pytest.mark.promise("CJ-10")
@pytest.mark.promise("MJ-05")
def test_what_an_application_may_do(deployment: Deployment) -> None:
    """Read and write all three, delete media and static files, and use the key through S3 only."""
    statements = _statements(deployment["storage"]["AccessPolicy"])
    found = [(_values(item["Action"]), _values(item["Resource"])) for item in statements]
    media, static, backups = "${MediaBucket.Arn}", "${StaticBucket.Arn}", "${BackupsBucket.Arn}"
    uploads = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
    assert found == [
        (["s3:ListBucket", "s3:GetBucketLocation"], [media, static, backups]),
        (["s3:GetObject", "s3:PutObject", "s3:DeleteObject", *uploads], [f"{media}/*", f"{static}/*"]),
        (["s3:GetObject", "s3:PutObject", *uploads], [f"{backups}/*"]),
        (["kms:Decrypt", "kms:GenerateDataKey"], ["${EncryptionKey.Arn}"]),
    ]
    assert deployment.follow(statements[-1]["Resource"]) is deployment["networking"]["EncryptionKey"]
    service = statements[-1].block("Condition").block("StringEquals").text("kms:ViaService")
    assert service == "s3.us-east-1.amazonaws.com"


@pytest.mark.promise("MJ-05")
@pytest.mark.parametrize(("name", "setting"), [("Media", "media_bucket"), ("Static", "static_bucket")])
def test_instances_learn_the_names(deployment: Deployment, name: str, setting: str) -> None:
    """From parameters at the path that they read."""
    parameter = deployment["storage"][f"{name}BucketParameter"]
    prefix = f"/{deployment.system}/{deployment.environment.name}/application"
    assert (parameter.text("Name"), parameter.text("Type")) == (f"{prefix}/{setting}", "String")
    assert deployment.follow(parameter["Value"]) is deployment["storage"][f"{name}Bucket"]


@pytest.mark.promise("MJ-05")
@pytest.mark.promise("CJ-12")
def test_data_outlive_the_stack(deployment: Deployment) -> None:
    """Only buckets that a first, failed creation leaves empty go with it; logs may have been written by then."""
    stack = deployment["storage"]
    found = {
        name: (stack[name].attributes.text("DeletionPolicy"), stack[name].attributes.text("UpdateReplacePolicy"))
        for name in ALL_BUCKETS
    }
    kept = dict.fromkeys(BUCKETS, ("RetainExceptOnCreate", "Retain"))
    assert found == {"AccessLogsBucket": ("Retain", "Retain"), **kept}


@pytest.mark.promise("MJ-08")
def test_outputs(deployment: Deployment) -> None:
    """Names and ARNs of the buckets, the policy and the alarms, exported for others."""
    prefix = f"{deployment.system}-{deployment.environment.name}-Storage"
    found = {key: (str(output.value), output.export) for key, output in deployment["storage"].outputs.items()}
    wanted = {"AccessPolicyArn": ("${AccessPolicy}", f"{prefix}AccessPolicyArn")}
    for name in BUCKETS:
        alarm = f"{name.removesuffix('Bucket')}SizeAlarm"
        wanted |= {
            f"{name}Name": (f"${{{name}}}", f"{prefix}{name}Name"),
            f"{name}Arn": (f"${{{name}.Arn}}", f"{prefix}{name}Arn"),
            f"{alarm}Arn": (f"${{{alarm}.Arn}}", f"{prefix}{alarm}Arn"),
        }
    assert found == wanted


UNTAGGABLE = {"AWS::S3::BucketPolicy", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}


@pytest.mark.promise("CJ-13")
def test_tags(deployment: Deployment) -> None:
    """Everything that takes tags says what it belongs to, for the bill too."""
    wanted = {"System": deployment.system, "Environment": deployment.environment.name, "Layer": "storage"}
    for resource in deployment["storage"].resources.values():
        if resource.type in UNTAGGABLE:
            continue
        if resource.type == "AWS::SSM::Parameter":
            tags = {key: resource.block("Tags").text(key) for key in resource.block("Tags")}
        else:
            tags = {tag.text("Key"): tag.text("Value") for tag in resource.items_of("Tags")}
        name = tags.pop("Name")
        assert (resource.logical_id, tags) == (resource.logical_id, wanted)
        assert name.startswith(f"{deployment.system}-{deployment.environment.name}")
