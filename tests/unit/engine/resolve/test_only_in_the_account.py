"""What only an account can expand stays symbolic, and keeps nothing else from being resolved."""

from __future__ import annotations

import pytest

from stackproof import InputError, Resource, parse_template
from stackproof.compose.system import deployment_of
from stackproof.symbols import Deferred, Dynamic, Text


def topic(display_name: str, resources: str = "") -> Resource:
    properties = f"    Properties:\n      DisplayName: {display_name}\n"
    text = f"Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n{properties}{resources}"
    return next(deployment_of(parse_template(text, "t.yaml")).resources)


@pytest.mark.parametrize(
    ("written", "function"),
    [
        ("{Fn::GetStackOutput: {StackName: producer, OutputName: Name}}", "Fn::GetStackOutput"),
        ("{Fn::Transform: {Name: Macro, Parameters: {Text: a}}}", "Fn::Transform"),
        ("{Fn::Transform: [{Name: AWS::Include, Parameters: {Location: s3://b/k}}]}", "Fn::Transform"),
        ("{Fn::Sub: {Fn::Transform: {Name: Macro}}}", "Fn::Transform"),
    ],
)
def test_its_value_is_a_symbol(written: str, function: str) -> None:
    value = topic(written)["DisplayName"]
    assert isinstance(value, Deferred)
    assert value.function == function


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("{Fn::GetStackOutput: producer}", "Fn::GetStackOutput requires an object with a StackName and an OutputName"),
        ("{Fn::Transform: [{Macro: 1}]}", "Fn::Transform requires an object with a Name"),
    ],
)
def test_a_wrong_form_is_an_error(written: str, message: str) -> None:
    with pytest.raises(InputError, match=f"t.yaml:5: Template error: {message}"):
        _ = topic(written)["DisplayName"]


def test_a_reference_into_a_module_is_a_reference() -> None:
    module = "  Store:\n    Type: Company::S3::Store::MODULE\n"
    assert str(topic("!Ref StoreBucket", module)["DisplayName"]) == "${StoreBucket}"


def test_a_custom_resource_may_name_a_version() -> None:
    parse_template("Resources: {A: {Type: Custom::Thing, Version: '1.0', Properties: {ServiceToken: a}}}")


def test_another_resource_may_not() -> None:
    with pytest.raises(InputError, match="Invalid template resource property 'Version'"):
        parse_template("Resources: {A: {Type: AWS::SNS::Topic, Version: '1.0'}}")


def test_a_dynamic_reference_in_a_parameters_value_is_a_symbol() -> None:
    text = (
        "Parameters: {Name: {Type: String, Default: '{{resolve:ssm:/name}}'}}\n"
        "Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Sub '${Name}!'}}}\n"
    )
    (topic,) = deployment_of(parse_template(text, "t.yaml")).resources
    assert topic["DisplayName"] == Text((Dynamic("ssm", "/name"), "!"))
