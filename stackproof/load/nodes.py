"""A template as data with marks: scalars, sequences and mappings that know where they stand.

Short function tags (``!Sub x``) are already written out (``{"Fn::Sub": x}``), so later stages see one form only.
Nodes are never changed after they are made.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stackproof.marks import Mark

ScalarValue = str | int | float | bool | None


class Scalar:
    """A string, number, boolean or null.

    Attributes:
        value: the typed value (YAML 1.1 booleans; a number with a leading zero stays a string).
        text: the value as it is written; CloudFormation turns parameters into text.
        mark: where it stands.
    """

    __slots__ = ("mark", "text", "value")

    def __init__(self, value: ScalarValue, text: str, mark: Mark) -> None:
        self.value = value
        self.text = text
        self.mark = mark


class Sequence:
    """A list of nodes."""

    __slots__ = ("items", "mark")

    def __init__(self, items: tuple[Node, ...], mark: Mark) -> None:
        self.items = items
        self.mark = mark


class Mapping:
    """Named nodes in the order of the file.

    Attributes:
        entries: the nodes by name.
        key_marks: where each name stands.
        mark: where the mapping starts.
    """

    __slots__ = ("entries", "key_marks", "mark")

    def __init__(self, entries: dict[str, Node], key_marks: dict[str, Mark], mark: Mark) -> None:
        self.entries = entries
        self.key_marks = key_marks
        self.mark = mark

    def get(self, name: str) -> Node | None:
        """Return the node of that name, or None."""
        return self.entries.get(name)

    def key_mark(self, name: str) -> Mark:
        """Return where a name stands; for an absent name, where the mapping starts."""
        return self.key_marks.get(name, self.mark)

    def items(self) -> Iterator[tuple[str, Node]]:
        """Iterate over names and nodes in the order of the file."""
        return iter(self.entries.items())


Node = Scalar | Sequence | Mapping

REF = "Ref"


def function_of(node: Node) -> tuple[str, Node] | None:
    """Return the intrinsic function that a node calls, with its argument, or None for plain data.

    A function is a mapping with the one key ``Ref`` or ``Fn::…``. ``{"Condition": name}`` is a function only
    where conditions are expected, so it is not one here.
    """
    if not isinstance(node, Mapping) or len(node.entries) != 1:
        return None
    name, argument = next(iter(node.entries.items()))
    if name == REF or (name.startswith("Fn::") and not name.startswith("Fn::ForEach::")):
        return name, argument
    return None


def plain(node: Node) -> Any:
    """Return a node as dict, list, str, int, float, bool or None, functions in their long form."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {name: plain(child) for name, child in node.entries.items()}


def plain_text(node: Node) -> str:
    """Return a node as JSON text, by which two of the same content are equal."""
    import json  # kept off the path of the many templates that have no macros

    return json.dumps(plain(node), sort_keys=True)


def walk(node: Node) -> Iterator[Node]:
    """Iterate over a node and everything below it, parents first."""
    yield node
    children = node.items if isinstance(node, Sequence) else ()
    if isinstance(node, Mapping):
        children = tuple(node.entries.values())
    for child in children:
        yield from walk(child)
