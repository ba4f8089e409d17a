"""Open stacks: templates whose parameters nobody has bound, so that each run of a check chooses them as it reads them.

Nothing that depends on a parameter is remembered between two reads. What a stack looks like (which resources there
are, what their properties hold) is therefore always that of the present run, and costs no more than what is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as MappingABC
from typing import Any

from stackproof.bind.domains import Domain
from stackproof.load.nodes import Mapping, Node, Scalar, Sequence
from stackproof.load.template import ResourceDefinition, Template
from stackproof.marks import Mark
from stackproof.resolve.choices import active, present_run
from stackproof.resolve.context import Context
from stackproof.resolve.loops import expand_loops
from stackproof.resolve.names import check_names
from stackproof.resolve.rules import RuleScope, broken_rules
from stackproof.resolve.scope import Exports, Scope, unknown_export
from stackproof.resolve.stack import Output, Resource, Stack, references_in
from stackproof.resolve.values import OpenBlock, OpenItems, Value
from stackproof.symbols import Reference, Symbol


class OpenScope(Scope):
    """A scope that asks for the value of a parameter each time.

    Parameters:
        domains: what each parameter that is not bound may be.
    """

    def __init__(
        self,
        template: Template,
        values: MappingABC[str, Any],
        domains: MappingABC[str, Domain],
        context: Context,
        exports: Exports = unknown_export,
    ) -> None:
        super().__init__(template, values, context, exports)
        self.domains = domains
        self._run: object = None

    def parameter(self, name: str) -> Value:
        """Return the value that a parameter has in this run; outside of a run its first one."""
        domain = self.domains.get(name)
        if domain is None:
            return super().parameter(name)
        choices = active()
        if choices is None:
            first: Value = domain.values[0]
            return first
        chosen: Value = choices.parameter((self.context.stack, name), domain.values)
        return chosen

    def condition(self, name: str, mark: Mark) -> bool | Symbol:
        """Return whether a condition holds in this run."""
        run = present_run()
        if run is None or run is not self._run:
            self._conditions.clear()
            self._run = run
        return super().condition(name, mark)

    def block(self, node: Mapping, path: str = "") -> OpenBlock:
        """Return named nodes as values that are worked out each time they are read."""
        return OpenBlock(node, self.resolve, path)

    def resolve(self, node: Node, path: str = "") -> Value:
        """Return the value of a node in this run."""
        # The count bounds what one run makes; it is bounded by the number of runs already.
        self._made = 0
        if isinstance(node, Sequence):
            return OpenItems(node, self.resolve, path)
        return super().resolve(node, path)

    def for_rules(self) -> Scope:
        """Return the scope in which the template's rules are checked."""
        return _OpenRuleScope(self)


class _OpenRuleScope(RuleScope):
    """Rules over parameters that a run chooses."""

    def __init__(self, scope: OpenScope) -> None:
        super().__init__(scope)
        self._open_scope = scope

    def parameter(self, name: str) -> Value:
        return self._open_scope.parameter(name)


