"""Hypothesis strategies: valid parameter values drawn from a template's own constraints (extra ``hypothesis``).

A property test asks whether something holds for *all* values that a template permits::

    from hypothesis import given
    from stackproof import load_template
    from stackproof.strategies import stacks

    @given(stacks(load_template("network.yaml")))
    def test_subnets_never_overlap(stack): ...

What is drawn is what CloudFormation would accept: allowed values, patterns, lengths, numbers, lists, AWS's own types,
and the template's ``Rules``. A drawn combination that breaks a rule is repaired by changing parameters that the rules
speak of, so that rules cost next to no discarded examples.
"""

from __future__ import annotations

import math
from collections.abc import Mapping as MappingABC
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from stackproof.bind.patterns import compiled
from stackproof.bind.values import AWS_TYPES, bind, element_type, is_list_type, value_of
from stackproof.compose.deployment import Deployment
from stackproof.compose.system import System
from stackproof.compose.templates import deployment_of_templates
from stackproof.errors import InputError
from stackproof.load.nodes import Mapping, Scalar, walk
from stackproof.load.template import Parameter, Template
from stackproof.resolve.context import Context
from stackproof.resolve.rules import broken_rules
from stackproof.resolve.scope import Scope
from stackproof.resolve.stack import Stack

_MOST_CHARACTERS = 32
_MOST_MEMBERS = 4
_LARGEST_NUMBER = 1_000_000
_PRINTABLE = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
_REPAIRS = 50


def parameter_values(template: Template, **fixed: str) -> SearchStrategy[dict[str, str]]:
    """Return a strategy of values for all parameters of a template, as text, that the template accepts together.

    Parameters:
        template: the template; its constraints and rules decide what is drawn.
        fixed: values by parameter name that are not drawn.

    Raises:
        InputError: a fixed value that the template does not know or permit.
    """
    for name, text in fixed.items():
        if name not in template.parameters:
            raise InputError(f"{template.file} has no parameter '{name}'")
        value_of(template.parameters[name], text, template.mark)
    return _parameter_values(template, fixed)


def stacks(template: Template, **fixed: str) -> SearchStrategy[Stack]:
    """Return a strategy of stacks of one template with drawn values; its imports stay symbolic.

    Parameters:
        template: the template.
        fixed: values by parameter name that are not drawn.
    """
    name = Path(template.file).stem
    return parameter_values(template, **fixed).map(
        lambda values: deployment_of_templates({name: template}, values).stack(name)
    )


def deployments(system: System, environment: str, **fixed: str) -> SearchStrategy[Deployment]:
    """Return a strategy of deployments of a system with drawn values instead of the manifest's.

    A parameter that several layers declare has one value in all of them.

    Parameters:
        system: the system.
        environment: the environment that it is deployed to; its name is given to the templates.
        fixed: values by parameter name that are not drawn.
    """
    given = {"System": system.name, "Environment": environment, **fixed}
    return _values_of_layers(system, given).map(lambda values: system.deployment_with(environment, values))


@st.composite
def _values_of_layers(draw: DrawFn, system: System, given: dict[str, str]) -> dict[str, str]:
    values = dict(given)
    for template in system.templates.values():
        shared = {name: text for name, text in values.items() if name in template.parameters}
        if not all(_permits(template.parameters[name], text) for name, text in shared.items()):
            reject()
        values |= draw(_parameter_values(template, shared))
    return values


class _Drawn(NamedTuple):
    """Values, and what else some of them could be."""

    values: dict[str, str]
    alternatives: dict[str, tuple[str, ...]]


@st.composite
def _parameter_values(draw: DrawFn, template: Template, fixed: MappingABC[str, str]) -> dict[str, str]:
    free = [parameter for parameter in template.parameters.values() if parameter.name not in fixed]
    values = {**fixed, **{parameter.name: draw(texts(parameter)) for parameter in free}}
    if not template.rules or not _broken(template, values):
        return values
    ruled = _parameters_of_rules(template)
    movable = [parameter for parameter in free if parameter.name in ruled]
    alternatives = {
        parameter.name: parameter.allowed_values or (parameter.default or "", draw(texts(parameter)))
        for parameter in draw(st.permutations(movable))
    }
    repaired = _repaired(template, _Drawn(values, alternatives))
    return reject() if repaired is None else repaired


