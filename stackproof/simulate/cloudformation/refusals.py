"""What CloudFormation refuses before it touches anything, with its codes and its wording.

Pure functions about requests, templates and parameter values; each raises `Refusal` where AWS would. What a template's
own mistakes are called comes with the errors of `stackproof.load`, `stackproof.bind` and `stackproof.resolve`.

Sources: the CloudFormation API reference, "CloudFormation quotas", recorded answers, and messages quoted in public
issues where neither has them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from stackproof.bind.values import NOT_REQUIRED, element_type, value_of
from stackproof.errors import InputError, listed
from stackproof.load.nodes import Mapping as Node
from stackproof.load.nodes import Scalar, Sequence, function_of, walk
from stackproof.load.template import EXPORT_NAME, TRANSFORM, Parameter, Template, parse_template
from stackproof.resolve.context import PSEUDO_PARAMETERS, Context
from stackproof.resolve.loops import FAILED
from stackproof.resolve.stack import Stack, references_in
from stackproof.resolve.values import NO_VALUE, Block, is_list
from stackproof.simulate.cloudformation.constraints import violated
from stackproof.symbols import Symbol, Unbound

VERSION = "2010-09-09"
URL_BYTES = 1_000_000
"""Largest template in a bucket, as the service counts its megabyte."""

NAMED_IAM = {
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
}
"""The property by which a resource of IAM gets a name of its own, by type."""

IAM = frozenset({"AWS::IAM::AccessKey", "AWS::IAM::Policy", "AWS::IAM::UserToGroupAddition", *NAMED_IAM})
"""Types that change who may do what, for which a request must acknowledge a capability."""

_INCLUDE_FAILED = "Transform AWS::Include failed with: "
_ALARMS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
_ALARM_ARN = re.compile(r"arn:[^:]+:cloudwatch:[^:]*:[^:]*:alarm:.+")
_ALIAS = re.compile(r"(?:^|[\s\[{,])\*[^\s,\]}*]", re.MULTILINE)
_DESCRIPTION = 1024
_EXPORT = re.compile(r"[A-Za-z0-9:-]+")
_EXPORT_LENGTH = 256
_ATTRIBUTE = re.compile(r"[A-Za-z0-9]+")


class Refusal(Exception):  # noqa: N818 - it is an answer, not an error
    """A request that CloudFormation refuses.

    Attributes:
        code: AWS's error code.
        message: AWS's words.
    """

    def __init__(self, message: str, code: str = "ValidationError") -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[type[Refusal], tuple[str, str]]:
        """Travel between processes with message and code."""
        return type(self), (self.message, self.code)


def wording(error: InputError) -> str:
    """Return an error in AWS's words."""
    return error.wording


def by_a_transform(refusal: Refusal) -> bool:
    """Return whether it is a transform that fails: the change set or the stack does then, not the request."""
    return refusal.message.startswith((FAILED, _INCLUDE_FAILED))


# --- The request ---


def check_request(operation: str, request: Mapping[str, Any]) -> None:
    """Check what can be said of a request without its template.

    Parameters:
        operation: such as ``CreateStack``.
        request: its members by name, as boto3 takes them.

    Raises:
        Refusal: CloudFormation refuses the request.
    """
    message = violated(operation, request)
    if message is not None:
        raise Refusal(message)
    if request.get("OnFailure") is not None and request.get("DisableRollback") is not None:
        raise Refusal("Either DisableRollback or OnFailure can be specified, not both.")
    if any(str(tag["Key"]).lower().startswith("aws:") for tag in request.get("Tags") or ()):
        raise Refusal("aws: prefixed tag key names are not allowed for external use.")
    for trigger in (request.get("RollbackConfiguration") or {}).get("RollbackTriggers") or ():
        if trigger["Type"] not in _ALARMS:
            raise Refusal("Rollback Trigger Type not supported")
        if not _ALARM_ARN.fullmatch(str(trigger["Arn"])):
            raise Refusal("RelativeId of a Rollback Trigger's ARN is incorrect")


