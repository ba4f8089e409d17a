"""The nightly run against the server; ``tox run -e taskcat`` does it for every system."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from stackproof import load_system
from stackproof.simulate.prerequisites import prerequisites, provide
from stackproof.taskcat.roots import Root, roots
from tests.integration.conftest import ROOT, Served
from tests.taskcat import __main__ as nightly


@pytest.fixture
def place(served: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> nightly.Place:
    """The server's account; taskcat lives in an environment of its own, `make test` makes it and says where it is."""
    default = ROOT / ".tox/taskcat/taskcat/bin/taskcat"
    program = Path(os.environ.get("STACKPROOF_TASKCAT", default))
    if not program.is_file():
        pytest.fail(f"no taskcat at {program}; make it with: tox run --notest -e taskcat", pytrace=False)
    monkeypatch.setenv("STACKPROOF_TASKCAT", str(program))
    monkeypatch.setattr(nightly, "OUTPUT", tmp_path / "outputs")
    return nightly.Place(nightly.simulated_variables(served.endpoint), simulated=True)


@pytest.fixture
def mattilda() -> Root:
    """A system that reads something of its account."""
    (found,) = roots([load_system(ROOT / "cloudformation/systems/mattilda.yaml")])
    return found


def _stacks(served: Served, region: str) -> set[str]:
    """Return the status of every stack that there is or was."""
    summaries = served.client("cloudformation", region).list_stacks()["StackSummaries"]
    return {summary["StackStatus"] for summary in summaries}


def test_run(served: Served, place: nightly.Place, mattilda: Root) -> None:
    for system in (mattilda.system.name, mattilda.second_system):
        nightly.put_prerequisites(mattilda, system, place)
    assert nightly.tried(mattilda, place) == []
    assert _stacks(served, "us-east-1") == _stacks(served, "us-west-2") == {"DELETE_COMPLETE"}


def test_stack_that_fails_in_one_region_fails_the_run_and_leaves_nothing(
    served: Served, place: nightly.Place, mattilda: Root, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where nobody wrote down the hosted zone of the second region, there can be no application."""
    for needed in prerequisites(mattilda.system.deployment("staging")):
        provide(needed, partial(place.client, region=needed.region))
    assert nightly.tried(mattilda, place) == ["taskcat"]
    assert _stacks(served, "us-east-1") == _stacks(served, "us-west-2") == {"DELETE_COMPLETE"}
    out = capfd.readouterr().out
    assert "promises" not in out
    assert "StackName: mattildausw2-staging" in out
