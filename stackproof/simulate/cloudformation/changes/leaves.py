"""The values that a template gives to one resource, leaf by leaf, with what each of them is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from stackproof.errors import InputError
from stackproof.load.nodes import REF, Mapping, Node, Scalar, Sequence, function_of
from stackproof.resolve.functions.arguments import arguments
from stackproof.resolve.functions.text import placeholders
from stackproof.resolve.scope import text_argument
from stackproof.resolve.stack import Stack
from stackproof.resolve.values import NO_VALUE, as_text, plain_value, symbols_in
from stackproof.simulate.fill import Account, Filler
from stackproof.symbols import Condition, Dynamic, Reference, Symbol, Text, parts_of

KNOWN_AFTER_APPLY = "{{changeSet:KNOWN_AFTER_APPLY}}"
MASK = "****"
ATTRIBUTES = ("Metadata", "CreationPolicy", "UpdatePolicy", "UpdateReplacePolicy", "DeletionPolicy")
"""What stands beside the properties and counts as a change, in the order in which AWS writes it."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of a template.

    Two leaves of the same value are equal, whatever they are made of.

    Attributes:
        value: text, or a symbol in which nothing but references to resources is unknown.
        parameters: the parameters that it is made of.
    """

    value: Any
    parameters: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def references(self) -> tuple[Reference, ...]:
        """The resources that it refers to, each once."""
        return tuple(dict.fromkeys(s for s in symbols_in(self.value) if isinstance(s, Reference)))


Tree = dict[str, Any] | list[Any] | Leaf
Resource = dict[str, Any]
"""``Properties`` and those of the `ATTRIBUTES` that are written, each a `Tree`."""
Known = Callable[[Reference], Any]
"""Gives what a reference leads to; raises `NotYetKnownError` where that is known only after the change."""


class NotYetKnownError(Exception):
    """A reference leads to what does not exist yet."""


class Reader:
    """Reads the values of one stack's template.

    Parameters:
        stack: the stack, resolved.
        account: answers what only the account knows; without it, that stays as it is written.
    """

    def __init__(self, stack: Stack, account: Account | None = None) -> None:
        self.stack = stack
        self._scope = stack.scope
        self._account = account
        self._trees: dict[str, Resource] = {}
        self._secrets = frozenset(p.name for p in stack.template.parameters.values() if p.no_echo)

    def exists(self, logical_id: str) -> bool:
        """Return whether the template has a resource, its condition decided."""
        resource = self.stack.find(logical_id)
        return resource is not None and (resource.condition is None or self._truth(resource.condition))

    def names(self) -> list[str]:
        """Return the logical ids of the resources that exist, in the template's order."""
        return [logical_id for logical_id in self.stack.resources if self.exists(logical_id)]

    def resource(self, logical_id: str) -> Resource:
        """Return the leaves of a resource.

        Nothing but ``Properties`` where the template does not have it.
        """
        if logical_id not in self._trees:
            definition = self.stack.template.resources.get(logical_id)
            written = {} if definition is None else definition.attributes.entries
            found = {name: self.tree(written[name]) for name in ATTRIBUTES if name in written}
            properties = self.tree(written["Properties"]) if "Properties" in written else {}
            self._trees[logical_id] = {"Properties": properties} | {
                name: tree for name, tree in found.items() if tree is not NO_VALUE
            }
        return self._trees[logical_id]

    def tree(self, node: Node) -> Any:
        """Return a node's leaves, ``NO_VALUE`` where it is left out."""
        call = function_of(node)
        if call is None:
            if isinstance(node, Scalar):
                return _wrapped(self.simple(self._scope.resolve(node)), frozenset())
            if isinstance(node, Sequence):
                return [found for item in node.items if (found := self.tree(item)) is not NO_VALUE]
            below = {name: self.tree(child) for name, child in node.items() if name != "Fn::Transform"}
            return {name: found for name, found in below.items() if found is not NO_VALUE}
        if call[0] == "Fn::If":
            return self.tree(self._branch(call[1]))
        return _wrapped(self.simple(self._scope.resolve(node)), frozenset(self._parameters(node)))

    def simple(self, value: Any) -> Any:
        """Return a resolved value as plain data, nothing but references to resources unknown where that can be."""
        value = plain_value(value)
        if isinstance(value, dict):
            return {name: self.simple(child) for name, child in value.items()}
        if isinstance(value, list | tuple):
            return [found for item in value if (found := self.simple(item)) is not NO_VALUE]
        return self._symbol(value) if isinstance(value, Symbol) else value

    def _symbol(self, symbol: Symbol) -> Any:
        if isinstance(symbol, Reference):
            return symbol
        if isinstance(symbol, Dynamic):
            # AWS compares and shows dynamic references as they are written: what they lead to is no change.
            return _text([f"{{{{resolve:{symbol.service}:", *map(self.simple, parts_of(symbol.body)), "}}"])
        if isinstance(symbol, Text):
            return _text([self.simple(part) for part in symbol.parts])
        if isinstance(symbol, Condition):
            return self.simple(symbol.expression)
        if self._account is None or any(isinstance(inner, Reference) for inner in symbols_in(symbol)):
            return symbol
        try:
            return Filler(self._scope, self._account).value(symbol)
        except (InputError, LookupError):
            return symbol

    def filled(self, tree: Tree, known: Known) -> Any:
        """Return leaves as plain data, every scalar as text.

        A leaf that refers to what is not known before the change is carried out is ``KNOWN_AFTER_APPLY`` as a whole.
        """
        if isinstance(tree, dict):
            return {name: self.filled(child, known) for name, child in tree.items()}
        if isinstance(tree, list):
            return [self.filled(child, known) for child in tree]
        if not isinstance(tree.value, Symbol):
            return as_texts(tree.value)
        try:
            return as_texts(Filler(self._scope, _Answering(known, self._account)).value(tree.value))
        except (NotYetKnownError, InputError, LookupError, TypeError):
            return KNOWN_AFTER_APPLY

    def masked(self, value: Any, tree: Tree | None) -> Any:
        """Return plain data with what parameters with ``NoEcho`` brought into it masked.

        Parameters:
            tree: what the data was made of.
        """
        if not self._secrets or tree is None:
            return value
        if isinstance(tree, Leaf):
            names = tree.parameters & self._secrets
            return self._mask(value, names) if names else value
        if isinstance(value, dict) and isinstance(tree, dict):
            return {name: self.masked(child, tree.get(name)) for name, child in value.items()}
        if isinstance(value, list) and isinstance(tree, list):
            return [self.masked(child, tree[i] if i < len(tree) else None) for i, child in enumerate(value)]
        return value

    def _mask(self, value: Any, names: frozenset[str]) -> Any:
        if isinstance(value, dict):
            return {name: self._mask(child, names) for name, child in value.items()}
        if isinstance(value, list):
            return [self._mask(child, names) for child in value]
        if value == KNOWN_AFTER_APPLY:
            return value
        masked = value
        for name in names:
            given = self.stack.values[name]
            for secret in given if isinstance(given, tuple) else (given,):
                masked = masked.replace(secret, MASK) if isinstance(secret, str) and secret else masked
        return MASK if masked == value else masked

    def _truth(self, condition: Symbol) -> bool:
        found = self.simple(condition)
        return found is True or found == "true"

    def _branch(self, argument: Node) -> Node:
        name, yes, no = arguments(argument, (3,), "Fn::If requires a list argument with three parameters")
        truth = self._scope.condition(text_argument(name, "Fn::If"), name.mark)
        return yes if (self._truth(truth) if isinstance(truth, Symbol) else truth) else no

    def _parameters(self, node: Node) -> Iterator[str]:
        """Iterate over the parameters that a function is called with; those of conditions decide, and are none."""
        call = function_of(node)
        if call is not None and call[0] == "Fn::If":
            yield from self._parameters(self._branch(call[1]))
        elif call is not None and call[0] == REF and isinstance(call[1], Scalar):
            yield from self._declared(call[1].text)
        elif call is not None and call[0] == "Fn::Sub":
            yield from self._substituted(call[1])
        elif isinstance(node, Mapping | Sequence):
            for child in node.items if isinstance(node, Sequence) else node.entries.values():
                yield from self._parameters(child)

    def _substituted(self, argument: Node) -> Iterator[str]:
        text, variables = argument, None
        if isinstance(argument, Sequence):
            text, variables = argument.items
            yield from self._parameters(variables)
        own = variables.entries if isinstance(variables, Mapping) else {}
        if isinstance(text, Scalar):
            for _, name in placeholders(text.text):
                if name is not None and name not in own:
                    yield from self._declared(name)

    def _declared(self, name: str) -> Iterator[str]:
        if name in self.stack.template.parameters:
            yield name


