"""An empty simulated account for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stackproof.simulate import simulated_account

from .stage import ACCOUNT, REGION, Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    """An account that holds nothing."""
    with simulated_account(REGION, ACCOUNT) as account:
        yield Stage(account)
