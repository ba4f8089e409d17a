"""A stack: a template resolved for one scenario, with concrete properties and symbolic references."""

from __future__ import annotations

import graphlib
from collections.abc import Mapping as MappingABC
from typing import Any

from stackproof.errors import InputError, listed
from stackproof.load.nodes import Mapping, Node
from stackproof.load.template import EXPORT_NAME, OutputDefinition, ResourceDefinition, Template
from stackproof.marks import Mark
from stackproof.resolve.context import Context
from stackproof.resolve.functions.arguments import scalar
from stackproof.resolve.loops import expand_loops
from stackproof.resolve.names import check_names
from stackproof.resolve.rules import check_rules
from stackproof.resolve.scope import Exports, Scope, unknown_export
from stackproof.resolve.values import NO_VALUE, Block, Items, Value, needs_deployment, symbols_in
from stackproof.symbols import Reference, Symbol


class Resource:
    """One resource of a stack, its conditions decided.

    Reading is by property: ``database["StorageEncrypted"]``, ``database.boolean("MultiAZ")``; see `Block`.

    Attributes:
        stack: the name of the stack (the layer's name inside a system).
        logical_id: its name in the template.
        type: such as ``AWS::RDS::DBInstance``.
        properties: its properties.
        attributes: what stands beside the properties: ``UpdatePolicy``, ``DeletionPolicy``, ``Metadata`` …
        depends_on: logical ids named by ``DependsOn``.
        condition: None where it surely exists; a symbol where that is known only after deployment.
        mark: where its logical id stands.
    """

    __slots__ = (
        "_references",
        "attributes",
        "condition",
        "depends_on",
        "logical_id",
        "mark",
        "properties",
        "stack",
        "type",
    )

    def __init__(self, definition: ResourceDefinition, scope: Scope, condition: Symbol | None = None) -> None:
        self._references: tuple[Reference, ...] | None = None
        self.stack = scope.context.stack
        self.logical_id = definition.logical_id
        self.type = definition.type
        self.depends_on = definition.depends_on
        self.condition = condition
        self.mark = definition.mark
        self.attributes = scope.block(definition.attributes)
        properties = definition.attributes.get("Properties")
        if not isinstance(properties, Mapping):
            properties = Mapping({}, {}, definition.mark)
        self.properties = scope.block(properties)

    @property
    def reference(self) -> Reference:
        """What ``Ref`` of this resource resolves to."""
        return Reference(self.stack, self.logical_id)

    def mark_of(self, path: str = "") -> Mark:
        """Return where a dotted property path stands; the nearest part of it that is written, else the resource."""
        mark = self.mark
        first = path.partition(".")[0]
        value: Any = self.properties if first in self.properties else self.attributes
        for key in path.split(".") if path else ():
            if isinstance(value, Block) and key in value:
                mark, value = value.mark(key), value[key]
            elif isinstance(value, tuple | list) or hasattr(value, "path"):
                found = _element(value, f"{key}")
                if found is None:
                    break
                value = found
                mark = value.mark() if hasattr(value, "mark") else mark
            else:
                break
        return mark

    def __getitem__(self, key: str) -> Value:
        return self.properties[key]

    def __contains__(self, key: object) -> bool:
        return key in self.properties

    def get(self, key: str, default: Any = None) -> Any:
        """Return a property, or the default where it is absent."""
        return self.properties.get(key, default)

    def text(self, key: str, default: str = "") -> str:
        """Return a property as text; see `Block.text`."""
        return self.properties.text(key, default)

    def boolean(self, key: str, *, default: bool = False) -> bool:
        """Return a property as boolean; see `Block.boolean`."""
        return self.properties.boolean(key, default=default)

    def integer(self, key: str, default: int = 0) -> int:
        """Return a property as whole number; see `Block.integer`."""
        return self.properties.integer(key, default)

    def block(self, key: str) -> Block:
        """Return a property that is an object; see `Block.block`."""
        return self.properties.block(key)

    def items_of(self, key: str) -> tuple[Any, ...]:
        """Return a property that is a list; see `Block.items_of`."""
        return self.properties.items_of(key)

    def references(self) -> tuple[Reference, ...]:
        """Return the resources that this one refers to, in its properties and beside them."""
        if self._references is None:
            self._references = references_in(self.attributes)
        return self._references

    def __repr__(self) -> str:
        return f"<{self.type} {self.stack}/{self.logical_id}>"


