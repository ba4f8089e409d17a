"""What a parameter may be that nobody has bound: its permitted values, and of endless ones those that break things.

Where a template lists permitted values, these are tried. Otherwise its default is, and every *hostile* value that its
constraints admit: values that open a network, switch a protection off, or stand for everything. An author proves that
none of them can come by a constraint that excludes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from stackproof.bind.values import element_type, is_list_type, value_of
from stackproof.errors import InputError
from stackproof.load.template import Parameter
from stackproof.symbols import Unbound

HOSTILE_TEXTS = ("false", "true", "0.0.0.0/0", "::/0", "*", "")
"""Texts that undo a protection where they are taken for an address range, a switch, a pattern or a name."""

HOSTILE_NUMBERS = ("0", "22", "3389", "5432", "65535")
"""Numbers that undo a protection where they are taken for a period, a count or a port."""

_HARMLESS = ("10.0.0.0/16", "10.0.0.0/24", "10.0.0.1", "1", "30", "443", "a", "aa", "aaaaaaaa", "https://example.com")
"""Ordinary values, for a constrained parameter without a default: any that it permits stands for all others."""


@dataclass(frozen=True, slots=True)
class Domain:
    """What a parameter may be.

    Attributes:
        parameter: the parameter's name.
        values: as `stackproof.bind.values.value_of` gives them, or a symbol that stands for any other value.
        texts: the same as text, for people; masked where the parameter is.
        declared: per value, whether the template itself speaks of it, as default or as allowed value.
    """

    parameter: str
    values: tuple[Any, ...]
    texts: tuple[str, ...]
    declared: tuple[bool, ...]

    def is_open(self, option: int) -> bool:
        """Return whether an option stands for any other value than those that are listed."""
        return isinstance(self.values[option], Unbound)


def domain_of(parameter: Parameter) -> Domain:
    """Return what a parameter may be; the default comes first where there is one.

    Raises:
        InputError: a default or an allowed value that the template itself does not permit.
    """
    default = () if parameter.default is None else (parameter.default,)
    declared = tuple(dict.fromkeys((*default, *parameter.allowed_values)))
    admitted = () if parameter.allowed_values else tuple(_admitted(parameter, declared))
    values: list[Any] = [value_of(parameter, text, parameter.mark) for text in declared]
    values += [value_of(parameter, text, parameter.mark) for text in admitted]
    texts = [_shown(parameter, text) for text in (*declared, *admitted)]
    flags = [True] * len(declared) + [False] * len(admitted)
    if not declared and not _stands_for_others(parameter, admitted):
        values.append(Unbound(parameter.name, parameter.type))
        texts.append("any other value")
        flags.append(False)
    return Domain(parameter.name, tuple(values), tuple(texts), tuple(flags))


def _admitted(parameter: Parameter, declared: tuple[str, ...]) -> Iterable[str]:
    """Iterate over the values that no constraint excludes and that the template does not speak of."""
    if parameter.type.startswith("AWS::") or (is_list_type(parameter.type) and "AWS::" in parameter.type):
        return
    if element_type(parameter) == "Number":
        bounds = (parameter.min_value, parameter.max_value)
        candidates: tuple[str, ...] = (*HOSTILE_NUMBERS, *(f"{bound:g}" for bound in bounds if bound is not None))
    else:
        candidates = HOSTILE_TEXTS
    if not declared and _is_constrained(parameter):
        candidates = (*candidates, *_HARMLESS)
    for text in dict.fromkeys(candidates):
        if text not in declared and _permits(parameter, text):
            yield text


def _is_constrained(parameter: Parameter) -> bool:
    bounds = (parameter.min_value, parameter.max_value, parameter.min_length, parameter.max_length)
    return parameter.allowed_pattern is not None or any(bound is not None for bound in bounds)


def _stands_for_others(parameter: Parameter, admitted: tuple[str, ...]) -> bool:
    """Return whether the values that are tried stand for all that a constrained parameter may be."""
    return _is_constrained(parameter) and bool(admitted)


def _permits(parameter: Parameter, text: str) -> bool:
    try:
        value_of(parameter, text, parameter.mark)
    except InputError:
        return False
    return True


def _shown(parameter: Parameter, text: str) -> str:
    return "****" if parameter.no_echo else text
