"""What ValidateTemplate and GetTemplateSummary tell about a template."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof import parse_template
from stackproof.simulate.cloudformation.summary import summary, validation

TOPIC = "Resources: {Topic: {Type: AWS::SNS::Topic}}\n"
KEY = """\
Parameters:
  KeyExample:
    Description: The EC2 Key Pair to allow SSH access to the instance
    Type: AWS::EC2::KeyPair::KeyName
Resources:
  Host: {Type: AWS::EC2::Instance, Properties: {KeyName: !Ref KeyExample}}
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: a}}
"""


def test_a_validation_as_recorded() -> None:
    parameter = {
        "Description": "The EC2 Key Pair to allow SSH access to the instance",
        "NoEcho": False,
        "ParameterKey": "KeyExample",
    }
    assert validation(parse_template(KEY)) == {"Parameters": [parameter]}


def test_a_validation_tells_defaults_and_what_is_secret() -> None:
    text = (
        f"Description: web\n{TOPIC}Parameters: {{A: {{Type: Number, Default: 3}}, B: {{Type: String, NoEcho: true}}}}"
    )
    assert validation(parse_template(text)) == {
        "Description": "web",
        "Parameters": [
            {"ParameterKey": "A", "DefaultValue": "3", "NoEcho": False},
            {"ParameterKey": "B", "NoEcho": True},
        ],
    }


CAPABILITIES: dict[str, tuple[str, list[str] | None, str | None]] = {
    "none": (TOPIC, None, None),
    "roles": (
        "Resources: {A: {Type: AWS::IAM::Role}, B: {Type: AWS::IAM::Role}, C: {Type: AWS::IAM::InstanceProfile}}",
        ["CAPABILITY_IAM"],
        "The following resource(s) require capabilities: [AWS::IAM::InstanceProfile, AWS::IAM::Role]",
    ),
    "a named role": (
        "Resources: {A: {Type: AWS::IAM::Role, Properties: {RoleName: a}}}",
        ["CAPABILITY_NAMED_IAM"],
        "The following resource(s) require capabilities: [AWS::IAM::Role]",
    ),
    "a stack within": (
        "Resources: {A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: a}}}",
        ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        "The following resource(s) require capabilities: [AWS::CloudFormation::Stack]",
    ),
    "a transform": (f"Transform: AWS::LanguageExtensions\n{TOPIC}", None, None),
}


@pytest.mark.parametrize("name", CAPABILITIES)
@pytest.mark.parametrize("ask", [validation, summary])
def test_capabilities(ask: Any, name: str) -> None:
    text, capabilities, reason = CAPABILITIES[name]
    answer = ask(parse_template(text))
    assert (answer.get("Capabilities"), answer.get("CapabilitiesReason")) == (capabilities, reason)


def test_a_summary() -> None:
    text = """\
AWSTemplateFormatVersion: '2010-09-09'
Description: web
Transform: AWS::LanguageExtensions
Metadata: {Team: {Name: a}}
Parameters:
  Stage: {Type: String, AllowedValues: [dev, prod], Default: dev, Description: where}
  Zones: {Type: 'List<AWS::EC2::AvailabilityZone::Name>'}
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Handle: {Type: AWS::CloudFormation::WaitConditionHandle}
  Other: {Type: AWS::SNS::Topic}
"""
    assert summary(parse_template(text)) == {
        "Parameters": [
            {
                "ParameterKey": "Stage",
                "DefaultValue": "dev",
                "ParameterType": "String",
                "NoEcho": False,
                "Description": "where",
                "ParameterConstraints": {"AllowedValues": ["dev", "prod"]},
            },
            {
                "ParameterKey": "Zones",
                "ParameterType": "List<AWS::EC2::AvailabilityZone::Name>",
                "NoEcho": False,
                "ParameterConstraints": {},
            },
        ],
        "Description": "web",
        "DeclaredTransforms": ["AWS::LanguageExtensions"],
        "ResourceTypes": ["AWS::SNS::Topic", "AWS::CloudFormation::WaitConditionHandle"],
        "Version": "2010-09-09",
        "Metadata": '{"Team":{"Name":"a"}}',
        "ResourceIdentifierSummaries": [
            {
                "ResourceType": "AWS::SNS::Topic",
                "LogicalResourceIds": ["Topic", "Other"],
                "ResourceIdentifiers": ["TopicArn"],
            }
        ],
    }


@pytest.mark.parametrize(
    ("tolerant", "warnings"), [(False, None), (True, {"UnrecognizedResourceTypes": ["AWS::No::Type"]})]
)
def test_types_that_the_region_does_not_have(tolerant: bool, warnings: dict[str, list[str]] | None) -> None:
    template = parse_template("Resources: {A: {Type: AWS::No::Type}, B: {Type: 'Custom::Thing'}}")
    assert summary(template, tolerant=tolerant).get("Warnings") == warnings
