"""A deployment made of templates in hand, without a manifest: what policies and their case tables are tried on."""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from dataclasses import replace
from functools import partial

from stackproof.bind.values import bind_defaults, value_of
from stackproof.compose.deployment import UNKNOWN_ENVIRONMENT, Deployment, Neighbours, compose
from stackproof.errors import InputError, suggestion
from stackproof.load.template import Template
from stackproof.resolve.context import Context
from stackproof.resolve.stack import Stack


def deployment_of_templates(
    templates: MappingABC[str, Template],
    values: MappingABC[str, str] | None = None,
    *,
    protected: bool = True,
    regions: MappingABC[str, str] | None = None,
) -> Deployment:
    """Return the deployment of some templates, joined through their exports and imports.

    Parameters:
        templates: by the name of the stack.
        values: parameter values as text, given to every template that declares the parameter; a parameter without a
            value takes its default, and one without a default stays unbound.
        protected: whether the environment is.
        regions: where stacks are deployed, by their name; nobody knows of those that are left out.

    Raises:
        InputError: a value that no template declares or permits, or templates that are wrong with these values.
    """
    values = values or {}
    known = {name: parameter for template in templates.values() for name, parameter in template.parameters.items()}
    for name in values:
        if name not in known:
            raise InputError(f"no template has the parameter '{name}'{suggestion(name, known)}")

    def make(name: str, template: Template, neighbours: Neighbours) -> Stack:
        bound = bind_defaults(template) | {
            parameter.name: value_of(parameter, values[parameter.name], parameter.mark)
            for parameter in template.parameters.values()
            if parameter.name in values
        }
        return Stack(template, bound, Context(stack=name, region=(regions or {}).get(name)), neighbours.export)

    environment = replace(UNKNOWN_ENVIRONMENT, protected=protected)
    factories = {name: partial(make, name, template) for name, template in templates.items()}
    return compose("", environment, factories, closed=False)
