"""Parameter values: what a template permits, with CloudFormation's words where it does not.

Source: "Parameters" in the AWS CloudFormation user guide.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from collections.abc import Mapping as MappingABC
from typing import Any

from stackproof.bind import patterns
from stackproof.errors import InputError, listed, suggestion
from stackproof.load.template import Parameter, Template, number_of
from stackproof.marks import Mark
from stackproof.symbols import SsmParameter, Unbound

_SSM_NAME = "AWS::SSM::Parameter::Name"
_SSM_VALUE = "AWS::SSM::Parameter::Value<"

NOT_REQUIRED = "Parameter values specified for a template which does not require them."

MAX_BYTES = 4096
"""Largest value of a parameter ("CloudFormation quotas")."""

_ID = r"[0-9a-f]{8}(?:[0-9a-f]{9})?"
AWS_TYPES = {
    "AWS::EC2::Image::Id": rf"ami-{_ID}",
    "AWS::EC2::Instance::Id": rf"i-{_ID}",
    "AWS::EC2::SecurityGroup::Id": rf"sg-{_ID}",
    "AWS::EC2::Subnet::Id": rf"subnet-{_ID}",
    "AWS::EC2::Volume::Id": rf"vol-{_ID}",
    "AWS::EC2::VPC::Id": rf"vpc-{_ID}",
    "AWS::EC2::AvailabilityZone::Name": r"[a-z]{2}(-[a-z]+)+-\d+[a-z]",
    "AWS::EC2::KeyPair::KeyName": r".{1,255}",
    "AWS::EC2::SecurityGroup::GroupName": r".{1,255}",
    "AWS::Route53::HostedZone::Id": r"Z[A-Z0-9]{1,31}",
}
"""Shapes of the AWS-specific types; whether the thing exists is known only in the account."""

_SIMPLE_TYPES = ("String", "Number", "CommaDelimitedList", "List<Number>", "List<String>")

_ALLOWED = "must be one of AllowedValues"

BoundValue = Any
"""Text, a tuple of texts for a list type, or a symbol."""


def bind(
    template: Template,
    given: MappingABC[str, str],
    marks: MappingABC[str, Mark],
    mark: Mark,
    later: Collection[str] = (),
) -> dict[str, Any]:
    """Return the value of every declared parameter: the given one, or its default.

    Parameters:
        template: the template.
        given: values by parameter name, as text; a list is written with commas.
        marks: where each given value stands, for messages.
        mark: where the template is used, for messages about what is missing.
        later: parameters that get their value from elsewhere, and none here.

    Raises:
        InputError: an unknown parameter, one without any value, or a value that the template does not permit.
    """
    unknown = [name for name in (*given, *later) if name not in template.parameters]
    if unknown:
        name = unknown[0]
        near = suggestion(name, template.parameters)
        wording = f"Parameters: {listed(unknown)} do not exist in the template" if template.parameters else NOT_REQUIRED
        raise InputError(f"{template.file} has no parameter '{name}'{near}", marks.get(name, mark), wording)
    bound = [parameter for parameter in template.parameters.values() if parameter.name not in later]
    missing = [p.name for p in bound if p.name not in given and p.default is None]
    if missing:
        wording = f"Parameters: {listed(missing)} must have values"
        raise InputError(f"Parameters: [{', '.join(missing)}] must have values ({template.file})", mark, wording)
    return {
        parameter.name: value_of(
            parameter, given.get(parameter.name, parameter.default or ""), marks.get(parameter.name, parameter.mark)
        )
        for parameter in bound
    }


def bind_defaults(template: Template) -> dict[str, Any]:
    """Return the defaults of a template that belongs to no system; a parameter without one stays unbound.

    Raises:
        InputError: a default that the template itself does not permit.
    """
    return {
        parameter.name: Unbound(parameter.name, parameter.type)
        if parameter.default is None
        else value_of(parameter, parameter.default, parameter.mark)
        for parameter in template.parameters.values()
    }


def value_of(parameter: Parameter, text: str, mark: Mark, *, shaped: bool = True) -> BoundValue:
    """Return a text as the value of a parameter.

    Parameters:
        parameter: the parameter.
        text: its value, as text.
        mark: where the value stands, for messages.
        shaped: whether a value of an AWS-specific type must have the form of one; an account just looks it up.

    Raises:
        InputError: the parameter does not permit it.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        wording = f"Parameter '{parameter.name}' default value '[****]' length is greater than {MAX_BYTES}."
        raise InputError(
            f"Parameter '{parameter.name}' has a value of more than {MAX_BYTES:,} bytes",
            mark,
            f"Template format error: {wording}",
        )
    element = element_type(parameter)
    if parameter.type.startswith("AWS::SSM::"):
        _check_constraints(parameter, (text,), mark)
        # The name of a key is plain text; the value behind it is known only in the account.
        return text if parameter.type == _SSM_NAME else SsmParameter(parameter.name, text, parameter.type)
    members = tuple(member.strip() for member in text.split(",")) if is_list_type(parameter.type) else (text,)
    for member in members:
        if shaped or element == "Number":
            _check_type(parameter, element, member, mark)
    _check_constraints(parameter, members, mark)
    return members if is_list_type(parameter.type) else text


