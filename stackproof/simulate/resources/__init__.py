"""The types that are made through their service's own API, one module per service; moto's own serve the others."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from stackproof.simulate.handlers import Handler
from stackproof.simulate.recipe import Client, Recipe


@cache
def recipes() -> dict[str, Recipe]:
    """Return every recipe by its type; each module here holds those of one service."""
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    return {recipe.type: recipe for module in modules for recipe in module.RECIPES}


def find(kind: str, client: Client) -> Handler | None:
    """Return what makes a type through its service's API, or None."""
    recipe = recipes().get(kind)
    return recipe.handler(client) if recipe else None
