"""Values that nobody knows before deployment: they stay references, never guesses.

Symbols are plain frozen data with equality, so two uses of the same reference are known to be equal although
its value is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

_RESOLVE = "{{resolve:"
_SERVICES = ("ssm", "ssm-secure", "secretsmanager")


class Symbol:
    """A value that is known only after deployment."""

    __slots__ = ()

    @property
    def weight(self) -> int:
        """How much it takes to write the symbol down; a bound on it keeps nested symbols from exploding."""
        return 1

    def __str__(self) -> str:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Reference(Symbol):
    """``Ref`` or ``Fn::GetAtt`` of a resource.

    Attributes:
        stack: name of the stack that holds the resource (the layer's name inside a system).
        logical_id: the resource.
        attribute: attribute name, such as ``Endpoint.Address``; empty for ``Ref``.
    """

    stack: str
    logical_id: str
    attribute: str = ""

    def __str__(self) -> str:
        return f"${{{self.logical_id}.{self.attribute}}}" if self.attribute else f"${{{self.logical_id}}}"


@dataclass(frozen=True, slots=True)
class Imported(Symbol):
    """``Fn::ImportValue`` of an export that no known stack declares."""

    name: str | Symbol

    @property
    def weight(self) -> int:
        """One more than the name's."""
        return 1 + weight(self.name)

    def __str__(self) -> str:
        return f"${{Fn::ImportValue {self.name}}}"


@dataclass(frozen=True, slots=True)
class Unbound(Symbol):
    """A parameter that was given no value and has no default."""

    parameter: str
    type: str = "String"

    def __str__(self) -> str:
        return f"${{{self.parameter}}}"


@dataclass(frozen=True, slots=True)
class SsmParameter(Symbol):
    """A parameter of a type ``AWS::SSM::Parameter::…``: the value lies in Parameter Store.

    Attributes:
        parameter: name of the template's parameter.
        name: the Parameter Store key that it was bound to.
        type: the declared type, such as ``AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>``.
    """

    parameter: str
    name: str
    type: str

    def __str__(self) -> str:
        return f"${{{self.parameter}}}"


@dataclass(frozen=True, slots=True)
class Pseudo(Symbol):
    """A pseudo parameter that depends on the account or the stack, such as ``AWS::AccountId``."""

    name: str

    def __str__(self) -> str:
        return f"${{{self.name}}}"


@dataclass(frozen=True, slots=True)
class Deferred(Symbol):
    """A function whose arguments are not all known, such as ``Fn::Select`` from ``Fn::GetAZs``.

    Attributes:
        function: such as ``Fn::Select``.
        arguments: resolved as far as they are known.
    """

    function: str
    arguments: tuple[Any, ...]
    weight: int = field(default=1, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "weight", self.weight + weight(self.arguments))

    def __str__(self) -> str:
        return f"${{{self.function} {', '.join(str(argument) for argument in self.arguments)}}}"


@dataclass(frozen=True, slots=True)
class Condition(Symbol):
    """A named condition that is not decided before deployment.

    The name stands for the expression, because conditions built from conditions would grow without bound.

    Attributes:
        stack: name of the stack that declares it.
        name: the condition.
        expression: what it says.
    """

    stack: str
    name: str
    expression: Symbol = field(compare=False, repr=False)

    def __str__(self) -> str:
        return f"${{Condition {self.name}}}"


@dataclass(frozen=True, slots=True)
class Dynamic(Symbol):
    """A dynamic reference ``{{resolve:service:…}}``.

    Attributes:
        service: ``ssm``, ``ssm-secure`` or ``secretsmanager``.
        body: what follows the service: text, or text with symbols in it.
    """

    service: str
    body: str | Symbol

    @property
    def weight(self) -> int:
        """One more than the body's."""
        return 1 + weight(self.body)

    def __str__(self) -> str:
        return f"{_RESOLVE}{self.service}:{self.body}}}}}"

    @property
    def source(self) -> str | Symbol:
        """The secret or parameter that is read: a name, an ARN or a reference to a resource."""
        return join(_until(parts_of(self.body), ":SecretString" if self.service == "secretsmanager" else ":"))


@dataclass(frozen=True, slots=True)
class Text(Symbol):
    """Text of which some parts are known and some are symbols.

    Attributes:
        parts: strings and symbols in order; never two strings side by side, never a Text.
    """

    parts: tuple[str | Symbol, ...]
    weight: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "weight", weight(self.parts))

    def __str__(self) -> str:
        return "".join(str(part) for part in self.parts)


def weight(value: Any) -> int:
    """Return how much it takes to write a value down: characters, and one for what is not resolved yet."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, tuple):
        return sum(map(weight, value))
    return value.weight if isinstance(value, Symbol) else 1


def parts_of(value: str | Symbol) -> tuple[str | Symbol, ...]:
    """Return the parts of a text: known strings and symbols."""
    return value.parts if isinstance(value, Text) else (value,)


def join(parts: Iterable[str | Symbol]) -> str | Symbol:
    """Return one text made of parts: a plain string where all is known, else a `Symbol`.

    Dynamic references are recognised, also where a symbol stands inside of them.
    """
    merged = _merge(parts)
    if any(isinstance(part, str) and _RESOLVE in part for part in merged):
        merged = _merge(_with_dynamic(merged))
    if not merged:
        return ""
    return merged[0] if len(merged) == 1 else Text(tuple(merged))


def _merge(parts: Iterable[str | Symbol]) -> list[str | Symbol]:
    """Put strings that stand side by side together, and leave empty ones out."""
    merged: list[str | Symbol] = []
    for is_text, pieces in groupby(_pieces(parts), key=lambda piece: isinstance(piece, str)):
        if is_text:
            merged.append("".join(map(str, pieces)))
        else:
            merged.extend(pieces)
    return [piece for piece in merged if piece != ""]


def _pieces(parts: Iterable[str | Symbol]) -> Iterator[str | Symbol]:
    for part in parts:
        yield from parts_of(part)


def _with_dynamic(parts: list[str | Symbol]) -> Iterator[str | Symbol]:
    """Replace ``{{resolve:…}}`` by `Dynamic`; an unclosed or unknown one stays text."""
    opened: list[str | Symbol] | None = None
    for part in parts:
        if not isinstance(part, str):
            if opened is None:
                yield part
            else:
                opened.append(part)
            continue
        position = 0
        while position < len(part):
            mark = _RESOLVE if opened is None else "}}"
            found = part.find(mark, position)
            text = part[position:] if found < 0 else part[position:found]
            position = len(part) if found < 0 else found + len(mark)
            if opened is None:
                yield text
                opened = None if found < 0 else []
            else:
                opened.append(text)
                if found >= 0:
                    yield _dynamic(opened)
                    opened = None
    if opened is not None:
        yield _RESOLVE
        yield from opened


def _dynamic(parts: list[str | Symbol]) -> str | Symbol:
    first = parts[0] if parts and isinstance(parts[0], str) else ""
    service, colon, rest = first.partition(":")
    if service not in _SERVICES or not colon:
        return Text((_RESOLVE, *parts, "}}"))
    body = _merge([rest, *parts[1:]])
    whole: str | Symbol = "" if not body else body[0] if len(body) == 1 else Text(tuple(body))
    return Dynamic(service, whole)


def _until(parts: tuple[str | Symbol, ...], end: str) -> Iterator[str | Symbol]:
    for part in parts:
        if isinstance(part, str) and end in part:
            yield part.partition(end)[0]
            return
        yield part