def is_list_type(type_name: str) -> bool:
    """Return whether a parameter type holds a list."""
    return type_name == "CommaDelimitedList" or type_name.startswith("List<")


def element_type(parameter: Parameter) -> str:
    """Return the type of a parameter, or of its members where it is a list.

    Raises:
        InputError: CloudFormation knows no such type.
    """
    kind = _inner(_SSM_VALUE, parameter.type)
    inner = _inner("List<", kind)
    listed = inner != kind
    if inner not in ("String", "Number", *AWS_TYPES) and (listed or kind not in ("CommaDelimitedList", _SSM_NAME)):
        near = suggestion(kind, [*_SIMPLE_TYPES, *AWS_TYPES, _SSM_NAME])
        message = f"Template format error: Unrecognized parameter type: {parameter.type}"
        raise InputError(f"{message}{near}", parameter.mark, message)
    return inner


def _inner(opening: str, kind: str) -> str:
    return kind[len(opening) : -1] if kind.startswith(opening) and kind.endswith(">") else kind


def _check_type(parameter: Parameter, element: str, text: str, mark: Mark) -> None:
    if element == "Number":
        _number(parameter, text, mark)
    pattern = AWS_TYPES.get(element)
    if pattern and not re.fullmatch(pattern, text):
        raise InputError(
            f"Parameter validation failed: parameter value {text} for parameter name {parameter.name} "
            f"is not of the form of {element}",
            mark,
            f"Parameter validation failed: {not_existing(parameter, text)}",
        )


def not_existing(parameter: Parameter, text: str) -> str:
    """Return what CloudFormation says of a value of an AWS-specific type that names nothing in the account."""
    return f"parameter value {_shown(parameter, text)} for parameter name {parameter.name} does not exist"


def _number(parameter: Parameter, text: str, mark: Mark) -> float:
    number = number_of(text)
    if number is None:
        message = f"Parameter '{parameter.name}' must be a number."
        raise InputError(message, mark, _wording(parameter, message))
    return number


def _wording(parameter: Parameter, broken: str) -> str:
    """Return CloudFormation's message about a broken constraint: in the template's own words, where it has some."""
    words = parameter.constraint_description
    return f"Parameter {parameter.name} failed to satisfy constraint: {words}" if words else broken


def _check_constraints(parameter: Parameter, members: Iterable[str], mark: Mark) -> None:
    for text in members:
        broken = _broken_constraint(parameter, text, mark)
        if broken:
            said = f" failed to satisfy constraint: {parameter.constraint_description.rstrip('.')} ("
            words = f"{said}{broken})" if parameter.constraint_description else f" {broken}"
            plain = _ALLOWED if broken.startswith(f"{_ALLOWED} ") else broken
            raise InputError(
                f"Parameter '{parameter.name}'{words}; the value is '{_shown(parameter, text)}'",
                mark,
                _wording(parameter, f"Parameter '{parameter.name}' {plain}"),
            )


def _shown(parameter: Parameter, text: str) -> str:
    return "****" if parameter.no_echo else text


def _broken_constraint(parameter: Parameter, text: str, mark: Mark) -> str | None:
    if parameter.allowed_values and text not in parameter.allowed_values:
        return f"{_ALLOWED} {', '.join(parameter.allowed_values)}"
    if parameter.allowed_pattern is not None and not matches(parameter, text):
        return f"must match pattern {parameter.allowed_pattern}"
    if parameter.min_length is not None and len(text) < parameter.min_length:
        return f"must contain at least {parameter.min_length} characters"
    if parameter.max_length is not None and len(text) > parameter.max_length:
        return f"must contain at most {parameter.max_length} characters"
    if parameter.min_value is not None and _number(parameter, text, mark) < parameter.min_value:
        return f"must be a number not less than {_plain(parameter.min_value)}"
    if parameter.max_value is not None and _number(parameter, text, mark) > parameter.max_value:
        return f"must be a number not greater than {_plain(parameter.max_value)}"
    return None


def _plain(number: float) -> str:
    return f"{int(number)}" if number == int(number) else f"{number}"


def matches(parameter: Parameter, text: str) -> bool:
    """Return whether a text satisfies ``AllowedPattern``, which must match all of it.

    Raises:
        InputError: the pattern is not a regular expression that can be evaluated here, or takes too long.
    """
    try:
        return patterns.matches(parameter.allowed_pattern or "", text)
    except patterns.PatternError as error:
        raise InputError(f"AllowedPattern of '{parameter.name}' cannot be evaluated: {error}", parameter.mark) from None
