"""One small template around one value, in every notation that CloudFormation reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from stackproof.bind.values import bind_defaults, value_of
from stackproof.load.template import Template, parse_template
from stackproof.resolve.context import Context
from stackproof.resolve.stack import Stack

SECTIONS: dict[str, Any] = {
    "Parameters": {
        "Name": {"Type": "String", "Default": "shop"},
        "Empty": {"Type": "String", "Default": ""},
        "Count": {"Type": "Number", "Default": "2"},
        "Ports": {"Type": "CommaDelimitedList", "Default": "80, 443"},
        "Given": {"Type": "String"},
        "Image": {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "Default": "/ami"},
    },
    "Mappings": {
        "Sizes": {"small": {"Class": "t3.micro", "Zones": ["a", "b"], "Price": 1.5}},
        "Aliases": {"s": {"Name": "small"}},
        "Regions": {"eu-west-1": {"Code": "ew1"}},
    },
    "Conditions": {
        "Yes": {"Fn::Equals": ["a", "a"]},
        "No": {"Fn::Not": [{"Condition": "Yes"}]},
        "Open": {"Fn::Equals": [{"Ref": "AWS::AccountId"}, "111111111111"]},
    },
}
VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}


def short(value: Any, *, tagged: bool = False) -> str:
    """Return data as YAML with short function tags: ``{"Fn::Sub": "x"}`` becomes ``!Sub "x"``.

    One tag cannot follow another, so a function that is another's only argument is written in the long form.
    """
    if isinstance(value, list):
        return f"[{', '.join(map(short, value))}]"
    if not isinstance(value, dict):
        return json.dumps(value)
    (name, argument), *others = value.items() or [("", None)]
    if tagged or others or not name.startswith(("Fn::", "Ref", "Condition")) or name.startswith("Fn::ForEach"):
        return "{" + ", ".join(f"{json.dumps(key)}: {short(child)}" for key, child in value.items()) + "}"
    if name == "Fn::GetAtt" and isinstance(argument, list) and all(isinstance(part, str) for part in argument):
        argument = ".".join(argument)
    return f"!{name.removeprefix('Fn::')} {short(argument, tagged=True)}"


NOTATIONS: dict[str, Callable[[Any], str]] = {
    "json": lambda value: json.dumps(value, indent=1),
    "yaml-long": lambda value: yaml.safe_dump(value, sort_keys=False),
    "yaml-short": short,
}


@pytest.fixture(params=NOTATIONS)
def notation(request: pytest.FixtureRequest) -> Callable[[Any], str]:
    """How a template is written down."""
    return NOTATIONS[request.param]


def template_with(value: Any, *, extensions: bool = False, sections: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a template as data in which the resource ``Subject`` has the property ``Value``."""
    return {
        **({"Transform": "AWS::LanguageExtensions"} if extensions else {}),
        **SECTIONS,
        "Resources": {"Vpc": VPC, "Subject": {"Type": "AWS::SSM::Parameter", "Properties": {"Value": value}}},
        **(sections or {}),
    }


@pytest.fixture
def write() -> Callable[..., dict[str, Any]]:
    """How a template around one value is made; see `template_with`."""
    return template_with


def stack_of(template: Template, context: Context | None = None, **values: str) -> Stack:
    """Return the checked stack of a template with its defaults and some given values."""
    bound = bind_defaults(template)
    for name, text in values.items():
        parameter = template.parameters[name]
        bound[name] = value_of(parameter, text, parameter.mark)
    stack = Stack(template, bound, context or Context(stack="web", region="eu-west-1"))
    stack.check()
    return stack


@pytest.fixture
def stack() -> Callable[..., Stack]:
    """How text becomes a checked stack; keyword arguments are parameter values and ``context``."""

    def make(text: str, context: Context | None = None, **values: str) -> Stack:
        return stack_of(parse_template(text, "web.yaml"), context, **values)

    return make
