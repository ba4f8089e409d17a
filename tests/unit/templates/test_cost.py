"""The monthly cost of every environment is estimated, and follows from its sizes."""

from __future__ import annotations

import pytest

from stackproof import Deployment
from stackproof.estimate import estimate


@pytest.mark.promise("MJ-11", "MD-10")
def test_everything_that_costs_has_a_price(deployment: Deployment) -> None:
    """No resource of any environment is left out of its estimate."""
    found = estimate(deployment)
    assert found.unknown == ()
    assert 0 < found.low <= found.high


# The services that the documents name, in US dollars a month.
MUEJAM = {
    "dev": {"InstanceGroup": (16.78, 33.57), "Database": (37.78, 83.78), "Cache": (24.82, 24.82)},
    "staging": {"InstanceGroup": (63.94, 159.84), "Database": (128.12, 220.12), "Cache": (99.28, 99.28)},
    "prod": {"InstanceGroup": (124.67, 623.36), "Database": (680.0, 772.0), "Cache": (451.14, 451.14)},
}


@pytest.mark.promise("MJ-11")
@pytest.mark.systems("muejam")
def test_cost_of_muejam(deployment: Deployment) -> None:
    """Larger than the documents say by storage, standby and NAT, which these do not count."""
    lines = {line.logical_id: (round(line.low, 2), round(line.high, 2)) for line in estimate(deployment).lines}
    wanted = MUEJAM[deployment.environment.name]
    assert {name: lines[name] for name in wanted} == wanted


@pytest.mark.promise("MD-10")
@pytest.mark.systems("mattilda")
def test_cost_of_mattilda(deployment: Deployment) -> None:
    """Database and cache double in prod, where each has a standby; the documents leave the standby of the cache out."""
    lines = {line.logical_id: round(line.low, 2) for line in estimate(deployment).lines}
    database = {"staging": 15.44, "prod": 30.88}[deployment.environment.name]
    cache = {"staging": 12.41, "prod": 24.82}[deployment.environment.name]
    assert (lines["Database"], lines["Cache"]) == (database, cache)
