"""The audit layer of Caja and MueJam, asked in every environment."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof import Deployment, Resource
from stackproof.resolve.values import plain_value

pytestmark = pytest.mark.systems("caja", "muejam")


def _statements(resource: Resource, document: str = "PolicyDocument") -> dict[str, dict[str, Any]]:
    """Return the statements of a document by their Sid."""
    return {item["Sid"]: plain_value(item) for item in resource.block(document).items_of("Statement")}


def _name(deployment: Deployment) -> str:
    return f"{deployment.system}-{deployment.environment.name}"


def _trail_arn(deployment: Deployment) -> str:
    return f"arn:aws:cloudtrail:us-east-1:${{AWS::AccountId}}:trail/{_name(deployment)}"


@pytest.mark.promise("CJ-10")
@pytest.mark.promise("MJ-10")
def test_trail_records_all_calls_everywhere(deployment: Deployment) -> None:
    """Of every region and of the global services, reading ones too."""
    trail = deployment["audit"]["Trail"]
    flags = ("IsLogging", "IsMultiRegionTrail", "IncludeGlobalServiceEvents", "EnableLogFileValidation")
    assert {flag: trail.boolean(flag) for flag in flags} == dict.fromkeys(flags, True)
    assert plain_value(trail["AdvancedEventSelectors"]) == [
        {"Name": "Management", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
    ]


@pytest.mark.promise("CJ-10")
@pytest.mark.promise("MJ-10")
def test_where_the_trail_goes(deployment: Deployment) -> None:
    """Into a bucket and a log group, both encrypted with the trail's own key."""
    stack = deployment["audit"]
    trail, bucket, group = stack["Trail"], stack["TrailBucket"], stack["TrailLogGroup"]
    (rule,) = bucket.block("BucketEncryption").items_of("ServerSideEncryptionConfiguration")
    keys = (trail["KMSKeyId"], group["KmsKeyId"], rule.block("ServerSideEncryptionByDefault")["KMSMasterKeyID"])
    assert [deployment.follow(key) for key in keys] == [stack["TrailKey"]] * 3
    assert deployment.follow(trail["S3BucketName"]) is bucket
    assert deployment.follow(trail["CloudWatchLogsLogGroupArn"]) is group
    assert deployment.follow(trail["CloudWatchLogsRoleArn"]) is stack["TrailLogRole"]


@pytest.mark.promise("CJ-09")
def test_key_rotates_and_serves_this_trail_only(deployment: Deployment) -> None:
    """CloudTrail may use it for the trail of this name, and no other of any account."""
    key = deployment["audit"]["TrailKey"]
    assert key.boolean("EnableKeyRotation")
    statements = _statements(key, "KeyPolicy")
    sources = {
        sid: str(statement["Condition"]["StringEquals"]["aws:SourceArn"])
        for sid, statement in statements.items()
        if statement["Principal"] == {"Service": "cloudtrail.amazonaws.com"}
    }
    assert sources == {"TrailEncrypts": _trail_arn(deployment), "TrailLooksAtTheKey": _trail_arn(deployment)}
    assert "kms:EncryptionContext:aws:cloudtrail:arn" in statements["TrailEncrypts"]["Condition"]["StringLike"]


@pytest.mark.promise("CJ-10")
@pytest.mark.promise("MJ-10")
def test_who_may_write_and_nobody_deletes(deployment: Deployment) -> None:
    """The trail of this name writes; whoever may otherwise do all deletes nothing."""
    stack = deployment["audit"]
    statements = _statements(stack["TrailBucketPolicy"])
    allowed = {sid: statement["Action"] for sid, statement in statements.items() if statement["Effect"] == "Allow"}
    assert allowed == {"TrailLooksAtTheBucket": "s3:GetBucketAcl", "TrailWrites": "s3:PutObject"}
    assert {str(statements[sid]["Condition"]["StringEquals"]["aws:SourceArn"]) for sid in allowed} == {
        _trail_arn(deployment)
    }
    assert stack["Trail"].text("TrailName") == _name(deployment)
    denied = statements["NobodyDeletes"]
    assert (denied["Principal"], denied["Action"]) == ("*", ["s3:DeleteObject", "s3:DeleteObjectVersion"])
    assert "Condition" not in denied
    assert "NobodyWithoutTls" in statements


