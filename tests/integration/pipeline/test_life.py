"""A pull request's life, with the real commands: gate, comment, merge, dev, test, prod, and back when prod is ill.

Each environment is an account of its own, a server of `stackproof serve`; nothing but GitHub and the long tox
environments is played.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from os import environ
from pathlib import Path
from sys import executable
from threading import Thread
from typing import Any

import pytest

from stackproof.findings import Report, Subject
from stackproof.report import record
from tests.integration.conftest import STACKPROOF, Served, serving
from tests.integration.pipeline.conftest import pull_request
from tests.integration.pipeline.runner import Sandbox
from tests.integration.pipeline.workflow import ROOT, workflow

BRANCHES = {"dev": "dev", "test": "test", "prod": "main"}
MANIFEST = "cloudformation/systems/maticko.yaml"
BEFORE, AFTER = "MaxInstances: {dev: 2, test: 5, prod: 10}", "MaxInstances: {dev: 3, test: 6, prod: 15}"
STAGES = ("lint", "policies", "checkov", "simulation", "unit")


class _Page(BaseHTTPRequestHandler):
    """What users see of the application."""

    status = 200

    def do_GET(self) -> None:
        """Answer with the status of the day."""
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(b"<p>tickets</p>")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@dataclass
class World:
    """The accounts, the application, and the one change.

    Attributes:
        accounts: a server per environment.
        page: where the application answers.
        folder: for the runners.
    """

    accounts: dict[str, Served]
    page: str
    folder: Path
    runners: list[Sandbox] = field(default_factory=list)

    def runner(self, name: str, environment: str, *, merged: bool) -> Sandbox:
        """A new runner for a pull request with the change to an environment's branch."""
        sandbox = Sandbox(
            self.folder / name,
            variables={"AWS_ROLES": json.dumps({"maticko": "arn:aws:iam::123456789012:role/deploy"})},
            event=pull_request(BRANCHES[environment], merged=merged),
            changes={MANIFEST: (ROOT / MANIFEST).read_text().replace(BEFORE, AFTER)},
        )
        endpoint = self.accounts[environment].endpoint
        sandbox.environment |= {"AWS_ENDPOINT_URL": endpoint, "STAND_IN_REAL": "yes", "STAND_IN_HEALTH": self.page}
        self.runners.append(sandbox)
        return sandbox

    def deploy(self, environment: str, name: str = "") -> tuple[dict[str, str], Sandbox]:
        """Merge the change into an environment's branch."""
        sandbox = self.runner(name or environment, environment, merged=True)
        return sandbox.play(workflow("deploy"), {"system": "maticko"}), sandbox

    def most(self, environment: str) -> int:
        """How many instances the application may have in an account."""
        (group,) = self.accounts[environment].client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        return int(group["MaxSize"])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Three accounts that hold the base branch."""
    assert BEFORE in (ROOT / MANIFEST).read_text()
    page = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    Thread(target=page.serve_forever, daemon=True).start()
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        accounts = {name: stack.enter_context(serving()) for name in BRANCHES}
        made = World(accounts, f"http://127.0.0.1:{page.server_port}", tmp_path)
        list(pool.map(_deploy_base, accounts, accounts.values()))
        yield made
        for runner in made.runners:
            runner.close()
    page.shutdown()
    page.server_close()


def _deploy_base(environment: str, account: Served) -> None:
    script = ROOT / ".github" / "scripts" / "prerequisites.py"
    for command in (
        [executable, str(script), "maticko", environment, str(ROOT)],
        [str(STACKPROOF), "deploy", "maticko", environment, "--no-health-check"],
    ):
        variables = environ | {"AWS_ENDPOINT_URL": account.endpoint}
        done = subprocess.run(
            command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr


def _comments(sandbox: Sandbox) -> list[str]:
    return [each["body"] for each in json.loads((sandbox.folder / "github.json").read_text())["comments"]]


def _everything(workflow_name: str, **other: str) -> dict[str, str]:
    return dict.fromkeys(workflow(workflow_name).jobs, "success") | other


@pytest.mark.promise("MT-22")
@pytest.mark.promise("MT-23")
@pytest.mark.promise("CJ-15")
@pytest.mark.promise("MD-09")
def test_from_pull_request_to_production_and_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = world.runner("gate", "dev", merged=False)
    for stage in STAGES:
        report = Report(stage=stage, subjects=(Subject("maticko", "dev"),), findings=(), rules=(), passed=1, seconds=1)
        record.write(report, gate.folder / "records")
    assert gate.play(workflow("gate"), {"system": "maticko"}) == _everything("gate"), gate.logs
    (comment,) = _comments(gate)
    assert comment.startswith("<!-- stackproof preview -->\n## What a merge would deploy\n")
    assert "`AWS::AutoScaling::AutoScalingGroup`" in comment
    # It was a preview.
    assert world.most("dev") == 2

    for environment, instances in (("dev", 3), ("test", 6)):
        results, runner = world.deploy(environment)
        assert results == _everything("deploy"), runner.logs
        assert world.most(environment) == instances
        assert _comments(runner)[0].startswith(f"**Deployed `{BRANCHES[environment]}`**")
    assert world.most("prod") == 10

    monkeypatch.setattr(_Page, "status", 503)
    results, runner = world.deploy("prod")
    # What stands afterwards is whole, and as before.
    assert results == _everything("deploy", deploy="failure"), runner.logs
    assert world.most("prod") == 10
    (told,) = _comments(runner)
    assert told.startswith("**Deployment of `main` went wrong (deploy: failure)**")
    assert "rolled back" in told
    assert "503" in told

    # Once the application is well, the same change goes through.
    monkeypatch.setattr(_Page, "status", 200)
    results, runner = world.deploy("prod", "again")
    assert results == _everything("deploy"), runner.logs
    assert world.most("prod") == 15
