"""What is added to the services that others stand on, held to the pinned release of moto."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.core.responses import BaseResponse
from moto.core.utils import camelcase_to_underscores, method_names_from_class

from stackproof.simulate import SimulatedAccount, simulated_account
from stackproof.simulate.additions.conditions import are_met
from stackproof.simulate.handlers import CannotUpdateError, Wanted

from .resource_cases import ACCOUNT, REGION, make

_MODULES = ("budgets", "cloudtrail", "cloudwatch", "events", "iam", "kinesis", "kms", "logs", "scheduler", "sns", "sqs")
_LACKING = {
    "budgets": {
        "DescribeSubscribersForNotification",
        "ListTagsForResource",
        "TagResource",
        "UntagResource",
        "UpdateBudget",
    },
    "cloudtrail": set[str](),
    "cloudwatch": {"PutCompositeAlarm"},
    "events": {"UpdateEventBus"},
    "iam": {
        "AddClientIDToOpenIDConnectProvider",
        "DeleteUserPermissionsBoundary",
        "PutUserPermissionsBoundary",
        "RemoveClientIDFromOpenIDConnectProvider",
    },
    "kinesis": {"ListTagsForResource", "TagResource", "UntagResource", "UpdateMaxRecordSize"},
    "kms": set[str](),
    "logs": {
        "AssociateKmsKey",
        "DeleteDataProtectionPolicy",
        "DeleteIndexPolicy",
        "DescribeIndexPolicies",
        "DisassociateKmsKey",
        "GetDataProtectionPolicy",
        "PutBearerTokenAuthentication",
        "PutDataProtectionPolicy",
        "PutIndexPolicy",
        "PutLogGroupDeletionProtection",
        "UpdateDeliveryConfiguration",
    },
    "scheduler": set[str](),
    "sns": {"GetDataProtectionPolicy", "PutDataProtectionPolicy"},
    "sqs": set[str](),
}
"""By service, the operations that moto does not have; the other added ones it has, and forgets something of."""


def _known(service: str) -> set[str]:
    """Return the methods of moto's response classes of a service."""
    module = vars(import_module(f"moto.{service}.responses"))
    classes = (found for found in module.values() if isinstance(found, type) and issubclass(found, BaseResponse))
    own = [found for found in classes if found.__module__ == f"moto.{service}.responses"]
    return {name for found in own for name in method_names_from_class(found)}


@pytest.mark.parametrize("service", _MODULES)
def test_moto_lacks_what_is_said_to_be_lacking(service: str) -> None:
    """An operation that moto learns is to be taken out of here, or kept for what moto forgets of it."""
    added = import_module(f"stackproof.simulate.additions.{service}").METHODS
    assert {name for of, name in added if of == service and camelcase_to_underscores(name) not in _known(service)} == (
        _LACKING[service]
    )


@pytest.mark.parametrize("service", _MODULES)
def test_added_operations_are_of_the_service(service: str) -> None:
    """What is added has the name of an operation in botocore's model of the service."""
    added = import_module(f"stackproof.simulate.additions.{service}").METHODS
    model = boto3.client(service, REGION).meta.service_model
    assert [(of, name) for of, name in added if of != service or name not in model.operation_names] == []


_PATCHED = [
    (owner, name)
    for module in ("cloudtrail", "logs", "s3", "sqs")
    for owner, name, _ in import_module(f"stackproof.simulate.additions.{module}").PATCHES
    if name != "redrive_allow_policy"
]


@pytest.mark.parametrize(("owner", "name"), _PATCHED)
def test_patched_name_exists(owner: type, name: str) -> None:
    """What is replaced while a simulation runs is still there to be replaced."""
    assert hasattr(owner, name)


@pytest.fixture(name="account")
def _account() -> Iterator[SimulatedAccount]:
    with simulated_account(REGION, ACCOUNT) as account:
        yield account


# --- Policies of buckets. ---


