"""Transforms: what AWS::Include puts into a template, and what goes wrong with it."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stackproof.load.nodes import plain
from stackproof.load.template import Template, parse_template
from stackproof.resolve.context import Context
from stackproof.resolve.scope import Scope
from stackproof.simulate.cloudformation.include import TransformError, s3_object, transformed

PARAMETER = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "foo"}}
OTHER = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "bar"}}
OBJECTS = {
    ("snippets", "resources.json"): json.dumps({"Other": OTHER}),
    ("snippets", "same.json"): json.dumps({"Parameter": OTHER}),
    ("snippets", "resources.yaml"): (
        "Other:\n  Type: AWS::SSM::Parameter\n  Properties:\n    Type: String\n    Value: bar\n"
    ),
    ("snippets", "properties.yaml"): "Value: bar\nDescription: {Ref: AWS::StackName}",
    ("snippets", "list.json"): "[1, 2]",
    ("snippets", "outputs.json"): json.dumps(
        {"Outputs": {"Name": {"Value": {"Ref": "Parameter"}}}, "Resources": {"Other": OTHER}}
    ),
    ("snippets", "short.yaml"): "Value: !Ref AWS::StackName",
    ("snippets", "broken.yaml"): "{a: [",
}


class _S3:
    """Gives the snippets, and refuses like S3."""

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - the names of the service
        if (Bucket, Key) in OBJECTS:
            return {"Body": io.BytesIO(OBJECTS[Bucket, Key].encode())}
        code, message = (
            ("NoSuchKey", "The specified key does not exist.")
            if Bucket == "snippets"
            else ("NoSuchBucket", "The specified bucket does not exist")
        )
        raise ClientError({"Error": {"Code": code, "Message": message}}, "GetObject")


def _include(location: Any) -> dict[str, Any]:
    return {"Name": "AWS::Include", "Parameters": {"Location": location}}


def _transformed(document: dict[str, Any]) -> Template:
    template = parse_template(json.dumps(document))
    values = {name: parameter.default for name, parameter in template.parameters.items()}
    context = Context(stack="shop", stack_name="shop", region="us-east-1", account="111111111111")
    return transformed(template, Scope(template, values, context), lambda _: _S3())


@pytest.mark.parametrize(
    ("key", "resources"),
    [
        ("resources.json", {"Parameter": PARAMETER, "Other": OTHER}),
        ("resources.yaml", {"Parameter": PARAMETER, "Other": OTHER}),
        # Recorded from AWS: where both name the same thing, it is the snippet's.
        ("same.json", {"Parameter": OTHER}),
    ],
)
def test_a_section_that_includes(key: str, resources: dict[str, Any]) -> None:
    template = _transformed(
        {"Resources": {"Parameter": PARAMETER, "Fn::Transform": _include(f"s3://snippets/{key}")}},
    )
    assert plain(template.root) == {"Resources": resources}
    assert template.macros == ()


def test_a_resource_that_includes() -> None:
    properties = {"Type": "String", "Fn::Transform": _include("s3://snippets/properties.yaml")}
    template = _transformed({"Resources": {"Parameter": {**PARAMETER, "Properties": properties}}})
    assert plain(template.root)["Resources"]["Parameter"]["Properties"] == {
        "Type": "String",
        "Value": "bar",
        "Description": {"Ref": "AWS::StackName"},
    }


def test_an_include_alone_is_what_it_includes() -> None:
    metadata = {"Numbers": {"Fn::Transform": _include("s3://snippets/list.json")}}
    template = _transformed({"Resources": {"Parameter": {**PARAMETER, "Metadata": metadata}}})
    assert plain(template.root)["Resources"]["Parameter"]["Metadata"] == {"Numbers": [1, 2]}


def test_a_template_that_includes() -> None:
    template = _transformed(
        {"Transform": _include("s3://snippets/outputs.json"), "Resources": {"Parameter": PARAMETER}},
    )
    assert plain(template.root) == {
        "Resources": {"Parameter": PARAMETER, "Other": OTHER},
        "Outputs": {"Name": {"Value": {"Ref": "Parameter"}}},
    }


def test_other_transforms_of_the_list_stay() -> None:
    template = _transformed(
        {
            "Transform": ["AWS::LanguageExtensions", _include("s3://snippets/outputs.json")],
            "Resources": {"Parameter": PARAMETER},
        },
    )
    assert template.transforms == ("AWS::LanguageExtensions",)


def test_a_location_may_be_a_parameter() -> None:
    template = _transformed(
        {
            "Parameters": {"Bucket": {"Type": "String", "Default": "snippets"}},
            "Resources": {
                "Parameter": PARAMETER,
                "Fn::Transform": _include({"Fn::Sub": "s3://${Bucket}/resources.json"}),
            },
        },
    )
    assert list(template.resources) == ["Parameter", "Other"]


@pytest.mark.parametrize("transform", [None, "AWS::LanguageExtensions", ["AWS::LanguageExtensions"]])
def test_a_template_without_includes_stays_itself(transform: Any) -> None:
    document = {"Resources": {"Parameter": PARAMETER}} | ({"Transform": transform} if transform else {})
    template = parse_template(json.dumps(document))
    scope = Scope(template, {}, Context(stack="s", stack_name="s", region="us-east-1", account="1"))
    assert transformed(template, scope, lambda _: _S3()) is template


@pytest.mark.parametrize(
    ("transform", "message"),
    [
        (
            _include("s3://snippets/short.yaml"),
            "Transform AWS::Include failed with: The specified S3 object's content should be valid Yaml/JSON",
        ),
        (
            _include("s3://snippets/broken.yaml"),
            "Transform AWS::Include failed with: The specified S3 object's content should be valid Yaml/JSON",
        ),
        (
            _include("s3://snippets/none.yaml"),
            "Transform AWS::Include failed with: The specified key does not exist.",
        ),
        (
            _include("s3://nowhere/none.yaml"),
            "Transform AWS::Include failed with: S3 bucket [nowhere] does not exist.",
        ),
        (
            _include("snippets/none.yaml"),
            "Transform AWS::Include failed with: The location parameter is not a valid S3 uri.",
        ),
        (
            {"Name": "AWS::Include"},
            "The value of parameter Location under transform Include must resolve to a string, number, boolean or a "
            "list of any of these.",
        ),
        (
            _include({"Fn::GetAtt": ["Parameter", "Value"]}),
            "The value of parameter Location under transform Include must resolve to a string, number, boolean or a "
            "list of any of these.",
        ),
        ("AddTags", "No transform named 111111111111::AddTags found."),
        ("AWS::Serverless-2016-10-31", "the simulation does not carry out the transform AWS::Serverless-2016-10-31"),
    ],
)
def test_transforms_that_fail(transform: Any, message: str) -> None:
    resource = {**PARAMETER, "Properties": {"Type": "String", "Fn::Transform": transform}}
    with pytest.raises(TransformError) as failed:
        _transformed({"Resources": {"Parameter": resource}})
    assert str(failed.value) == message


@pytest.mark.parametrize(
    ("location", "found"),
    [
        ("s3://bucket/a/b.yaml", ("bucket", "a/b.yaml")),
        ("https://bucket.s3.amazonaws.com/a/b.yaml", ("bucket", "a/b.yaml")),
        ("https://bucket.s3.eu-west-1.amazonaws.com/a%20b", ("bucket", "a b")),
        ("https://bucket.s3-eu-west-1.amazonaws.com/a", ("bucket", "a")),
        ("https://my.dotted.bucket.s3.amazonaws.com/a", ("my.dotted.bucket", "a")),
        ("https://s3.amazonaws.com/bucket/a/b.yaml", ("bucket", "a/b.yaml")),
        ("https://s3.eu-west-1.amazonaws.com/bucket/a", ("bucket", "a")),
        ("https://s3-eu-west-1.amazonaws.com/bucket/a", ("bucket", "a")),
        ("http://127.0.0.1:4566/bucket/a/b.yaml", ("bucket", "a/b.yaml")),
        ("https://s3.amazonaws.com/bucket", None),
        ("ftp://bucket/a", None),
        ("bucket/a", None),
    ],
)
def test_addresses_in_s3(location: str, found: tuple[str, str] | None) -> None:
    assert s3_object(location) == found
