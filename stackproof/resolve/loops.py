"""``Fn::ForEach`` written out, as the transform ``AWS::LanguageExtensions`` does before anything is resolved.

Source: "Fn::ForEach" in the AWS CloudFormation template reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingABC
from dataclasses import replace

from stackproof.errors import InputError
from stackproof.load.nodes import Mapping, Node, Scalar, Sequence
from stackproof.load.reader import MAX_NODES
from stackproof.load.template import FOR_EACH, Template, template_of
from stackproof.marks import Mark
from stackproof.resolve.scope import Scope, error
from stackproof.resolve.values import as_text, is_list, symbols_in
from stackproof.symbols import Symbol, Unbound

FAILED = "Transform AWS::LanguageExtensions failed with: "
"""How CloudFormation begins what it says of a wrong use of the transform."""

_DEMAND = "Fn::ForEach requires an identifier, a collection and a map of outputs"
_LAYOUT = f"{FAILED}Fn::ForEach layout is incorrect"
_NO_COLLECTION = f"{FAILED}Could not find a collection or could not be resolved for Fn::ForEach"


def expand_loops(template: Template, scope: Scope) -> Template:
    """Return the template without ``Fn::ForEach``.

    Parameters:
        template: a template as it was loaded.
        scope: the same template with its parameter values, for collections that are parameters.

    Raises:
        InputError: a loop without the transform, of a wrong form, or one whose collection is not known.
    """
    expander = _Expander(scope)
    root = expander.expand(template.root, {})
    if not expander.found:
        return template
    expanded = template_of(root)
    return replace(expanded, transforms=(*expanded.transforms, *expander.unknown), size=template.size)


class _Expander:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._made = 0
        self.found = False
        self.unknown: list[str] = []

    def expand(self, node: Node, names: MappingABC[str, str]) -> Node:
        """Return a node with its loops written out and the loop variables put in."""
        self._count(node.mark)
        if isinstance(node, Scalar):
            return _substituted(node, names)
        if isinstance(node, Sequence):
            return Sequence(tuple(self.expand(item, names) for item in node.items), node.mark)
        identifier = node.entries.get("Ref")
        if len(node.entries) == 1 and isinstance(identifier, Scalar) and identifier.text in names:
            text = names[identifier.text]
            return Scalar(text, text, node.mark)
        return self._mapping(node, names)

    def _mapping(self, node: Mapping, names: MappingABC[str, str]) -> Mapping:
        entries: dict[str, Node] = {}
        marks: dict[str, Mark] = {}
        for key, mark, child in self._entries(node, names):
            if key in entries:
                raise InputError(
                    f"Template format error: duplicate key '{key}' made by Fn::ForEach",
                    mark,
                    f"{FAILED}Duplicate key '{key}' when merging keys to parent object in Fn::ForEach",
                )
            entries[key] = child
            marks[key] = mark
        return Mapping(entries, marks, node.mark)

    def _entries(self, node: Mapping, names: MappingABC[str, str]) -> Iterator[tuple[str, Mark, Node]]:
        for key, child in node.items():
            mark = node.key_mark(key)
            if key.startswith(FOR_EACH):
                yield from self._loop(key, child, names, mark)
            else:
                yield _with_names(key, names), mark, self.expand(child, names)

    def _loop(self, key: str, node: Node, names: MappingABC[str, str], mark: Mark) -> Iterator[tuple[str, Mark, Node]]:
        self.found = True
        if not self._scope.template.language_extensions:
            raise error("Fn::ForEach needs 'Transform: AWS::LanguageExtensions'", mark)
        if not isinstance(node, Sequence) or len(node.items) != 3:
            raise InputError(f"Template error: {_DEMAND}", node.mark, _LAYOUT)
        identifier_node, collection_node, output = node.items
        if not isinstance(identifier_node, Scalar):
            raise InputError("Template error: Fn::ForEach needs a literal string here", identifier_node.mark, _LAYOUT)
        identifier = identifier_node.text
        if not isinstance(output, Mapping):
            raise InputError(f"Template error: {_DEMAND}", output.mark, _LAYOUT)
        collection = self._collection(self.expand(collection_node, names))
        if collection is None:
            # A parameter has no value yet: like a macro, the loop makes what nobody can see here.
            self.unknown.append(key)
            yield key, mark, node
            return
        for value in collection:
            yield from self._entries(output, {**names, identifier: value})

    def _collection(self, node: Node) -> list[str] | None:
        """Return what is looped over, or None where a parameter has no value yet."""
        values = self._scope.resolve(node)
        if not isinstance(values, Symbol) and not is_list(values):
            raise InputError(f"Template error: {_DEMAND}", node.mark, _NO_COLLECTION)
        if any(isinstance(symbol, Unbound) for symbol in symbols_in(values)):
            return None
        if isinstance(values, Symbol):
            message = f"the collection of Fn::ForEach is {values}, which is known only after deployment"
            raise InputError(f"Template error: {message}", node.mark, _NO_COLLECTION)
        members: list[str] = []
        for value in tuple(values):  # type: ignore[arg-type]
            if isinstance(value, Symbol):
                message = f"a member of the collection of Fn::ForEach is not known: {value}"
                raise InputError(f"Template error: {message}", node.mark, _NO_COLLECTION)
            members += [as_text(member) for member in (value if isinstance(value, tuple) else (value,))]
        return members

    def _count(self, mark: Mark) -> None:
        self._made += 1
        if self._made > MAX_NODES:
            raise InputError(f"Fn::ForEach makes more than {MAX_NODES:,} values", mark)


def _substituted(node: Scalar, names: MappingABC[str, str]) -> Scalar:
    if not names or not isinstance(node.value, str):
        return node
    text = _with_names(node.text, names)
    return node if text == node.text else Scalar(text, text, node.mark)


def _with_names(text: str, names: MappingABC[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(f"${{{name}}}", value)
        # &{Name} strips what a logical id may not hold.
        text = text.replace(f"&{{{name}}}", "".join(c for c in value if c.isalnum()))
    return text
