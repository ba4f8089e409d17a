"""Conditions: Fn::And, Fn::Equals, Fn::If, Fn::Not, Fn::Or."""

from __future__ import annotations

from stackproof.load.nodes import Node, Scalar, Sequence
from stackproof.resolve.functions.arguments import arguments, scalar
from stackproof.resolve.scope import Scope, text_argument
from stackproof.resolve.values import Value
from stackproof.symbols import Deferred, Symbol

_MANY = tuple(range(2, 11))


def if_(node: Node, scope: Scope, path: str) -> Value:
    """``Fn::If``: one of two values; deferred where the condition is not known before deployment."""
    demand = "Fn::If requires a list argument with three elements, the first being a condition name"
    named = isinstance(node, Sequence) and node.items and isinstance(node.items[0], Scalar)
    lists = "Fn::If requires a list argument with"
    wording = f"{lists} three elements" if named else f"{lists} the first element being a condition"
    name, positive, negative = arguments(node, (3,), demand, wording)
    truth = scope.condition(text_argument(name, "Fn::If", wording), name.mark)
    if isinstance(truth, Symbol):
        return Deferred("Fn::If", (truth, scope.resolve(positive, path), scope.resolve(negative, path)))
    return scope.resolve(positive if truth else negative, path)


def equals(node: Node, scope: Scope, path: str) -> Value:
    """``Fn::Equals``: compares text; two symbols are equal where they are the same reference."""
    demand = "every Fn::Equals object requires a list of 2 string parameters."
    left, right = (scalar(argument, scope, demand) for argument in arguments(node, (2,), demand))
    if left == right:
        return True
    if isinstance(left, Symbol) or isinstance(right, Symbol):
        return Deferred("Fn::Equals", (left, right))
    return False


def and_(node: Node, scope: Scope, path: str) -> Value:
    """``Fn::And``: false as soon as one condition is known to be false."""
    return _combine("Fn::And", node, scope, decisive=False)


def or_(node: Node, scope: Scope, path: str) -> Value:
    """``Fn::Or``: true as soon as one condition is known to be true."""
    return _combine("Fn::Or", node, scope, decisive=True)


def not_(node: Node, scope: Scope, path: str) -> Value:
    """``Fn::Not``: the opposite of one condition."""
    (inner,) = arguments(node, (1,), "every Fn::Not object requires one boolean parameter.")
    truth = scope.truth(inner)
    return Deferred("Fn::Not", (truth,)) if isinstance(truth, Symbol) else not truth


def _combine(name: str, node: Node, scope: Scope, *, decisive: bool) -> Value:
    demand = f"every {name} object requires a list of at least 2 and at most 10 boolean parameters."
    unknown: list[Symbol] = []
    for argument in arguments(node, _MANY, demand):
        truth = scope.truth(argument)
        if isinstance(truth, Symbol):
            unknown.append(truth)
        elif truth is decisive:
            return decisive
    return Deferred(name, tuple(unknown)) if unknown else not decisive
