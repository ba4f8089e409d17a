"""Every type that has a recipe can be removed again."""

from __future__ import annotations

from stackproof.simulate import simulated_account
from stackproof.simulate.inventory import inventory

from .resource_cases import ACCOUNT, CASES, REGION, World, make, prepare


def test_everything_can_be_removed() -> None:
    """Removed in reverse order, nothing of it is left."""
    with simulated_account(REGION, ACCOUNT) as account:
        world = World()
        prepare(account, world)
        before = inventory(account.client)
        for case in CASES:
            world[case.name] = make(account, case.type, case.name, case.properties(world))
        for case in reversed(CASES):
            world[case.name].delete(False)
        assert sorted(inventory(account.client) - before) == []
