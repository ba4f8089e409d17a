"""What AWS publishes about resource types: their properties, what replaces a resource, what must not be declared.

The schemas are those that cfn-lint ships, one file per type and version; a type's file is read when it is first asked
for, and cfn-lint itself is never imported. What the schemas leave out stands in `update_behaviour`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from stackproof.errors import InputError
from stackproof.simulate.cloudformation.update_behaviour import BEHAVIOUR, Behaviour
from stackproof.simulate.cloudformation.validation import Lookup, violations

Recreation = Literal["Never", "Conditionally", "Always"]

_COMMON_REGION = "us-east-1"
"""Has every type but a handful; a region that cfn-lint does not know is taken to be like it."""
_CUSTOM = "AWS::CloudFormation::CustomResource"
_NO_BEHAVIOUR = Behaviour("")
_OF_CLOUDFORMATION = frozenset(
    f"AWS::CloudFormation::{name}" for name in ("CustomResource", "Macro", "Stack", "WaitCondition")
)
"""Made by CloudFormation itself, with the wording of the time before it had resource schemas."""


class Schema:
    """What is known of one resource type in one region.

    Attributes:
        type: such as ``AWS::SNS::Topic``.
        document: the published schema.
    """

    def __init__(self, kind: str, document: Mapping[str, Any], behaviour: Behaviour = _NO_BEHAVIOUR) -> None:
        self.type = kind
        self.document = document
        self._behaviour = behaviour
        self._lookup = Lookup(document)

    @cached_property
    def properties(self) -> frozenset[str]:
        """Names of the properties, those that only AWS sets among them."""
        return frozenset(self.document["properties"])

    @cached_property
    def declarable(self) -> frozenset[str]:
        """Names of the properties that a template may declare."""
        return self.properties - {*self.read_only}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Names of the properties that must be declared."""
        return tuple(self.document.get("required", ()))

    @cached_property
    def open(self) -> bool:
        """Whether any other property may be declared too, as with custom resources."""
        return self.type == _CUSTOM or self.document.get("additionalProperties", True) is not False

    @cached_property
    def registered(self) -> bool:
        """Whether handlers of the registry make it, so that its properties are checked against the schema."""
        return "handlers" in self.document and self.type not in _OF_CLOUDFORMATION

    @cached_property
    def updatable(self) -> bool:
        """Whether anything can change in place; where False, each change is a replacement."""
        handlers = self.document.get("handlers")
        return handlers is None or "update" in handlers

    @cached_property
    def delete_then_create(self) -> bool:
        """Whether a replacement deletes the old resource first."""
        return self.document.get("replacementStrategy") == "delete_then_create"

    @cached_property
    def primary_identifier(self) -> tuple[str, ...]:
        """Paths of the properties that together name a resource."""
        return self._paths("primaryIdentifier")

    @cached_property
    def read_only(self) -> tuple[str, ...]:
        """Paths that AWS sets, which are what ``Fn::GetAtt`` can ask for, such as ``Endpoint.Address``."""
        return self._paths("readOnlyProperties")

    @cached_property
    def write_only(self) -> tuple[str, ...]:
        """Paths that no description of the resource shows."""
        return self._paths("writeOnlyProperties")

    @cached_property
    def taggable(self) -> bool:
        """Whether the tags of the stack are given to it."""
        return bool(self._tagging.get("taggable", self.document.get("taggable", "Tags" in self.properties)))

    @cached_property
    def system_tags(self) -> bool:
        """Whether it gets the tags ``aws:cloudformation:…``."""
        return self.taggable and bool(self._tagging.get("cloudFormationSystemTags", True))

    @cached_property
    def tag_property(self) -> str | None:
        """The property that holds the tags; None where it takes none."""
        if not self.taggable:
            return None
        name, *below = _names(str(self._tagging.get("tagProperty", "/properties/Tags")))
        return name if name in self.properties and not below else None

    @cached_property
    def tags_are_a_map(self) -> bool:
        """Whether the tag property is a map of values by keys, not a list of ``Key`` and ``Value``."""
        node = self._lookup.resolve(self.document["properties"].get(self.tag_property or "", {}))
        return node.get("type") == "object"

    @cached_property
    def replaced_by(self) -> tuple[str, ...]:
        """Paths of the properties whose change replaces the resource; all of them where nothing is updated."""
        return self._given(self._always) if self.updatable else tuple(sorted(self.properties))

    @cached_property
    def perhaps_replaced_by(self) -> tuple[str, ...]:
        """Paths of the properties whose change may replace the resource."""
        return self._given(self._conditional) if self.updatable else ()

    @property
    def unchangeable(self) -> tuple[str, ...]:
        """Paths of the properties whose change fails the update."""
        return self._behaviour.fixed

    def recreation(self, path: str) -> Recreation:
        """Return whether a change of a property replaces the resource.

        Parameters:
            path: such as ``TopicName`` or ``LoggingConfiguration.LogGroup``; list indexes are passed over. A property
                of which only a part replaces the resource is ``Conditionally``.
        """
        names = _names(path)
        if not self.updatable or _reaches(self._always, names):
            return "Always"
        if _reaches(self._conditional, names) or _lies_above((*self._always, *self._conditional), names):
            return "Conditionally"
        return "Never"

    def interrupts(self, path: str) -> bool:
        """Return whether a change in place is documented as "Some interruptions".

        The documentation says so of whatever a schema says may replace the resource, too.
        """
        names = _names(path)
        rules = [*self._rules("conditionalCreateOnlyProperties"), *map(_names, self._behaviour.interrupts)]
        return _reaches(rules, names) or _lies_above(rules, names)

    def fixed(self, path: str) -> bool:
        """Return whether AWS documents that an update of the property fails, where others would replace."""
        return _reaches(map(_names, self.unchangeable), _names(path))

    def violations(self, properties: Mapping[str, Any]) -> tuple[str, ...]:
        """Return what is wrong with resolved properties, in the words of CloudFormation's validator."""
        return tuple(violations(self._lookup, properties))

    @cached_property
    def _always(self) -> tuple[tuple[str, ...], ...]:
        schema = self._rules("createOnlyProperties")
        return (*schema, *(_names(rule) for rule in self._behaviour.always))

    @cached_property
    def _conditional(self) -> tuple[tuple[str, ...], ...]:
        schema = self._rules("conditionalCreateOnlyProperties")
        return (*schema, *(_names(rule) for rule in self._behaviour.conditional))

    def _given(self, rules: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
        return tuple(sorted({".".join(names) for names in rules if names[0] in self.properties} - {*self.read_only}))

    @property
    def _tagging(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.document.get("tagging") or {}
        return found

    def _rules(self, key: str) -> tuple[tuple[str, ...], ...]:
        return tuple(_names(pointer) for pointer in self.document.get(key, ()))

    def _paths(self, key: str) -> tuple[str, ...]:
        return tuple(".".join(names) for names in self._rules(key))


def schema(kind: str, region: str = _COMMON_REGION) -> Schema | None:
    """Return what is known of a resource type, or None where the region does not have it.

    Raises:
        InputError: cfn-lint is not installed.
    """
    name = _CUSTOM if kind.startswith("Custom::") else kind
    version = _versions(region).get(name)
    return None if version is None else _schema(name, version)


def types(region: str = _COMMON_REGION) -> tuple[str, ...]:
    """Return the names of all types that a region has.

    Raises:
        InputError: cfn-lint is not installed.
    """
    return tuple(_versions(region))


def refused(found: Schema, properties: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what CloudFormation finds wrong with the resolved properties of a resource; nothing where all is well.

    A value that could be converted, such as a number for a text, is right; so is what is not known yet (anything but
    plain data, or a function that still stands there).
    """
    if found.registered:
        return found.violations(properties)
    unknown = () if found.open else tuple(name for name in properties if name not in found.properties)
    if unknown:
        return (f"Encountered unsupported property {unknown[0]}",)
    missing = next((name for name in found.required if name not in properties), None)
    return () if missing is None else (f"Property {missing} cannot be empty.",)


def refusal(found: Schema, logical_id: str, lines: Iterable[str], *, early: bool = False) -> str:
    """Return the reason of the event with which a resource fails for what `refused` found.

    Parameters:
        early: whether it is found in the template, before any resource of the stack is touched.
    """
    if not found.registered:
        return " ".join(lines)
    said = f"[{', '.join(lines)}]" if early else "\n".join(lines)
    return f"Properties validation failed for resource {logical_id} with message:\n{said}"


@cache
def _folder() -> Path:
    """Return where cfn-lint keeps the schemas."""
    package = find_spec("cfnlint")
    if package is None or package.origin is None:
        raise InputError("the simulation needs cfn-lint's resource schemas: pip install 'stackproof[simulate]'")
    return Path(package.origin).parent / "data" / "schemas"


@cache
def _versions(region: str) -> Mapping[str, str]:
    """Return the version of each type's schema in a region."""
    folder = _folder() / "providers"
    path = folder / f"{region}.json"
    found: dict[str, str] = json.loads((path if path.is_file() else folder / f"{_COMMON_REGION}.json").read_bytes())
    return found


@cache
def _schema(kind: str, version: str) -> Schema:
    document = json.loads((_folder() / "resources" / f"{version}.json").read_bytes())
    return Schema(kind, document, BEHAVIOUR.get(kind, _NO_BEHAVIOUR))


def _names(path: str) -> tuple[str, ...]:
    """Return the names of a path, written with dots or as a pointer, without what stands for items of a list."""
    parts = path.replace("/", ".").split(".")
    names = tuple(part for part in parts if part and part != "*" and not part.isdigit())
    return names[1:] if path.startswith(("/", "properties/")) and names[0].lower() == "properties" else names


def _reaches(rules: Iterable[tuple[str, ...]], names: tuple[str, ...]) -> bool:
    """Return whether a path is one of those that rules name, or a part of it."""
    return any(names[: len(rule)] == rule for rule in rules)


def _lies_above(rules: Iterable[tuple[str, ...]], names: tuple[str, ...]) -> bool:
    """Return whether a rule names a part of what a path names."""
    return any(len(rule) > len(names) and rule[: len(names)] == names for rule in rules)
