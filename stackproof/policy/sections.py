"""Sections of a template: what policies about its parameters and outputs have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stackproof.load.template import Parameter
from stackproof.policy.form import Problem, problem
from stackproof.resolve.stack import Stack

_SHOWN = 5


def together(stack: Stack, section: str, names: Iterable[str], which: str, *, what: str = "") -> Iterator[Problem]:
    """Yield one problem for all entries of a section that lack something, at the first of them; none for none.

    Parameters:
        stack: whose template it is.
        section: ``Parameters``, ``Outputs`` …
        names: the entries.
        which: what they are, such as ``without a description``.
        what: what the entries are called; the section's name by default.
    """
    names = tuple(names)
    if names:
        shown = ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
        called = what or section.lower()
        counted = f"{len(names)} {called}" if len(names) > 1 else f"1 {called.removesuffix('s')}"
        yield problem(stack, f"{section}.{names[0]}", f"{counted} {which}: {shown}")


def is_constrained(parameter: Parameter) -> bool:
    """Return whether the template itself limits the values of a parameter."""
    bounds = (parameter.min_length, parameter.max_length, parameter.min_value, parameter.max_value)
    stated = parameter.allowed_pattern is not None or any(bound is not None for bound in bounds)
    return bool(parameter.allowed_values) or stated
