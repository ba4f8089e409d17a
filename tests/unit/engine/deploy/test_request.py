"""What is sent to CloudFormation."""

from __future__ import annotations

import json

import pytest

from stackproof import Deployment, load_template, parse_template
from stackproof.deploy.request import capabilities, create_request, template_body
from stackproof.errors import InputError
from stackproof.quotas import REQUEST_BYTES

TOPIC = "Resources: {T: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: %s}}}"


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("!Sub '${AWS::Region}'", {"Fn::Sub": "${AWS::Region}"}),
        ("!GetAtt T.TopicName.x", {"Fn::GetAtt": ["T", "TopicName.x"]}),
        ("17.10", "17.10"),
        ("17.5", 17.5),
        ("'010'", "010"),
        ("yes", True),
        ("grün", "grün"),
    ],
)
def test_body_means_what_is_written(written: str, sent: object) -> None:
    """Functions have their long form, and no number loses a digit."""
    body = json.loads(template_body(parse_template(TOPIC % written)))
    assert body["Resources"]["T"]["Properties"]["DisplayName"] == sent


def test_too_large_body_is_refused() -> None:
    """A template that no request can carry is an error that says how much is too much."""
    template = parse_template(TOPIC % f"'{'x' * REQUEST_BYTES}'")
    with pytest.raises(InputError, match=r"bytes as JSON; CloudFormation accepts 51,200 in a request"):
        template_body(template)


@pytest.mark.parametrize(
    ("template", "needed"),
    [
        ("Resources: {T: {Type: 'AWS::SNS::Topic'}}", []),
        ("Resources: {R: {Type: 'AWS::IAM::Role'}}", ["CAPABILITY_NAMED_IAM"]),
        ("{Transform: AWS::LanguageExtensions, Resources: {T: {Type: 'AWS::SNS::Topic'}}}", ["CAPABILITY_AUTO_EXPAND"]),
    ],
)
def test_capabilities_are_those_that_are_needed(template: str, needed: list[str]) -> None:
    """Nothing is acknowledged that the template does not do."""
    assert capabilities(parse_template(template)) == needed


def test_request_of_every_layer_can_be_sent(deployment: Deployment) -> None:
    """Each layer fits, has a value for each parameter, and is tagged with what it belongs to."""
    for layer, stack in deployment.stacks.items():
        request = create_request(deployment, layer, lambda layer, name: f"{layer}.{name}")
        assert request["StackName"] == f"{deployment.system}-{deployment.environment.name}-{layer}"
        assert {given["ParameterKey"] for given in request["Parameters"]} == set(stack.template.parameters)
        assert all(isinstance(given["ParameterValue"], str) for given in request["Parameters"])
        assert request["Tags"] == [
            {"Key": "System", "Value": deployment.system},
            {"Key": "Environment", "Value": deployment.environment.name},
            {"Key": "Layer", "Value": layer},
        ]


def test_body_of_every_layer_is_the_same_template(deployment: Deployment) -> None:
    """What is sent, read again, is the template that was judged."""
    for stack in deployment.stacks.values():
        body = template_body(stack.template)
        assert template_body(parse_template(body)) == body
        assert template_body(load_template(stack.template.file)) == body