def _denying(conditions: dict[str, Any], action: str = "s3:*", principal: object = "*") -> str:
    statement = {"Effect": "Deny", "Principal": principal, "Action": action, "Resource": "arn:aws:s3:::small-media/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | {"Condition": conditions}]})


def _code(call: Callable[..., Any], **given: Any) -> str:
    """Return the error code of a call; empty where it succeeds."""
    try:
        call(**given)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


@pytest.mark.parametrize(
    ("policy", "given", "code"),
    [
        (_denying({"Bool": {"aws:SecureTransport": "false"}}), {}, ""),
        (_denying({"Bool": {"aws:SecureTransport": "true"}}), {}, "AccessDenied"),
        (_denying({"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}), {}, "AccessDenied"),
        (
            _denying({"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}),
            {"ServerSideEncryption": "aws:kms"},
            "",
        ),
        (_denying({"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}), {}, ""),
        (_denying({}, principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), {}, "AccessDenied"),
        (_denying({}, principal={"AWS": "arn:aws:iam::999999999999:root"}), {}, ""),
        (_denying({}, action="s3:GetObject"), {}, ""),
    ],
)
def test_policy_of_a_bucket_is_asked_with_its_conditions(
    account: SimulatedAccount, policy: str, given: dict[str, str], code: str
) -> None:
    """An object is refused only where a statement is about the request: its action, its caller, its conditions."""
    s3 = account.client("s3")
    s3.create_bucket(Bucket="small-media")
    s3.put_bucket_policy(Bucket="small-media", Policy=policy)
    assert _code(s3.put_object, Bucket="small-media", Key="a", Body=b"", **given) == code


def test_request_in_the_clear_is_told_from_one_that_is_not(account: SimulatedAccount) -> None:
    """``aws:SecureTransport`` says by which scheme AWS was asked."""
    account.client("s3").create_bucket(Bucket="small-media")
    policy = _denying({"Bool": {"aws:SecureTransport": "false"}})
    account.client("s3").put_bucket_policy(Bucket="small-media", Policy=policy)
    clear = boto3.client("s3", REGION, endpoint_url=f"http://s3.{REGION}.amazonaws.com")
    assert _code(clear.put_object, Bucket="small-media", Key="a", Body=b"") == "AccessDenied"


@pytest.mark.parametrize(
    ("conditions", "context", "expected"),
    [
        ({}, {}, True),
        ({"StringEquals": {"a": ["x", "y"]}}, {"a": "y"}, True),
        ({"StringEquals": {"a": "x"}}, {}, False),
        ({"StringEqualsIfExists": {"a": "x"}}, {}, True),
        ({"StringNotEquals": {"a": ["x", "y"]}}, {"a": "y"}, False),
        ({"StringNotEquals": {"a": "x"}}, {}, True),
        ({"StringLike": {"A": "x*"}}, {"a": "xyz"}, True),
        ({"ArnNotLike": {"a": "arn:aws:iam::*:role/x"}}, {"a": "arn:aws:iam::1:role/x"}, False),
        ({"Bool": {"a": True}}, {"a": "true"}, True),
        ({"Null": {"a": "true"}}, {}, True),
        ({"Null": {"a": "false"}}, {}, False),
        ({"NumericLessThan": {"a": "1.2"}}, {"a": "1.1"}, True),
        ({"IpAddress": {"a": "10.0.0.0/8"}}, {"a": "10.1.2.3"}, True),
        ({"NotIpAddress": {"a": "10.0.0.0/8"}}, {"a": "10.1.2.3"}, False),
        ({"StringEquals": {"a": "x"}, "Bool": {"b": "true"}}, {"a": "x", "b": "false"}, False),
    ],
)
def test_conditions_are_met_as_iam_says(conditions: Any, context: dict[str, str], expected: bool) -> None:
    """All keys must be met, by any of their values; what is absent is equal to nothing."""
    assert are_met(conditions, context) is expected


# --- New buckets. ---

_OPEN = {"PublicAccessBlockConfiguration": {"BlockPublicPolicy": False, "BlockPublicAcls": False}}


def _public(bucket: str) -> dict[str, Any]:
    resource = f"arn:aws:s3:::{bucket}/*"
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": resource}
    return {"Bucket": bucket, "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}


def test_new_bucket_is_closed(account: SimulatedAccount) -> None:
    """Since April 2023 a bucket has no access control lists and lets no public in, and encrypts as ever."""
    s3, own = account.client("s3"), make(account, "S3::Bucket", "Bucket", {}).physical_id
    rule = s3.get_bucket_encryption(Bucket=own)["ServerSideEncryptionConfiguration"]["Rules"][0]
    found = (
        set(s3.get_public_access_block(Bucket=own)["PublicAccessBlockConfiguration"].values()),
        s3.get_bucket_ownership_controls(Bucket=own)["OwnershipControls"]["Rules"],
        rule["ApplyServerSideEncryptionByDefault"],
    )
    assert found == ({True}, [{"ObjectOwnership": "BucketOwnerEnforced"}], {"SSEAlgorithm": "AES256"})


def test_public_policy_is_refused_unless_the_bucket_is_opened(account: SimulatedAccount) -> None:
    """A policy for everybody needs a bucket whose access block lets it in."""
    with pytest.raises(ClientError, match="AccessDenied"):
        make(account, "S3::BucketPolicy", "Policy", _public(make(account, "S3::Bucket", "A", {}).physical_id))
    made = make(account, "S3::BucketPolicy", "Policy", _public(make(account, "S3::Bucket", "B", _OPEN).physical_id))
    assert made.unread == ()


@pytest.mark.parametrize("access", ["LogDeliveryWrite", "PublicRead"])
def test_access_control_list_needs_ownership_controls(account: SimulatedAccount, access: str) -> None:
    """A template of before April 2023 that sets an access control list fails, unless it says who owns objects."""
    with pytest.raises(ClientError, match="ACLs set with ObjectOwnership's BucketOwnerEnforced setting"):
        make(account, "S3::Bucket", "A", {"AccessControl": access})
    owned = {"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}}
    made = make(account, "S3::Bucket", "B", {"AccessControl": access, **owned, **_OPEN})
    assert (made.unread, made.unshown) == ((), ())


# --- Deleting. ---


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({}, r"\(BucketNotEmpty\).+: The bucket you tried to delete is not empty$"),
        (
            {"VersioningConfiguration": {"Status": "Enabled"}},
            r"The bucket you tried to delete is not empty\. You must delete all versions in the bucket\.$",
        ),
    ],
)
def test_bucket_with_objects_is_not_deleted(account: SimulatedAccount, properties: dict[str, Any], reason: str) -> None:
    """CloudFormation does not empty a bucket, so its deletion fails."""
    made = make(account, "S3::Bucket", "Bucket", properties)
    account.client("s3").put_object(Bucket=made.physical_id, Key="a", Body=b"")
    with pytest.raises(ClientError, match=reason):
        made.delete(False)


def test_protected_log_group_is_not_deleted(account: SimulatedAccount) -> None:
    """A log group that is protected stays."""
    made = make(account, "Logs::LogGroup", "Group", {"DeletionProtectionEnabled": True})
    with pytest.raises(ClientError, match="is protected from deletion"):
        made.delete(False)


# --- Names that are taken, and what cannot be changed. ---

_ALARM = {"MetricName": "a", "Namespace": "b", "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold"}


@pytest.mark.parametrize(
    ("kind", "properties", "reason"),
    [
        ("S3::Bucket", {"BucketName": "small-media"}, "^small-media already exists$"),
        ("SNS::Topic", {"TopicName": "a"}, r"^Resource of type 'AWS::SNS::Topic' with identifier .+ already exists\.$"),
        (
            "SQS::Queue",
            {"QueueName": "a"},
            r"^Resource of type 'AWS::SQS::Queue' with identifier .+ already exists\.$",
        ),
        (
            "Logs::LogGroup",
            {"LogGroupName": "a"},
            r"""^Resource of type 'AWS::Logs::LogGroup' with identifier """
            r"""'\{"/properties/LogGroupName":"a"\}' already exists\.$""",
        ),
        ("CloudWatch::Alarm", {"AlarmName": "a", **_ALARM}, "already exists"),
        ("CloudWatch::Dashboard", {"DashboardName": "a", "DashboardBody": "{}"}, "already exists"),
        ("Events::Rule", {"Name": "a", "EventPattern": {"source": ["a"]}}, "already exists"),
        ("IAM::Group", {"GroupName": "a"}, "already exists"),
    ],
)
def test_name_that_is_taken_is_refused(
    account: SimulatedAccount, kind: str, properties: dict[str, Any], reason: str
) -> None:
    """CloudFormation makes what is new; it takes nothing over, even where the service would overwrite it."""
    make(account, kind, "First", properties)
    with pytest.raises(Exception, match=reason):
        make(account, kind, "Second", properties)


def test_policy_of_nobody_is_refused(account: SimulatedAccount) -> None:
    """An inline policy stands inside of somebody."""
    with pytest.raises(ValueError, match=r"^At least one of \[Groups,Roles,Users\] must be non-empty\.$"):
        make(account, "IAM::Policy", "Policy", {"PolicyName": "a", "PolicyDocument": {}})


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("Logs::LogGroup", {"LogGroupClass": "STANDARD"}, {"LogGroupClass": "INFREQUENT_ACCESS"}),
        ("S3::Bucket", {}, {"AbacStatus": "Enabled"}),
    ],
)
def test_what_the_service_cannot_change_fails_the_update(
    account: SimulatedAccount, kind: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """No change is passed over in silence."""
    made = make(account, kind, "Thing", before)
    with pytest.raises(CannotUpdateError, match=next(iter(after))):
        made.update(Wanted(f"AWS::{kind}", "Thing", "small", "arn", "small-Thing-0123456789AB", after))


@pytest.mark.parametrize("name", ["DisplayName", "KmsMasterKeyId", "SignatureVersion"])
def test_attribute_that_is_a_property_is_given(account: SimulatedAccount, name: str) -> None:
    """``Fn::GetAtt`` gives a topic's properties too, as they are now."""
    made = make(account, "SNS::Topic", "Topic", {name: "2"})
    made.update(Wanted("AWS::SNS::Topic", "Topic", "small", "arn", "small-Topic-0123456789AB", {name: "1"}))
    assert made.attribute(name) == "1"


def test_policy_of_a_queue_outlives_other_changes(account: SimulatedAccount) -> None:
    """A queue keeps its policy when another attribute is set."""
    sqs = account.client("sqs")
    address = sqs.create_queue(QueueName="a", Attributes={"Policy": '{"Statement": [{"Sid": "x"}]}'})["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=address, Attributes={"DelaySeconds": "1"})
    attributes = sqs.get_queue_attributes(QueueUrl=address, AttributeNames=["Policy"])["Attributes"]
    assert json.loads(attributes["Policy"]) == {"Statement": [{"Sid": "x"}]}
