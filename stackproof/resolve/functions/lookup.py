"""Looking things up: Ref, Fn::FindInMap, Fn::GetAtt, Fn::GetAZs, Fn::ImportValue, Fn::Transform."""

from __future__ import annotations

from stackproof.load.nodes import Mapping, Node, Scalar, Sequence
from stackproof.marks import Mark
from stackproof.resolve.functions.arguments import arguments, needs_language_extensions, scalar
from stackproof.resolve.scope import Scope, error, text_argument
from stackproof.resolve.values import Value
from stackproof.symbols import Deferred, Reference, Symbol


def ref(node: Node, scope: Scope, path: str) -> Value:
    """``Ref``: a parameter's value, a pseudo parameter, or a reference to a resource."""
    if not isinstance(node, Scalar):
        raise error("every Ref object must have a single String value.", node.mark)
    return value_of_name(node.text, scope, node.mark)


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
        logical_id, _, rest = node.text.partition(".")
        attribute: str | Symbol = rest
    else:
        first, second = arguments(node, (2,), demand)
        logical_id = text_argument(first, "Fn::GetAtt")
        attribute = scalar(second, scope, demand)
    if not logical_id or not attribute:
        raise error(demand, node.mark)
    if isinstance(attribute, Symbol):
        return Deferred("Fn::GetAtt", (logical_id, attribute))
    return attribute_of(logical_id, attribute, scope, node.mark)


def attribute_of(logical_id: str, attribute: str, scope: Scope, mark: Mark) -> Symbol:
    """Return a reference to an attribute of a resource.

    Raises:
        InputError: the template has no such resource.
    """
    if logical_id not in scope.template.resources and not scope.template.macros:
        raise error(f"instance of Fn::GetAtt references undefined resource {logical_id}", mark)
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
    needs_language_extensions("DefaultValue of Fn::FindInMap", option, scope)
    if not isinstance(option, Mapping) or list(option.entries) != ["DefaultValue"]:
        raise error(f"{demand}, and an optional DefaultValue", option.mark)
    return option.entries["DefaultValue"]


def get_azs(node: Node, scope: Scope, path: str) -> Value:
    """``Fn::GetAZs``: stays deferred, because which zones an account sees is known only there."""
    region = scalar(node, scope, "every Fn::GetAZs object must have a String-typed value.")
    return Deferred("Fn::GetAZs", (region or scope.context.pseudo("AWS::Region"),))


def import_value(node: Node, scope: Scope, path: str) -> Value:
    """``Fn::ImportValue``: the value that the exporting stack declares."""
    name = scalar(node, scope, "every Fn::ImportValue object must have a String-typed value.")
    return scope.exports(name, node.mark)


def transform(node: Node, scope: Scope, path: str) -> Value:
    """``Fn::Transform``: a macro; what it returns is known only in the account that runs it."""
    name = node.get("Name") if isinstance(node, Mapping) else None
    if name is None:
        raise error("Fn::Transform requires an object with a Name", node.mark)
    return Deferred("Fn::Transform", (scalar(name, scope, "Name of Fn::Transform must be a string"),))
