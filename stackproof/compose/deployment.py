"""A deployment: all stacks of one system in one environment, in the order in which they are deployed."""

from __future__ import annotations

import graphlib
from collections.abc import Callable, Hashable, Iterator
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from stackproof.bind.manifest import Environment
from stackproof.errors import InputError, suggestion
from stackproof.marks import Mark
from stackproof.resolve.scope import Handed
from stackproof.resolve.stack import Output, Resource, Stack
from stackproof.resolve.values import Value
from stackproof.symbols import Imported, Reference, Symbol

_T = TypeVar("_T")

UNKNOWN_ENVIRONMENT = Environment(name="", branch="", protected=True, region="")
"""What a template that belongs to no system is judged for: nothing says that it is not production."""


MAX_HANDS = 50
"""Stacks through which one value may pass; keeps clear of Python's own limit."""


@dataclass(frozen=True, slots=True)
class Import:
    """One use of another stack: of an export by its name, or of an output that the manifest hands over."""

    exporter: str
    name: str
    mark: Mark


class Deployment:
    """The stacks of one system in one environment.

    Attributes:
        system: the system's name; empty for a template that belongs to no system.
        environment: the environment; see `UNKNOWN_ENVIRONMENT` for a template that belongs to no system.
        stacks: by layer name, in the order in which they are deployed.
        imports: by layer name, what it takes from which other layer.
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
        self._made: dict[Hashable, Any] = {}
        self._by_types: dict[tuple[str, ...], list[Resource]] = {}

    def stack(self, layer: str) -> Stack:
        """Return the stack of a layer.

        Raises:
            InputError: there is no such layer.
        """
        if layer not in self.stacks:
            raise InputError(f"{self.system} has no layer '{layer}'{suggestion(layer, self.stacks)}")
        return self.stacks[layer]

    __getitem__ = stack

    def needs(self) -> dict[str, set[str]]:
        """Return for each layer, in deploy order, the layers that must stand before it."""
        return {layer: {found.exporter for found in self.imports.get(layer, ())} for layer in self.stacks}

    @property
    def resources(self) -> Iterator[Resource]:
        """Every resource of every stack, in deploy order."""
        for stack in self.stacks.values():
            yield from stack.resources.values()

    def of_type(self, *types: str) -> list[Resource]:
        """Return the resources of the given types in all stacks."""
        if len(types) == 1:
            return list(self._by_type.get(types[0], ()))
        if types not in self._by_types:
            self._by_types[types] = [resource for resource in self.resources if resource.type in types]
        return list(self._by_types[types])

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
        return self.stacks[value.stack].find(value.logical_id)

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

    def once(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """Return what was made for a key before; make it where nothing was.

        Parameters:
            key: what is asked, and about what.
            make: works it out from what this deployment holds, and from nothing else.
        """
        if key not in self._made:
            self._made[key] = make()
        found: _T = self._made[key]
        return found

    def __repr__(self) -> str:
        return f"<Deployment {self.system} {self.environment.name}: {', '.join(self.stacks)}>"


class Neighbours:
    """What one stack may ask of the others."""

    def __init__(self, joiner: _Joiner, layer: str) -> None:
        self._joiner = joiner
        self._layer = layer

    def export(self, name: str | Symbol, mark: Mark) -> Value:
        """Return the value of an export; see `stackproof.resolve.scope.Exports`."""
        return self._joiner.export(self._layer, name, mark)

    def output(self, layer: str, output: str, mark: Mark) -> Callable[[], Value]:
        """Return how the value of another layer's output is found, once all stacks are made."""
        return self._joiner.output(self._layer, layer, output, mark)


StackFactory = Callable[[Neighbours], Stack]
"""Makes one stack, given what it may ask of the others."""


def compose(
    system: str, environment: Environment, layers: MappingABC[str, StackFactory], *, closed: bool = True
) -> Deployment:
    """Join the stacks of one system: every import, and every output handed over, becomes the other stack's value.

    Parameters:
        system: the system's name.
        environment: the environment.
        layers: how each layer's stack is made.
        closed: whether an import that no layer exports is an error; else it stays symbolic.

    Raises:
        InputError: two stacks export one name, an import has no exporter, an output does not exist, stacks take from
            each other in a circle, or a stack is wrong in itself.
    """
    joiner = _Joiner(closed)
    stacks = joiner.make(layers)
    for stack in stacks.values():
        try:
            stack.check()
            _check_handed(stack)
        except RecursionError:
            raise InputError("nested too deeply, over several stacks, to be resolved", stack.mark) from None
    order = _deploy_order(joiner.uses)
    return Deployment(system, environment, {name: stacks[name] for name in order}, joiner.uses)


def _check_handed(stack: Stack) -> None:
    """Find every value that is handed over, also one that the template never reads."""
    for value in stack.values.values():
        if isinstance(value, Handed):
            value.find()


class _NotMadeError(Exception):
    """Asked too early: a stack that is not made yet has the answer."""


