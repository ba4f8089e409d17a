"""`nightly.yml`, each step run: real accounts, the promises, clean-up whatever happens, drift, a report."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.pipeline.expressions import condition
from tests.integration.pipeline.runner import Sandbox, runs_of
from tests.integration.pipeline.workflow import workflow

NIGHTLY = workflow("nightly")
ROLE = "arn:aws:iam::123456789012:role/nightly"
SYSTEMS = ["caja", "maticko", "mattilda", "muejam"]
PARTS = ("systems", "taskcat", "live", "clean", "drift")


@pytest.fixture
def night(sandbox: Sandbox) -> Sandbox:
    """A runner with a role in each system's account."""
    sandbox.event = {"name": "schedule", "ref": "main"}
    sandbox.variables["AWS_ROLES"] = json.dumps(dict.fromkeys(SYSTEMS, ROLE))
    return sandbox


def _needs(**results: str) -> dict[str, Any]:
    target = {"system": "maticko", "environment": "prod", "region": "us-east-1"}
    outputs = {"systems": json.dumps(SYSTEMS), "matrix": json.dumps({"include": [target]})}
    return {"systems": {"result": "success", "outputs": outputs}} | {
        job: {"result": result, "outputs": {}} for job, result in results.items()
    }


def test_every_system_and_every_environment_is_asked(night: Sandbox) -> None:
    ended = night.run(NIGHTLY, "systems")
    assert json.loads(ended.outputs["systems"]) == SYSTEMS
    targets = json.loads(ended.outputs["matrix"])["include"]
    assert {(each["system"], each["environment"]) for each in targets} >= {("maticko", "test"), ("caja", "prod")}
    assert [run["system"] for run in runs_of(NIGHTLY, "taskcat", _needs())] == SYSTEMS


def test_stale_files_of_taskcat_end_the_night(night: Sandbox) -> None:
    night.environment["STAND_IN_FAIL"] = "stackproof taskcat --check"
    assert night.run(NIGHTLY, "systems").status == "failure"


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_is_deployed_in_two_regions_and_left_there(night: Sandbox, system: str) -> None:
    ended = night.run(NIGHTLY, "taskcat", needs=_needs(), matrix={"system": system})
    assert ended.status == "success", ended.log
    assert night.called("tox") == [["tox", "run", "-e", "taskcat", "--", "--live", "--step", "deploy", system]]
    assert (night.artifacts / f"taskcat-{system}" / "index.html").exists()


def test_the_promises_are_tried_against_what_stands(night: Sandbox) -> None:
    night.run(NIGHTLY, "live", needs=_needs(taskcat="success"), matrix={"system": "muejam"})
    assert night.called("tox") == [["tox", "run", "-e", "taskcat", "--", "--live", "--step", "promises", "muejam"]]


@pytest.mark.parametrize("status", ["success", "failure", "cancelled"])
def test_nothing_stays_however_the_night_went(night: Sandbox, status: str) -> None:
    needs = _needs(taskcat=status, live="skipped")
    assert condition(NIGHTLY.jobs["clean"]["if"], {"needs": needs}, status)
    assert night.run(NIGHTLY, "clean", needs=needs, matrix={"system": "caja"}).status == "success"
    assert night.called("tox") == [["tox", "run", "-e", "taskcat", "--", "--live", "--step", "clean", "caja"]]


@pytest.mark.parametrize("drifted", [True, False])
def test_drift_fails_and_is_shown(night: Sandbox, drifted: bool) -> None:
    night.environment["STAND_IN_FAIL"] = "stackproof status" * drifted
    ended = night.run(NIGHTLY, "drift", needs=_needs())
    assert ended.status == ("failure" if drifted else "success")
    assert night.called("stackproof") == [["stackproof", "status", "maticko", "prod", "--drift"]]
    assert night.summary == "```\nstatus of maticko prod\n```\n"


def _report(night: Sandbox, **results: str) -> list[dict[str, Any]]:
    needs = _needs(**dict.fromkeys(PARTS[1:], "success") | results)
    ended = night.run(NIGHTLY, "report", needs=needs)
    assert ended.status == "success", ended.log
    return list(json.loads((night.folder / "github.json").read_text())["issues"])


def test_a_good_night_is_told_in_the_summary_alone(night: Sandbox) -> None:
    assert _report(night) == []
    assert night.summary.splitlines()[2:7] == [f"| {part} | success |" for part in PARTS]


def test_bad_nights_are_one_issue_until_a_good_one(night: Sandbox) -> None:
    (opened,) = _report(night, live="failure")
    assert opened["title"] == "The nightly run goes wrong"
    assert "| live | failure |" in opened["body"]
    (told,) = _report(night, drift="failure")
    assert ["| drift | failure |" in each for each in told["comments"]] == [True]
    (closed,) = _report(night)
    assert closed["state"] == "closed"
    _, again = _report(night, clean="cancelled")
    assert again["state"] == "open"