def _element(value: Any, key: str) -> Any:
    """Return the element of a list whose path ends with a key; indexes count what is written in the template."""
    if isinstance(value, Items):
        # The others stay unread: what they hang on is none of this element's business.
        found = value.written_element(int(key)) if key.isdigit() and int(key) < value.written else NO_VALUE
        return None if found is NO_VALUE else found
    for index, element in enumerate(value):
        path = getattr(element, "path", None)
        if (path.rpartition(".")[2] if path is not None else str(index)) == key:
            return element
    return None


class Output:
    """One output of a stack.

    Attributes:
        export: the name under which other stacks import it, or None.
    """

    __slots__ = ("_definition", "_scope", "_value", "description", "export", "mark", "name")

    def __init__(self, definition: OutputDefinition, scope: Scope) -> None:
        self.name = definition.name
        self.description = definition.description
        self.mark = definition.mark
        self._definition = definition
        self._scope = scope
        self._value: Value = None
        self.export: Any = None if definition.export is None else _export_name(definition, definition.export, scope)

    @property
    def value(self) -> Value:
        """The value, resolved when it is first asked for: it may be another stack's."""
        if self._value is None:
            self._value = self._scope.resolve(self._definition.value)
        return self._value


def _export_name(output: OutputDefinition, node: Node, scope: Scope) -> str | Symbol:
    # Other stacks' exports are not known yet, and may not be asked for here.
    named = Scope(scope.template, scope.values, scope.context)
    malformed = f"Template format error: Output {output.name} is malformed."
    name = scalar(node, named, "every Export Name must be a string")
    if isinstance(name, Symbol) and needs_deployment(name):
        message = "The Name field of Export must not depend on any resources, imported values, or Fn::GetAZs"
        raise InputError(f"Template format error: {message}", node.mark, f"{malformed}  {message}.")
    if not name:
        message = "Template format error: The Name field of every Export member must be specified"
        raise InputError(message, node.mark, f"{malformed} {EXPORT_NAME}")
    return name


