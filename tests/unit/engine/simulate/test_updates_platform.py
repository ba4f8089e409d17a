"""Updates in place of the services that others stand on: storage, identities, keys, logs, messages, events, alarms."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from stackproof.simulate import SimulatedAccount, simulated_account
from stackproof.simulate.handlers import Made, Wanted

from .resource_cases import ACCOUNT, REGION, make

_ARN = f"arn:aws:{{}}:{REGION}:{ACCOUNT}:{{}}"
_STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/small-dev-layer/1"
_OLD = [{"Key": "kept", "Value": "1"}, {"Key": "changed", "Value": "old"}, {"Key": "gone", "Value": "1"}]
_NEW = [{"Key": "kept", "Value": "1"}, {"Key": "changed", "Value": "new"}, {"Key": "added", "Value": "1"}]

Ask = Callable[[SimulatedAccount, str], Any]


@dataclass(frozen=True)
class Change:
    """One update in place.

    Attributes:
        ask: asks the service about the resource, given its physical id.
        expected: what the service says after the update.
        common: properties that stay.
    """

    kind: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    ask: Ask
    expected: object
    common: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """A name for the test: the type and what changes."""
        return "-".join((self.kind, *sorted(self.before.keys() ^ self.after.keys() | self.after.keys())))


def _asked(service: str, operation: str, path: str, **given: Any) -> Ask:
    """Return a question; ``@`` in an argument stands for the physical id, and ``*`` in a path for all of a list."""

    def ask(account: SimulatedAccount, physical_id: str) -> Any:
        arguments = {name: _filled(value, physical_id) for name, value in given.items()}
        return _at(getattr(account.client(service), operation)(**arguments), path)

    return ask


def _filled(value: Any, physical_id: str) -> Any:
    return (
        [_filled(item, physical_id) for item in value] if isinstance(value, list) else value.replace("@", physical_id)
    )


def _at(found: Any, path: str) -> Any:
    first, _, rest = path.partition(".")
    if not first or found is None:
        return found
    if first == "*":
        return [_at(item, rest) for item in found]
    if "|" in first:
        return {name: found[name] for name in first.split("|") if name in found}
    child = found[int(first)] if isinstance(found, list) else found.get(first)
    return _at(child, rest) if rest else child


def _pairs(ask: Ask) -> Ask:
    """Return a question whose answer is tags, in whichever form, as a map."""

    def asked(account: SimulatedAccount, physical_id: str) -> Any:
        found = ask(account, physical_id)
        pairs = found if isinstance(found, list) else [{"Key": key, "Value": text} for key, text in found.items()]
        named = ({name.lower().removeprefix("tag"): text for name, text in pair.items()} for pair in pairs)
        return {pair["key"]: pair["value"] for pair in named}

    return asked


def _any_order(ask: Ask) -> Ask:
    """Return a question whose answer is a list without order."""
    return lambda account, physical_id: sorted(ask(account, physical_id))


_TAGGED = {"kept": "1", "changed": "new", "added": "1"}


def _tagged(kind: str, ask: Ask, **common: Any) -> Change:
    return Change(kind, {"Tags": _OLD}, {"Tags": _NEW}, _pairs(ask), _TAGGED, common)


def _policy(action: str, resource: str = "*", **principal: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement | ({"Principal": principal} if principal else {})]}


# --- SNS ---


def _topic_says(name: str) -> Ask:
    return _asked("sns", "get_topic_attributes", f"Attributes.{name}", TopicArn="@")


_TOPIC = _ARN.format("sns", "news")
_SUBSCRIBER = {"TopicArn": _TOPIC, "Protocol": "https", "Endpoint": "https://example.org/hook"}


def _subscription_says(name: str) -> Ask:
    return _asked("sns", "get_subscription_attributes", f"Attributes.{name}", SubscriptionArn="@")


SNS = (
    Change("SNS::Topic", {"DisplayName": "a"}, {"DisplayName": "b"}, _topic_says("DisplayName"), "b"),
    Change("SNS::Topic", {"DisplayName": "a"}, {}, _topic_says("DisplayName"), ""),
    Change("SNS::Topic", {}, {"KmsMasterKeyId": "alias/aws/sns"}, _topic_says("KmsMasterKeyId"), "alias/aws/sns"),
    Change("SNS::Topic", {"SignatureVersion": 2}, {}, _topic_says("SignatureVersion"), None),
    Change("SNS::Topic", {}, {"TracingConfig": "Active"}, _topic_says("TracingConfig"), "Active"),
    Change(
        "SNS::Topic",
        {"Subscription": [{"Protocol": "email", "Endpoint": "a@example.org"}]},
        {"Subscription": [{"Protocol": "email", "Endpoint": "b@example.org"}]},
        _asked("sns", "list_subscriptions_by_topic", "Subscriptions.*.Endpoint", TopicArn="@"),
        ["b@example.org"],
    ),
    Change(
        "SNS::Topic",
        {},
        {"DeliveryStatusLogging": [{"Protocol": "sqs", "SuccessFeedbackSampleRate": "50"}]},
        _topic_says("SQSSuccessFeedbackSampleRate"),
        "50",
    ),
    Change(
        "SNS::Topic",
        {},
        {"DataProtectionPolicy": {"Name": "no-addresses"}},
        _asked("sns", "get_data_protection_policy", "DataProtectionPolicy", ResourceArn="@"),
        '{"Name": "no-addresses"}',
    ),
    _tagged("SNS::Topic", _asked("sns", "list_tags_for_resource", "Tags", ResourceArn="@")),
    Change(
        "SNS::TopicPolicy",
        {"PolicyDocument": _policy("sns:Publish", _TOPIC)},
        {"PolicyDocument": _policy("sns:Subscribe", _TOPIC)},
        _asked("sns", "get_topic_attributes", "Attributes.Policy", TopicArn=_TOPIC),
        json.dumps(_policy("sns:Subscribe", _TOPIC), separators=(",", ":")),
        {"Topics": [_TOPIC]},
    ),
    Change(
        "SNS::Subscription",
        {"FilterPolicy": {"level": ["high"]}},
        {"FilterPolicy": {"level": ["low"]}, "RawMessageDelivery": True},
        _subscription_says("FilterPolicy|RawMessageDelivery"),
        {"FilterPolicy": '{"level": ["low"]}', "RawMessageDelivery": "true"},
        _SUBSCRIBER,
    ),
    Change(
        "SNS::Subscription",
        {"FilterPolicy": {"level": ["high"]}, "FilterPolicyScope": "MessageBody"},
        {},
        _subscription_says("FilterPolicy|FilterPolicyScope"),
        {},
        _SUBSCRIBER,
    ),
)

# --- SQS ---


def _queue_says(name: str) -> Ask:
    return _asked("sqs", "get_queue_attributes", f"Attributes.{name}", QueueUrl="@", AttributeNames=["All"])


_LETTERS = _ARN.format("sqs", "letters")
_LETTERS_URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/letters"

SQS = (
    Change("SQS::Queue", {"VisibilityTimeout": 60}, {"VisibilityTimeout": 90}, _queue_says("VisibilityTimeout"), "90"),
    Change("SQS::Queue", {"DelaySeconds": 5}, {}, _queue_says("DelaySeconds"), "0"),
    Change(
        "SQS::Queue",
        {"KmsMasterKeyId": "alias/aws/sqs"},
        {},
        _queue_says("KmsMasterKeyId|SqsManagedSseEnabled"),
        {"SqsManagedSseEnabled": "true"},
    ),
    Change(
        "SQS::Queue",
        {},
        {"RedrivePolicy": {"deadLetterTargetArn": _LETTERS, "maxReceiveCount": 3}},
        _queue_says("RedrivePolicy"),
        json.dumps({"deadLetterTargetArn": _LETTERS, "maxReceiveCount": 3}),
    ),
    Change(
        "SQS::Queue",
        {"RedriveAllowPolicy": {"redrivePermission": "denyAll"}},
        {},
        _queue_says("RedriveAllowPolicy"),
        None,
    ),
    Change(
        "SQS::Queue",
        {},
        {"ContentBasedDeduplication": True},
        _queue_says("ContentBasedDeduplication"),
        "true",
        {"FifoQueue": True},
    ),
    _tagged("SQS::Queue", _asked("sqs", "list_queue_tags", "Tags", QueueUrl="@")),
    Change(
        "SQS::QueuePolicy",
        {"PolicyDocument": _policy("sqs:SendMessage", _LETTERS)},
        {"PolicyDocument": _policy("sqs:ReceiveMessage", _LETTERS)},
        _asked("sqs", "get_queue_attributes", "Attributes.Policy", QueueUrl=_LETTERS_URL, AttributeNames=["All"]),
        json.dumps(_policy("sqs:ReceiveMessage", _LETTERS)),
        {"Queues": [_LETTERS_URL]},
    ),
)

# --- IAM ---


def _trusting(service: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": f"{service}.amazonaws.com"}}
    return {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}


_TRUST = _trusting("ec2")
_READ = "arn:aws:iam::aws:policy/ReadOnlyAccess"
_OWN = f"arn:aws:iam::{ACCOUNT}:policy/own"


def _role_says(name: str) -> Ask:
    return _asked("iam", "get_role", f"Role.{name}", RoleName="@")


def _inline(*names: str) -> list[dict[str, Any]]:
    return [{"PolicyName": name, "PolicyDocument": _policy(f"s3:{name}")} for name in names]


def _document_of(arn: str) -> Ask:
    def ask(account: SimulatedAccount, physical_id: str) -> Any:
        iam, own = account.client("iam"), arn.replace("@", physical_id)
        version = iam.get_policy(PolicyArn=own)["Policy"]["DefaultVersionId"]
        return iam.get_policy_version(PolicyArn=own, VersionId=version)["PolicyVersion"]["Document"]

    return ask


def _provider_says(name: str) -> Ask:
    return _asked("iam", "get_open_id_connect_provider", name, OpenIDConnectProviderArn="@")


_PROVIDER = {"Url": "https://token.example.org"}

IAM = (
    Change(
        "IAM::Role",
        _TRUST,
        _trusting("ecs"),
        _role_says("AssumeRolePolicyDocument.Statement.0.Principal.Service"),
        "ecs.amazonaws.com",
    ),
    Change(
        "IAM::Role",
        {"Description": "a", "MaxSessionDuration": 7200},
        {"Description": "b"},
        _role_says("Description|MaxSessionDuration"),
        {"Description": "b", "MaxSessionDuration": 3600},
        _TRUST,
    ),
    Change(
        "IAM::Role",
        {"Policies": _inline("GetObject", "PutObject")},
        {"Policies": _inline("PutObject", "ListBucket")},
        _any_order(_asked("iam", "list_role_policies", "PolicyNames", RoleName="@")),
        ["ListBucket", "PutObject"],
        _TRUST,
    ),
    Change(
        "IAM::Role",
        {"ManagedPolicyArns": [_OWN]},
        {"ManagedPolicyArns": [_READ]},
        _asked("iam", "list_attached_role_policies", "AttachedPolicies.*.PolicyArn", RoleName="@"),
        [_READ],
        _TRUST,
    ),
    Change(
        "IAM::Role",
        {"PermissionsBoundary": _OWN},
        {},
        _role_says("PermissionsBoundary"),
        None,
        _TRUST,
    ),
    _tagged("IAM::Role", _asked("iam", "list_role_tags", "Tags", RoleName="@"), **_TRUST),
    Change(
        "IAM::Policy",
        {"PolicyDocument": _policy("s3:GetObject")},
        {"PolicyDocument": _policy("s3:PutObject")},
        _asked("iam", "get_role_policy", "PolicyDocument", RoleName="bearer", PolicyName="rights"),
        _policy("s3:PutObject"),
        {"PolicyName": "rights", "Roles": ["bearer"]},
    ),
    Change(
        "IAM::Policy",
        {"Roles": ["bearer"], "PolicyName": "rights"},
        {"Users": ["somebody"], "PolicyName": "renamed"},
        lambda account, _own: (
            account.client("iam").list_role_policies(RoleName="bearer")["PolicyNames"],
            account.client("iam").list_user_policies(UserName="somebody")["PolicyNames"],
        ),
        ([], ["renamed"]),
        {"PolicyDocument": _policy("s3:GetObject")},
    ),
    Change(
        "IAM::RolePolicy",
        {"PolicyDocument": _policy("s3:GetObject")},
        {"PolicyDocument": _policy("s3:PutObject")},
        _asked("iam", "get_role_policy", "PolicyDocument", RoleName="bearer", PolicyName="single"),
        _policy("s3:PutObject"),
        {"PolicyName": "single", "RoleName": "bearer"},
    ),
    Change(
        "IAM::ManagedPolicy",
        {"PolicyDocument": _policy("s3:GetObject")},
        {"PolicyDocument": _policy("s3:PutObject")},
        _document_of("@"),
        _policy("s3:PutObject"),
    ),
    Change(
        "IAM::ManagedPolicy",
        {"Roles": ["bearer"]},
        {"Users": ["somebody"]},
        lambda account, own: {
            name: len(found)
            for name, found in account.client("iam").list_entities_for_policy(PolicyArn=own).items()
            if name.startswith("Policy")
        },
        {"PolicyGroups": 0, "PolicyUsers": 1, "PolicyRoles": 0},
        {"PolicyDocument": _policy("s3:GetObject")},
    ),
    Change(
        "IAM::InstanceProfile",
        {"Roles": ["bearer"]},
        {"Roles": ["other"]},
        _asked("iam", "get_instance_profile", "InstanceProfile.Roles.*.RoleName", InstanceProfileName="@"),
        ["other"],
    ),
    Change(
        "IAM::OIDCProvider",
        {"ClientIdList": ["a", "b"]},
        {"ClientIdList": ["b", "c"]},
        _any_order(_provider_says("ClientIDList")),
        ["b", "c"],
        {**_PROVIDER, "ThumbprintList": ["0" * 40]},
    ),
    Change(
        "IAM::OIDCProvider",
        {"ThumbprintList": ["0" * 40]},
        {"ThumbprintList": ["1" * 40]},
        _provider_says("ThumbprintList"),
        ["1" * 40],
        _PROVIDER,
    ),
    _tagged(
        "IAM::OIDCProvider",
        _asked("iam", "list_open_id_connect_provider_tags", "Tags", OpenIDConnectProviderArn="@"),
        **_PROVIDER,
        ThumbprintList=["0" * 40],
    ),
    Change(
        "IAM::User",
        {"Groups": ["readers"], "Policies": _inline("GetObject"), "PermissionsBoundary": _OWN, "Path": "/a/"},
        {"ManagedPolicyArns": [_OWN], "LoginProfile": {"Password": "Not-To-Be-Shown-1"}},
        lambda account, own: (
            account.client("iam").list_groups_for_user(UserName=own)["Groups"],
            account.client("iam").list_user_policies(UserName=own)["PolicyNames"],
            account.client("iam").get_user(UserName=own)["User"].get("PermissionsBoundary"),
            account.client("iam").get_user(UserName=own)["User"]["Path"],
            account.client("iam").list_attached_user_policies(UserName=own)["AttachedPolicies"],
        ),
        ([], [], None, "/", [{"PolicyName": "own", "PolicyArn": _OWN}]),
    ),
    _tagged("IAM::User", _asked("iam", "list_user_tags", "Tags", UserName="@")),
    Change(
        "IAM::Group",
        {"Policies": _inline("GetObject"), "Path": "/a/"},
        {"ManagedPolicyArns": [_OWN], "Path": "/b/"},
        lambda account, own: (
            account.client("iam").get_group(GroupName=own)["Group"]["Path"],
            account.client("iam").list_group_policies(GroupName=own)["PolicyNames"],
            account.client("iam").list_attached_group_policies(GroupName=own)["AttachedPolicies"],
        ),
        ("/b/", [], [{"PolicyName": "own", "PolicyArn": _OWN}]),
    ),
    Change(
        "IAM::UserToGroupAddition",
        {"Users": ["somebody"]},
        {"Users": ["another"]},
        _asked("iam", "get_group", "Users.*.UserName", GroupName="readers"),
        ["another"],
        {"GroupName": "readers"},
    ),
    Change(
        "IAM::AccessKey",
        {},
        {"Status": "Inactive"},
        _asked("iam", "list_access_keys", "AccessKeyMetadata.*.Status", UserName="somebody"),
        ["Inactive"],
        {"UserName": "somebody"},
    ),
    Change(
        "IAM::ServiceLinkedRole",
        {"Description": "a"},
        {"Description": "b"},
        _role_says("Description"),
        "b",
        {"AWSServiceName": "autoscaling.amazonaws.com"},
    ),
)

# --- KMS ---


def _key_says(name: str) -> Ask:
    return _asked("kms", "describe_key", f"KeyMetadata.{name}", KeyId="@")


KMS = (
    Change(
        "KMS::Key",
        {"KeyPolicy": _policy("kms:Encrypt", AWS="*")},
        {"KeyPolicy": _policy("kms:*", AWS="*")},
        _asked("kms", "get_key_policy", "Policy", KeyId="@", PolicyName="default"),
        json.dumps(_policy("kms:*", AWS="*")),
    ),
    Change(
        "KMS::Key",
        {"EnableKeyRotation": True, "RotationPeriodInDays": 90},
        {"EnableKeyRotation": True, "RotationPeriodInDays": 180},
        _asked("kms", "get_key_rotation_status", "KeyRotationEnabled|RotationPeriodInDays", KeyId="@"),
        {"KeyRotationEnabled": True, "RotationPeriodInDays": 180},
    ),
    Change(
        "KMS::Key",
        {"EnableKeyRotation": True},
        {},
        _asked("kms", "get_key_rotation_status", "KeyRotationEnabled|RotationPeriodInDays", KeyId="@"),
        {"KeyRotationEnabled": False},
    ),
    Change(
        "KMS::Key", {}, {"Enabled": False}, _key_says("Enabled|KeyState"), {"Enabled": False, "KeyState": "Disabled"}
    ),
    Change("KMS::Key", {"Description": "a"}, {}, _key_says("Description"), ""),
    Change("KMS::Key", {}, {"PendingWindowInDays": 7}, _key_says("Enabled"), expected=True),
    _tagged("KMS::Key", _asked("kms", "list_resource_tags", "Tags", KeyId="@")),
)

# --- CloudWatch Logs ---


def _group_says(name: str) -> Ask:
    return _asked("logs", "describe_log_groups", f"logGroups.0.{name}", logGroupNamePrefix="@")


def _with_arn(ask: Ask, kind: str, service: str = "logs") -> Ask:
    """Return a question that is asked with an ARN where the physical id is a name."""
    return lambda account, own: ask(account, _ARN.format(service, f"{kind}{own}"))


_FILTER = {"FilterName": "errors", "LogGroupName": "stream", "FilterPattern": "ERROR"}


def _counting(value: str) -> dict[str, Any]:
    return {"MetricTransformations": [{"MetricName": "Errors", "MetricNamespace": "small", "MetricValue": value}]}


_SOURCE = {
    "Name": "source",
    "LogType": "ACCESS_LOGS",
    "ResourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1",
}
_DESTINATION = {"Name": "destination", "DestinationResourceArn": "arn:aws:s3:::logs"}
_DELIVERED = {"DeliverySourceName": "sent", "DeliveryDestinationArn": _ARN.format("logs", "delivery-destination:taken")}

LOGS = (
    Change("Logs::LogGroup", {"RetentionInDays": 7}, {"RetentionInDays": 30}, _group_says("retentionInDays"), 30),
    Change("Logs::LogGroup", {"RetentionInDays": 7}, {}, _group_says("retentionInDays"), None),
    Change(
        "Logs::LogGroup",
        {"KmsKeyId": _ARN.format("kms", "key/1")},
        {"KmsKeyId": _ARN.format("kms", "key/2")},
        _group_says("kmsKeyId"),
        _ARN.format("kms", "key/2"),
    ),
    Change("Logs::LogGroup", {"KmsKeyId": _ARN.format("kms", "key/1")}, {}, _group_says("kmsKeyId"), None),
    Change(
        "Logs::LogGroup",
        {"DeletionProtectionEnabled": False},
        {"DeletionProtectionEnabled": True},
        _group_says("deletionProtectionEnabled"),
        expected=True,
    ),
    Change(
        "Logs::LogGroup",
        {},
        {"DataProtectionPolicy": {"Name": "no-addresses"}},
        _asked("logs", "get_data_protection_policy", "policyDocument", logGroupIdentifier="@"),
        '{"Name": "no-addresses"}',
    ),
    Change(
        "Logs::LogGroup",
        {"FieldIndexPolicies": [{"Fields": ["RequestId"]}]},
        {},
        _asked("logs", "describe_index_policies", "indexPolicies.*.policyDocument", logGroupIdentifiers=["@"]),
        [],
    ),
    _tagged(
        "Logs::LogGroup", _with_arn(_asked("logs", "list_tags_for_resource", "tags", resourceArn="@"), "log-group:")
    ),
    Change(
        "Logs::MetricFilter",
        _counting("1"),
        _counting("2"),
        _asked("logs", "describe_metric_filters", "metricFilters.*.metricTransformations.0.metricValue"),
        ["2"],
        _FILTER,
    ),
    Change(
        "Logs::MetricFilter",
        {**_counting("1"), "FilterPattern": "ERROR"},
        {**_counting("1"), "FilterPattern": "FATAL"},
        _asked("logs", "describe_metric_filters", "metricFilters.*.filterPattern"),
        ["FATAL"],
        _FILTER,
    ),
    Change(
        "Logs::ResourcePolicy",
        {"PolicyDocument": json.dumps(_policy("logs:PutLogEvents"))},
        {"PolicyDocument": json.dumps(_policy("logs:*"))},
        _asked("logs", "describe_resource_policies", "resourcePolicies.*.policyDocument"),
        [json.dumps(_policy("logs:*"))],
        {"PolicyName": "writers"},
    ),
    _tagged(
        "Logs::DeliverySource",
        _with_arn(_asked("logs", "list_tags_for_resource", "tags", resourceArn="@"), "delivery-source:"),
        **_SOURCE,
    ),
    _tagged(
        "Logs::DeliveryDestination",
        _with_arn(_asked("logs", "list_tags_for_resource", "tags", resourceArn="@"), "delivery-destination:"),
        **_DESTINATION,
    ),
    Change(
        "Logs::Delivery",
        {"S3SuffixPath": "/{yyyy}"},
        {"S3SuffixPath": "/{MM}", "S3EnableHiveCompatiblePath": True},
        _asked("logs", "get_delivery", "delivery.s3DeliveryConfiguration", id="@"),
        {"suffixPath": "/{MM}", "enableHiveCompatiblePath": True},
        _DELIVERED,
    ),
)

# --- EventBridge ---


def _rule_says(name: str) -> Ask:
    return _asked("events", "describe_rule", name, Name="@")


def _to(*names: str) -> list[dict[str, Any]]:
    return [{"Id": name, "Arn": _ARN.format("sns", name)} for name in names]


def _bus_says(name: str) -> Ask:
    return _asked("events", "describe_event_bus", name, Name="@")


def _with_key(value: str) -> dict[str, Any]:
    return {"AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyName": value, "ApiKeyValue": "not-to-be-shown"}}}


_SOURCE_OF = {"EventPattern": {"source": ["aws.ecs"]}}
_BUS = {"Name": "orders"}
_OF_KEY = {"AuthorizationType": "API_KEY"}
_CONNECTED = {
    "ConnectionArn": _ARN.format("events", "connection/x/1"),
    "HttpMethod": "POST",
    "InvocationEndpoint": "https://example.org/a",
}
_DEFAULT_BUS = _ARN.format("events", "event-bus/default")

EVENTS = (
    Change(
        "Events::Rule",
        {"EventPattern": {"source": ["aws.ecs"]}},
        {"EventPattern": {"source": ["aws.rds"]}},
        _rule_says("EventPattern"),
        '{"source": ["aws.rds"]}',
    ),
    Change("Events::Rule", {"State": "DISABLED"}, {}, _rule_says("State"), "ENABLED", _SOURCE_OF),
    Change("Events::Rule", {"Description": "a"}, {}, _rule_says("Description"), None, _SOURCE_OF),
    Change(
        "Events::Rule",
        {"Targets": _to("one", "two")},
        {"Targets": _to("two", "three")},
        _any_order(_asked("events", "list_targets_by_rule", "Targets.*.Id", Rule="@")),
        ["three", "two"],
        _SOURCE_OF,
    ),
    _tagged(
        "Events::Rule",
        _with_arn(_asked("events", "list_tags_for_resource", "Tags", ResourceARN="@"), "rule/", "events"),
        **_SOURCE_OF,
    ),
    Change(
        "Events::EventBus",
        {"Description": "a", "KmsKeyIdentifier": "alias/a"},
        {"Description": "b", "LogConfig": {"Level": "ERROR"}},
        _bus_says("Description|KmsKeyIdentifier|LogConfig"),
        {"Description": "b", "LogConfig": {"Level": "ERROR"}},
        _BUS,
    ),
    Change(
        "Events::EventBusPolicy",
        {"Principal": "111122223333"},
        {"Principal": "*"},
        lambda account, _own: json.loads(account.client("events").describe_event_bus()["Policy"])["Statement"],
        [
            {
                "Sid": "one",
                "Effect": "Allow",
                "Principal": "*",
                "Action": "events:PutEvents",
                "Resource": _ARN.format("events", "event-bus/default"),
            }
        ],
        {"StatementId": "one", "Action": "events:PutEvents"},
    ),
    Change(
        "Events::Connection",
        {**_with_key("a"), "Description": "a"},
        _with_key("b"),
        _asked("events", "describe_connection", "AuthParameters|Description", Name="@"),
        {"AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyName": "b"}}, "Description": ""},
        _OF_KEY,
    ),
    Change(
        "Events::ApiDestination",
        {"InvocationRateLimitPerSecond": 5},
        {"InvocationEndpoint": "https://example.org/b"},
        _asked("events", "describe_api_destination", "InvocationEndpoint|InvocationRateLimitPerSecond", Name="@"),
        {"InvocationEndpoint": "https://example.org/b", "InvocationRateLimitPerSecond": 300},
        _CONNECTED,
    ),
    Change(
        "Events::Archive",
        {"RetentionDays": 7, "Description": "a"},
        {"EventPattern": {"source": ["aws.ecs"]}},
        _asked("events", "describe_archive", "RetentionDays|Description|EventPattern", ArchiveName="@"),
        {"RetentionDays": 0, "Description": "", "EventPattern": '{"source": ["aws.ecs"]}'},
        {"SourceArn": _DEFAULT_BUS, "ArchiveName": "small"},
    ),
)

# --- CloudWatch ---


def _alarm_says(name: str) -> Ask:
    return _asked("cloudwatch", "describe_alarms", f"MetricAlarms.0.{name}", AlarmNames=["@"])


def _composite_says(name: str) -> Ask:
    path = f"CompositeAlarms.0.{name}"
    return _asked("cloudwatch", "describe_alarms", path, AlarmNames=["@"], AlarmTypes=["CompositeAlarm"])


_ALARM = {
    "MetricName": "Errors",
    "Namespace": "small",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "ComparisonOperator": "GreaterThanThreshold",
}
_LOUD = {**_ALARM, "Threshold": 1}
_RULE = {"AlarmRule": "ALARM(loud)"}

CLOUDWATCH = (
    Change("CloudWatch::Alarm", {"Threshold": 1}, {"Threshold": 5}, _alarm_says("Threshold"), 5.0, _ALARM),
    Change("CloudWatch::Alarm", {"AlarmActions": [_TOPIC]}, {}, _alarm_says("AlarmActions"), [], _LOUD),
    Change("CloudWatch::Alarm", {"ActionsEnabled": False}, {}, _alarm_says("ActionsEnabled"), True, _LOUD),
    Change(
        "CloudWatch::Alarm",
        {"TreatMissingData": "breaching", "AlarmDescription": "a"},
        {},
        _alarm_says("TreatMissingData|AlarmDescription"),
        {},
        _LOUD,
    ),
    _tagged(
        "CloudWatch::Alarm",
        _with_arn(_asked("cloudwatch", "list_tags_for_resource", "Tags", ResourceARN="@"), "alarm:", "cloudwatch"),
        **_LOUD,
    ),
    Change(
        "CloudWatch::CompositeAlarm",
        _RULE,
        {"AlarmRule": "NOT ALARM(loud)"},
        _composite_says("AlarmRule"),
        "NOT ALARM(loud)",
    ),
    Change(
        "CloudWatch::CompositeAlarm",
        {},
        {"ActionsSuppressor": "loud", "ActionsSuppressorWaitPeriod": 60, "ActionsSuppressorExtensionPeriod": 30},
        _composite_says("ActionsSuppressor|ActionsSuppressorWaitPeriod|ActionsSuppressorExtensionPeriod"),
        {"ActionsSuppressor": "loud", "ActionsSuppressorWaitPeriod": 60, "ActionsSuppressorExtensionPeriod": 30},
        _RULE,
    ),
    _tagged(
        "CloudWatch::CompositeAlarm",
        _with_arn(_asked("cloudwatch", "list_tags_for_resource", "Tags", ResourceARN="@"), "alarm:", "cloudwatch"),
        **_RULE,
    ),
    Change(
        "CloudWatch::Dashboard",
        {"DashboardBody": '{"widgets": []}'},
        {"DashboardBody": '{"widgets": [], "start": "-PT1H"}'},
        _asked("cloudwatch", "get_dashboard", "DashboardBody", DashboardName="@"),
        '{"widgets": [], "start": "-PT1H"}',
    ),
)

# --- CloudTrail ---


def _trail_says(name: str) -> Ask:
    return _asked("cloudtrail", "get_trail", f"Trail.{name}", Name="@")


_TRAIL = {"S3BucketName": "trails", "IsLogging": True}


def _selecting(kind: str) -> dict[str, Any]:
    return {"EventSelectors": [{"ReadWriteType": kind, "IncludeManagementEvents": True, "DataResources": []}]}


CLOUDTRAIL = (
    Change(
        "CloudTrail::Trail",
        {"IsMultiRegionTrail": True, "EnableLogFileValidation": True},
        {"IncludeGlobalServiceEvents": False},
        _trail_says("IsMultiRegionTrail|LogFileValidationEnabled|IncludeGlobalServiceEvents"),
        {"IsMultiRegionTrail": False, "LogFileValidationEnabled": False, "IncludeGlobalServiceEvents": False},
        _TRAIL,
    ),
    Change("CloudTrail::Trail", {"KMSKeyId": "alias/a"}, {}, _trail_says("KmsKeyId"), None, _TRAIL),
    Change(
        "CloudTrail::Trail",
        {"IsLogging": True},
        {"IsLogging": False},
        _asked("cloudtrail", "get_trail_status", "IsLogging", Name="@"),
        expected=False,
        common={"S3BucketName": "trails"},
    ),
    Change(
        "CloudTrail::Trail",
        _selecting("WriteOnly"),
        _selecting("ReadOnly"),
        _asked("cloudtrail", "get_event_selectors", "EventSelectors.*.ReadWriteType", TrailName="@"),
        ["ReadOnly"],
        _TRAIL,
    ),
    Change(
        "CloudTrail::Trail",
        _selecting("WriteOnly"),
        {},
        _asked("cloudtrail", "get_event_selectors", "EventSelectors.*.ReadWriteType", TrailName="@"),
        ["All"],
        _TRAIL,
    ),
    Change(
        "CloudTrail::Trail",
        {"InsightSelectors": [{"InsightType": "ApiCallRateInsight"}]},
        {"InsightSelectors": [{"InsightType": "ApiErrorRateInsight"}]},
        _asked("cloudtrail", "get_insight_selectors", "InsightSelectors.*.InsightType", TrailName="@"),
        ["ApiErrorRateInsight"],
        _TRAIL,
    ),
    _tagged(
        "CloudTrail::Trail",
        _with_arn(
            _asked("cloudtrail", "list_tags", "ResourceTagList.0.TagsList", ResourceIdList=["@"]),
            "trail/",
            "cloudtrail",
        ),
        **_TRAIL,
    ),
)

# --- Budgets ---


def _spending(amount: int) -> dict[str, Any]:
    limit = {"Amount": amount, "Unit": "USD"}
    return {"Budget": {"BudgetName": "monthly", "BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": limit}}


BUDGETS = (
    Change(
        "Budgets::Budget",
        _spending(100),
        _spending(200),
        _asked("budgets", "describe_budget", "Budget.BudgetLimit.Amount", AccountId=ACCOUNT, BudgetName="@"),
        "200",
    ),
    Change(
        "Budgets::Budget",
        {"ResourceTags": _OLD},
        {"ResourceTags": _NEW},
        _pairs(
            lambda account, own: account.client("budgets").list_tags_for_resource(
                ResourceARN=f"arn:aws:budgets::{ACCOUNT}:budget/{own}"
            )["ResourceTags"]
        ),
        _TAGGED,
        _spending(100),
    ),
)

# --- EventBridge Scheduler ---


def _schedule_says(name: str) -> Ask:
    return _asked("scheduler", "get_schedule", name, Name="@")


_TARGET = {"Arn": _LETTERS, "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/bearer"}
_PLAN = {"FlexibleTimeWindow": {"Mode": "OFF"}, "ScheduleExpression": "rate(1 hour)", "Target": _TARGET}

SCHEDULER = (
    Change(
        "Scheduler::Schedule",
        {"ScheduleExpression": "rate(1 hour)"},
        {"ScheduleExpression": "rate(2 hours)"},
        _schedule_says("ScheduleExpression"),
        "rate(2 hours)",
        _PLAN,
    ),
    Change(
        "Scheduler::Schedule",
        {"State": "DISABLED", "Description": "a", "ScheduleExpressionTimezone": "Europe/Berlin"},
        {},
        _schedule_says("State|Description|ScheduleExpressionTimezone"),
        {"State": "ENABLED", "ScheduleExpressionTimezone": "UTC"},
        _PLAN,
    ),
    _tagged(
        "Scheduler::ScheduleGroup",
        _with_arn(
            _asked("scheduler", "list_tags_for_resource", "Tags", ResourceArn="@"), "schedule-group/", "scheduler"
        ),
    ),
)

# --- Kinesis ---


def _stream_says(name: str) -> Ask:
    return _asked("kinesis", "describe_stream_summary", f"StreamDescriptionSummary.{name}", StreamName="@")


KINESIS = (
    Change("Kinesis::Stream", {"RetentionPeriodHours": 48}, {}, _stream_says("RetentionPeriodHours"), 24),
    Change("Kinesis::Stream", {"ShardCount": 1}, {"ShardCount": 2}, _stream_says("OpenShardCount"), 2),
    Change(
        "Kinesis::Stream",
        {"StreamEncryption": {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}},
        {},
        _stream_says("EncryptionType"),
        "NONE",
    ),
    Change(
        "Kinesis::Stream",
        {},
        {"StreamModeDetails": {"StreamMode": "ON_DEMAND"}},
        _stream_says("StreamModeDetails.StreamMode"),
        "ON_DEMAND",
    ),
    Change(
        "Kinesis::Stream",
        {"DesiredShardLevelMetrics": ["IncomingBytes"]},
        {"DesiredShardLevelMetrics": ["OutgoingBytes"], "MaxRecordSizeInKiB": 2048},
        lambda account, own: (
            _stream_says("EnhancedMonitoring.0.ShardLevelMetrics")(account, own),
            _stream_says("MaxRecordSizeInKiB")(account, own),
        ),
        (["OutgoingBytes"], 2048),
    ),
    _tagged("Kinesis::Stream", _asked("kinesis", "list_tags_for_stream", "Tags", StreamName="@")),
)

# --- S3 ---


def _bucket_says(what: str, path: str) -> Ask:
    """Return a question about one configuration; None where the bucket has none."""

    def ask(account: SimulatedAccount, own: str) -> Any:
        s3 = account.client("s3")
        try:
            return _at(getattr(s3, f"get_{what}")(Bucket=own), path)
        except s3.exceptions.ClientError:
            return None

    return ask


def _listed(what: str, name: str) -> Ask:
    def ask(account: SimulatedAccount, own: str) -> Any:
        found = getattr(account.client("s3"), f"list_bucket_{what}_configurations")(Bucket=own)
        return found.get(f"{name}ConfigurationList", [])

    return ask


_VERSIONED = {"VersioningConfiguration": {"Status": "Enabled"}}


def _replicating(**rule: Any) -> dict[str, Any]:
    common = {"Id": "one", "Status": "Enabled", "Priority": 1, "Filter": {"Prefix": ""}}
    rules = [{**common, "Destination": {"Bucket": "arn:aws:s3:::copies"}, **rule}]
    return {"ReplicationConfiguration": {"Role": f"arn:aws:iam::{ACCOUNT}:role/bearer", "Rules": rules}}


def _encrypted(algorithm: str) -> dict[str, Any]:
    default = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}
    return {"BucketEncryption": {"ServerSideEncryptionConfiguration": [default]}}


def _expiring(days: int) -> dict[str, Any]:
    return {"LifecycleConfiguration": {"Rules": [{"Id": "old", "Status": "Enabled", "ExpirationInDays": days}]}}


def _blocking(*, policies: bool) -> dict[str, Any]:
    return {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "BlockPublicPolicy": policies}}


def _notifying(topic: str) -> dict[str, Any]:
    return {"NotificationConfiguration": {"TopicConfigurations": [{"Event": "s3:ObjectCreated:*", "Topic": topic}]}}


def _letting(origin: str) -> dict[str, Any]:
    return {"CorsConfiguration": {"CorsRules": [{"AllowedOrigins": [origin], "AllowedMethods": ["GET"]}]}}


def _tiering(days: int) -> dict[str, Any]:
    tierings = [{"AccessTier": "ARCHIVE_ACCESS", "Days": days}]
    return {"IntelligentTieringConfigurations": [{"Id": "old", "Status": "Enabled", "Tierings": tierings}]}


def _inventory(format_: str) -> dict[str, Any]:
    entry = {
        "Id": "all",
        "Enabled": True,
        "IncludedObjectVersions": "All",
        "ScheduleFrequency": "Daily",
        "Destination": {"BucketArn": "arn:aws:s3:::trails", "Format": format_},
    }
    return {"InventoryConfigurations": [entry]}


_LOCKED = {"ObjectLockEnabled": True}
_KEEPING = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 2}}}
_OWN_BUCKET = "arn:aws:s3:::trails/*"
_LOGGED = {"LoggingConfiguration": {"DestinationBucketName": "trails", "LogFilePrefix": "a/"}}
_ENFORCED = {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}

S3 = (
    Change("S3::Bucket", _VERSIONED, {}, _bucket_says("bucket_versioning", "Status"), "Suspended"),
    Change(
        "S3::Bucket",
        _replicating(DeleteMarkerReplication={"Status": "Enabled"}),
        _replicating(
            DeleteMarkerReplication={"Status": "Disabled"},
            SourceSelectionCriteria={"SseKmsEncryptedObjects": {"Status": "Enabled"}},
        ),
        _bucket_says("bucket_replication", "ReplicationConfiguration.Rules.0.SourceSelectionCriteria"),
        {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
        _VERSIONED,
    ),
    Change(
        "S3::Bucket",
        {**_VERSIONED, **_replicating(DeleteMarkerReplication={"Status": "Enabled"})},
        {},
        _bucket_says("bucket_replication", "ReplicationConfiguration.Rules"),
        None,
    ),
    Change(
        "S3::Bucket",
        _encrypted("AES256"),
        _encrypted("aws:kms"),
        _bucket_says(
            "bucket_encryption",
            "ServerSideEncryptionConfiguration.Rules.0.ApplyServerSideEncryptionByDefault.SSEAlgorithm",
        ),
        "aws:kms",
    ),
    Change(
        "S3::Bucket",
        _expiring(30),
        _expiring(60),
        _bucket_says("bucket_lifecycle_configuration", "Rules.0.Expiration.Days"),
        60,
    ),
    Change(
        "S3::Bucket",
        _encrypted("aws:kms"),
        {},
        _bucket_says("bucket_encryption", "ServerSideEncryptionConfiguration.Rules"),
        [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}],
    ),
    Change("S3::Bucket", _expiring(30), {}, _bucket_says("bucket_lifecycle_configuration", "Rules"), None),
    Change(
        "S3::Bucket",
        _blocking(policies=True),
        _blocking(policies=False),
        _bucket_says("public_access_block", "PublicAccessBlockConfiguration.BlockPublicPolicy"),
        expected=False,
    ),
    Change(
        "S3::Bucket",
        _blocking(policies=True),
        {},
        _bucket_says("public_access_block", "PublicAccessBlockConfiguration"),
        None,
    ),
    Change(
        "S3::Bucket",
        _notifying(_TOPIC),
        {"NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}},
        _bucket_says("bucket_notification_configuration", "EventBridgeConfiguration"),
        {},
    ),
    Change(
        "S3::Bucket",
        _notifying(_TOPIC),
        {},
        _bucket_says("bucket_notification_configuration", "TopicConfigurations.*.TopicArn"),
        None,
    ),
    Change(
        "S3::Bucket",
        _letting("https://a.example.org"),
        _letting("https://b.example.org"),
        _bucket_says("bucket_cors", "CORSRules.0.AllowedOrigins"),
        ["https://b.example.org"],
    ),
    Change("S3::Bucket", _letting("*"), {}, _bucket_says("bucket_cors", "CORSRules"), None),
    Change("S3::Bucket", _LOGGED, {}, _bucket_says("bucket_logging", "LoggingEnabled"), None, _ENFORCED),
    Change("S3::Bucket", _ENFORCED, {}, _bucket_says("bucket_ownership_controls", "OwnershipControls"), None),
    Change(
        "S3::Bucket",
        {"WebsiteConfiguration": {"IndexDocument": "a.html"}},
        {"WebsiteConfiguration": {"IndexDocument": "b.html"}},
        _bucket_says("bucket_website", "IndexDocument.Suffix"),
        "b.html",
    ),
    Change(
        "S3::Bucket",
        {"AccelerateConfiguration": {"AccelerationStatus": "Enabled"}},
        {},
        _bucket_says("bucket_accelerate_configuration", "Status"),
        "Suspended",
    ),
    Change(
        "S3::Bucket",
        {"ObjectLockConfiguration": _KEEPING},
        {},
        _bucket_says("object_lock_configuration", "ObjectLockConfiguration"),
        {"ObjectLockEnabled": "Enabled"},
        _LOCKED,
    ),
    Change(
        "S3::Bucket",
        _tiering(90),
        _tiering(120),
        _listed("intelligent_tiering", "IntelligentTiering"),
        [{"Id": "old", "Status": "Enabled", "Tierings": [{"AccessTier": "ARCHIVE_ACCESS", "Days": 120}]}],
    ),
    Change(
        "S3::Bucket",
        {"MetricsConfigurations": [{"Id": "a", "Prefix": "a/"}, {"Id": "b"}]},
        {"MetricsConfigurations": [{"Id": "b", "Prefix": "b/"}]},
        _listed("metrics", "Metrics"),
        [{"Id": "b", "Filter": {"Prefix": "b/"}}],
    ),
    Change("S3::Bucket", _inventory("CSV"), {}, _listed("inventory", "Inventory"), []),
    _tagged("S3::Bucket", _bucket_says("bucket_tagging", "TagSet")),
    Change("S3::Bucket", {"Tags": _OLD}, {}, _bucket_says("bucket_tagging", "TagSet"), None),
    Change(
        "S3::BucketPolicy",
        {"PolicyDocument": _policy("s3:GetObject", _OWN_BUCKET, AWS=ACCOUNT)},
        {"PolicyDocument": _policy("s3:PutObject", _OWN_BUCKET, AWS=ACCOUNT)},
        _asked("s3", "get_bucket_policy", "Policy", Bucket="@"),
        json.dumps(_policy("s3:PutObject", _OWN_BUCKET, AWS=ACCOUNT)),
        {"Bucket": "trails"},
    ),
)

CHANGES = (
    *S3,
    *SNS,
    *SQS,
    *IAM,
    *KMS,
    *LOGS,
    *EVENTS,
    *CLOUDWATCH,
    *CLOUDTRAIL,
    *BUDGETS,
    *SCHEDULER,
    *KINESIS,
)


def _prepare(account: SimulatedAccount) -> None:
    """Make what the resources name."""
    account.client("sns").create_topic(Name="news")
    account.client("sqs").create_queue(QueueName="letters")
    logs, iam = account.client("logs"), account.client("iam")
    account.client("cloudwatch").put_metric_alarm(AlarmName="loud", **_LOUD)
    for bucket in ("copies", "trails"):
        account.client("s3").create_bucket(Bucket=bucket)
    account.client("s3").put_bucket_versioning(Bucket="copies", VersioningConfiguration={"Status": "Enabled"})
    logs.create_log_group(logGroupName="stream")
    logs.put_delivery_source(name="sent", logType="ACCESS_LOGS", resourceArn=_SOURCE["ResourceArn"])
    configuration = {"destinationResourceArn": _DESTINATION["DestinationResourceArn"]}
    logs.put_delivery_destination(name="taken", deliveryDestinationConfiguration=configuration)
    for name in ("bearer", "other"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(_TRUST["AssumeRolePolicyDocument"]))
    for name in ("somebody", "another"):
        iam.create_user(UserName=name)
    iam.create_group(GroupName="readers")
    iam.create_policy(PolicyName="own", PolicyDocument=json.dumps(_policy("s3:*")))


@pytest.fixture(name="account")
def _account() -> Iterator[SimulatedAccount]:
    with simulated_account(REGION, ACCOUNT) as account:
        _prepare(account)
        yield account


def _update(made: Made, kind: str, properties: Mapping[str, Any]) -> None:
    name = "small-dev-layer-Thing-0123456789AB"
    made.update(Wanted(f"AWS::{kind}", "Thing", "small-dev-layer", _STACK, name, dict(properties)))


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_update_reaches_the_service(account: SimulatedAccount, change: Change) -> None:
    """An update in place shows in the service's own API, keeps the resource, and going back gives the first state."""
    made = make(account, change.kind, "Thing", {**change.common, **change.before})
    own, at_first = made.physical_id, change.ask(account, made.physical_id)
    _update(made, change.kind, {**change.common, **change.after})
    after = change.ask(account, own)
    _update(made, change.kind, {**change.common, **change.before})
    assert (after, change.ask(account, own), made.physical_id, made.unread, made.unshown) == (
        change.expected,
        at_first,
        own,
        (),
        (),
    )


def test_alias_moves_to_another_key(account: SimulatedAccount) -> None:
    """An alias that gets another key is the same alias."""
    kms = account.client("kms")
    first, second = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    made = make(account, "KMS::Alias", "Thing", {"AliasName": "alias/moved", "TargetKeyId": first})
    _update(made, "KMS::Alias", {"AliasName": "alias/moved", "TargetKeyId": second})
    assert kms.describe_key(KeyId="alias/moved")["KeyMetadata"]["KeyId"] == second