@pytest.mark.promise("CJ-10")
@pytest.mark.promise("MJ-10")
def test_the_trail_outlives_its_stack(deployment: Deployment) -> None:
    """Bucket, log group and key stay; files are kept for a year."""
    stack = deployment["audit"]
    found = {
        name: stack[name].attributes.text("DeletionPolicy") for name in ("TrailBucket", "TrailLogGroup", "TrailKey")
    }
    assert found == {
        "TrailBucket": "Retain",
        "TrailLogGroup": "RetainExceptOnCreate",
        "TrailKey": "RetainExceptOnCreate",
    }
    (rule,) = stack["TrailBucket"].block("LifecycleConfiguration").items_of("Rules")
    assert rule.integer("ExpirationInDays") == 365
    assert stack["TrailBucket"].block("VersioningConfiguration").text("Status") == "Enabled"


@pytest.mark.promise("CJ-10")
def test_who_looked_at_the_trail_is_logged(deployment: Deployment) -> None:
    """Into a bucket beside it."""
    stack = deployment["audit"]
    logging = stack["TrailBucket"].block("LoggingConfiguration")
    assert deployment.follow(logging["DestinationBucketName"]) is stack["AccessLogsBucket"]
    statement = _statements(stack["AccessLogsBucketPolicy"])["AccessLogsOfThisAccount"]
    assert statement["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert str(statement["Resource"]) == "${AccessLogsBucket.Arn}/trail/*"


@pytest.mark.promise("CJ-10")
def test_administrators_need_a_second_factor(deployment: Deployment) -> None:
    """Somebody of this account, who proved it within the last hour."""
    role = deployment["audit"]["AdministratorRole"]
    (statement,) = role.block("AssumeRolePolicyDocument").items_of("Statement")
    assert str(plain_value(statement["Principal"])["AWS"]) == "arn:aws:iam::${AWS::AccountId}:root"
    assert plain_value(statement["Condition"]) == {
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"},
    }
    assert role.integer("MaxSessionDuration") == 3600


@pytest.mark.promise("CJ-10")
@pytest.mark.promise("CJ-14")
def test_what_administrators_may_do(deployment: Deployment) -> None:
    """Read, drive this environment's stacks, and operate what carries its tags; they give no rights."""
    role, name = deployment["audit"]["AdministratorRole"], _name(deployment)
    assert [str(arn) for arn in role.items_of("ManagedPolicyArns")] == ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    (policy,) = role.items_of("Policies")
    statements = _statements(policy)
    tags = {
        "StringEquals": {
            "aws:ResourceTag/System": deployment.system,
            "aws:ResourceTag/Environment": deployment.environment.name,
        }
    }
    limits = {sid: statement.get("Condition", str(statement["Resource"])) for sid, statement in statements.items()}
    assert limits == {
        "WhatCarriesTheTags": tags,
        "Sessions": tags,
        "SessionChannels": "arn:aws:ssm:*:${AWS::AccountId}:session/*",
        "OwnSessions": {"StringLike": {"ssm:resourceTag/aws:ssmmessages:session-id": "${aws:userid}"}},
        "Stacks": f"arn:aws:cloudformation:*:${{AWS::AccountId}}:stack/{name}-*/*",
    }
    actions = [action for statement in statements.values() for action in _listed(statement["Action"])]
    assert [one for one in actions if "*" in one or one.startswith(("iam:", "kms:", "cloudtrail:", "s3:"))] == []


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


