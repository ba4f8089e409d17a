"""Requests that CloudFormation refuses, with its codes and its words."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from stackproof import InputError, parse_template
from stackproof.load.template import Template
from stackproof.marks import Mark
from stackproof.simulate.cloudformation.refusals import (
    Refusal,
    by_a_transform,
    capabilities_of,
    check_capabilities,
    check_request,
    check_resource_types,
    check_source,
    check_url_size,
    from_parameter_store,
    nonexistent,
    parameter_texts,
    parameter_values,
    read,
    unrecognized,
    wording,
)

TOPIC = "Resources: {Topic: {Type: AWS::SNS::Topic}}\n"
FAILED = "failed to satisfy constraint: Member must"
NAME = "[a-zA-Z][-a-zA-Z0-9]*"
ALARM = "arn:aws:cloudwatch:us-east-1:111111111111:alarm:cpu"


def _trigger(kind: str, arn: str) -> dict[str, Any]:
    return {"RollbackConfiguration": {"RollbackTriggers": [{"Type": kind, "Arn": arn}]}}


REQUESTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "no stack name": (
        "CreateStack",
        {},
        f"1 validation error detected: Value null at 'stackName' {FAILED} not be null",
    ),
    "stack name with an underscore": (
        "CreateStack",
        {"StackName": "my_stack"},
        f"1 validation error detected: Value 'my_stack' at 'stackName' {FAILED} satisfy regular expression pattern: "
        f"{NAME}",
    ),
    "long stack name": (
        "CreateStack",
        {"StackName": "a" * 129},
        f"1 validation error detected: Value '{'a' * 129}' at 'stackName' {FAILED} have length less than or equal "
        "to 128",
    ),
    "two mistakes": (
        "CreateChangeSet",
        {"StackName": "a.b", "ChangeSetName": "c_d"},
        f"2 validation errors detected: Value 'a.b' at 'stackName' {FAILED} satisfy regular expression pattern: "
        f"{NAME}|arn:[-a-zA-Z0-9:/._+]*; Value 'c_d' at 'changeSetName' {FAILED} satisfy regular expression pattern: "
        f"{NAME}",
    ),
    "large template": (
        "CreateStack",
        {"StackName": "s", "TemplateBody": "x" * 51_201},
        f"1 validation error detected: Value '{'x' * 51_201}' at 'templateBody' {FAILED} have length less than or "
        "equal to 51200",
    ),
    "type of a change set": (
        "CreateChangeSet",
        {"StackName": "s", "ChangeSetName": "c", "ChangeSetType": "INVALID"},
        f"1 validation error detected: Value 'INVALID' at 'changeSetType' {FAILED} satisfy enum value set: "
        "[IMPORT, UPDATE, CREATE]",
    ),
    "what to do on failure": (
        "CreateStack",
        {"StackName": "s", "OnFailure": "KEEP"},
        f"1 validation error detected: Value 'KEEP' at 'onFailure' {FAILED} satisfy enum value set: "
        "[ROLLBACK, DELETE, DO_NOTHING]",
    ),
    "unknown capability": (
        "CreateStack",
        {"StackName": "s", "Capabilities": ["CAPABILITY_FOO"]},
        f"1 validation error detected: Value '[CAPABILITY_FOO]' at 'capabilities' {FAILED} satisfy constraint: "
        "[Member must satisfy enum value set: [CAPABILITY_AUTO_EXPAND, CAPABILITY_NAMED_IAM, CAPABILITY_IAM]]",
    ),
    "six topics": (
        "CreateStack",
        {"StackName": "s", "NotificationARNs": ["a"] * 6},
        f"1 validation error detected: Value '[a, a, a, a, a, a]' at 'notificationARNs' {FAILED} have length less than "
        "or equal to 5",
    ),
    "no time": (
        "CreateStack",
        {"StackName": "s", "TimeoutInMinutes": 0},
        f"1 validation error detected: Value '0' at 'timeoutInMinutes' {FAILED} have value greater than or equal to 1",
    ),
    "tag without a value": (
        "CreateStack",
        {"StackName": "s", "Tags": [{"Key": "a"}]},
        f"1 validation error detected: Value null at 'tags.1.member.value' {FAILED} not be null",
    ),
    "long value of a parameter": (
        "CreateStack",
        {"StackName": "s", "Parameters": [{"ParameterKey": "A", "ParameterValue": "x" * 4097}]},
        f"1 validation error detected: Value '{'x' * 4097}' at 'parameters.1.member.parameterValue' {FAILED} have "
        "length less than or equal to 4096",
    ),
    "monitoring for too long": (
        "UpdateStack",
        {"StackName": "s", "RollbackConfiguration": {"MonitoringTimeInMinutes": 181}},
        f"1 validation error detected: Value '181' at 'rollbackConfiguration.monitoringTimeInMinutes' {FAILED} have "
        "value less than or equal to 180",
    ),
    "reserved tag": (
        "CreateStack",
        {"StackName": "s", "Tags": [{"Key": "AWS:team", "Value": "a"}]},
        "aws: prefixed tag key names are not allowed for external use.",
    ),
    "two ways to fail": (
        "CreateStack",
        {"StackName": "s", "OnFailure": "DELETE", "DisableRollback": True},
        "Either DisableRollback or OnFailure can be specified, not both.",
    ),
    "trigger of another type": (
        "UpdateStack",
        {"StackName": "s", **_trigger("Another", "fd3ed87a")},
        "Rollback Trigger Type not supported",
    ),
    "trigger of another ARN": (
        "UpdateStack",
        {"StackName": "s", **_trigger("AWS::CloudWatch::Alarm", "arn:aws:cloudwatch:us-east-1:111111111111:cpu")},
        "RelativeId of a Rollback Trigger's ARN is incorrect",
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_is_refused(name: str) -> None:
    operation, request, message = REQUESTS[name]
    with pytest.raises(Refusal) as caught:
        check_request(operation, request)
    assert (caught.value.code, caught.value.message) == ("ValidationError", message)


ACCEPTED: dict[str, tuple[str, dict[str, Any]]] = {
    "a new stack": ("CreateStack", {"StackName": "a-1", "Tags": [{"Key": "a", "Value": "b"}], "OnFailure": "DELETE"}),
    "a template as large as may be": ("ValidateTemplate", {"TemplateBody": "x" * 51_200}),
    "a stack by its id": (
        "UpdateStack",
        {"StackName": "arn:aws:cloudformation:us-east-1:111111111111:stack/s/a-b", "UsePreviousTemplate": True},
    ),
    "an alarm": ("UpdateStack", {"StackName": "s", **_trigger("AWS::CloudWatch::Alarm", ALARM)}),
    "a composite alarm": ("UpdateStack", {"StackName": "s", **_trigger("AWS::CloudWatch::CompositeAlarm", ALARM)}),
    "nothing": ("DescribeStacks", {}),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_request_is_accepted(name: str) -> None:
    operation, request = ACCEPTED[name]
    check_request(operation, request)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({}, "Either Template URL or Template Body must be specified."),
        ({"TemplateBody": ""}, "Either Template URL or Template Body must be specified."),
        ({"TemplateBody": "a", "TemplateURL": "b"}, "You cannot specify both Template URL and Template Body"),
        (
            {"UsePreviousTemplate": True, "TemplateBody": "a"},
            "You cannot specify both usePreviousTemplate and Template Body/Template URL.",
        ),
        ({"TemplateBody": "a"}, None),
        ({"TemplateURL": "a"}, None),
        ({"UsePreviousTemplate": True}, None),
    ],
)
def test_where_the_template_is(request_: dict[str, Any], message: str | None) -> None:
    assert _message(lambda: check_source(request_)) == message


def _message(check: Any) -> str | None:
    try:
        check()
    except Refusal as refusal:
        return refusal.message
    return None


@pytest.mark.parametrize(
    ("size", "message"), [(1_000_000, None), (1_000_001, "Template may not exceed 1000000 bytes in size.")]
)
def test_a_megabyte_from_a_bucket(size: int, message: str | None) -> None:
    assert _message(lambda: check_url_size(size)) == message


# --- Capabilities ---


def _resources(*properties: tuple[str, str], head: str = "") -> Template:
    lines = (f"  R{i}: {{Type: {kind}, Properties: {given}}}\n" for i, (kind, given) in enumerate(properties))
    return parse_template(f"{head}Resources:\n{''.join(lines)}")


CAPABILITIES: dict[str, tuple[Template, tuple[str, ...]]] = {
    "nothing": (_resources(("AWS::SNS::Topic", "{}")), ()),
    "role": (_resources(("AWS::IAM::Role", "{}")), ("CAPABILITY_IAM",)),
    "policy": (_resources(("AWS::IAM::Policy", "{PolicyName: a}")), ("CAPABILITY_IAM",)),
    "access key": (_resources(("AWS::IAM::AccessKey", "{UserName: a}")), ("CAPABILITY_IAM",)),
    "named role": (
        _resources(("AWS::IAM::Policy", "{}"), ("AWS::IAM::Role", "{RoleName: a}")),
        ("CAPABILITY_NAMED_IAM",),
    ),
    "named profile": (
        _resources(("AWS::IAM::InstanceProfile", "{InstanceProfileName: a}")),
        ("CAPABILITY_NAMED_IAM",),
    ),
    "role by the service": (_resources(("AWS::IAM::ServiceLinkedRole", "{}")), ()),
    "transform": (
        _resources(("AWS::IAM::Role", "{}"), head="Transform: AWS::LanguageExtensions\n"),
        ("CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"),
    ),
    "transform of a part": (
        _resources(("AWS::SNS::Topic", "{'Fn::Transform': {Name: AWS::Include}}")),
        ("CAPABILITY_AUTO_EXPAND",),
    ),
}


@pytest.mark.parametrize("name", CAPABILITIES)
def test_what_a_template_demands(name: str) -> None:
    template, capabilities = CAPABILITIES[name]
    assert capabilities_of(template) == capabilities


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("nothing", None, None),
        ("role", None, "Requires capabilities : [CAPABILITY_IAM]"),
        ("role", ["CAPABILITY_IAM"], None),
        ("role", ["CAPABILITY_NAMED_IAM"], None),
        ("named role", ["CAPABILITY_IAM"], "Requires capabilities : [CAPABILITY_NAMED_IAM]"),
        ("transform", ["CAPABILITY_IAM"], "Requires capabilities : [CAPABILITY_AUTO_EXPAND]"),
        ("transform", [], "Requires capabilities : [CAPABILITY_AUTO_EXPAND, CAPABILITY_IAM]"),
    ],
)
def test_what_a_request_must_acknowledge(name: str, given: list[str] | None, message: str | None) -> None:
    assert _message(lambda: check_capabilities(CAPABILITIES[name][0], given)) == message


def test_a_missing_capability_has_a_code_of_its_own() -> None:
    with pytest.raises(Refusal) as caught:
        check_capabilities(CAPABILITIES["role"][0], None)
    assert caught.value.code == "InsufficientCapabilitiesException"


def test_a_change_set_shows_what_its_macros_made() -> None:
    check_capabilities(CAPABILITIES["transform of a part"][0], None, expands=False)


@pytest.mark.parametrize(
    ("types", "refused"),
    [
        (None, None),
        ([], None),
        (["AWS::SNS::Topic"], None),
        (["AWS::SNS::*"], None),
        (["AWS::*"], None),
        (["AWS::EC2:*"], "AWS::EC2:*"),
        (["AWS::EC2::*", "Custom::*"], "AWS::EC2::*, Custom::*"),
    ],
)
def test_types_that_a_request_permits(types: list[str] | None, refused: str | None) -> None:
    said = f"Resource type AWS::SNS::Topic is not allowed by parameter ResourceTypes [{refused}]" if refused else None
    assert _message(lambda: check_resource_types(read(TOPIC), types)) == said


def test_types_that_a_region_does_not_have() -> None:
    refusal = unrecognized(["AWS::Timestream::Database", "AWS::Timestream::Table"])
    assert refusal.message == (
        "Template format error: Unrecognized resource types: [AWS::Timestream::Table, AWS::Timestream::Database]"
    )


# --- Parameters ---


PARAMETERS = parse_template(f"{TOPIC}Parameters: {{A: {{Type: String}}, B: {{Type: Number, Default: 2}}}}")


def _given(**members: Any) -> list[dict[str, Any]]:
    return [{"ParameterKey": "A", **members}]


def test_a_parameter_is_given_or_has_its_default() -> None:
    assert parameter_texts(PARAMETERS, _given(ParameterValue="a")) == {"A": "a", "B": "2"}


def test_a_parameter_stays_as_it_was() -> None:
    assert parameter_texts(PARAMETERS, _given(UsePreviousValue=True), {"A": "x"}) == {"A": "x", "B": "2"}


def test_a_value_that_is_not_taken_over_goes_back_to_its_default() -> None:
    assert parameter_texts(PARAMETERS, _given(ParameterValue="a"), {"A": "x", "B": "9"})["B"] == "2"


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (
            {"UsePreviousValue": True, "ParameterValue": "a"},
            "Invalid input for parameter key A. Cannot specify usePreviousValue as true and non empty value for a "
            "parameter",
        ),
        (
            {"UsePreviousValue": True},
            "Invalid input for parameter key A. Cannot specify usePreviousValue as true for a parameter key not in the "
            "previous template",
        ),
        ({}, "Parameters: [A] must have values"),
    ],
)
def test_a_previous_value_that_is_none(members: dict[str, Any], message: str) -> None:
    assert _message(lambda: parameter_texts(PARAMETERS, _given(**members))) == message


def test_the_value_of_an_aws_type_has_any_form() -> None:
    template = parse_template(f"{TOPIC}Parameters: {{V: {{Type: 'List<AWS::EC2::VPC::Id>'}}}}")
    assert parameter_values(template, {"V": "a, b"}) == {"V": ("a", "b")}


@pytest.fixture(scope="module")
def account() -> Iterator[Any]:
    """Clients of an account with a network, a key, an image, a zone and values in Parameter Store."""
    with mock_aws():
        session = boto3.session.Session("testing", "testing", region_name="us-east-1")
        session.client("ec2").create_key_pair(KeyName="key")
        ssm = session.client("ssm")
        for name, kind, value in (
            ("/text", "String", "a,b"),
            ("/list", "StringList", "a, b"),
            ("/x", "SecureString", "s"),
        ):
            ssm.put_parameter(Name=name, Type=kind, Value=value)
        yield session.client


def _existing(client: Any) -> dict[str, str]:
    ec2 = client("ec2")
    return {
        "AWS::EC2::AvailabilityZone::Name": "us-east-1a",
        "AWS::EC2::Image::Id": ec2.describe_images()["Images"][0]["ImageId"],
        "AWS::EC2::Instance::Id": ec2.run_instances(
            ImageId=ec2.describe_images()["Images"][0]["ImageId"], MinCount=1, MaxCount=1
        )["Instances"][0]["InstanceId"],
        "AWS::EC2::KeyPair::KeyName": "key",
        "AWS::EC2::SecurityGroup::GroupName": "default",
        "AWS::EC2::SecurityGroup::Id": ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"],
        "AWS::EC2::Subnet::Id": ec2.describe_subnets()["Subnets"][0]["SubnetId"],
        "AWS::EC2::VPC::Id": ec2.describe_vpcs()["Vpcs"][0]["VpcId"],
        "AWS::EC2::Volume::Id": ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"],
        "AWS::Route53::HostedZone::Id": client("route53")
        .create_hosted_zone(Name="example.com", CallerReference="a")["HostedZone"]["Id"]
        .rpartition("/")[2],
        "AWS::SSM::Parameter::Name": "/text",
    }


def _typed(*types: str) -> Template:
    lines = (f"  P{i}: {{Type: '{kind}'}}\n" for i, kind in enumerate(types))
    return parse_template(f"{TOPIC}Parameters:\n{''.join(lines)}")


def test_what_exists_is_found(account: Any) -> None:
    existing = _existing(account)
    values = {f"P{i}": text for i, text in enumerate(existing.values())}
    assert nonexistent(_typed(*existing), values, account) is None


AWS_TYPES = [
    "AWS::EC2::AvailabilityZone::Name",
    "AWS::EC2::Image::Id",
    "AWS::EC2::Instance::Id",
    "AWS::EC2::KeyPair::KeyName",
    "AWS::EC2::SecurityGroup::GroupName",
    "AWS::EC2::SecurityGroup::Id",
    "AWS::EC2::Subnet::Id",
    "AWS::EC2::VPC::Id",
    "AWS::EC2::Volume::Id",
    "AWS::Route53::HostedZone::Id",
    "AWS::SSM::Parameter::Name",
]


@pytest.mark.parametrize("kind", AWS_TYPES)
@pytest.mark.parametrize("text", ["nope", ""])
def test_what_does_not_exist_fails_the_stack(account: Any, kind: str, text: str) -> None:
    assert nonexistent(_typed(kind), {"P0": text}, account) == (
        f"Parameter validation failed: parameter value {text} for parameter name P0 does not exist"
    )


def test_all_that_does_not_exist_is_told(account: Any) -> None:
    vpc = account("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    values = {"P0": (vpc, "vpc-0"), "P1": "nope"}
    assert nonexistent(_typed("List<AWS::EC2::VPC::Id>", "AWS::EC2::KeyPair::KeyName"), values, account) == (
        "Parameter validation failed: parameter value vpc-0 for parameter name P0 does not exist, "
        "parameter value nope for parameter name P1 does not exist"
    )


def test_a_secret_value_that_does_not_exist_is_masked(account: Any) -> None:
    template = parse_template(f"{TOPIC}Parameters: {{K: {{Type: 'AWS::EC2::KeyPair::KeyName', NoEcho: true}}}}")
    assert nonexistent(template, {"K": "nope"}, account) == (
        "Parameter validation failed: parameter value **** for parameter name K does not exist"
    )


STORED = "AWS::SSM::Parameter::Value"


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        (f"{STORED}<String>", "/text", "a,b"),
        (f"{STORED}<List<String>>", "/list", ("a", "b")),
        (f"{STORED}<CommaDelimitedList>", "/list", ("a", "b")),
    ],
)
def test_what_parameter_store_holds(account: Any, kind: str, key: str, value: Any) -> None:
    assert from_parameter_store(_typed(kind, "String"), {"P0": key, "P1": "x"}, account) == {"P0": value}


@pytest.mark.parametrize(
    ("kind", "key", "message"),
    [
        (f"{STORED}<String>", "/no", "Unable to fetch parameters [/no] from parameter store for this account."),
        (
            f"{STORED}<String>",
            "/x",
            "Parameters [/x] referenced by template have types not supported by CloudFormation.",
        ),
        (
            f"{STORED}<String>",
            "/list",
            "Types for SSM parameters [/list] defined in CFN template and SSM are incompatible",
        ),
        (
            f"{STORED}<List<String>>",
            "/text",
            "Types for SSM parameters [/text] defined in CFN template and SSM are incompatible",
        ),
    ],
)
def test_what_parameter_store_does_not_hold(account: Any, kind: str, key: str, message: str) -> None:
    assert _message(lambda: from_parameter_store(_typed(kind), {"P0": key}, account)) == message


# --- The errors themselves ---


def test_a_transform_fails_later_than_a_request() -> None:
    failed = Refusal("Transform AWS::LanguageExtensions failed with: Fn::ForEach layout is incorrect")
    assert [by_a_transform(failed), by_a_transform(Refusal("Template format error: a"))] == [True, False]


@pytest.mark.parametrize(("said", "expected"), [(None, "ours; did you mean 'b'?"), ("AWS's  own", "AWS's  own")])
def test_an_error_has_words_for_people_and_aws_words(said: str | None, expected: str) -> None:
    error = InputError("ours; did you  mean 'b'?", Mark("web.yaml", 3), said)
    assert (str(error), wording(error)) == ("web.yaml:3: ours; did you mean 'b'?", expected)


def test_errors_travel_between_processes() -> None:
    error = pickle.loads(pickle.dumps(InputError("ours", Mark("web.yaml", 3), "AWS's")))  # noqa: S301 - our own
    refusal = pickle.loads(pickle.dumps(Refusal("no", "AlreadyExistsException")))  # noqa: S301 - our own
    assert (str(error), error.wording, refusal.message, refusal.code) == (
        "web.yaml:3: ours",
        "AWS's",
        "no",
        "AlreadyExistsException",
    )