def leaves(tree: Tree | None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Leaf]]:
    """Iterate over the leaves of a tree, each with its path."""
    if isinstance(tree, Leaf):
        yield path, tree
    elif tree is not None:
        for name, child in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from leaves(child, (*path, str(name)))


def below(tree: Any, path: tuple[str, ...]) -> Any:
    """Return what stands at a path of a tree or of plain data: the nearest leaf above it, None where nothing is."""
    for name in path:
        if isinstance(tree, Leaf):
            break
        if isinstance(tree, dict):
            tree = tree.get(name)
        elif isinstance(tree, list) and name.isdigit() and int(name) < len(tree):
            tree = tree[int(name)]
        else:
            return None
    return tree


def as_texts(value: Any) -> Any:
    """Return plain data with every scalar as text, as CloudFormation keeps it."""
    if isinstance(value, dict):
        return {str(name): as_texts(child) for name, child in value.items()}
    if isinstance(value, list | tuple):
        return [as_texts(child) for child in value]
    return "" if value is None else as_text(value)


def _wrapped(value: Any, parameters: frozenset[str]) -> Any:
    if value is NO_VALUE:
        return value
    if isinstance(value, dict):
        return {name: _wrapped(child, parameters) for name, child in value.items()}
    if isinstance(value, list):
        return [_wrapped(child, parameters) for child in value]
    return Leaf(value if isinstance(value, Symbol) else as_texts(value), parameters)


