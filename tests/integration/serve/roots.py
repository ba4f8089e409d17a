"""A system's environment as one template: a nested stack per layer, as taskcat wants it.

taskcat runs its tests beside each other and in no order, so that one test must be one stack.
"""

from __future__ import annotations

import re
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.deploy.request import create_request

_OUTPUT = re.compile(r"\0(.*)\0(.*)\0", re.DOTALL)


def root_template(deployment: Deployment) -> dict[str, Any]:
    """Return a template whose nested stacks are the layers, each after those that come before it.

    Its parameters say in which bucket, and below which prefix, taskcat has put the layers' files.
    """
    resources: dict[str, Any] = {}
    for layer in deployment.stacks:
        request = create_request(deployment, layer, lambda of, name: f"\0{of}\0{name}\0")
        file = deployment.stack(layer).template.file
        resources[_logical_id(layer)] = {
            "Type": "AWS::CloudFormation::Stack",
            # Layers find each other's exports by name: nothing but this says that they need them.
            "DependsOn": list(resources)[-1:],
            "Properties": {
                "TemplateURL": {
                    "Fn::Sub": f"https://${{Bucket}}.s3.${{AWS::Region}}.${{AWS::URLSuffix}}/${{KeyPrefix}}{file}"
                },
                "Parameters": {one["ParameterKey"]: _value(one["ParameterValue"]) for one in request["Parameters"]},
                "Tags": request["Tags"],
            },
        }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"{deployment.system} in {deployment.environment.name}, all layers",
        "Parameters": {"Bucket": {"Type": "String"}, "KeyPrefix": {"Type": "String"}},
        "Resources": resources,
    }


def _logical_id(layer: str) -> str:
    return "".join(part.capitalize() for part in re.split("[-_]", layer))


def _value(text: str) -> Any:
    output = _OUTPUT.fullmatch(text)
    return {"Fn::GetAtt": [_logical_id(output[1]), f"Outputs.{output[2]}"]} if output else text
