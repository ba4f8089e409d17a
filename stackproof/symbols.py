"""Values that nobody knows before deployment: they stay references, never guesses.

Symbols are plain frozen data with equality, so two uses of the same reference are known to be equal although
its value is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

_RESOLVE = "{{resolve:"
_SERVICES = ("ssm", "ssm-secure", "secretsmanager")


class Symbol:
    """A value that is known only after deployment."""

    __slots__ = ()

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

    name: str | Text | Symbol

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
    """A function whose arguments are not all known, such as ``Fn::Select`` from ``Fn::GetAZs``."""

    function: str
    arguments: tuple[Any, ...]

    def __str__(self) -> str:
        return f"${{{self.function} {', '.join(str(argument) for argument in self.arguments)}}}"


@dataclass(frozen=True, slots=True)
class Dynamic(Symbol):
    """A dynamic reference ``{{resolve:service:…}}``.

    Attributes:
        service: ``ssm``, ``ssm-secure`` or ``secretsmanager``.
        body: what follows the service: text, or text with symbols in it.
    """

    service: str
    body: str | Symbol

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

    def __str__(self) -> str:
        return "".join(str(part) for part in self.parts)


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
    merged: list[str | Symbol] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Text) else (part,):
            if isinstance(piece, str) and merged and isinstance(merged[-1], str):
                merged[-1] += piece
            elif piece != "":
                merged.append(piece)
    return merged


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
        rest = part
        while rest:
            if opened is None:
                before, start, rest = rest.partition(_RESOLVE)
                yield before
                opened = [] if start else None
                continue
            inside, end, after = rest.partition("}}")
            opened.append(inside)
            rest = after
            if end:
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
