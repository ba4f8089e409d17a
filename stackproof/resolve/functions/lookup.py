"""Looking things up: Ref, Fn::FindInMap, Fn::GetAtt, Fn::GetAZs, Fn::GetStackOutput, Fn::ImportValue, Fn::Transform."""

from __future__ import annotations

from stackproof.load.nodes import Mapping, Node, Scalar, Sequence, plain_text
from stackproof.marks import Mark
from stackproof.resolve.functions.arguments import arguments, needs_language_extensions, scalar
from stackproof.resolve.scope import Scope, error
from stackproof.resolve.values import Value, needs_deployment
from stackproof.symbols import Deferred, Reference, Symbol


def ref(node: Node, scope: Scope, path: str) -> Value:
    """``Ref``: a parameter's value, a pseudo parameter, or a reference to a resource."""
    name = _name(node, scope, "every Ref object must have a single String value.")
    return Deferred("Ref", (name,)) if isinstance(name, Symbol) else value_of_name(name, scope, node.mark)


def _name(node: Node, scope: Scope, demand: str) -> str | Symbol:
    """Return a name; with the language extensions it may be made by functions."""
    if isinstance(node, Scalar):
        return node.text
    if not scope.template.language_extensions:
        raise error(demand, node.mark)
    return scalar(node, scope, demand)


def value_of_name(name: str, scope: Scope, mark: Mark) -> Value:
    """Return what ``Ref`` of a name gives.

    Raises:
        InputError: nothing has that name.
    """
    if name in scope.template.parameters:
        return scope.parameter(name)
    if name.startswith("AWS::"):
        return scope.pseudo(name, mark)
    if name in scope.template.resources or scope.template.macros:
        return Reference(scope.context.stack, name)
    raise error(f"Unresolved dependencies [{name}]", mark)


def get_att(node: Node, scope: Scope, path: str) -> Value:
    """``Fn::GetAtt``: a reference to an attribute of a resource, in both forms."""
    demand = "every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute"
    if isinstance(node, Scalar):
        before, _, after = node.text.partition(".")
        logical_id: str | Symbol = before
        attribute: str | Symbol = after
    else:
        first, second = arguments(node, (2,), demand)
        logical_id = _name(first, scope, demand)
        attribute = scalar(second, scope, demand)
    if not logical_id or not attribute:
        raise error(demand, node.mark)
    if isinstance(logical_id, Symbol) or isinstance(attribute, Symbol):
        return Deferred("Fn::GetAtt", (logical_id, attribute))
    return attribute_of(logical_id, attribute, scope, node.mark)


def attribute_of(logical_id: str, attribute: str, scope: Scope, mark: Mark) -> Value:
    """Return a reference to an attribute of a resource; of a nested stack that is known, the value of its output.

    Raises:
        InputError: the template has no such resource.
    """
    if logical_id not in scope.template.resources and not scope.template.macros:
        raise error(f"instance of Fn::GetAtt references undefined resource {logical_id}", mark)
    if logical_id in scope.nested and attribute.startswith("Outputs."):
        return scope.nested[logical_id](attribute.removeprefix("Outputs."))
    return Reference(scope.context.stack, logical_id, attribute)


def find_in_map(node: Node, scope: Scope, path: str) -> Value:
    """``Fn::FindInMap``: a value of the Mappings section, or its ``DefaultValue``."""
    demand = (
        "every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value"
    )
    name_node, first_node, second_node, *options = arguments(node, (3, 4), demand)
    default = _default_value(options, scope, demand)
    name, first, second = (scalar(part, scope, demand) for part in (name_node, first_node, second_node))
    if isinstance(name, Symbol) or isinstance(first, Symbol) or isinstance(second, Symbol):
        return Deferred("Fn::FindInMap", (name, first, second))
    table = scope.template.mappings.get(name)
    row = table.get(first) if table else None
    found = row.get(second) if isinstance(row, Mapping) else None
    if found is not None:
        value = scope.resolve(found, path)
        return tuple(value) if isinstance(found, Sequence) else value  # type: ignore[arg-type]
    if default is not None:
        return scope.resolve(default, path)
    if table is None:
        raise error(f"Mapping named '{name}' is not present in the 'Mappings' section of template.", node.mark)
    raise error(f"Unable to get mapping for {name}::{first}::{second}", node.mark)


def _default_value(options: list[Node], scope: Scope, demand: str) -> Node | None:
    if not options:
        return None
    (option,) = options
    needs_language_extensions("DefaultValue of Fn::FindInMap", option, scope, demand)
    if not isinstance(option, Mapping) or list(option.entries) != ["DefaultValue"]:
        raise error(f"{demand}, and an optional DefaultValue", option.mark, demand)
    return option.entries["DefaultValue"]


def get_azs(node: Node, scope: Scope, path: str) -> Value:
    """``Fn::GetAZs``: stays deferred, because which zones an account sees is known only there."""
    here = isinstance(node, Scalar) and node.value is None
    region = "" if here else scalar(node, scope, "every Fn::GetAZs object must have a String-typed value.")
    return Deferred("Fn::GetAZs", (region or scope.context.pseudo("AWS::Region"),))


def import_value(node: Node, scope: Scope, path: str) -> Value:
    """``Fn::ImportValue``: the value that the exporting stack declares."""
    name = scalar(node, scope, "every Fn::ImportValue object must have a String-typed value.")
    if isinstance(name, Symbol) and needs_deployment(name):
        raise error(
            "the attribute in Fn::ImportValue must not depend on any resources, imported values, or Fn::GetAZs",
            node.mark,
        )
    return scope.exports(name, node.mark)


def get_stack_output(node: Node, scope: Scope, path: str) -> Value:
    """``Fn::GetStackOutput``: an output of a stack that may lie in another account: known only there."""
    if not isinstance(node, Mapping) or not {"StackName", "OutputName"} <= node.entries.keys():
        raise error("Fn::GetStackOutput requires an object with a StackName and an OutputName", node.mark)
    return Deferred("Fn::GetStackOutput", (plain_text(node),))


def transform(node: Node, scope: Scope, path: str) -> Value:
    """``Fn::Transform``: a macro; what it returns is known only in the account that runs it."""
    for call in node.items if isinstance(node, Sequence) else (node,):
        if not isinstance(call, Scalar) and not (isinstance(call, Mapping) and "Name" in call.entries):
            raise error("Fn::Transform requires an object with a Name", call.mark)
    return Deferred("Fn::Transform", (plain_text(node),))
