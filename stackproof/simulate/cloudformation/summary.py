"""What ValidateTemplate and GetTemplateSummary answer about a template.

Sources: the CloudFormation API reference, and recorded answers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from stackproof.errors import listed
from stackproof.load.nodes import Scalar, plain
from stackproof.load.template import Parameter, Template
from stackproof.simulate.cloudformation.refusals import IAM, capabilities_of
from stackproof.simulate.cloudformation.schemas import schema

_REGION = "us-east-1"
_STACK = "AWS::CloudFormation::Stack"
_OF_NESTED = ("CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")
"""What a template may need whose stack makes stacks of templates that nobody has read."""


def validation(template: Template) -> dict[str, Any]:
    """Return what ValidateTemplate answers."""
    return {
        "Parameters": [
            _without_nothing(
                {
                    "ParameterKey": parameter.name,
                    "DefaultValue": parameter.default,
                    "NoEcho": parameter.no_echo,
                    "Description": parameter.description or None,
                }
            )
            for parameter in template.parameters.values()
        ],
        **_about(template),
    }


def summary(template: Template, region: str = _REGION, *, tolerant: bool = False) -> dict[str, Any]:
    """Return what GetTemplateSummary answers.

    Parameters:
        template: the template.
        region: where it is asked.
        tolerant: whether types that the region does not have become a warning
            (``TreatUnrecognizedResourceTypesAsWarnings``).
    """
    version = template.root.get("AWSTemplateFormatVersion")
    metadata = template.root.get("Metadata")
    types = list(dict.fromkeys(resource.type for resource in template.resources.values()))
    unknown = [kind for kind in types if schema(kind, region) is None]
    answer = {
        "Parameters": [_parameter(parameter) for parameter in template.parameters.values()],
        **_about(template),
        "ResourceTypes": types,
        "Version": version.text if isinstance(version, Scalar) else None,
        "Metadata": None if metadata is None else json.dumps(plain(metadata), separators=(",", ":")),
        "ResourceIdentifierSummaries": list(_identifiers(template, region)),
        "Warnings": {"UnrecognizedResourceTypes": unknown} if tolerant and unknown else None,
    }
    return _without_nothing(answer)


def _about(template: Template) -> dict[str, Any]:
    description = template.root.get("Description")
    # Macros are told by their transforms; the capabilities are those of the resources.
    capabilities = tuple(name for name in capabilities_of(template) if name != "CAPABILITY_AUTO_EXPAND")
    users = [resource.type for resource in template.resources.values() if resource.type in IAM]
    if any(resource.type == _STACK for resource in template.resources.values()):
        capabilities = _OF_NESTED
        users.append(_STACK)
    return _without_nothing(
        {
            "Description": description.text if isinstance(description, Scalar) else None,
            "Capabilities": list(capabilities) or None,
            "CapabilitiesReason": f"The following resource(s) require capabilities: {listed(users)}" if users else None,
            "DeclaredTransforms": list(template.transforms) or None,
        }
    )


def _parameter(parameter: Parameter) -> dict[str, Any]:
    allowed = list(parameter.allowed_values)
    return _without_nothing(
        {
            "ParameterKey": parameter.name,
            "DefaultValue": parameter.default,
            "ParameterType": parameter.type,
            "NoEcho": parameter.no_echo,
            "Description": parameter.description or None,
            "ParameterConstraints": {"AllowedValues": allowed} if allowed else {},
        }
    )


def _identifiers(template: Template, region: str) -> Iterable[Mapping[str, Any]]:
    """Iterate over the types whose resources can be imported, with the names by which a resource is known."""
    by_type: dict[str, list[str]] = {}
    for resource in template.resources.values():
        by_type.setdefault(resource.type, []).append(resource.logical_id)
    for kind, logical_ids in by_type.items():
        found = schema(kind, region)
        if found is not None and found.registered and found.primary_identifier:
            identifiers = [path.replace(".", "/") for path in found.primary_identifier]
            yield {"ResourceType": kind, "LogicalResourceIds": logical_ids, "ResourceIdentifiers": identifiers}


def _without_nothing(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if value is not None}
