"""The gate's preview where no account is configured, with the real commands: the change against the base branch."""

from __future__ import annotations

import json

import pytest

from tests.integration.pipeline.conftest import pull_request
from tests.integration.pipeline.runner import Sandbox
from tests.integration.pipeline.workflow import ROOT, workflow

GATE = workflow("gate")
MANIFEST = "cloudformation/systems/maticko.yaml"
TARGET = {"system": "maticko", "environment": "dev", "branch": "dev", "protected": False, "region": "us-east-1"}
NEEDS = {"environments": {"result": "success", "outputs": {"matrix": json.dumps({"include": [TARGET]})}}}


@pytest.fixture
def simulated(sandbox: Sandbox) -> Sandbox:
    """A runner without an account, and with the real stackproof."""
    sandbox.event = pull_request("dev")
    sandbox.environment["STAND_IN_REAL"] = "yes"
    return sandbox


def test_it_shows_what_the_pull_request_changes_and_nothing_else(simulated: Sandbox) -> None:
    text = (ROOT / MANIFEST).read_text()
    assert "MonthlyBudgetUsd: {dev: 100," in text
    simulated.changes[MANIFEST] = text.replace("MonthlyBudgetUsd: {dev: 100,", "MonthlyBudgetUsd: {dev: 120,")
    ended = simulated.run(GATE, "preview", needs=NEEDS)
    assert ended.status == "success", ended.log
    assert "\n5 layers: 1 to update, 4 unchanged." in simulated.summary
    assert "\n| monitoring | update | " in simulated.summary
    assert "`AWS::Budgets::Budget`" in simulated.summary
    assert simulated.summary.endswith("this one compares with the base branch in simulation.\n")
