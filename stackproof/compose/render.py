"""A stack written back as a template: an environment's values put in, references kept as references.

For tools that cannot bind values themselves, and for eyes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping as MappingABC
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.load.nodes import plain
from stackproof.resolve.stack import Stack
from stackproof.resolve.values import Block, Items
from stackproof.symbols import (
    Deferred,
    Dynamic,
    Imported,
    Pseudo,
    Reference,
    SsmParameter,
    Symbol,
    Text,
    Unbound,
)


def render(deployment: Deployment, layer: str) -> dict[str, Any]:
    """Return a stack of a deployment as a CloudFormation template in its long JSON form.

    Resources and outputs that do not exist in the environment are left out; what is imported from another stack is
    ``Fn::ImportValue`` again, because its value is known only there.
    """
    stack = deployment.stack(layer)
    writer = _Writer(stack, _export_names(deployment))
    document: dict[str, Any] = {"AWSTemplateFormatVersion": "2010-09-09"}
    description = stack.template.root.get("Description")
    if description is not None:
        document["Description"] = plain(description)
    parameters = {
        name: plain(node)
        for name, node in _parameter_nodes(stack).items()
        if isinstance(stack.values.get(name), Symbol)
    }
    if parameters:
        document["Parameters"] = parameters
    document["Resources"] = {name: writer.resource(resource.attributes) for name, resource in stack.resources.items()}
    outputs = {name: writer.output(output.value, output.export) for name, output in stack.outputs.items()}
    if outputs:
        document["Outputs"] = outputs
    return document


def _parameter_nodes(stack: Stack) -> MappingABC[str, Any]:
    node: Any = stack.template.root.get("Parameters")
    return node.entries if node is not None else {}


def _export_names(deployment: Deployment) -> dict[tuple[str, Any], str]:
    """Return the export by which each value of another stack is imported."""
    return {
        (stack.name, output.value): str(output.export)
        for stack in deployment.stacks.values()
        for output in stack.outputs.values()
        if output.export is not None and isinstance(output.value, Symbol)
    }


class _Writer:
    def __init__(self, stack: Stack, exports: MappingABC[tuple[str, Any], str]) -> None:
        self._stack = stack
        self._exports = exports

    def resource(self, attributes: Block) -> dict[str, Any]:
        """Return a resource without its condition, which holds here."""
        return {key: self.write(value) for key, value in attributes.items() if key != "Condition"}

    def output(self, value: Any, export: Any) -> dict[str, Any]:
        """Return an output with its export."""
        written: dict[str, Any] = {"Value": self.write(value)}
        return written if export is None else written | {"Export": {"Name": self.write(export)}}

    def write(self, value: Any) -> Any:
        """Return a resolved value in CloudFormation's JSON."""
        if isinstance(value, Block):
            return {key: self.write(child) for key, child in value.items()}
        if isinstance(value, Items | tuple | list):
            return [self.write(child) for child in value]
        return self._symbol(value) if isinstance(value, Symbol) else value

    def _symbol(self, symbol: Symbol) -> Any:
        match symbol:
            case Reference():
                return self._reference(symbol)
            case Imported(name):
                return {"Fn::ImportValue": self.write(name)}
            case Unbound(name) | SsmParameter(name) | Pseudo(name):
                return {"Ref": name}
            case Text(parts):
                return {"Fn::Join": ["", [self.write(part) for part in parts]]}
            case Dynamic():
                return self._dynamic(symbol)
            case Deferred("Fn::If", (_, positive, _)):
                # The condition is not known here; one of its branches stands for both.
                return self.write(positive)
            case Deferred("Fn::GetStackOutput" | "Fn::Transform", (written,)):
                return {symbol.function: json.loads(written)}
            case Deferred(function, arguments) if len(arguments) == 1:
                return {function: self.write(arguments[0])}
            case Deferred(function, arguments):
                return {function: [self.write(argument) for argument in arguments if argument is not None]}
        raise TypeError(f"cannot write {symbol!r}")

    def _reference(self, reference: Reference) -> Any:
        if reference.stack != self._stack.name:
            return {"Fn::ImportValue": self._exports.get((reference.stack, reference), str(reference))}
        if reference.attribute:
            return {"Fn::GetAtt": [reference.logical_id, reference.attribute]}
        return {"Ref": reference.logical_id}

    def _dynamic(self, symbol: Dynamic) -> Any:
        if isinstance(symbol.body, str):
            return str(symbol)
        inside = symbol.body.parts if isinstance(symbol.body, Text) else (symbol.body,)
        return self.write(Text((f"{{{{resolve:{symbol.service}:", *inside, "}}")))
