"""How the functions read their arguments."""

from __future__ import annotations

from stackproof.load.nodes import Node, Sequence
from stackproof.load.template import LANGUAGE_EXTENSIONS
from stackproof.resolve.scope import Scope, error
from stackproof.resolve.values import NO_VALUE, Block, Value, as_text, is_list
from stackproof.symbols import Symbol


def arguments(node: Node, counts: tuple[int, ...], demand: str) -> tuple[Node, ...]:
    """Return the nodes of an argument list.

    Parameters:
        node: what the function was given.
        counts: permitted numbers of arguments.
        demand: CloudFormation's sentence about what the function requires.

    Raises:
        InputError: not a list, or a wrong number of arguments.
    """
    if not isinstance(node, Sequence) or len(node.items) not in counts:
        raise error(demand, node.mark)
    return node.items


def scalar(node: Node, scope: Scope, demand: str) -> str | Symbol:
    """Return an argument as text or symbol.

    Raises:
        InputError: it is a list, an object or AWS::NoValue.
    """
    value = scope.resolve(node)
    if isinstance(value, Symbol):
        return value
    if value is None or value is NO_VALUE or isinstance(value, Block) or is_list(value):
        raise error(demand, node.mark)
    return as_text(value)


def sequence(node: Node, scope: Scope, demand: str) -> tuple[Value, ...] | Symbol:
    """Return an argument as a list, or a symbol that stands for one.

    Raises:
        InputError: it is neither.
    """
    value = scope.resolve(node)
    if isinstance(value, Symbol):
        return value
    if not is_list(value):
        raise error(demand, node.mark)
    return tuple(value)  # type: ignore[arg-type]


def whole_number(node: Node, scope: Scope, demand: str) -> int | Symbol:
    """Return an argument as a whole number.

    Raises:
        InputError: it is no whole number.
    """
    value = scalar(node, scope, demand)
    if isinstance(value, Symbol):
        return value
    try:
        return int(value)
    except ValueError:
        raise error(demand, node.mark) from None


def needs_language_extensions(function: str, node: Node, scope: Scope) -> None:
    """Refuse a function that exists only with the transform ``AWS::LanguageExtensions``.

    Raises:
        InputError: the template does not declare the transform.
    """
    if not scope.template.language_extensions:
        raise error(f"{function} needs 'Transform: {LANGUAGE_EXTENSIONS}'", node.mark)
