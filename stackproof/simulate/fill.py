"""Symbols become values: what was a reference before deployment is known while a stack is made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from stackproof.load.nodes import Mapping, Node, Scalar, Sequence
from stackproof.marks import Mark
from stackproof.resolve.functions import FUNCTIONS
from stackproof.resolve.scope import Scope
from stackproof.resolve.values import NO_VALUE, Block, Items, as_text, plain_value
from stackproof.symbols import Condition, Deferred, Dynamic, Imported, Pseudo, Reference, SsmParameter, Symbol, Text

_ONE_ARGUMENT = ("Fn::Base64", "Fn::GetAZs", "Fn::Length", "Fn::ToJsonString")
_CONDITIONS = ("Fn::And", "Fn::Or", "Fn::Not")


class Account(Protocol):
    """What a stack in the making can ask the account."""

    def attribute(self, logical_id: str, attribute: str) -> Any:
        """Return ``Ref`` (empty attribute) or ``Fn::GetAtt`` of a resource that exists already."""

    def export(self, name: str) -> str:
        """Return another stack's export."""

    def pseudo(self, name: str) -> Any:
        """Return a pseudo parameter."""

    def ssm_parameter(self, name: str) -> str:
        """Return the value of a Parameter Store key."""

    def secret(self, reference: str) -> str:
        """Return the value of a dynamic reference to Secrets Manager."""

    def zones(self, region: str) -> list[str]:
        """Return the names of a region's availability zones."""


class Filler:
    """Fills the symbols of one stack.

    Parameters:
        scope: the stack's scope; functions whose arguments were not known are called again with it.
        account: where the values are found.
    """

    def __init__(self, scope: Scope, account: Account) -> None:
        self._scope = scope
        self._account = account

    def value(self, value: Any) -> Any:
        """Return a resolved value as plain data, every symbol replaced.

        Raises:
            InputError: a function cannot take the value that it gets now.
        """
        if isinstance(value, Block):
            return dict(self._entries(value))
        if isinstance(value, Items | tuple | list):
            filled = [self.value(item) for item in value]
            return [item for item in filled if item is not NO_VALUE]
        return self._symbol(value) if isinstance(value, Symbol) else value

    def _entries(self, block: Block) -> Iterator[tuple[str, Any]]:
        for key, child in block.items():
            filled = self.value(child)
            if filled is not NO_VALUE:
                yield key, filled

    def _symbol(self, symbol: Symbol) -> Any:
        match symbol:
            case Reference(logical_id=logical_id, attribute=attribute):
                return self._account.attribute(logical_id, attribute)
            case Text(parts=parts):
                return "".join(as_text(self.value(part)) for part in parts)
            case Imported(name=name):
                return self._account.export(as_text(self.value(name)))
            case Condition(expression=expression):
                return self.value(expression)
            case Pseudo(name=name):
                return self._account.pseudo(name)
            case SsmParameter(name=name, type=kind):
                text = self._account.ssm_parameter(name)
                return text.split(",") if "List<" in kind else text
            case Dynamic(service=service, body=body):
                reference = as_text(self.value(body))
                if service == "secretsmanager":
                    return self._account.secret(reference)
                return self._account.ssm_parameter(reference)
            case Deferred(function=function, arguments=arguments):
                return self._call(function, [self.value(argument) for argument in arguments])
        raise TypeError(f"{symbol!r} cannot be filled")

    def _call(self, function: str, arguments: list[Any]) -> Any:
        if function == "Fn::If":
            return arguments[1] if arguments[0] else arguments[2]
        if function in _CONDITIONS:
            return {"Fn::And": all(arguments), "Fn::Or": any(arguments), "Fn::Not": not arguments[0]}[function]
        if function == "Fn::GetAZs":
            return self._account.zones(arguments[0])
        if function == "Fn::GetAtt":
            return self._account.attribute(*arguments)
        given = arguments[0] if function in _ONE_ARGUMENT else [item for item in arguments if item is not None]
        return plain_value(FUNCTIONS[function](_node(given), self._scope, ""))


_NOWHERE = Mark("")


def _node(value: Any) -> Node:
    """Return plain data as a node, so that a function can read it."""
    if isinstance(value, dict):
        return Mapping({key: _node(child) for key, child in value.items()}, {}, _NOWHERE)
    if isinstance(value, list):
        return Sequence(tuple(_node(item) for item in value), _NOWHERE)
    return Scalar(value, as_text(value), _NOWHERE)