class OpenStack(Stack):
    """A template with unbound parameters; its resources and their properties are those of the present run.

    Parameters:
        template: the template.
        values: the values that are bound.
        domains: what each other parameter may be.
        context: where it is deployed.
        exports: how other stacks' exports are found.
        present: whether the stack exists at all in a run; a nested one may not.
    """

    def __init__(
        self,
        template: Template,
        values: MappingABC[str, Any],
        domains: MappingABC[str, Domain],
        context: Context,
        exports: Exports = unknown_export,
        present: Callable[[], bool] = lambda: True,
    ) -> None:
        scope = OpenScope(template, values, domains, context, exports)
        if template.language_extensions:
            template = expand_loops(template, scope)
            scope = OpenScope(template, values, domains, context, exports)
        check_names(template)
        self.name = context.stack
        self.template = template
        self.context = context
        self.values = values
        self.domains = domains
        self.scope = scope
        self._candidates = {
            definition.logical_id: OpenResource(definition, scope, present)
            for definition in template.resources.values()
        }
        self._mentions: dict[str, frozenset[str]] = {}
        self._exported: dict[str, tuple[str, ...]] = {}

    @property
    def candidates(self) -> MappingABC[str, OpenResource]:
        """Every resource that is written, whether or not it exists in this run."""
        return self._candidates

    @property
    def resources(self) -> dict[str, Resource]:  # type: ignore[override]
        """The resources that exist in this run; asking for all of them reads every condition."""
        return {name: found for name, found in self._candidates.items() if found.exists}

    @property
    def outputs(self) -> dict[str, Output]:  # type: ignore[override]
        """The outputs that exist in this run."""
        return {
            definition.name: Output(definition, self.scope)
            for definition in self.template.outputs.values()
            if definition.condition is None or self.scope.condition(definition.condition, definition.mark) is not False
        }

    def find(self, logical_id: str) -> Resource | None:
        """Return a resource, or None where it does not exist in this run; no other condition is read."""
        found = self._candidates.get(logical_id)
        return found if found is not None and found.exists else None

    def of_type(self, *types: str) -> list[Resource]:
        """Return the resources of some types that exist in this run."""
        return [found for found in self._candidates.values() if found.type in types and found.exists]

    def __getitem__(self, logical_id: str) -> Resource:
        found = self.find(logical_id)
        if found is None:
            raise KeyError(logical_id)
        return found

    def __contains__(self, logical_id: object) -> bool:
        return self.find(str(logical_id)) is not None

    def mentioning(self, logical_id: str) -> Iterator[OpenResource]:
        """Iterate over the candidates whose text names another resource anywhere."""
        for candidate in self._candidates.values():
            if self.mentions(candidate, logical_id) and candidate.exists:
                yield candidate

    def exported_words(self, logical_id: str) -> tuple[str, ...]:
        """Return for each export that names a resource the longest word of its name, which every importer says."""
        if logical_id not in self._exported:
            self._exported[logical_id] = tuple(
                max(words, key=len)
                for output in self.template.outputs.values()
                if output.export is not None and logical_id in set(_words_of(output.value))
                if (words := sorted(set(_words_of(output.export))))
            )
        return self._exported[logical_id]

    def mentions(self, candidate: OpenResource, word: str) -> bool:
        """Return whether a word stands anywhere in the text of a candidate."""
        words = self._mentions.get(candidate.logical_id)
        if words is None:
            words = self._mentions[candidate.logical_id] = frozenset(_words(candidate.definition))
        return word in words

    def permitted(self) -> bool:
        """Return whether the template's rules hold for the values of this run; reads the parameters of all rules."""
        return next(broken_rules(self.scope.for_rules()), None) is None  # type: ignore[attr-defined]


class OpenResource(Resource):
    """A resource that exists in some runs and not in others.

    Attributes:
        definition: how it is written.
    """

    __slots__ = ("_present", "_scope", "definition")

    def __init__(self, definition: ResourceDefinition, scope: OpenScope, present: Callable[[], bool]) -> None:
        super().__init__(definition, scope)
        self._present = present
        self.definition = definition
        self._scope = scope

    @property
    def conditional(self) -> bool:
        """Whether it has a condition of its own."""
        return self.definition.condition is not None

    @property
    def exists(self) -> bool:
        """Whether its condition holds in this run, or may hold, in a stack that exists."""
        if not self._present():
            return False
        if self.definition.condition is None:
            return True
        return self._scope.condition(self.definition.condition, self.definition.mark) is not False

    def references(self) -> tuple[Reference, ...]:
        """Return what it refers to in this run."""
        return references_in(self.attributes)

    def values_with(self, word: str) -> Iterator[Value]:
        """Iterate over its properties, and what stands beside them, whose text holds a word; others stay unread."""
        for block in (self.properties, self.attributes):
            for name, node in block.written():
                if name != "Properties" and word in set(_words_of(node)):
                    value = block.get(name)
                    if value is not None:
                        yield value


def _words(definition: ResourceDefinition) -> Iterator[str]:
    """Iterate over every word of a resource's text: names of what it may refer to are among them."""
    return _words_of(definition.attributes)


def _words_of(whole: Node) -> Iterator[str]:
    nodes: list[Node] = [whole]
    while nodes:
        node = nodes.pop()
        if isinstance(node, Scalar):
            yield from node.text.replace("${", " ").replace("}", " ").replace(".", " ").split()
        elif isinstance(node, Sequence):
            nodes += node.items
        else:
            yield from node.entries
            nodes += node.entries.values()