def _parameters_of_rules(template: Template) -> set[str]:
    parts = (part for rule in template.rules.values() for part in walk(rule) if isinstance(part, Mapping))
    names = (part.get("Ref") for part in parts)
    return {name.text for name in names if isinstance(name, Scalar)}


def _repaired(template: Template, drawn: _Drawn) -> dict[str, str] | None:
    """Change one parameter after another, each so that fewer assertions are broken; None where that leads nowhere."""
    values = drawn.values
    broken = _broken(template, values)
    for _ in range(_REPAIRS):
        if not broken:
            return values
        changes = (
            values | {name: text}
            for name, others in drawn.alternatives.items()
            for text in others
            if text != values[name]
        )
        better = next(((change, left) for change in changes if (left := _broken(template, change)) < broken), None)
        if better is None:
            return None
        values, broken = better
    return None


def _broken(template: Template, values: dict[str, str]) -> int:
    """Return how many assertions do not hold; one that cannot be bound breaks more than any rule."""
    try:
        bound = bind(template, values, {}, template.mark)
    except InputError:
        return len(template.rules) * 100
    return sum(1 for _ in broken_rules(Scope(template, bound, Context())))


@lru_cache(maxsize=1024)
def texts(parameter: Parameter) -> SearchStrategy[str]:
    """Return a strategy of texts that one parameter permits.

    Raises:
        InputError: the parameter has an unknown type.
    """
    drawn = _members(parameter)
    if is_list_type(parameter.type):
        listed = drawn.filter(lambda text: "," not in text and text == text.strip())
        drawn = st.lists(listed, min_size=1, max_size=_MOST_MEMBERS).map(",".join)
    if parameter.default is not None and not parameter.allowed_values:
        drawn = st.just(parameter.default) | drawn
    return drawn.filter(lambda text: _permits(parameter, text))


def _permits(parameter: Parameter, text: str) -> bool:
    try:
        value_of(parameter, text, parameter.mark)
    except InputError:
        return False
    return True


def _members(parameter: Parameter) -> SearchStrategy[str]:
    kind = element_type(parameter)
    if parameter.allowed_values:
        return st.sampled_from(parameter.allowed_values)
    if parameter.allowed_pattern is not None:
        return st.from_regex(compiled(parameter.allowed_pattern), fullmatch=True)
    if parameter.type.startswith("AWS::SSM::"):
        return st.from_regex(compiled("(/[a-z]{1,8}){1,3}"), fullmatch=True)
    if kind in AWS_TYPES:
        return st.from_regex(compiled(AWS_TYPES[kind]), fullmatch=True)
    return _numbers(parameter) if kind == "Number" else _text(parameter)


def _numbers(parameter: Parameter) -> SearchStrategy[str]:
    """Whole numbers where there is one between the bounds, since hardly any property takes another."""
    low, high = parameter.min_value, parameter.max_value
    low = (high - _LARGEST_NUMBER if high is not None and high < 0 else 0.0) if low is None else low
    high = max(low, 0.0) + _LARGEST_NUMBER if high is None else high
    if math.ceil(low) <= math.floor(high):
        return st.integers(math.ceil(low), math.floor(high)).map(str)
    return st.floats(low, high, allow_nan=False).map(lambda number: f"{number:.6f}")


def _text(parameter: Parameter) -> SearchStrategy[str]:
    shortest = parameter.min_length or 0
    longest = max(shortest, _MOST_CHARACTERS)
    longest = longest if parameter.max_length is None else min(longest, parameter.max_length)
    return st.text(_PRINTABLE, min_size=shortest, max_size=longest)


__all__ = ["deployments", "parameter_values", "stacks", "texts"]
