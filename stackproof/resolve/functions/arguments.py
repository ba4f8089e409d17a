"""How the functions read their arguments."""

from __future__ import annotations

import re

from stackproof.load.nodes import Node, Sequence
from stackproof.load.template import LANGUAGE_EXTENSIONS
from stackproof.marks import Mark
from stackproof.resolve.scope import MAX_TEXT, Scope, error, unsupported
from stackproof.resolve.values import NO_VALUE, Block, Value, as_text, is_list
from stackproof.symbols import Deferred, Symbol, weight

_WHOLE = re.compile(r"[-+]?[0-9]{1,18}\Z")


def arguments(node: Node, counts: tuple[int, ...], demand: str, wording: str | None = None) -> tuple[Node, ...]:
    """Return the nodes of an argument list.

    Parameters:
        node: what the function was given.
        counts: permitted numbers of arguments.
        demand: CloudFormation's sentence about what the function requires.
        wording: the sentence in full, where ours is shorter.

    Raises:
        InputError: not a list, or a wrong number of arguments.
    """
    if not isinstance(node, Sequence) or len(node.items) not in counts:
        raise error(demand, node.mark, wording)
    return node.items


def scalar(node: Node, scope: Scope, demand: str, wording: str | None = None) -> str | Symbol:
    """Return an argument as text or symbol; `demand` and `wording` are those of `arguments`.

    Raises:
        InputError: it is a list, an object or AWS::NoValue.
    """
    value = scope.resolve(node)
    if isinstance(value, Symbol):
        branches = value.arguments[1:] if isinstance(value, Deferred) and value.function == "Fn::If" else ()
        if any(isinstance(branch, Block) or is_list(branch) for branch in branches):
            raise error(demand, node.mark, wording)
        return value
    if not _is_scalar(value):
        raise error(demand, node.mark, wording)
    return as_text(value)


def _is_scalar(value: Value) -> bool:
    return not (value is None or value is NO_VALUE or isinstance(value, Block) or is_list(value))


class Writer:
    """Gathers the parts of a text, which may not grow without bound."""

    def __init__(self, function: str, mark: Mark) -> None:
        self.parts: list[str | Symbol] = []
        self._function = function
        self._mark = mark
        self._weight = 0

    def add(self, part: str | Symbol) -> None:
        """Add a part.

        Raises:
            InputError: the text becomes larger than a whole template may be.
        """
        self._weight += weight(part)
        if self._weight > MAX_TEXT:
            raise error(f"{self._function} makes a text of more than {MAX_TEXT:,} characters", self._mark)
        self.parts.append(part)


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
    if not _WHOLE.match(value):
        raise error(demand, node.mark)
    return int(value)


def needs_language_extensions(function: str, node: Node, scope: Scope, wording: str | None = None) -> None:
    """Refuse a function that exists only with the transform ``AWS::LanguageExtensions``.

    Parameters:
        function: what needs the transform.
        node: where it stands.
        scope: the template that is resolved.
        wording: what CloudFormation says of it without the transform; None where it knows no such function.

    Raises:
        InputError: the template does not declare the transform.
    """
    if not scope.template.language_extensions:
        message = f"{function} needs 'Transform: {LANGUAGE_EXTENSIONS}'"
        raise error(message, node.mark, wording) if wording else unsupported(function, "", node.mark, message=message)