class Stack:
    """A template with one value per parameter.

    Parameters:
        template: the template.
        values: a value for every declared parameter; see `stackproof.bind`.
        context: where it is deployed.
        exports: how other stacks' exports are found.

    Attributes:
        name: the layer's name inside a system, the file's name else.
        resources: the resources that exist in this scenario, by logical id, in the template's order.
        outputs: the outputs that exist in this scenario.

    Raises:
        InputError: a rule of the template does not hold, or the template is wrong in this scenario.
    """

    def __init__(
        self,
        template: Template,
        values: MappingABC[str, Any],
        context: Context,
        exports: Exports = unknown_export,
    ) -> None:
        scope = Scope(template, values, context, exports)
        if template.language_extensions:
            template = expand_loops(template, scope)
            scope = Scope(template, values, context, exports)
        check_names(template)
        check_rules(scope)
        self.name = context.stack
        self.template = template
        self.context = context
        self.values = values
        self.scope = scope
        self.resources = {
            definition.logical_id: Resource(definition, scope, truth if isinstance(truth, Symbol) else None)
            for definition in template.resources.values()
            if (truth := _exists(definition, scope)) is not False
        }
        self.outputs = {
            definition.name: Output(definition, scope)
            for definition in template.outputs.values()
            if _exists(definition, scope) is not False
        }

    @property
    def mark(self) -> Mark:
        """The beginning of the template's file."""
        return self.template.mark

    def __getitem__(self, logical_id: str) -> Resource:
        return self.resources[logical_id]

    def __contains__(self, logical_id: object) -> bool:
        return logical_id in self.resources

    def find(self, logical_id: str) -> Resource | None:
        """Return a resource, or None where it does not exist in this scenario."""
        return self.resources.get(logical_id)

    def of_type(self, *types: str) -> list[Resource]:
        """Return the resources of the given types, in the template's order."""
        return [resource for resource in self.resources.values() if resource.type in types]

    def condition(self, name: str) -> bool | Symbol:
        """Return whether a named condition holds in this scenario."""
        return self.scope.condition(name, self.template.section_mark("Conditions"))

    def check(self) -> None:
        """Resolve everything once, so that whatever is wrong in this scenario is found.

        Raises:
            InputError: a function is used wrongly, a reference leads to a resource that does not exist in this
                scenario, or resources depend on each other in a circle.
        """
        for name in self.template.conditions:
            self.condition(name)
        for output in self.outputs.values():
            self._check_references(references_in(output.value), "Outputs", output.mark)
        graph = {}
        for resource in self.resources.values():
            own = self._check_references(resource.references(), "Resources", resource.mark)
            own |= {name for name in resource.depends_on if name in self.resources}
            graph[resource.logical_id] = own
        _check_cycle(graph, self.resources)

    def _check_references(self, references: tuple[Reference, ...], block: str, mark: Mark) -> set[str]:
        own = {reference.logical_id for reference in references if reference.stack == self.name}
        missing = sorted(own - self.resources.keys())
        if missing and not self.template.macros:
            conditions = {name: self.template.resources[name].condition for name in missing}
            why = ", ".join(f"{name} exists only if {condition}" for name, condition in conditions.items())
            raise InputError(
                f"Template format error: Unresolved resource dependencies [{', '.join(missing)}] in the {block} block "
                f"of the template ({why})",
                mark,
                self._unresolved(block),
            )
        return own

    def _unresolved(self, block: str) -> str:
        """Return CloudFormation's message, which names everything that is missing in a block.

        Recorded: it begins otherwise about resources than about outputs.
        """
        users = self.resources.values() if block == "Resources" else ()
        references = [reference for user in users for reference in user.references()]
        for output in self.outputs.values() if block == "Outputs" else ():
            references += references_in(output.value)
        missing = [one.logical_id for one in references if one.stack == self.name and one.logical_id not in self]
        wording = f"Unresolved resource dependencies {listed(missing)} in the {block} block of the template"
        return f"Template format error: {wording}" if block == "Resources" else wording


def references_in(value: Value) -> tuple[Reference, ...]:
    """Return the references to resources that stand anywhere inside of a value."""
    return tuple(symbol for symbol in symbols_in(value) if isinstance(symbol, Reference))


def _exists(definition: ResourceDefinition | OutputDefinition, scope: Scope) -> bool | Symbol:
    return True if definition.condition is None else scope.condition(definition.condition, definition.mark)


def _check_cycle(graph: MappingABC[str, set[str]], resources: MappingABC[str, Resource]) -> None:
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as cycle:
        names = cycle.args[1][:-1]
        first = min(names, key=lambda name: resources[name].mark.line)
        raise InputError(
            f"Circular dependency between resources: [{', '.join(sorted(names))}]",
            resources[first].mark,
            f"Circular dependency between resources: {listed(_never_ready(graph))}",
        ) from None


def _never_ready(graph: MappingABC[str, set[str]]) -> list[str]:
    """Return the resources that a circle keeps from ever being created: those of the circle, and what needs them."""
    waiting = dict(graph)
    while ready := [name for name, needed in waiting.items() if waiting.keys().isdisjoint(needed)]:
        for name in ready:
            del waiting[name]
    return list(waiting)
