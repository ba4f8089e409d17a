"""`stackproof deploy` is killed at any point, and run again: the end is the same as if nothing had happened."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.conftest import STACKPROOF, Ran, Served
from tests.integration.deploy.wire import Wire, wired
from tests.unit.engine.deploy.market import Market, history

LAYERS = ("delivery", "monitoring", "base", "data", "web")
ONCE = ["REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"]
THEN = [*ONCE, "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"]
CHANGED = ("base", "data", "web")

_seeded = random.Random(6)  # noqa: S311 - points at which a test kills
POINTS = [
    (_seeded.random(), _seeded.choice(("before", "after")), _seeded.random(), _seeded.choice(("before", "after")))
    for _ in range(10)
]
"""At which part of its requests a first deployment is killed, and then an update: twenty points in all."""


@pytest.fixture
def market(tmp_path: Path) -> Market:
    """The system that is deployed."""
    return Market(tmp_path)


@pytest.fixture
def wire(served: Served) -> Iterator[Wire]:
    """What stands before the server."""
    with wired(served.endpoint.removeprefix("http://")) as found:
        yield found


def _begin(market: Market, endpoint: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [STACKPROOF, "deploy", market.manifest, "dev", "--no-health-check"],
        cwd=market.folder,
        env=os.environ | {"AWS_ENDPOINT_URL": endpoint, "AWS_MAX_ATTEMPTS": "1", "HOME": str(market.folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _end(process: subprocess.Popen[str]) -> Ran:
    out, err = process.communicate(timeout=100)
    return Ran(process.returncode, out, err)


@pytest.fixture(scope="module")
def requests(server: Served, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, int]:
    """How many requests a first deployment makes, and then an update, when nobody kills them."""
    server.reset()
    market = Market(tmp_path_factory.mktemp("undisturbed"))
    with wired(server.endpoint.removeprefix("http://")) as wire:
        assert _end(_begin(market, wire.endpoint)).code == 0
        first = len(wire.actions)
        _change(market)
        assert _end(_begin(market, wire.endpoint)).code == 0
        return first, len(wire.actions) - first


def _change(market: Market) -> None:
    for layer in CHANGED:
        market.change(layer)


def _killed(market: Market, wire: Wire, number: int, when: str) -> Ran:
    """Deploy, be killed, deploy again; return what the second one said."""
    wire.reset()
    process = _begin(market, wire.endpoint)
    wire.kill(process, number, when)
    assert _end(process).code == -9
    wire.reset()
    again = _end(_begin(market, wire.endpoint))
    assert again.code == 0, again
    return again


def _histories(served: Served) -> dict[str, list[str]]:
    client = served.client("cloudformation")
    return {layer: history(client, f"market-dev-{layer}") for layer in LAYERS}


@pytest.mark.parametrize(("first", "at_first", "second", "at_second"), POINTS)
def test_a_deployment_that_is_killed_anywhere_ends_as_if_it_had_not_been(
    served: Served,
    wire: Wire,
    market: Market,
    requests: tuple[int, int],
    first: float,
    at_first: str,
    second: float,
    at_second: str,
) -> None:
    """Each stack is created once and updated once, and each of its resources too."""
    created = _killed(market, wire, 1 + int(first * requests[0]), at_first)
    assert _histories(served) == dict.fromkeys(LAYERS, ONCE)
    assert _reported(created) == set(LAYERS)

    _change(market)
    updated = _killed(market, wire, 1 + int(second * requests[1]), at_second)
    assert _histories(served) == {layer: THEN if layer in CHANGED else ONCE for layer in LAYERS}
    assert _reported(updated) == set(LAYERS)

    client = served.client("cloudformation")
    for layer in LAYERS:
        steps = [
            (event["LogicalResourceId"], event["ResourceStatus"])
            for event in client.describe_stack_events(StackName=f"market-dev-{layer}")["StackEvents"]
            if event["ResourceStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
        ]
        assert len(steps) == len(set(steps))
    values = [served.client("ssm").get_parameter(Name=name)["Parameter"]["Value"] for name in _notes(served)]
    assert values == ["second"] * 3


def _reported(ran: Ran) -> set[str]:
    """Return the layers that the end of a run tells of as whole."""
    lines = [line.split() for line in ran.out.splitlines() if line.startswith("  market-dev-")]
    return {words[0].rpartition("-")[2] for words in lines if words[1] in ("created", "updated", "unchanged")}


def _notes(served: Served) -> list[str]:
    client = served.client("cloudformation")
    return [
        client.describe_stack_resource(StackName=f"market-dev-{layer}", LogicalResourceId="Note")[
            "StackResourceDetail"
        ]["PhysicalResourceId"]
        for layer in CHANGED
    ]


def test_a_run_after_the_last_one_has_nothing_to_do(served: Served, wire: Wire, market: Market) -> None:
    assert _end(_begin(market, wire.endpoint)).code == 0
    again = _end(_begin(market, wire.endpoint))
    assert (again.code, again.out.splitlines()[0], again.err) == (0, "market dev: nothing to change", "")
    assert "ExecuteChangeSet" not in wire.actions[-20:]
