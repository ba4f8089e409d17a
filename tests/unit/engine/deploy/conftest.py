"""A simulated account, and the systems that are deployed into it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stackproof.simulate.account import SimulatedAccount, simulated_account
from tests.unit.engine.deploy.market import Market
from tests.unit.engine.deploy.shop import Shop


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    """An empty account."""
    with simulated_account("us-east-1") as found:
        yield found


@pytest.fixture
def market(tmp_path: Path) -> Market:
    """The system with everything that a deployment cares for."""
    return Market(tmp_path)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """The small system."""
    return Shop(tmp_path)