class _Joiner:
    """Finds exports and outputs while stacks resolve, and remembers who takes what from whom."""

    def __init__(self, closed: bool) -> None:
        self._closed = closed
        self._stacks: dict[str, Stack] = {}
        self._exports: dict[tuple[str | None, str | Symbol], tuple[str, Output]] = {}
        self._uses: dict[str, dict[tuple[str, str], Import]] = {}
        self._open: list[str] = []
        self._some_wait = False

    @property
    def uses(self) -> dict[str, tuple[Import, ...]]:
        """By layer, what it takes from others."""
        return {name: tuple(found.values()) for name, found in self._uses.items()}

    def make(self, layers: MappingABC[str, StackFactory]) -> dict[str, Stack]:
        """Make every stack; one whose conditions read an output, after the stacks that decide it."""
        self._uses = {name: {} for name in layers}
        waiting = dict(layers)
        self._some_wait = True
        while waiting:
            made = [name for name, factory in waiting.items() if self._made(name, factory)]
            # Where nothing moves, the next round says what is wrong instead of waiting for it.
            self._some_wait = bool(made)
            for name in made:
                del waiting[name]
        self._some_wait = False
        return {name: self._stacks[name] for name in layers}

    def _made(self, name: str, factory: StackFactory) -> bool:
        try:
            stack = factory(Neighbours(self, name))
        except _NotMadeError:
            return False
        self._stacks[name] = stack
        for output in stack.outputs.values():
            if output.export is not None:
                self._add(name, stack.context.region, output)
        return True

    def _add(self, layer: str, region: str | None, output: Output) -> None:
        key = (region, output.export)
        if key in self._exports:
            other, first = self._exports[key]
            raise InputError(
                f"Export with name {output.export} is already exported by stack {other} ({first.mark})", output.mark
            )
        self._exports[key] = (layer, output)

    def export(self, layer: str, name: str | Symbol, mark: Mark) -> Value:
        """Return the value of an export that a layer imports."""
        region = self._stacks[layer].context.region
        found = self._exports.get((region, name))
        if found is None:
            return self._unknown(region, name, mark)
        exporter, output = found
        if exporter == layer:
            raise InputError(f"the stack imports its own export {name}", mark)
        self._uses[layer].setdefault((exporter, str(name)), Import(exporter, str(name), mark))
        return self._value(str(name), output, mark)

    def _unknown(self, region: str | None, name: str | Symbol, mark: Mark) -> Value:
        if self._some_wait:
            raise _NotMadeError
        if not self._closed or not isinstance(name, str):
            return Imported(name)
        for (elsewhere, known), (layer, output) in self._exports.items():
            if known == name:
                raise InputError(
                    f"No export named {name} found in {region}: {layer} exports it in {elsewhere}, and exports end at "
                    f"the region; hand it over in the manifest with {{output: {layer}.{output.name}}}",
                    mark,
                )
        near = suggestion(name, (str(export) for place, export in self._exports if place == region))
        raise InputError(f"No export named {name} found{near}", mark)

    def output(self, layer: str, source: str, output: str, mark: Mark) -> Callable[[], Value]:
        """Return how the value of an output is found that a layer is handed."""
        if source == layer:
            raise InputError(f"the layer takes its own output {output}", mark)
        if source not in self._uses:
            raise InputError(f"no layer '{source}' in this environment{suggestion(source, self._uses)}", mark)
        name = f"{source}.{output}"
        self._uses[layer].setdefault((source, name), Import(source, name, mark))

        def find() -> Value:
            return self._output(source, output, mark)

        return find

    def _output(self, source: str, output: str, mark: Mark) -> Value:
        stack = self._stacks.get(source)
        if stack is None:
            if self._some_wait:
                raise _NotMadeError
            raise InputError(f"conditions hang on outputs in a circle that begins with {source}.{output}", mark)
        if output not in stack.outputs:
            near = suggestion(output, stack.outputs)
            raise InputError(f"the layer '{source}' has no output '{output}' in this environment{near}", mark)
        return self._value(f"{source}.{output}", stack.outputs[output], mark)

    def _value(self, name: str, output: Output, mark: Mark) -> Value:
        """Return an output's value, unless finding it leads in a circle."""
        if name in self._open:
            circle = " -> ".join([*self._open, name])
            raise InputError(f"import cycle: {circle}", mark)
        if len(self._open) == MAX_HANDS:
            raise InputError(f"more than {MAX_HANDS} stacks hand one value on, from import to export", mark)
        self._open.append(name)
        try:
            return output.value
        finally:
            self._open.pop()


def _deploy_order(uses: MappingABC[str, tuple[Import, ...]]) -> list[str]:
    graph = {name: {found.exporter for found in taken} for name, taken in uses.items()}
    try:
        return list(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as cycle:
        circle = list(reversed(cycle.args[1]))
        mark = next(use.mark for use in uses[circle[0]] if use.exporter == circle[1])
        raise InputError(f"import cycle between stacks: {' -> '.join(circle)}", mark) from None
