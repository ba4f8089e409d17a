"""What is sent to CloudFormation for one stack: body, parameters, capabilities, tags."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.errors import InputError
from stackproof.load.nodes import Mapping, Node, Scalar, Sequence
from stackproof.load.template import Template
from stackproof.quotas import REQUEST_BYTES
from stackproof.resolve.scope import Handed
from stackproof.resolve.stack import Stack
from stackproof.symbols import SsmParameter, Symbol


def create_request(
    deployment: Deployment, layer: str, output: Callable[[str, str], str], role: str = ""
) -> dict[str, Any]:
    """Return the arguments of ``create_stack`` for one layer.

    Parameters:
        deployment: what is deployed.
        layer: the layer of the stack.
        output: gives an output, by its name, of a layer that is deployed already.
        role: ARN of the role with whose permissions CloudFormation works; empty for the caller's own.

    Raises:
        InputError: the template is too large to be sent, or a parameter has no value.
    """
    stack = deployment.stack(layer)
    return {
        "StackName": stack_name(stack),
        "TemplateBody": template_body(stack.template),
        "Parameters": [
            {"ParameterKey": name, "ParameterValue": _parameter_text(name, value, stack, output)}
            for name, value in stack.values.items()
        ],
        "Capabilities": capabilities(stack.template),
        "Tags": [
            {"Key": "System", "Value": deployment.system},
            {"Key": "Environment", "Value": deployment.environment.name},
            {"Key": "Layer", "Value": layer},
        ],
        **({"RoleARN": role} if role else {}),
    }


def stack_name(stack: Stack) -> str:
    """Return the name under which a stack is deployed."""
    return stack.context.stack_name or stack.name


def template_body(template: Template) -> str:
    """Return a template as the compact JSON text that is sent.

    It is written anew from the parsed document, functions in their long form, and not copied from the file: what is
    deployed is then exactly what was judged (the file may have changed since), it means the same to every reader
    (YAML 1.1 and 1.2 disagree about ``on`` and ``010``; moto misreads the short ``!GetAtt A.B.C``), and without
    comments and indentation more templates fit into `REQUEST_BYTES`.

    Raises:
        InputError: the text is still too large.
    """
    body = json.dumps(_json_value(template.root), ensure_ascii=False, separators=(",", ":"))
    size = len(body.encode())
    if size > REQUEST_BYTES:
        raise InputError(
            f"the template is {size:,} bytes as JSON; CloudFormation accepts {REQUEST_BYTES:,} in a request: split it",
            template.mark,
        )
    return body


def _json_value(node: Node) -> Any:
    if isinstance(node, Mapping):
        return {name: _json_value(child) for name, child in node.items()}
    if isinstance(node, Sequence):
        return [_json_value(item) for item in node.items]
    return _json_scalar(node)


def _json_scalar(node: Scalar) -> Any:
    """Return a scalar as JSON; a number that JSON would write differently (``17.10``) is sent as it is written."""
    if isinstance(node.value, float) and str(node.value) != node.text:
        return node.text
    return node.value


def capabilities(template: Template) -> list[str]:
    """Return the capabilities that a template needs: IAM resources and macros must be acknowledged."""
    needed = []
    if any(resource.type.startswith("AWS::IAM::") for resource in template.resources.values()):
        needed.append("CAPABILITY_NAMED_IAM")
    if template.transforms:
        needed.append("CAPABILITY_AUTO_EXPAND")
    return needed


def _parameter_text(name: str, value: Any, stack: Stack, output: Callable[[str, str], str]) -> str:
    if isinstance(value, Handed):
        return output(value.stack, value.output)
    if isinstance(value, SsmParameter):
        return value.name
    if isinstance(value, Symbol):
        raise InputError(f"parameter '{name}' has no value to deploy with", stack.template.parameters[name].mark)
    return ",".join(value) if isinstance(value, tuple) else str(value)