def check_source(request: Mapping[str, Any]) -> None:
    """Check that a request says in one way where its template is.

    Raises:
        Refusal: it says so in none, or in several.
    """
    given = [name for name in ("TemplateBody", "TemplateURL") if request.get(name)]
    if request.get("UsePreviousTemplate"):
        if given:
            raise Refusal("You cannot specify both usePreviousTemplate and Template Body/Template URL.")
    elif not given:
        raise Refusal("Either Template URL or Template Body must be specified.")
    elif len(given) > 1:
        raise Refusal("You cannot specify both Template URL and Template Body")


def check_url_size(size: int) -> None:
    """Check how large a template in a bucket is, in bytes.

    Raises:
        Refusal: it is too large.
    """
    if size > URL_BYTES:
        raise Refusal(f"Template may not exceed {URL_BYTES} bytes in size.")


# --- The template ---


@lru_cache(maxsize=8)
def read(body: str, name: str = "template") -> Template:
    """Return the template that a text holds, checked as far as no parameter's value matters.

    The same text is asked for again and again: planned, carried out, planned again.

    Raises:
        Refusal: CloudFormation refuses the template.
    """
    try:
        template = parse_template(body, name)
        _check_aliases(body)
        check_template(template)
    except InputError as error:
        raise Refusal(wording(error)) from None
    return template


