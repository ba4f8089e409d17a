"""A deployment: all stacks of one system in one environment, in the order in which they are deployed."""

from __future__ import annotations

import graphlib
from collections.abc import Callable, Iterator
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from stackproof.bind.manifest import Environment
from stackproof.errors import InputError, suggestion
from stackproof.marks import Mark
from stackproof.resolve.scope import Exports
from stackproof.resolve.stack import Output, Resource, Stack
from stackproof.resolve.values import Value
from stackproof.symbols import Imported, Reference, Symbol

UNKNOWN_ENVIRONMENT = Environment(name="", branch="", protected=True, region="")
"""What a template that belongs to no system is judged for: nothing says that it is not production."""


MAX_HANDS = 50
"""Stacks through which one value may pass; keeps clear of Python's own limit."""


@dataclass(frozen=True, slots=True)
class Import:
    """One use of another stack's export."""

    exporter: str
    name: str
    mark: Mark


class Deployment:
    """The stacks of one system in one environment.

    Attributes:
        system: the system's name; empty for a template that belongs to no system.
        environment: the environment; see `UNKNOWN_ENVIRONMENT` for a template that belongs to no system.
        stacks: by layer name, in the order in which they are deployed.
        imports: by layer name, what it imports from which other layer.
    """

    def __init__(
        self,
        system: str,
        environment: Environment,
        stacks: MappingABC[str, Stack],
        imports: MappingABC[str, tuple[Import, ...]],
    ) -> None:
        self.system = system
        self.environment = environment
        self.stacks = dict(stacks)
        self.imports = dict(imports)

    def stack(self, layer: str) -> Stack:
        """Return the stack of a layer.

        Raises:
            InputError: there is no such layer.
        """
        if layer not in self.stacks:
            raise InputError(f"{self.system} has no layer '{layer}'{suggestion(layer, self.stacks)}")
        return self.stacks[layer]

    __getitem__ = stack

    @property
    def resources(self) -> Iterator[Resource]:
        """Every resource of every stack, in deploy order."""
        for stack in self.stacks.values():
            yield from stack.resources.values()

    def of_type(self, *types: str) -> list[Resource]:
        """Return the resources of the given types in all stacks."""
        if len(types) == 1:
            return list(self._by_type.get(types[0], ()))
        return [resource for resource in self.resources if resource.type in types]

    @cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        by_type: dict[str, list[Resource]] = {}
        for resource in self.resources:
            by_type.setdefault(resource.type, []).append(resource)
        return by_type

    def follow(self, value: Any) -> Resource | None:
        """Return the resource that a value refers to, in whichever stack it lives; None where it is no reference."""
        if not isinstance(value, Reference) or value.stack not in self.stacks:
            return None
        return self.stacks[value.stack].resources.get(value.logical_id)

    def users_of(self, resource: Resource) -> list[Resource]:
        """Return the resources of all stacks that refer to a resource."""
        return list(self._users.get((resource.stack, resource.logical_id), ()))

    @cached_property
    def _users(self) -> dict[tuple[str, str], list[Resource]]:
        users: dict[tuple[str, str], list[Resource]] = {}
        for user in self.resources:
            for used in dict.fromkeys((found.stack, found.logical_id) for found in user.references()):
                users.setdefault(used, []).append(user)
        return users

    def __repr__(self) -> str:
        return f"<Deployment {self.system} {self.environment.name}: {', '.join(self.stacks)}>"


StackFactory = Callable[[Exports], Stack]
"""Makes one stack, given how exports of other stacks are found."""


def compose(
    system: str, environment: Environment, layers: MappingABC[str, StackFactory], *, closed: bool = True
) -> Deployment:
    """Join the stacks of one system: every import becomes the exporting stack's value.

    Parameters:
        system: the system's name.
        environment: the environment.
        layers: how each layer's stack is made.
        closed: whether an import that no layer exports is an error; else it stays symbolic.

    Raises:
        InputError: two stacks export one name, an import has no exporter, stacks import from each other in a circle,
            or a stack is wrong in itself.
    """
    joiner = _Joiner(closed)
    stacks = {name: make(joiner.exports_for(name)) for name, make in layers.items()}
    joiner.join(stacks)
    for stack in stacks.values():
        try:
            stack.check()
        except RecursionError:
            raise InputError("nested too deeply, over several stacks, to be resolved", stack.mark) from None
    order = _deploy_order(joiner.imports)
    return Deployment(system, environment, {name: stacks[name] for name in order}, joiner.imports)


class _Joiner:
    """Finds exports while stacks resolve, and remembers who imports what."""

    def __init__(self, closed: bool) -> None:
        self._closed = closed
        self._exports: dict[str | Symbol, tuple[str, Output]] = {}
        self._open: list[str | Symbol] = []
        self._imports: dict[str, dict[tuple[str, str], Import]] = {}

    @property
    def imports(self) -> dict[str, tuple[Import, ...]]:
        """By layer, its imports."""
        return {name: tuple(found.values()) for name, found in self._imports.items()}

    def join(self, stacks: MappingABC[str, Stack]) -> None:
        """Collect the exports of all stacks."""
        for name, stack in stacks.items():
            for output in stack.outputs.values():
                if output.export is not None:
                    self._add(name, output)

    def _add(self, layer: str, output: Output) -> None:
        if output.export in self._exports:
            other, first = self._exports[output.export]
            raise InputError(
                f"Export with name {output.export} is already exported by stack {other} ({first.mark})", output.mark
            )
        self._exports[output.export] = (layer, output)

    def exports_for(self, layer: str) -> Exports:
        """Return how one layer finds the exports of the others."""
        self._imports[layer] = {}

        def find(name: str | Symbol, mark: Mark) -> Value:
            return self._find(layer, name, mark)

        return find

    def _find(self, layer: str, name: str | Symbol, mark: Mark) -> Value:
        found = self._exports.get(name)
        if found is None:
            if self._closed and isinstance(name, str):
                near = suggestion(name, (str(export) for export in self._exports))
                raise InputError(f"No export named {name} found{near}", mark)
            return Imported(name)
        exporter, output = found
        if exporter == layer:
            raise InputError(f"the stack imports its own export {name}", mark)
        self._imports[layer].setdefault((exporter, str(name)), Import(exporter, str(name), mark))
        if name in self._open:
            circle = " -> ".join(str(step) for step in [*self._open, name])
            raise InputError(f"import cycle: {circle}", mark)
        if len(self._open) == MAX_HANDS:
            raise InputError(f"more than {MAX_HANDS} stacks hand one value on, from import to export", mark)
        self._open.append(name)
        try:
            return output.value
        finally:
            self._open.pop()


def _deploy_order(imports: MappingABC[str, tuple[Import, ...]]) -> list[str]:
    graph = {name: {found.exporter for found in uses} for name, uses in imports.items()}
    try:
        return list(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as cycle:
        circle = list(reversed(cycle.args[1]))
        mark = next(use.mark for use in imports[circle[0]] if use.exporter == circle[1])
        raise InputError(f"import cycle between stacks: {' -> '.join(circle)}", mark) from None
