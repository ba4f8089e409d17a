"""Packs: policies by the body whose controls they answer to. A pack is what the policies' ``controls`` say, no list."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from stackproof.errors import InputError, suggestion
from stackproof.findings import Rule
from stackproof.paths import own_policies

if TYPE_CHECKING:
    from stackproof.judge.discover import LoadedPolicy

OWN = "stackproof"
"""The pack of all policies that come with stackproof."""


def packs(rules: Iterable[Rule], own: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Return the ids of each pack, by name; ``FSBP RDS.3`` among a policy's controls puts it into ``fsbp``.

    Parameters:
        rules: of every policy.
        own: ids of those that come with stackproof.
    """
    found: dict[str, set[str]] = {OWN: set(own)}
    for rule in rules:
        for control in rule.controls:
            found.setdefault(control.partition(" ")[0].lower(), set()).add(rule.id)
    return {name: frozenset(found[name]) for name in sorted(found)}


def of_policies(policies: Collection[LoadedPolicy]) -> Mapping[str, frozenset[str]]:
    """Return the ids of each pack of loaded policies, by name."""
    home = own_policies()
    own = [policy.policy.id for policy in policies if home in policy.path.parents]
    return packs((policy.rule for policy in policies), own)


def chosen(names: Iterable[str], known: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return the ids of some packs together.

    Raises:
        InputError: no policy belongs to a pack of that name.
    """
    ids: frozenset[str] = frozenset()
    for name in names:
        if not known.get(name.lower()):
            near = suggestion(name.lower(), known)
            raise InputError(f"no policy belongs to a pack '{name}'{near}; see stackproof list packs")
        ids |= known[name.lower()]
    return ids
