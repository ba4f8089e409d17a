"""All that a value may turn out to be where a condition is not known before deployment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from stackproof.policy.choices import Options
from stackproof.resolve.stack import Resource
from stackproof.resolve.values import NO_VALUE, Block, Items, Undecidable, is_list
from stackproof.symbols import Deferred, Symbol, parts_of


def alternatives(value: Any) -> tuple[Any, ...]:
    """Return every value that a value may turn out to be, ``AWS::NoValue`` left out.

    An ``Fn::If`` whose condition is not known stands for both of its values; anything else stands for itself.
    """
    if isinstance(value, Deferred) and value.function == "Fn::If":
        return tuple(found for branch in value.arguments[1:] for found in alternatives(branch))
    return () if value is NO_VALUE or value is None else (value,)


def elements(block: Block | Resource, key: str) -> Options[Any]:
    """Return the elements that a list may hold; a single value counts as a list of one, an absent one as empty.

    Elements of an ``Fn::If`` whose condition is not known are among them, and so may be symbols. An element is read
    when it is asked for, so that `each` of them depends on its own conditions only.
    """
    found = Options(maker for value in alternatives(block.get(key)) for maker in places(value).makers)
    return Options(partial(_alternatives_of, maker) for maker in found.makers)


def _alternatives_of(make: Callable[[], Iterable[Any]]) -> tuple[Any, ...]:
    return tuple(found for element in make() for found in alternatives(element))


def places(value: Any) -> Options[Any]:
    """Return the elements of a list, each read when it is asked for; a single value counts as a list of one."""
    if isinstance(value, Items):
        return Options(partial(_written, value, index) for index in range(value.written))
    return Options(partial(_itself, element) for element in (value if is_list(value) else (value,)))


def _written(items: Items, index: int) -> tuple[Any, ...]:
    element = items.written_element(index)
    return () if element is NO_VALUE else (element,)


def _itself(element: Any) -> tuple[Any, ...]:
    return (element,)


def stated(block: Block | Resource, key: str) -> bool:
    """Return whether a property is given; an empty text or list is not.

    Raises:
        Undecidable: it is given under a condition that is not known.
    """
    value = block.get(key)
    given = [option for option in alternatives(value) if not _is_empty(option)]
    if given and _may_be_absent(value):
        raise unknown(block, key, value)
    return bool(given)


def _may_be_absent(value: Any) -> bool:
    if isinstance(value, Deferred) and value.function == "Fn::If":
        return any(branch is NO_VALUE or _is_empty(branch) or _may_be_absent(branch) for branch in value.arguments[1:])
    return False


def _is_empty(value: Any) -> bool:
    return value == "" or (is_list(value) and len(value) == 0)


def unknown(block: Block | Resource, key: str, value: Any) -> Undecidable:
    """Return what to raise where a property decides the answer and is known only after deployment."""
    properties = block.properties if isinstance(block, Resource) else block
    path = properties.path_of(key)
    return Undecidable(f"{path} is {value}, which is known only after deployment", properties.mark(key), path)


def leaves(value: Any) -> tuple[Symbol, ...]:
    """Return the symbols that a value is made of, looking into texts and functions."""
    if isinstance(value, Deferred):
        return tuple(leaf for argument in value.arguments for leaf in leaves(argument))
    if is_list(value):
        return tuple(leaf for element in value for leaf in leaves(element))
    if isinstance(value, Block):
        return tuple(leaf for element in value.values() for leaf in leaves(element))
    return tuple(part for part in parts_of(value) if isinstance(part, Symbol)) if isinstance(value, Symbol) else ()
