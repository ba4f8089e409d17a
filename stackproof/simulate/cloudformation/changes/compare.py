"""Compares a stack with what it is to become."""

from __future__ import annotations

import graphlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from stackproof.resolve.stack import Output, Stack
from stackproof.resolve.values import plain_value
from stackproof.simulate.cloudformation.changes.details import (
    AUTOMATIC,
    STACK_TAGS,
    Cause,
    Detail,
    Fate,
    Rules,
    Target,
    causes,
    fate,
    of_target,
    replacement,
)
from stackproof.simulate.cloudformation.changes.leaves import (
    ATTRIBUTES,
    Known,
    Leaf,
    NotYetKnownError,
    Reader,
    Resource,
    Tree,
    as_texts,
    below,
    leaves,
)
from stackproof.simulate.cloudformation.changes.values import context_text, differences, in_order, value_text
from stackproof.simulate.fill import Account
from stackproof.symbols import Reference

_NESTED = "AWS::CloudFormation::Stack"
_KEPT_BY_SNAPSHOT = ("AWS::RDS::DBCluster", "AWS::RDS::DBInstance")


class Side(Protocol):
    """A stack as it is, or as it is to become."""

    @property
    def stack(self) -> Stack:
        """The template, resolved with the parameters."""

    @property
    def given(self) -> Mapping[str, str]:
        """The parameters' values as they were sent; for one of Parameter Store, the name there."""

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags of the stack."""


class Live(Protocol):
    """A resource that exists."""

    @property
    def logical_id(self) -> str:
        """Its name in the template."""

    @property
    def type(self) -> str:
        """Such as ``AWS::SNS::Topic``."""

    @property
    def physical_id(self) -> str:
        """What ``PhysicalResourceId`` holds."""

    @property
    def properties(self) -> Mapping[str, Any]:
        """As they were last deployed."""

    @property
    def attributes(self) -> Mapping[str, Any]:
        """What stood beside the properties then."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a change set does to one resource.

    Attributes:
        action: ``Add``, ``Modify``, ``Remove`` or ``Import``.
        physical_id: empty where there is none yet.
        policy_action: what becomes of the physical resource: ``Delete``, ``ReplaceAndDelete`` …; empty where it stays.
        details: why it changes.
        valued: the details that are told with the values of properties. A reference that may lead to another value,
            and may not, is among `details` only.
        before: the resource so far; None where it is new.
        after: the resource that is wanted; None where it is removed.
        change_set_id: the change set of a nested stack; empty where there is none.
    """

    action: str
    logical_id: str
    type: str
    physical_id: str = ""
    policy_action: str = ""
    details: tuple[Detail, ...] = ()
    valued: tuple[Detail, ...] = ()
    before: Mapping[str, Any] | None = field(default=None, compare=False)
    after: Mapping[str, Any] | None = field(default=None, compare=False)
    change_set_id: str = ""

    @property
    def replacement(self) -> str:
        """``True``, ``False`` or ``Conditional``; empty where nothing is modified."""
        return replacement(self.details) if self.action == "Modify" else ""

    def described(self, *, values: bool = False) -> dict[str, Any]:
        """Return it as DescribeChangeSet tells it.

        Parameters:
            values: whether the values of properties are told.
        """
        details = self.valued if values else self.details
        modified = self.action == "Modify"
        optional = {
            "PolicyAction": self.policy_action,
            "PhysicalResourceId": self.physical_id,
            "Replacement": replacement(details) if modified else "",
            "ChangeSetId": self.change_set_id,
            "BeforeContext": context_text(dict(self.before)) if values and self.before is not None else "",
            "AfterContext": context_text(dict(self.after)) if values and self.after is not None else "",
        }
        change = {
            "Action": self.action,
            "LogicalResourceId": self.logical_id,
            "ResourceType": self.type,
            "Scope": list(dict.fromkeys(detail.target.attribute for detail in details)),
            "Details": [detail.described() for detail in details],
        }
        return {"Type": "Resource", "ResourceChange": change | {name: text for name, text in optional.items() if text}}


def described(found: tuple[Change, ...], *, values: bool = False) -> list[dict[str, Any]]:
    """Return ``Changes`` of a change set as DescribeChangeSet tells them.

    Told with values, a resource is left out for which only references speak that lead to the same value so far.
    """
    told = (change for change in found if change.action != "Modify" or not values or change.valued)
    return [change.described(values=values) for change in told]


def changes(
    before: Side | None,
    after: Side,
    live: Mapping[str, Live],
    account: Account,
    region: str = "us-east-1",
    *,
    nested: Mapping[str, str] | None = None,
    imported: Mapping[str, str] | None = None,
) -> tuple[Change, ...]:
    """Return what making a stack into another one does, in the order of DescribeChangeSet.

    Parameters:
        before: the stack as it is; None where it is new.
        after: the stack as it is to become.
        live: the resources that exist, by logical id.
        account: answers what only the account knows, and ``Ref`` and ``Fn::GetAtt`` of the resources that exist.
        region: where; the resource schemas differ between regions.
        nested: the change sets of those nested stacks that change, by logical id, where change sets are made of nested
            stacks; None where each nested stack may change.
        imported: physical ids of the resources that are imported, by logical id.
    """
    comparison = _Comparison(before, after, live, account, region, nested)
    found = [*comparison.wanted(imported or {}), *comparison.removed()]
    # As AWS lists them, the shorter of two names that begin alike stands last.
    return tuple(sorted(found, key=lambda change: f"{change.logical_id}_"))


def nothing_to_do(before: Side, after: Side) -> bool:
    """Return whether an update changes nothing, which AWS refuses.

    An update may be about resources, outputs or the stack's tags. Parameters, mappings, conditions and metadata of the
    template do not count by themselves, nor does ``DependsOn``.
    """
    old, new = Reader(before.stack), Reader(after.stack)
    names = new.names()
    if set(names) != set(old.names()) or dict(before.tags) != dict(after.tags):
        return False
    if any(after.stack[name].type == _NESTED for name in names):
        return False
    if any(old.resource(name) != new.resource(name) for name in names):
        return False
    if any(before.stack[name].type != after.stack[name].type for name in names):
        return False
    return _outputs(before.stack) == _outputs(after.stack)


def _outputs(stack: Stack) -> dict[str, Any]:
    def told(output: Output) -> tuple[Any, ...]:
        return plain_value(output.value), output.export, output.description

    return {name: told(output) for name, output in stack.outputs.items()}


class _Comparison:
    """One comparison; see `changes`."""

    def __init__(
        self,
        before: Side | None,
        after: Side,
        live: Mapping[str, Live],
        account: Account,
        region: str,
        nested: Mapping[str, str] | None,
    ) -> None:
        self._old = None if before is None else Reader(before.stack, account)
        self._new = Reader(after.stack, account)
        self._live = live
        self._account = account
        self._region = region
        self._nested = nested
        self._tags_differ = before is not None and dict(before.tags) != dict(after.tags)
        self._parameters = _differing(before, after)
        self._wanted = set(self._new.names())
        self._fates: dict[str, Fate] = {}

    def wanted(self, imported: Mapping[str, str]) -> Iterator[Change]:
        """Iterate over what is added, imported and modified."""
        for name in self._in_dependency_order():
            kind = self._new.stack[name].type
            if name in self._live:
                change = self._modified(name, kind)
                if change is not None:
                    yield change
                continue
            action = "Import" if name in imported else "Add"
            if action == "Add":
                self._fates[name] = Fate.NEW
            physical_id = imported.get(name, "")
            yield Change(action, name, kind, physical_id, after=self._context(self._new, name))

    def removed(self) -> Iterator[Change]:
        """Iterate over what is removed."""
        for name, resource in self._live.items():
            if name in self._wanted:
                continue
            policy = _deletion_policy(resource, self._attribute(self._old, self._old_tree(name), "DeletionPolicy"))
            if self._old is not None and self._old.exists(name):
                context = self._context(self._old, name, known=_nothing_known)
            else:
                context = {"Properties": as_texts(resource.properties)}
            yield Change("Remove", name, resource.type, resource.physical_id, policy, before=context)

    def _in_dependency_order(self) -> list[str]:
        graph = {
            name: dict.fromkeys(
                reference.logical_id
                for tree in self._new.resource(name).values()
                for _, leaf in leaves(tree)
                for reference in leaf.references
                if reference.logical_id in self._wanted
            )
            for name in self._new.names()
        }
        return list(graphlib.TopologicalSorter(graph).static_order())

    def _modified(self, name: str, kind: str) -> Change | None:
        resource = self._live[name]
        rules = Rules(kind, self._region)
        tree, old = self._new.resource(name), self._old_tree(name)
        details = self._by_template(rules, old, tree)
        before, after = self._before(name, old), self._after(tree)
        valued = self._by_value(rules, (old, before), (tree, after))
        general = []
        if kind == _NESTED and (self._nested is None or name in self._nested):
            general.append(AUTOMATIC)
        if self._tags_differ and rules.taggable and not any(d.target.attribute == "Tags" for d in details):
            general.append(STACK_TAGS)
        details, valued = [*general, *details], [*general, *valued]
        self._fates[name] = fate(details)
        if not details:
            return None
        policy = ""
        if replacement(details) == "True":
            policy = f"ReplaceAnd{_action(self._attribute(self._new, tree, 'UpdateReplacePolicy'))}"
        return Change(
            "Modify",
            name,
            kind,
            resource.physical_id,
            policy,
            tuple(details),
            tuple(valued),
            before=self._masked(self._old, old, before),
            after=self._masked(self._new, tree, after),
            change_set_id=(self._nested or {}).get(name, ""),
        )

    def _by_template(self, rules: Rules, old: Resource, new: Resource) -> list[Detail]:
        """Return the details as the templates tell them: property by property, references not followed."""
        found: list[Detail] = []
        was, wanted = old["Properties"], new["Properties"]
        for name in in_order({**was, **wanted}):
            about, direct = self._causes(was.get(name), wanted.get(name))
            found += of_target(rules.target((name,)), about, direct=direct)
        for name in ATTRIBUTES:
            about, direct = self._causes(old.get(name), new.get(name))
            found += of_target(Target(name), about, direct=direct)
        return _direct_first(found)

    def _causes(self, old: Tree | None, new: Tree | None) -> tuple[set[Cause], bool]:
        was = dict(leaves(old))
        found: set[Cause] = set()
        for path, leaf in leaves(new):
            changed = was.get(path) != leaf
            found |= causes(leaf, changed=changed, parameters=self._parameters, fates=self._fates)
        return found, old != new

    def _by_value(
        self, rules: Rules, old: tuple[Resource, dict[str, Any]], new: tuple[Resource, dict[str, Any]]
    ) -> list[Detail]:
        """Return the details as the values tell them: leaf by leaf, with what each was and will be."""
        (old_tree, before), (tree, after) = old, new
        shown_before = self._masked(self._old, old_tree, before)
        shown_after = self._masked(self._new, tree, after)
        found: list[Detail] = []
        for difference in differences(before["Properties"], after["Properties"], rules.whole):
            path = ("Properties", *difference.path)
            found += self._valued(rules.target(difference.path), path, difference.kind, shown_before, shown_after, tree)
        for name in ATTRIBUTES:
            if before.get(name) != after.get(name):
                kind = "Add" if name not in before else "Remove" if name not in after else "Modify"
                found += self._valued(Target(name), (name,), kind, shown_before, shown_after, tree)
        return _direct_first(found)

    def _valued(
        self,
        target: Target,
        path: tuple[str, ...],
        kind: str,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        tree: Resource,
    ) -> list[Detail]:
        about: set[Cause] = set()
        for _, leaf in leaves(below(tree, path)) if kind != "Remove" else ():
            about |= causes(leaf, changed=True, parameters=self._parameters, fates=self._fates)
        told = replace(
            target,
            path="/" + "/".join(path),
            kind=kind,
            before=None if kind == "Add" else value_text(below(before, path)),
            after=None if kind == "Remove" else value_text(below(after, path)),
        )
        return of_target(told, about, direct=True)

    def _before(self, name: str, tree: Resource) -> dict[str, Any]:
        """Return a resource as it was deployed, dynamic references as they are written."""
        deployed = self._live[name].properties
        if self._old is None or not self._old.exists(name):
            return {"Properties": as_texts(deployed)}
        found = {part: self._old.filled(of, self._reached) for part, of in tree.items()}
        return found | {"Properties": _as_deployed(found["Properties"], tree["Properties"], deployed)}

    def _after(self, tree: Resource) -> dict[str, Any]:
        return {part: self._new.filled(of, self._reached_after) for part, of in tree.items()}

    def _old_tree(self, name: str) -> Resource:
        return {"Properties": {}} if self._old is None else self._old.resource(name)

    def _context(self, reader: Reader, name: str, known: Known | None = None) -> dict[str, Any]:
        tree = reader.resource(name)
        filled = {part: reader.filled(of, known or self._reached_after) for part, of in tree.items()}
        return self._masked(reader, tree, filled)

    def _masked(self, reader: Reader | None, tree: Resource, values: dict[str, Any]) -> dict[str, Any]:
        if reader is not None:
            values = {part: reader.masked(value, tree.get(part)) for part, value in values.items()}
        return {part: values[part] for part in ("Properties", *ATTRIBUTES) if part in values}

    def _attribute(self, reader: Reader | None, tree: Resource, name: str) -> str:
        return "" if reader is None or name not in tree else str(reader.filled(tree[name], _nothing_known))

    def _reached(self, reference: Reference) -> Any:
        if reference.logical_id not in self._live:
            raise NotYetKnownError
        return self._account.attribute(reference.logical_id, reference.attribute)

    def _reached_after(self, reference: Reference) -> Any:
        if self._fates.get(reference.logical_id) in (Fate.NEW, Fate.REPLACED):
            raise NotYetKnownError
        return self._reached(reference)


def _differing(before: Side | None, after: Side) -> frozenset[str]:
    """Return the parameters that were sent another value, or are new."""
    old = {} if before is None else before.given
    return frozenset(name for name, text in after.given.items() if old.get(name) != text)


def _direct_first(details: list[Detail]) -> list[Detail]:
    return sorted(dict.fromkeys(details), key=lambda detail: detail.cause.source != "DirectModification")


def _as_deployed(read: Any, tree: Tree, deployed: Any) -> Any:
    """Return values as they were deployed; those that held no reference to a resource as the template says them.

    Parameters:
        read: the values as the template says them now.
        tree: what they are made of.
        deployed: the values as they were deployed.
    """
    if isinstance(tree, Leaf):
        fixed = not tree.references or "{{resolve:" in str(tree.value) or deployed is None
        return read if fixed else as_texts(deployed)
    if isinstance(tree, dict):
        own = deployed if isinstance(deployed, dict) else {}
        return {name: _as_deployed(read[name], child, own.get(name)) for name, child in tree.items()}
    listed = deployed if isinstance(deployed, list) and len(deployed) == len(tree) else [None] * len(tree)
    return [_as_deployed(value, child, item) for value, child, item in zip(read, tree, listed, strict=True)]


def _nothing_known(reference: Reference) -> Any:
    raise NotYetKnownError


def _deletion_policy(resource: Live, written: str) -> str:
    """Return what becomes of a physical resource whose stack needs it no more."""
    policy = written or str(resource.attributes.get("DeletionPolicy") or "")
    if not policy and resource.type in _KEPT_BY_SNAPSHOT and "DBClusterIdentifier" not in resource.properties:
        # The default of databases; what belongs to a cluster is in the cluster's snapshot.
        policy = "Snapshot"
    return _action(policy)


def _action(policy: str) -> str:
    return {"Retain": "Retain", "RetainExceptOnCreate": "Retain", "Snapshot": "Snapshot"}.get(policy, "Delete")
