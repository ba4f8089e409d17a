"""Why a resource changes: the details of one change, with what each asks of the resource."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from stackproof.simulate.cloudformation.changes.leaves import Leaf
from stackproof.simulate.cloudformation.schemas import schema
from stackproof.simulate.cloudformation.validation import Lookup
from stackproof.symbols import Reference

_PROPERTIES = "Properties"
_TAGS = "Tags"
_BY_CLOUDFORMATION = ("Custom::", "AWS::CloudFormation::CustomResource")


class Fate(IntEnum):
    """What becomes of a resource that others refer to."""

    KEPT = 0
    MODIFIED = 1
    PERHAPS_REPLACED = 2
    REPLACED = 3
    NEW = 4


@dataclass(frozen=True, slots=True)
class Cause:
    """What makes a value change.

    Attributes:
        source: ``ChangeSource``.
        static: whether the value surely changes.
        entity: ``CausingEntity``; empty for a direct modification.
    """

    source: str
    static: bool
    entity: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What changes.

    Attributes:
        attribute: ``Properties``, ``Tags``, ``Metadata`` …
        name: the property; empty where it is not one.
        recreation: whether the change replaces the resource: ``Never``, ``Conditionally`` or ``Always``.
        path: where in the resource; empty where that is not told.
        kind: ``Add``, ``Modify`` or ``Remove``; empty where that is not told.
        before: the value, as text; None where there is none.
        after: the value, as text; None where there is none.
    """

    attribute: str
    name: str = ""
    recreation: str = "Never"
    path: str = ""
    kind: str = ""
    before: str | None = None
    after: str | None = None

    def described(self) -> dict[str, Any]:
        """Return it as DescribeChangeSet tells it."""
        optional = {
            "Name": self.name or None,
            "RequiresRecreation": self.recreation,
            "Path": self.path or None,
            "BeforeValue": self.before,
            "AfterValue": self.after,
            "AttributeChangeType": self.kind or None,
        }
        return {"Attribute": self.attribute} | {name: value for name, value in optional.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Detail:
    """One detail of a change: what changes, and why."""

    target: Target
    cause: Cause

    def described(self) -> dict[str, Any]:
        """Return it as DescribeChangeSet tells it."""
        found = {
            "Target": self.target.described(),
            "Evaluation": "Static" if self.cause.static else "Dynamic",
            "ChangeSource": self.cause.source,
        }
        return found | ({"CausingEntity": self.cause.entity} if self.cause.entity else {})


AUTOMATIC = Detail(Target(_PROPERTIES), Cause("Automatic", static=False))
"""Every nested stack may change, whatever its parent says of it: its template is read only in its own update."""

STACK_TAGS = Detail(Target(_TAGS), Cause("DirectModification", static=True))
"""The tags of the stack are those of its resources."""


def replacement(details: Iterable[Detail]) -> str:
    """Return ``Replacement``: the most that any detail asks for."""
    asked = {(detail.target.recreation, detail.cause.static) for detail in details}
    if ("Always", True) in asked:
        return "True"
    return "Conditional" if any(recreation != "Never" for recreation, _ in asked) else "False"


def fate(details: Iterable[Detail]) -> Fate:
    """Return what becomes of a resource that exists."""
    details = tuple(details)
    if not details:
        return Fate.KEPT
    return {"True": Fate.REPLACED, "Conditional": Fate.PERHAPS_REPLACED}.get(replacement(details), Fate.MODIFIED)


def causes(leaf: Leaf | None, *, changed: bool, parameters: frozenset[str], fates: Mapping[str, Fate]) -> set[Cause]:
    """Return what makes one leaf change, a direct modification left aside.

    Parameters:
        leaf: the leaf as it is wanted; None where there is none any more.
        changed: whether its value differs, as far as the template says it.
        parameters: the parameters that have another value, or are new.
        fates: what becomes of the resources.
    """
    if leaf is None:
        return set()
    found = {Cause("ParameterReference", static=True, entity=name) for name in leaf.parameters & parameters if changed}
    for reference in leaf.references:
        cause = _of_reference(reference, fates.get(reference.logical_id, Fate.KEPT))
        if cause is not None:
            found.add(cause)
    return found


def _of_reference(reference: Reference, of: Fate) -> Cause | None:
    attribute = reference.attribute
    if of is Fate.KEPT or (of is Fate.MODIFIED and not attribute):
        # What is changed in place keeps its physical id.
        return None
    static = of in (Fate.REPLACED, Fate.NEW)
    if attribute:
        return Cause("ResourceAttribute", static=static, entity=f"{reference.logical_id}.{attribute}")
    return Cause("ResourceReference", static=static, entity=reference.logical_id)


def of_target(target: Target, found: Iterable[Cause], *, direct: bool) -> list[Detail]:
    """Return the details of one target: the direct modification first, then what else makes it change.

    A direct modification is ``Dynamic`` where something else makes the value change, too.
    """
    others = sorted(found, key=lambda cause: (cause.source, cause.entity, cause.static))
    first = [Cause("DirectModification", static=not others)] if direct else []
    return [Detail(target, cause) for cause in (*first, *others)]


class Rules:
    """What the schema of a resource type says about changes.

    Parameters:
        kind: the resource type.
        region: where; the schemas differ between regions.
    """

    def __init__(self, kind: str, region: str) -> None:
        self._schema = schema(kind, region)
        self._custom = kind.startswith(_BY_CLOUDFORMATION)

    @property
    def taggable(self) -> bool:
        """Whether the tags of the stack are given to it."""
        return self._schema is not None and self._schema.taggable

    def target(self, path: tuple[str, ...]) -> Target:
        """Return the target of a property's change.

        Parameters:
            path: names and indexes; the first is the property.
        """
        attribute, name = _PROPERTIES, path[0]
        known = self._schema
        if known is not None and name == _TAGS == known.tag_property and not known.tags_are_a_map:
            attribute, name = _TAGS, ""
        if self._custom:
            return Target(attribute, name, "Conditionally")
        return Target(attribute, name, known.recreation(".".join(path)) if known is not None else "Never")

    def whole(self, path: tuple[str, ...]) -> bool:
        """Return whether what stands at a path counts as one value: a document of which the schema knows no parts."""
        if self._schema is None or not path:
            return False
        lookup = Lookup(self._schema.document)
        node = lookup.document
        for name in path:
            node = lookup.resolve(_part(node, name))
        types = node.get("type", ())
        return "object" in ((types,) if isinstance(types, str) else types) and not any(key in node for key in _PARTS)


_PARTS = ("properties", "patternProperties", "oneOf", "anyOf", "allOf")


def _part(node: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return what a schema says of one member of an object, or of the items of a list."""
    if "items" in node and name.isdigit():
        found = node["items"]
    elif name in node.get("properties", {}):
        found = node["properties"][name]
    else:
        found = next(iter(node.get("patternProperties", {}).values()), {})
    return found if isinstance(found, dict) else {}
