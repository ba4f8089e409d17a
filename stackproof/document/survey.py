"""What a recipe does, found in its own code: which calls make and change a resource, which properties nothing takes.

A recipe says by name what its first call is; the rest is ordinary functions. Their compiled code holds every name and
text that they use, so the calls of a service and the properties of a type are found among them. What is found this way
may be too much (a property that is named and then passed over), never too little; what a resource really shows is
found when one is made, by the tests of the recipes and in every simulation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, cached_property, partial
from types import CodeType, FunctionType, MethodType
from typing import Any

from stackproof.simulate.cloudformation.schemas import Schema
from stackproof.simulate.recipe import Recipe

_READS = ("describe_", "get_", "head_", "list_")
_HOLE = "{}"
_SHARED = ("stackproof.simulate.recipe", "stackproof.simulate.shapes", "stackproof.simulate.clients")
"""What every recipe goes through; it is about no property and no call."""
_DEPTH = 6
"""How deep parameters are looked into; properties that are nested deeper in a call are nested in the template too."""


@dataclass(frozen=True)
class Survey:
    """What the code of one recipe says of it.

    Attributes:
        recipe: the recipe.
        schema: the published schema of its type.
    """

    recipe: Recipe
    schema: Schema

    @cached_property
    def makes(self) -> tuple[str, ...]:
        """The calls that make a resource, the first one first."""
        recipe = self.recipe
        return self._calls(recipe.create, recipe.before, recipe.make, recipe.after)

    @cached_property
    def changes(self) -> tuple[str, ...]:
        """The calls that change one in place; none where every change is refused."""
        recipe = self.recipe
        again = (recipe.create, recipe.make, recipe.after) if recipe.put else ()
        after = recipe.after if recipe.update and recipe.late else None
        tagging = (recipe.tagging.add, recipe.tagging.remove) if recipe.tagging else ()
        return self._calls(recipe.update, *again, recipe.change, after, *tagging)

    @cached_property
    def unread(self) -> tuple[str, ...]:
        """Properties that no part of the recipe takes."""
        recipe, schema = self.recipe, self.schema
        parts = (recipe.create, recipe.before, recipe.prepare, recipe.make, recipe.after, recipe.update, recipe.change)
        tags = (recipe.tag_type or recipe.tagging) and schema.tag_property
        named = set(_reached((*parts, recipe.late, recipe.names, recipe.name, recipe.hidden, recipe.ignored, tags)))
        calls = (*self.makes, *self.changes)
        members = {name for call in calls for name in _members(recipe.service, call)}
        left = schema.declarable - named
        return tuple(sorted(name for name in left if recipe.names.get(name, name).lower() not in members))

    def _calls(self, *parts: object) -> tuple[str, ...]:
        known = _operations(self.recipe.service)
        texts = list(_reached(parts))
        found = [text for text in (*texts, *_put_together(texts)) if text in known and not text.startswith(_READS)]
        return tuple(dict.fromkeys(found))


def passed_over(maker: Callable[..., Any], naming: str | None, schema: Schema) -> tuple[str, ...]:
    """Return the properties that a handler of moto's own does not read.

    Parameters:
        maker: the function that reads the properties.
        naming: the property that it is given as the resource's name.
    """
    named = {*_reached((maker,)), naming}
    return tuple(sorted(schema.declarable - named))


def _put_together(texts: Iterable[str]) -> Iterator[str]:
    """Iterate over the names that a pattern such as ``put_{}_policy`` may make with one of the other texts."""
    texts = list(dict.fromkeys(texts))
    patterns = [text for text in texts if _HOLE in text]
    return (pattern.replace(_HOLE, text) for pattern in patterns for text in texts if text.isidentifier())


def _reached(roots: Iterable[Any]) -> Iterator[str]:
    """Iterate over all names and texts that some functions and values hold, and those that they lead to."""
    waiting, seen = [*roots], set[int]()
    while waiting:
        found = waiting.pop(0)
        if isinstance(found, str):
            yield found
        elif id(found) not in seen:
            seen.add(id(found))
            waiting += _inside(found)


def _inside(found: Any) -> Iterator[Any]:
    """Iterate over what a function or a value holds."""
    if isinstance(found, CodeType):
        yield from found.co_names
        yield from found.co_consts
        yield from _patterns([text for text in found.co_consts if isinstance(text, str)])
    elif isinstance(found, FunctionType):
        yield from () if found.__module__ in _SHARED else _of_function(found)
    elif isinstance(found, MethodType):
        yield from (found.__func__, found.__self__)
    elif isinstance(found, partial):
        yield from (found.func, *found.args, *found.keywords.values())
    elif isinstance(found, dict):
        yield from (*found, *found.values())
    elif isinstance(found, set | frozenset):
        yield from sorted(found, key=str)
    elif isinstance(found, tuple | list):
        yield from found
    elif is_dataclass(found) and not isinstance(found, type):
        yield from (getattr(found, field.name) for field in fields(found))


def _patterns(texts: Iterable[str]) -> Iterator[str]:
    """Iterate over the names with a hole that the texts of one function may be parts of, such as ``put_{}_policy``."""
    heads = [text for text in texts if text.endswith("_") and not text.startswith("_")]
    tails = [text for text in texts if text.startswith("_")]
    return (f"{head}{_HOLE}{tail}" for head in heads for tail in tails or [""])


def _of_function(function: FunctionType) -> Iterator[Any]:
    yield function.__code__
    yield from (cell.cell_contents for cell in function.__closure__ or ())
    yield from (function.__globals__.get(name) for name in _names(function.__code__) if name != "RECIPES")


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


@cache
def _model(service: str) -> Any:
    import botocore.session

    return botocore.session.get_session().get_service_model(service)


@cache
def _operations(service: str) -> dict[str, str]:
    """Return the operations of a service by the names of boto3's methods."""
    from botocore import xform_name

    return {xform_name(name): name for name in _model(service).operation_names}


@cache
def _members(service: str, call: str) -> frozenset[str]:
    """Return the names of all parameters of a call, nested ones too, in lower case."""
    shape = _model(service).operation_model(_operations(service)[call]).input_shape
    return frozenset(_nested(shape, _DEPTH))


def _nested(shape: Any, depth: int) -> Iterator[str]:
    if shape is None or not depth:
        return
    if shape.type_name == "list":
        yield from _nested(shape.member, depth)
    elif shape.type_name == "structure":
        for name, member in shape.members.items():
            yield name.lower()
            yield from _nested(member, depth - 1)
