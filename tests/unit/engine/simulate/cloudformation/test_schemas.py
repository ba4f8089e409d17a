"""What AWS publishes about resource types, as the simulated CloudFormation asks for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stackproof.load.nodes import plain
from stackproof.load.reader import read_file
from stackproof.simulate.cloudformation.schemas import Schema, refusal, refused, schema
from stackproof.simulate.cloudformation.update_behaviour import BEHAVIOUR

TEMPLATES = sorted(Path("cloudformation").glob("*.yaml"))


def of(kind: str) -> Schema:
    found = schema(kind)
    assert found is not None
    return found


def declared(path: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for logical_id, resource in plain(read_file(path))["Resources"].items():
        yield logical_id, resource["Type"], resource.get("Properties", {})


def test_cfn_lint_is_not_imported() -> None:
    code = (
        "import sys; from stackproof.simulate.cloudformation.schemas import schema; schema('AWS::SNS::Topic');"
        "sys.exit('cfnlint' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_type_that_aws_does_not_have_has_no_schema() -> None:
    assert schema("AWS::SNS::Topicc") is None


def test_a_type_that_a_region_does_not_have_has_no_schema_there() -> None:
    assert schema("AWS::CloudFront::Distribution", "us-gov-west-1") is None


def test_an_unknown_region_has_the_types_of_the_first() -> None:
    assert schema("AWS::SNS::Topic", "mars-north-1") is schema("AWS::SNS::Topic", "us-east-1")


def test_a_custom_resource_takes_any_property() -> None:
    assert refused(of("Custom::Thing"), {"ServiceToken": "arn:aws:sns:us-east-1:1:t", "Anything": [1]}) == ()


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("SNS::Topic", "TopicName", "Always"),
        ("SNS::Topic", "DisplayName", "Never"),
        ("S3::Bucket", "LoggingConfiguration.LogFilePrefix", "Never"),
        ("EC2::Subnet", "CidrBlock", "Always"),
        ("RDS::DBInstance", "BackupRetentionPeriod", "Conditionally"),
        ("RDS::DBInstance", "StorageType", "Never"),
        ("ECS::TaskDefinition", "ContainerDefinitions.0.Image", "Always"),
        ("ECS::TaskDefinition", "Tags", "Never"),
        ("Budgets::Budget", "Budget.BudgetName", "Always"),
        ("Budgets::Budget", "Budget.BudgetLimit.Amount", "Never"),
        ("Budgets::Budget", "Budget", "Conditionally"),
        ("Budgets::Budget", "/properties/NotificationsWithSubscribers/0/Notification", "Always"),
    ],
)
def test_the_schema_says_what_replaces_a_resource(kind: str, path: str, expected: str) -> None:
    assert of(f"AWS::{kind}").recreation(path) == expected


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("CertificateManager::Certificate", "ValidationMethod", "Always"),
        ("EC2::EIP", "Domain", "Always"),
        ("ECS::Service", "DeploymentController.Type", "Always"),
        ("ElastiCache::ReplicationGroup", "ReplicasPerNodeGroup", "Always"),
        ("ElastiCache::ReplicationGroup", "Engine", "Conditionally"),
        ("ElastiCache::ReplicationGroup", "NumNodeGroups", "Conditionally"),
        ("RDS::DBInstance", "Port", "Always"),
        ("Route53::RecordSet", "Name", "Always"),
        ("S3::Bucket", "ObjectLockEnabled", "Always"),
    ],
)
def test_the_documentation_decides_where_it_is_graver_than_the_schema(kind: str, path: str, expected: str) -> None:
    assert of(f"AWS::{kind}").recreation(path) == expected


@pytest.mark.parametrize("name", ["KeySpec", "KeyUsage", "MultiRegion", "Origin"])
def test_what_a_key_is_for_cannot_be_changed_and_does_not_replace_it(name: str) -> None:
    key = of("AWS::KMS::Key")
    assert (key.fixed(name), key.recreation(name)) == (True, "Never")


def test_a_type_without_an_update_handler_is_replaced_by_any_change() -> None:
    assert of("AWS::EC2::SubnetRouteTableAssociation").recreation("SubnetId") == "Always"
    assert not of("AWS::EC2::SubnetRouteTableAssociation").updatable


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("RDS::DBInstance", "DBInstanceClass", True),
        ("RDS::DBInstance", "EngineVersion", True),
        ("RDS::DBInstance", "BackupRetentionPeriod", True),
        ("RDS::DBInstance", "AllocatedStorage", False),
        ("ElastiCache::ReplicationGroup", "NumNodeGroups", True),
        ("ElastiCache::ReplicationGroup", "CacheNodeType", False),
        ("AutoScaling::AutoScalingGroup", "VPCZoneIdentifier", True),
    ],
)
def test_some_interruptions_are_known(kind: str, path: str, expected: bool) -> None:
    assert of(f"AWS::{kind}").interrupts(path) is expected


@pytest.mark.parametrize("kind", sorted(BEHAVIOUR))
def test_each_entry_of_the_behaviour_table_names_properties_that_exist_and_says_something_new(kind: str) -> None:
    behaviour, found = BEHAVIOUR[kind], of(kind)
    plainly = Schema(kind, found.document)
    for path in (*behaviour.always, *behaviour.conditional, *behaviour.interrupts, *behaviour.fixed):
        assert path.partition(".")[0] in found.properties
        assert plainly.recreation(path) != "Always"
    assert all(not plainly.interrupts(path) for path in behaviour.interrupts)


def test_a_replacement_may_delete_first() -> None:
    assert of("AWS::Logs::MetricFilter").delete_then_create
    assert not of("AWS::SNS::Topic").delete_then_create


def test_attributes_are_what_aws_sets() -> None:
    found = of("AWS::RDS::DBInstance")
    assert {"Endpoint.Address", "Endpoint.Port", "DBInstanceArn"} <= set(found.read_only)
    assert "MasterUserPassword" in found.write_only
    assert found.primary_identifier == ("DBInstanceIdentifier",)


@pytest.mark.parametrize(
    ("kind", "name", "is_map"),
    [
        ("SNS::Topic", "Tags", False),
        ("SSM::Parameter", "Tags", True),
        ("Budgets::Budget", "ResourceTags", False),
        ("EC2::LaunchTemplate", None, False),
        ("EC2::CapacityReservation", None, False),
        ("EC2::NetworkAclEntry", None, False),
    ],
)
def test_it_is_known_where_the_tags_of_the_stack_go(kind: str, name: str | None, is_map: bool) -> None:
    found = of(f"AWS::{kind}")
    assert (found.tag_property, found.tags_are_a_map) == (name, is_map)


def test_not_every_taggable_type_gets_the_tags_of_cloudformation() -> None:
    assert (of("AWS::IAM::Role").taggable, of("AWS::IAM::Role").system_tags) == (True, False)
    assert of("AWS::SNS::Topic").system_tags


# --- What is refused. The wording is that of recorded failures and of the validator's source. ---

_TOPIC = "AWS::SNS::Topic"


@pytest.mark.parametrize(
    ("kind", "properties", "expected"),
    [
        (_TOPIC, {"Name": "x"}, ("#: extraneous key [Name] is not permitted",)),
        ("AWS::CloudTrail::Trail", {"S3BucketName": "abc"}, ("#: required key [IsLogging] not found",)),
        (_TOPIC, {"DisplayName": ["x"]}, ("#/DisplayName: expected type: String, found: JSONArray",)),
        (_TOPIC, {"Tags": {"a": "b"}}, ("#/Tags: expected type: JSONArray, found: JSONObject",)),
        (_TOPIC, {"FifoTopic": "maybe"}, ("#/FifoTopic: expected type: Boolean, found: String",)),
        (
            "AWS::SSM::Parameter",
            {"Type": "Text", "Value": "x"},
            ("#/Type: failed validation constraint for keyword [enum]",),
        ),
        (_TOPIC, {"Tags": [{"Key": "", "Value": "x"}]}, ("#/Tags/0/Key: expected minLength: 1, actual: 0",)),
        (
            _TOPIC,
            {"Subscription": [{"Protocol": "email", "Address": "x"}]},
            (
                "#/Subscription/0: required key [Endpoint] not found",
                "#/Subscription/0: extraneous key [Address] is not permitted",
            ),
        ),
        (
            "AWS::Logs::LogGroup",
            {"RetentionInDays": "many"},
            ("#/RetentionInDays: expected type: Integer, found: String",),
        ),
        (
            "AWS::Logs::LogGroup",
            {"RetentionInDays": 2},
            ("#/RetentionInDays: failed validation constraint for keyword [enum]",),
        ),
        (
            "AWS::Logs::LogGroup",
            {"LogGroupName": "what?"},
            ("#/LogGroupName: failed validation constraint for keyword [pattern]",),
        ),
        ("AWS::CloudFormation::Stack", {"TemplateBody": "{}"}, ("Encountered unsupported property TemplateBody",)),
    ],
)
def test_wrong_properties_are_refused_in_the_words_of_aws(
    kind: str, properties: dict[str, Any], expected: tuple[str, ...]
) -> None:
    assert refused(of(kind), properties) == expected


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        (_TOPIC, {"DisplayName": 5}),
        (_TOPIC, {"FifoTopic": "true"}),
        (_TOPIC, {"FifoTopic": "True"}),
        (_TOPIC, {"DisplayName": {"Fn::Sub": "x"}}),
        (_TOPIC, {"Tags": {"Ref": "List"}}),
        (_TOPIC, {"Subscription": [{"Ref": "Nothing"}]}),
        (_TOPIC, {"TopicName": object()}),
        (_TOPIC, {"ArchivePolicy": '{"MessageRetentionPeriod": "30"}'}),
        (_TOPIC, {"ArchivePolicy": {"MessageRetentionPeriod": "30"}}),
        ("AWS::Logs::LogGroup", {"RetentionInDays": "7"}),
        ("AWS::Logs::LogGroup", {"RetentionInDays": 7.0}),
        ("AWS::IAM::Policy", {"PolicyName": "x", "PolicyDocument": {}}),
    ],
)
def test_what_aws_converts_or_leaves_to_the_service_is_not_refused(kind: str, properties: dict[str, Any]) -> None:
    assert refused(of(kind), properties) == ()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_our_templates_are_not_refused(path: Path) -> None:
    found = {logical_id: refused(of(kind), properties) for logical_id, kind, properties in declared(path)}
    assert {logical_id: lines for logical_id, lines in found.items() if lines} == {}


def test_the_reason_of_a_failed_resource_lists_what_is_wrong() -> None:
    lines = ("#: required key [A] not found", "#: required key [B] not found")
    assert refusal(of(_TOPIC), "Topic", lines) == (
        "Properties validation failed for resource Topic with message:\n"
        "#: required key [A] not found\n#: required key [B] not found"
    )


def test_what_is_found_in_the_template_is_in_brackets() -> None:
    assert refusal(of(_TOPIC), "Topic", ("#: extraneous key [A] is not permitted",), early=True) == (
        "Properties validation failed for resource Topic with message:\n[#: extraneous key [A] is not permitted]"
    )


def test_cloudformations_own_types_have_the_wording_of_old() -> None:
    stack = of("AWS::CloudFormation::Stack")
    assert refusal(stack, "Child", refused(stack, {"Url": "x"})) == "Encountered unsupported property Url"