def _text(parts: list[Any]) -> str | Text:
    """Return parts as one text; unlike `join`, a dynamic reference in it stays text."""
    merged: list[Any] = []
    for whole in parts:
        for part in parts_of(whole if isinstance(whole, Symbol) else as_text(whole)):
            if isinstance(part, str) and merged and isinstance(merged[-1], str):
                merged[-1] += part
            else:
                merged.append(part)
    if all(isinstance(part, str) for part in merged):
        return "".join(merged)
    return Text(tuple(part for part in merged if part != ""))


class _Answering:
    """An account in which references lead where a change set takes them to lead."""

    def __init__(self, known: Known, account: Account | None) -> None:
        self._known = known
        self._account = account

    def attribute(self, logical_id: str, attribute: str) -> Any:
        return self._known(Reference("", logical_id, attribute))

    def export(self, name: str) -> str:
        return self._rest.export(name)

    def pseudo(self, name: str) -> Any:
        return self._rest.pseudo(name)

    def ssm_parameter(self, name: str) -> str:
        return self._rest.ssm_parameter(name)

    def secret(self, reference: str) -> str:
        return f"{{{{resolve:secretsmanager:{reference}}}}}"

    def zones(self, region: str) -> list[str]:
        return self._rest.zones(region)

    @property
    def _rest(self) -> Account:
        if self._account is None:
            raise NotYetKnownError
        return self._account