ALARMS = {
    "RootUseAlarm": ("RootUse", 1, "CriticalTopic"),
    "SignInWithoutMfaAlarm": ("SignInsWithoutMfa", 1, "CriticalTopic"),
    "TrailChangeAlarm": ("TrailChanges", 1, "CriticalTopic"),
    "UnauthorizedCallsAlarm": ("UnauthorizedCalls", 10, "WarningTopic"),
}


@pytest.mark.promise("CJ-10")
@pytest.mark.promise("CJ-07")
def test_calls_that_nobody_should_make(deployment: Deployment) -> None:
    """Each has a filter of the trail's log group and an alarm that somebody hears."""
    stack = deployment["audit"]
    found = {
        alarm.logical_id: (
            alarm.text("MetricName"),
            alarm.integer("Threshold"),
            *[getattr(deployment.follow(action), "logical_id", None) for action in alarm.items_of("AlarmActions")],
        )
        for alarm in stack.of_type("AWS::CloudWatch::Alarm")
    }
    assert found == ALARMS
    spaces = {alarm.text("Namespace") for alarm in stack.of_type("AWS::CloudWatch::Alarm")}
    filters = stack.of_type("AWS::Logs::MetricFilter")
    counted = {
        (item.text("MetricNamespace"), item.text("MetricName"))
        for one in filters
        for item in one.items_of("MetricTransformations")
    }
    assert counted == {(space, metric) for space in spaces for metric, *_ in ALARMS.values()}
    assert {deployment.follow(one["LogGroupName"]) for one in filters} == {stack["TrailLogGroup"]}


@pytest.mark.promise("CJ-10")
def test_roles_are_each_for_one_purpose(deployment: Deployment) -> None:
    """The trail's may only write its own log."""
    stack = deployment["audit"]
    assert [role.logical_id for role in stack.of_type("AWS::IAM::Role")] == ["TrailLogRole", "AdministratorRole"]
    (policy,) = stack["TrailLogRole"].items_of("Policies")
    (statement,) = policy.block("PolicyDocument").items_of("Statement")
    assert plain_value(statement["Action"]) == ["logs:CreateLogStream", "logs:PutLogEvents"]
    group = "arn:aws:logs:us-east-1:${AWS::AccountId}:log-group:${TrailLogGroup}"
    assert str(statement["Resource"]) == f"{group}:log-stream:${{AWS::AccountId}}_CloudTrail_*"


@pytest.mark.promise("CJ-13")
def test_names_and_tags(deployment: Deployment) -> None:
    """Every taggable resource carries the cost-allocation tags and a name of system and environment."""
    resources = deployment["audit"].resources
    found = {
        name: {tag["Key"]: str(tag["Value"]) for tag in resource.items_of("Tags")}
        for name, resource in resources.items()
        if "Tags" in resource
    }
    assert {resources[one].type for one in set(resources) - set(found)} == {
        "AWS::S3::BucketPolicy",
        "AWS::Logs::MetricFilter",
    }
    expected = (deployment.system, deployment.environment.name, "audit")
    wrong = [
        name
        for name, tags in found.items()
        if (tags["System"], tags["Environment"], tags["Layer"]) != expected
        or not tags["Name"].startswith(_name(deployment))
    ]
    assert wrong == []


def test_outputs(deployment: Deployment) -> None:
    """Trail, where it is kept, and the administrators' role."""
    name = _name(deployment)
    found = {key: (str(output.value), output.export) for key, output in deployment["audit"].outputs.items()}
    assert found == {
        "TrailArn": ("${Trail.Arn}", f"{name}-AuditTrailArn"),
        "TrailBucketName": ("${TrailBucket}", f"{name}-AuditTrailBucketName"),
        "TrailLogGroupName": ("${TrailLogGroup}", f"{name}-AuditTrailLogGroupName"),
        "AdministratorRoleArn": ("${AdministratorRole.Arn}", f"{name}-AuditAdministratorRoleArn"),
    }
