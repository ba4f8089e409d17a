"""Reading what many policies ask for: lists of objects, lists of pairs, questions that may be undecidable."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.errors import InputError
from stackproof.policy.alternatives import elements, leaves, places
from stackproof.policy.choices import Options, each
from stackproof.resolve.stack import Resource
from stackproof.resolve.values import Block, Undecidable, is_list
from stackproof.symbols import Deferred, Dynamic, Imported, Reference, SsmParameter, Symbol, Unbound, parts_of


def undecidable(block: Block, key: str, why: str) -> Undecidable:
    """Return the answer that a property cannot be judged, for the caller to raise.

    Parameters:
        block: what holds the property.
        key: the property.
        why: how the sentence goes on after the property's path, such as ``is an unknown prefix list``.
    """
    return Undecidable(f"{block.path_of(key)} {why}", block.mark(key), block.path_of(key))


def present(block: Block, key: str) -> bool:
    """Return whether a property is given at all, whatever its value.

    Raises:
        Undecidable: a condition or a macro decides that.
    """
    value = block.get(key)
    if isinstance(value, Deferred) and value.function in ("Fn::If", "Fn::Transform"):
        raise undecidable(block, key, f"is {value}, which is known only after deployment")
    return key in block


def blocks(block: Block, key: str) -> Options[Block]:
    """Return a property that is a list of objects, each read when it is asked for; a single object is a list of one.

    Raises:
        Undecidable: the list, or one of its elements, is known only after deployment.
        InputError: an element is no object.
    """
    return places(block.listed(key)).map(lambda element: _block(element, block, key))


def _block(element: Any, block: Block, key: str) -> Block:
    if isinstance(element, Symbol):
        raise undecidable(block, key, f"holds {element}, which is known only after deployment")
    if not isinstance(element, Block):
        raise InputError(f"'{block.path_of(key)}' must hold objects, not '{element}'", block.mark(key))
    return element


def each_block(block: Block, *keys: str) -> Iterator[Block]:
    """Iterate over the objects of some properties, judged independently; a single object counts as a list of one.

    Where a condition that is not known chooses between two objects, both are among them.

    Raises:
        Undecidable: an element is known only after deployment.
    """
    found = Options(
        maker for key in keys for maker in elements(block, key).map(partial(_block, block=block, key=key)).makers
    )
    yield from each(found)


def pair(block: Block, key: str, name: str) -> Block | None:
    """Return the element of a list of ``{Key: …, Value: …}`` with a given key, or None.

    Raises:
        Undecidable: it is not known which keys there are.
    """
    return next((element for element in blocks(block, key) if element.text("Key") == name), None)


def all_hold(*questions: Callable[[], bool]) -> bool:
    """Return whether every question is answered with yes; one known no outweighs whatever is undecidable.

    Raises:
        Undecidable: no answer is no, and one is not known.
    """
    unknown: Undecidable | None = None
    for question in questions:
        try:
            if not question():
                return False
        except Undecidable as reason:
            unknown = unknown or reason
    if unknown is not None:
        raise unknown
    return True


def members(block: Block, key: str) -> Options[Any]:
    """Return the scalars of a list property; a list that other stacks export as one text counts as a list.

    Raises:
        Undecidable: the list is known only after deployment.
    """
    value = block.get(key)
    parts = _exported_list(value) if isinstance(value, Symbol) else None
    if parts is not None:
        return Options((lambda: tuple(_flat(parts)),))
    return Options(_flattened(make) for make in places(block.listed(key)).makers)


def _flattened(make: Callable[[], Iterable[Any]]) -> Callable[[], Iterable[Any]]:
    return lambda: tuple(_flat(make()))


def _flat(elements: Iterable[Any]) -> Iterator[Any]:
    for element in elements:
        if is_list(element):
            yield from element
        elif isinstance(element, str):
            yield from (text.strip() for text in element.split(","))
        else:
            yield element


def _exported_list(value: Symbol) -> tuple[Any, ...] | None:
    """Return the elements of ``Fn::Split`` of a text in which references stand between the delimiters."""
    if not isinstance(value, Deferred) or value.function != "Fn::Split":
        return None
    delimiter, source = value.arguments
    parts = parts_of(source)
    references = [part for part in parts if isinstance(part, Reference)]
    if isinstance(delimiter, str) and set(parts) - set(references) <= {delimiter}:
        return tuple(references)
    return None


def same(deployment: Deployment, value: Any) -> Any:
    """Return what a value stands for, so that two names of one thing are equal: the resource, or the value itself."""
    return deployment.follow(value) or value


def mentions(value: Any, resource: Resource, deployment: Deployment) -> bool:
    """Return whether a value is a resource, or a text such as an ARN that is built from one of its attributes."""
    return any(deployment.follow(leaf) is resource for leaf in leaves(value))


def may_be_any(value: Any) -> bool:
    """Return whether a value, or a part of it, comes from outside of all templates."""
    return any(isinstance(leaf, Unbound | Imported | SsmParameter | Dynamic) for leaf in leaves(value))


def belonging_to(deployment: Deployment, owner: Resource, key: str, *types: str) -> list[Resource]:
    """Return the resources of some types that name another resource in a property, in whichever stack they live."""
    return [user for user in deployment.of_type(*types) if deployment.follow(user.get(key)) is owner]


def followed(resource: Resource, key: str, deployment: Deployment) -> set[Resource]:
    """Return the resources, of whichever stack, that a property names, one or a list; unknown ones are left out."""
    single = deployment.follow(resource.get(key))
    if single is not None:
        return {single}
    try:
        values = members(resource.properties, key)
    except Undecidable:
        return set()  # Who judges the property itself reports that.
    return {found for value in values if (found := deployment.follow(value)) is not None}


def handed_on(resource: Resource, deployment: Deployment) -> bool:
    """Return whether a template that belongs to no system hands a resource to others by an output."""
    outputs = deployment.stacks[resource.stack].outputs.values()
    return not deployment.system and any(deployment.follow(output.value) is resource for output in outputs)
