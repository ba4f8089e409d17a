"""Open deployments: each run of a check chooses the parameters of the stacks, which are joined as deployed ones are."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from collections.abc import Mapping as MappingABC
from dataclasses import replace
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from stackproof.bind.domains import domain_of
from stackproof.bind.manifest import Environment
from stackproof.compose.deployment import UNKNOWN_ENVIRONMENT, Deployment, Import
from stackproof.compose.nested import Nested, handed_to, nested_in, output_of
from stackproof.errors import InputError
from stackproof.load.template import Template
from stackproof.marks import Mark
from stackproof.resolve.choices import present_run
from stackproof.resolve.context import Context
from stackproof.resolve.open import OpenResource, OpenStack
from stackproof.resolve.scope import Exports
from stackproof.resolve.stack import Resource, Stack, references_in
from stackproof.resolve.values import Value
from stackproof.symbols import Imported, Reference, Symbol

_T = TypeVar("_T")


class Others(Enum):
    """What is taken for true of resources under a condition that have nothing to do with the one that is judged."""

    PRESENT = "present"
    ABSENT = "absent"
    READ = "read"
    """Nothing: their conditions are read."""


class OpenDeployment(Deployment):
    """Stacks with unbound parameters; what they hold is what they hold in the present run.

    Parameters:
        system: the system's name; empty for templates that belong to no system.
        environment: what is known of where they are deployed.
        stacks: by name.
        imports: by name, what it takes from which other stack; known for a system only.
    """

    stacks: dict[str, OpenStack]  # type: ignore[assignment]

    def __init__(
        self,
        system: str,
        environment: Environment,
        stacks: MappingABC[str, OpenStack],
        imports: MappingABC[str, tuple[Import, ...]] | None = None,
    ) -> None:
        super().__init__(system, environment, stacks, imports or dict.fromkeys(stacks, ()))
        self._run: object = None
        self._subject: OpenResource | OpenStack | None = None
        self._others = Others.READ
        self.assumed = False

    def look_from(self, subject: OpenResource | OpenStack, others: Others) -> None:
        """Say which subject is judged, and what to take for true of those that have nothing to do with it.

        ``assumed`` says afterwards whether anything was taken for true.
        """
        self._subject, self._others, self.assumed = subject, others, False

    def candidates(self, *types: str) -> Iterator[OpenResource]:
        """Iterate over the resources of some types that are written, whether or not they exist in a run."""
        for stack in self.stacks.values():
            yield from (found for found in stack.candidates.values() if found.type in types)

    @property
    def resources(self) -> Iterator[Resource]:
        """Every resource that exists in this run; asking for all reads every condition."""
        for stack in self.stacks.values():
            yield from stack.resources.values()

    def of_type(self, *types: str) -> list[Resource]:
        """Return the resources of some types that exist in this run, or are taken to; see `look_from`."""
        return [found for found in self.candidates(*types) if self._is_there(found)]

    def _is_there(self, candidate: OpenResource) -> bool:
        if self._reads_condition_of(candidate):
            return candidate.exists
        self.assumed = True
        return self._others is Others.PRESENT

    def _reads_condition_of(self, candidate: OpenResource) -> bool:
        return self._others is Others.READ or not candidate.conditional or self._concerns_subject(candidate)

    def _concerns_subject(self, candidate: OpenResource) -> bool:
        """Return whether one of the two names the other."""
        subject = self._subject
        if not isinstance(subject, OpenResource) or candidate is subject:
            return True
        if candidate.stack != subject.stack:
            return False
        stack = self.stacks[subject.stack]
        return stack.mentions(candidate, subject.logical_id) or stack.mentions(subject, candidate.logical_id)

    def follow(self, value: Any) -> Resource | None:
        """Return the resource that a value refers to; None where it is no reference.

        Raises:
            InputError: the resource does not exist in this run, so CloudFormation refuses the template.
        """
        if not isinstance(value, Reference) or value.stack not in self.stacks:
            return None
        candidate = self.stacks[value.stack].candidates.get(value.logical_id)
        if candidate is None or not self._reads_condition_of(candidate):
            # What is named exists wherever that which names it does, or CloudFormation refuses the template.
            return candidate
        if not candidate.exists:
            raise InputError(
                f"Template format error: Unresolved resource dependencies [{value.logical_id}]", candidate.mark
            )
        return candidate

    def users_of(self, resource: Resource) -> list[Resource]:
        """Return the resources that refer to a resource in this run."""
        found = (user for user, word in self._possible_users(resource) if self._uses(user, word, resource))
        return list(dict.fromkeys(found))

    def _possible_users(self, resource: Resource) -> Iterator[tuple[OpenResource, str]]:
        exported = self.stacks[resource.stack].exported_words(resource.logical_id)
        for name, stack in self.stacks.items():
            for word in (resource.logical_id,) if name == resource.stack else exported:
                yield from ((user, word) for user in stack.mentioning(word))

    def _uses(self, user: OpenResource, word: str, resource: Resource) -> bool:
        """Return whether a resource refers to another one in this run; only what mentions it is read."""
        wanted = (resource.stack, resource.logical_id)
        return any(
            (found.stack, found.logical_id) == wanted
            for value in user.values_with(word)
            for found in references_in(value)
        )

    def once(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """Return what was made for a key in this run; see `Deployment.once`."""
        run = present_run()
        if run is None or run is not self._run:
            self._run = run
            self._made.clear()
        return super().once(key, make)

    def export(self, name: str | Symbol, mark: Mark) -> Value:
        """Return the value of an export in this run; one that no stack declares stays symbolic."""
        if len(self.stacks) == 1:
            # No stack can import what it exports itself.
            return Imported(name)
        return self.once(("export", name), lambda: self._export(name))

    def _export(self, name: str | Symbol) -> Value:
        for stack in self.stacks.values():
            for definition in stack.template.outputs.values():
                if definition.export is None or stack.scope.resolve(definition.export) != name:
                    continue
                if definition.condition is None or stack.condition(definition.condition) is not False:
                    return stack.scope.resolve(definition.value)
        return Imported(name)


def open_deployment_of(templates: MappingABC[str, Template], *, protected: bool = True) -> OpenDeployment:
    """Return templates that belong to no system, each parameter open to all that it permits.

    Parameters:
        templates: by the name of the stack.
        protected: whether they are judged as a protected environment.

    Raises:
        InputError: a default that its own template does not permit, or a loop over what nobody has bound.
    """

    def make(name: str, exports: Exports) -> OpenStack:
        template = templates[name]
        domains = {parameter.name: domain_of(parameter) for parameter in template.parameters.values()}
        return OpenStack(template, {}, domains, Context(stack=name), exports)

    return join_open("", replace(UNKNOWN_ENVIRONMENT, protected=protected), tuple(templates), make)


def join_open(
    system: str,
    environment: Environment,
    names: Iterable[str],
    make: Callable[[str, Exports], OpenStack],
    imports: MappingABC[str, tuple[Import, ...]] | None = None,
) -> OpenDeployment:
    """Return open stacks joined through their exports.

    Parameters:
        system: the system's name; may be empty.
        environment: what is known of where they are deployed.
        names: of the stacks.
        make: makes one stack, given how it finds exports.
        imports: by name, what it takes from which other stack, where that is known.
    """
    joined: list[OpenDeployment] = []

    def export(name: str | Symbol, mark: Mark) -> Value:
        return joined[0].export(name, mark)

    stacks = {name: make(name, export) for name in names}
    joined.append(OpenDeployment(system, environment, stacks, imports))
    return joined[0]


def open_template(template: Template, path: Path | None = None) -> OpenDeployment:
    """Return one template that belongs to no system, each parameter open to all that it permits.

    A template that it nests has the values that it is passed, and its defaults.

    Parameters:
        template: the template.
        path: where it lies, so that templates that it nests are found beside it; None to leave them unknown.
    """
    name = Path(template.file).stem
    nested = {found.name: found for found in nested_in(name, template, path)} if path is not None else {}
    made: dict[str, Stack] = {}

    def make(own: str, exports: Exports) -> OpenStack:
        if own in nested:
            return _nested_stack(nested[own], made, exports)
        domains = {parameter.name: domain_of(parameter) for parameter in template.parameters.values()}
        stack = OpenStack(template, {}, domains, Context(stack=own), exports)
        made[own] = stack
        return stack

    return join_open("", UNKNOWN_ENVIRONMENT, (name, *nested), make)


def _nested_stack(nested: Nested, made: dict[str, Stack], exports: Exports) -> OpenStack:
    parent = made[nested.parent]
    stack = OpenStack(
        nested.template,
        handed_to(nested, made),
        {},
        Context(stack=nested.name),
        exports,
        present=lambda: parent.find(nested.logical_id) is not None,
    )
    made[nested.name] = stack
    parent.scope.nested[nested.logical_id] = partial(output_of, nested, stack)
    return stack
