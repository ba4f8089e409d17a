"""What a deployment declares can be read back through the services' own APIs, or is known not to be simulated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from stackproof.resolve.values import plain_value
from stackproof.simulate.not_simulated import NOT_SIMULATED, reason
from stackproof.simulate.resources import recipes

from .conftest import Simulated

pytestmark = pytest.mark.simulation_only("asks what the simulation itself noted")

SHARE = 0.95
"""How much of what is declared must be read back."""

Property = tuple[str, str]
"""A type, and a path: dotted, an element of a list written ``*``, a tag by its list."""


def declared(simulated: Simulated) -> set[Property]:
    """Return every property that some resource declares, but those that AWS's own API does not show."""
    return {
        (resource.type, path)
        for resource in simulated.deployment.resources
        for path in _paths(plain_value(resource.properties))
        if path.partition(".")[0] not in recipes()[resource.type].hidden
    }


def missing(simulated: Simulated) -> set[Property]:
    """Return what the simulation noted as not made or not shown, under the names of the template."""
    found = set()
    for gap in simulated.account.record.gaps:
        first, dot, rest = gap.path.partition(".")
        named = {theirs: ours for ours, theirs in recipes()[gap.type].names.items()}
        found.add((gap.type, f"{named.get(first, first)}{dot}{rest}"))
    return found


def test_whatever_is_not_read_back_has_a_reason(simulated: Simulated) -> None:
    assert sorted(found for found in missing(simulated) if reason(*found) is None) == []


def test_no_reason_is_given_for_what_is_read_back(simulated: Simulated) -> None:
    listed = {(kind, path) for kind, paths in NOT_SIMULATED.items() for path in paths}
    stated = {entry for entry in listed if any(_covers(entry, one) for one in declared(simulated))}
    assert sorted(entry for entry in stated if not any(_covers(entry, one) for one in missing(simulated))) == []


def test_nearly_everything_is_read_back(simulated: Simulated) -> None:
    everything, lost = declared(simulated), missing(simulated)
    gone = {one for one in everything if any(_covers(entry, one) for entry in lost)}
    assert 1 - len(gone) / len(everything) >= SHARE


def _paths(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict) and value.keys() == {"Key", "Value"}:
        yield path.removesuffix(".*")
    elif isinstance(value, dict) and value:
        for name, child in value.items():
            yield from _paths(child, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for item in value:
            yield from _paths(item, f"{path}.*")
    else:
        yield path


def _covers(entry: Property, one: Property) -> bool:
    """Return whether a property is another, or a part of it."""
    return entry[0] == one[0] and f"{one[1]}.".startswith(f"{entry[1]}.")