def _check_aliases(body: str) -> None:
    if body.lstrip().startswith("{") or not _ALIAS.search(body):
        return
    import yaml  # only where a text looks as if it had one

    tokens = yaml.scan(body, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    if any(isinstance(token, yaml.AliasToken) for token in tokens):
        raise Refusal("Template error: YAML aliases are not allowed in CloudFormation templates")


def check_template(template: Template) -> None:
    """Check the form of a template; how it uses its functions shows where it is resolved, see `check_functions`.

    Raises:
        Refusal: CloudFormation refuses the template.
    """
    version = template.root.get("AWSTemplateFormatVersion")
    if version is not None and (not isinstance(version, Scalar) or version.text != VERSION):
        raise Refusal("Template format error: unsupported value for AWSTemplateFormatVersion.")
    description = template.root.get("Description")
    if description is not None and not isinstance(description, Scalar):
        raise Refusal("Template format error: Every Description member must be a string.")
    if isinstance(description, Scalar) and len(description.text.encode()) > _DESCRIPTION:
        raise Refusal(f"Template format error: 'Description' length is greater than {_DESCRIPTION}.")
    common = [name for name in template.resources if name in template.parameters or name in PSEUDO_PARAMETERS]
    if common:
        message = "all resources and parameters must have unique names."
        raise Refusal(f"Template error: {message} Common name(s):{listed(common)}")
    for table in template.mappings.values():
        _check_table(table)
    for node in template.conditions.values():
        if any(call is not None and call[0] == "Fn::ImportValue" for call in map(function_of, walk(node))):
            raise Refusal("Template error: Cannot use Fn::ImportValue in Conditions")
    try:
        for parameter in template.parameters.values():
            _check_parameter(parameter)
    except InputError as error:
        raise Refusal(wording(error)) from None
    for output in template.outputs.values():
        _check_written(output.value)


def check_functions(template: Template) -> None:
    """Check how a template uses its functions, with no parameter's value known: what ValidateTemplate can tell.

    Raises:
        Refusal: CloudFormation refuses the template.
    """
    unbound = {name: Unbound(name, parameter.type) for name, parameter in template.parameters.items()}
    try:
        stack = Stack(template, unbound, Context())
        for name in stack.template.conditions:
            stack.condition(name)
        for resource in stack.resources.values():
            resource.references()
        for output in stack.outputs.values():
            references_in(output.value)
    except InputError as error:
        raise Refusal(wording(error)) from None


def _check_table(table: Node) -> None:
    for first, row in table.items():
        for attribute in row.entries if isinstance(row, Node) and first != TRANSFORM else ():
            if attribute != TRANSFORM and not _ATTRIBUTE.fullmatch(attribute):
                message = f"Mappings attribute name '{attribute}' must contain only alphanumeric characters."
                raise Refusal(f"Template format error: {message}")


def _check_parameter(parameter: Parameter) -> None:
    element_type(parameter)
    if parameter.default is None:
        return
    if "{{resolve:ssm:" in parameter.default and not re.search(r":\d+\}\}", parameter.default):
        raise Refusal(f"Template error: parameter {parameter.name} should not contain ssm versionless resolver")
    _value(parameter, parameter.default)


def _check_written(value: Any) -> None:
    if isinstance(value, Sequence):
        raise Refusal(f"{_NO_STRING} and not a List.")
    if isinstance(value, Node) and function_of(value) is None:
        raise Refusal(f"{_NO_STRING} and not a Map.")


_NO_STRING = "Template format error: The Value field of every Outputs member must evaluate to a String"


def check_outputs(stack: Stack) -> None:
    """Check the outputs of a stack whose parameters are bound: texts, with export names that may be.

    Raises:
        Refusal: CloudFormation refuses the template with these values.
    """
    names: list[str] = []
    for output in stack.outputs.values():
        value = output.value
        if value is NO_VALUE or isinstance(value, Block) or is_list(value):
            raise Refusal(f"{_NO_STRING}.")
        if output.export is None or isinstance(output.export, Symbol):
            continue
        name = str(output.export)
        malformed = f"Template format error: Output {output.name} is malformed."
        if not _EXPORT.fullmatch(name):
            raise Refusal(f"{malformed} {EXPORT_NAME}")
        if len(name) > _EXPORT_LENGTH:
            demand = f"The Name field of every Export member must not be longer than {_EXPORT_LENGTH} characters."
            raise Refusal(f"{malformed} {demand}")
        names.append(name)
    duplicates = [name for name in names if names.count(name) > 1]
    if duplicates:
        shown = ", ".join(duplicates)
        message = f"The Outputs section contains duplicate Export names: [{shown}]."
        raise Refusal(f"{message} Specify a unique name for each export.")


def unrecognized(types: Iterable[str]) -> Refusal:
    """Return the refusal of a template with resource types that the region does not have."""
    return Refusal(f"Template format error: Unrecognized resource types: {listed(types)}")


def check_resource_types(template: Template, permitted: Iterable[str] | None) -> None:
    """Check a template against the ``ResourceTypes`` of a request: types, ``AWS::*``, ``AWS::EC2::*``, ``Custom::*``.

    Raises:
        Refusal: the template has a type that is not among them.
    """
    types = list(permitted or ())
    for resource in template.resources.values() if types else ():
        if not any(_permits(entry, resource.type) for entry in types):
            message = f"Resource type {resource.type} is not allowed by parameter ResourceTypes [{', '.join(types)}]"
            raise Refusal(message)


def _permits(entry: str, kind: str) -> bool:
    return kind.startswith(entry[:-1]) if entry.endswith("::*") else kind == entry


def capabilities_of(template: Template) -> tuple[str, ...]:
    """Return the capabilities that a template demands of the request that deploys it."""
    found: list[str] = []
    kinds = [resource for resource in template.resources.values() if resource.type in IAM]
    if any(named(resource.type, resource.attributes) for resource in kinds):
        found.append("CAPABILITY_NAMED_IAM")
    elif kinds:
        found.append("CAPABILITY_IAM")
    return (*found, "CAPABILITY_AUTO_EXPAND") if uses_macros(template) else tuple(found)


def named(kind: str, attributes: Node) -> bool:
    """Return whether a resource of IAM declares a name of its own."""
    properties = attributes.get("Properties")
    return isinstance(properties, Node) and NAMED_IAM.get(kind, "") in properties.entries


def uses_macros(template: Template) -> bool:
    """Return whether a template is to be expanded, by transforms of the whole or of parts."""
    return bool(template.transforms) or any(
        isinstance(part, Node) and TRANSFORM in part.entries for part in walk(template.root)
    )


def check_capabilities(template: Template, given: Iterable[str] | None, *, expands: bool = True) -> None:
    """Check that a request acknowledges what its template can do.

    Parameters:
        template: the template.
        given: the ``Capabilities`` of the request.
        expands: whether macros must be acknowledged too: not for a change set, which shows what they made.

    Raises:
        Refusal: a capability is missing.
    """
    acknowledged = set(given or ())
    if "CAPABILITY_NAMED_IAM" in acknowledged:
        acknowledged.add("CAPABILITY_IAM")
    if not expands:
        acknowledged.add("CAPABILITY_AUTO_EXPAND")
    missing = [name for name in capabilities_of(template) if name not in acknowledged]
    if missing:
        raise Refusal(f"Requires capabilities : {listed(missing)}", "InsufficientCapabilitiesException")


# --- The parameters ---


def parameter_texts(
    template: Template, given: Iterable[Mapping[str, Any]] | None, previous: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the text of every parameter that a request gives, takes over, or leaves to its default.

    Parameters:
        template: the template.
        given: the ``Parameters`` of the request.
        previous: what the parameters of the stack are so far.

    Raises:
        Refusal: a parameter that does not exist, has no value, or one that the template does not permit.
    """
    texts = {}
    for entry in given or ():
        name, value = str(entry.get("ParameterKey")), entry.get("ParameterValue")
        if entry.get("UsePreviousValue"):
            value = _previous(name, value, previous or {})
        if value is not None:
            texts[name] = str(value)
    unknown = [name for name in texts if name not in template.parameters]
    if unknown:
        none = f"Parameters: {listed(unknown)} do not exist in the template"
        raise Refusal(none if template.parameters else NOT_REQUIRED)
    missing = [name for name, one in template.parameters.items() if name not in texts and one.default is None]
    if missing:
        raise Refusal(f"Parameters: {listed(missing)} must have values")
    return {name: texts.get(name, one.default or "") for name, one in template.parameters.items()}


def _previous(name: str, value: Any, previous: Mapping[str, str]) -> str:
    begin = f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true"
    if value:
        raise Refusal(f"{begin} and non empty value for a parameter")
    if name not in previous:
        raise Refusal(f"{begin} for a parameter key not in the previous template")
    return previous[name]


def parameter_values(template: Template, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the values that texts stand for, as `stackproof.bind` has them.

    A value of an AWS-specific type passes in any form here, as with AWS: see `nonexistent`.

    Raises:
        Refusal: the template does not permit a value.
    """
    return {name: _value(parameter, texts[name]) for name, parameter in template.parameters.items()}


def _value(parameter: Parameter, text: str) -> Any:
    try:
        return value_of(parameter, text, parameter.mark, shaped=False)
    except InputError as error:
        raise Refusal(wording(error)) from None


def from_parameter_store(template: Template, texts: Mapping[str, str], client: Callable[[str], Any]) -> dict[str, Any]:
    """Return what Parameter Store holds for the parameters of a type ``AWS::SSM::Parameter::Value<…>``.

    Parameters:
        template: the template.
        texts: what its parameters were given: names in Parameter Store.
        client: gives a boto3 client of a service.

    Raises:
        Refusal: something is not there, is secret, or is a list where a text is declared or the other way round.
    """
    declared = {name: one.type for name, one in template.parameters.items() if one.type.startswith(_STORED)}
    if not declared:
        return {}
    stored = {texts[name]: _stored(texts[name], client) for name in declared}
    unknown = [key for key, parameter in stored.items() if parameter is None]
    if unknown:
        raise Refusal(f"Unable to fetch parameters {listed(unknown)} from parameter store for this account.")
    secret = [key for key, parameter in stored.items() if parameter["Type"] == "SecureString"]
    if secret:
        raise Refusal(f"Parameters {listed(secret)} referenced by template have types not supported by CloudFormation.")
    other = [texts[name] for name, kind in declared.items() if _many(kind) != (_type(stored, texts[name]) == _LIST)]
    if other:
        types = f"Types for SSM parameters {listed(other)} defined in CFN template and SSM are incompatible"
        raise Refusal(types)
    values = {name: str(stored[texts[name]]["Value"]) for name in declared}
    return {
        name: tuple(part.strip() for part in value.split(",")) if _many(declared[name]) else value
        for name, value in values.items()
    }


_STORED = "AWS::SSM::Parameter::Value<"
_LIST = "StringList"


def _many(kind: str) -> bool:
    return kind.startswith((f"{_STORED}List<", f"{_STORED}CommaDelimitedList"))


def _type(stored: Mapping[str, Any], key: str) -> str:
    return str(stored[key]["Type"])


def _stored(key: str, client: Callable[[str], Any]) -> Any:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return client("ssm").get_parameter(Name=key)["Parameter"]
    except (BotoCoreError, ClientError):
        return None


def nonexistent(template: Template, values: Mapping[str, Any], client: Callable[[str], Any]) -> str | None:
    """Return the reason for which a stack fails whose parameters name what the account does not have; None else.

    The request itself is accepted: the stack is rolled back before any of its resources is touched.

    Parameters:
        template: the template.
        values: of its parameters: texts and tuples of texts, what Parameter Store holds included.
        client: gives a boto3 client of a service.
    """
    missing = [
        f"parameter value {'****' if parameter.no_echo else text} for parameter name {parameter.name} does not exist"
        for parameter in template.parameters.values()
        for text in _texts(values.get(parameter.name))
        if not _exists(element_type(parameter), text, client)
    ]
    return f"Parameter validation failed: {', '.join(missing)}" if missing else None


def _texts(value: Any) -> Iterator[str]:
    for text in value if isinstance(value, tuple | list) else (value,):
        if isinstance(text, str):
            yield text


def _exists(kind: str, text: str, client: Callable[[str], Any]) -> bool:
    if kind == "AWS::SSM::Parameter::Name":
        return _stored(text, client) is not None
    lookup = _LOOKUPS.get(kind)
    if lookup is None:
        return True
    from botocore.exceptions import BotoCoreError, ClientError

    service, operation, member, path = lookup
    try:
        answer = getattr(client(service), operation)(**{member: [text] if service == "ec2" else text})
    except (BotoCoreError, ClientError):
        return False
    return service != "ec2" or bool(text and _any(answer, path))


def _any(answer: Mapping[str, Any], path: str) -> bool:
    outer, _, inner = path.partition(".")
    found = answer.get(outer) or []
    return any(item.get(inner) for item in found) if inner else bool(found)


_LOOKUPS: Mapping[str, tuple[str, str, str, str]] = {
    "AWS::EC2::AvailabilityZone::Name": ("ec2", "describe_availability_zones", "ZoneNames", "AvailabilityZones"),
    "AWS::EC2::Image::Id": ("ec2", "describe_images", "ImageIds", "Images"),
    "AWS::EC2::Instance::Id": ("ec2", "describe_instances", "InstanceIds", "Reservations.Instances"),
    "AWS::EC2::KeyPair::KeyName": ("ec2", "describe_key_pairs", "KeyNames", "KeyPairs"),
    "AWS::EC2::SecurityGroup::GroupName": ("ec2", "describe_security_groups", "GroupNames", "SecurityGroups"),
    "AWS::EC2::SecurityGroup::Id": ("ec2", "describe_security_groups", "GroupIds", "SecurityGroups"),
    "AWS::EC2::Subnet::Id": ("ec2", "describe_subnets", "SubnetIds", "Subnets"),
    "AWS::EC2::VPC::Id": ("ec2", "describe_vpcs", "VpcIds", "Vpcs"),
    "AWS::EC2::Volume::Id": ("ec2", "describe_volumes", "VolumeIds", "Volumes"),
    "AWS::Route53::HostedZone::Id": ("route53", "get_hosted_zone", "Id", ""),
}
"""By AWS-specific type: service, operation, the member that takes a value, and where the answer has what was found."""
