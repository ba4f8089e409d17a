"""Every step of every workflow is run by a test, and calls stackproof and tox as they are."""

from __future__ import annotations

import configparser
import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest

from tests.integration.pipeline.conftest import pull_request
from tests.integration.pipeline.runner import Sandbox, runs_of
from tests.integration.pipeline.workflow import NAMES, ROOT, Workflow, workflow

JOBS = [(name, job) for name in NAMES for job in workflow(name).jobs]
EVENTS = {
    "gate": pull_request(),
    "deploy": pull_request("main", merged=True),
    "nightly": {"name": "schedule", "ref": "main"},
    "release": {"name": "push", "ref": "v0.1.0"},
}
TARGET = {"system": "maticko", "environment": "prod", "branch": "main", "protected": True, "region": "us-east-1"}
OUTPUTS = {"matrix": json.dumps({"include": [TARGET]}), "systems": '["maticko"]'}
# What earlier jobs leave for a job.
LEFT = {
    "comment": ("preview-maticko-prod/maticko-prod.md",),
    "deploy": ("reviewed-maticko-prod/maticko-prod.json",),
    "notify": ("deployed-maticko-prod/maticko-prod.md",),
    **dict.fromkeys(("attest", "publish", "release"), ("dist/stackproof-0.1.0.tar.gz",)),
}
ROLES = {"AWS_ROLES": '{"maticko": "arn:aws:iam::123456789012:role/deploy"}'}


def _needs(of: Workflow, job: str) -> dict[str, Any]:
    return {each: {"result": "success", "outputs": OUTPUTS} for each in of.needs(job)}


def _artifacts(sandbox: Sandbox, left: tuple[str, ...]) -> None:
    for path in left:
        file = sandbox.artifacts / path
        file.parent.mkdir(parents=True)
        file.write_text("{}")


def _different(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One run for each set of keys: those with the same ones run the same steps."""
    return list({tuple(run): run for run in runs}.values())


@pytest.mark.parametrize(("name", "job"), JOBS, ids=[f"{name}-{job}" for name, job in JOBS])
def test_all_steps_of_a_job_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, job: str) -> None:
    """With a role, and where the gate does without one, both ways together run every step."""
    of = workflow(name)
    needs = _needs(of, job)
    ran: set[str] = set()
    for index, (variables, run) in enumerate(
        (variables, run)
        for variables in ([ROLES, {}] if (name, job) == ("gate", "preview") else [ROLES])
        for run in _different(runs_of(of, job, needs))
    ):
        sandbox = Sandbox(tmp_path / str(index), variables, event=EVENTS[name])
        _artifacts(sandbox, LEFT.get(job, ()))
        ended = sandbox.run(of, job, needs=needs, matrix=run)
        sandbox.close()
        # The table has no records here, and says so.
        assert ended.status == ("failure" if job == "table" else "success"), ended.log
        ran |= set(ended.steps)
        monkeypatch.chdir(sandbox.folder / "workspace")
        for call in sandbox.calls:
            _check(call)
    assert {step.get("name") or step["uses"] for step in of.jobs[job]["steps"]} <= ran


def _check(call: list[str]) -> None:
    if call[0] == "stackproof":
        _check_stackproof(call[1:])
    elif call[0] == "tox":
        before, _, after = " ".join(call).partition(" -- ")
        for environment in before.split()[before.split().index("-e") + 1].split(","):
            assert environment in _tox_environments(), call
        if after.startswith("stackproof "):
            _check_stackproof(after.split()[1:])


def _check_stackproof(arguments: list[str]) -> None:
    """Have click read the arguments as the command would."""
    module = {"list": "listing"}.get(arguments[0], arguments[0])
    command: click.Command = import_module(f"stackproof.cli.{module}").command
    command.make_context(arguments[0], arguments[1:])


def _tox_environments() -> Iterator[str]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "tox.ini")
    return (section.partition(":")[2] for section in parser.sections() if section.startswith("testenv:"))
