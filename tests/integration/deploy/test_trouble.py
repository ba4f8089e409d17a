"""`stackproof deploy` when the way to AWS is bad: what it says, and what stands afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.conftest import STACKPROOF, Ran, Served
from tests.integration.deploy.wire import Refusal, Wire, wired
from tests.unit.engine.deploy.market import LAYERS, Market, history

ONCE = ["REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"]
EXPIRED = (403, "ExpiredToken", "The security token included in the request is expired")
AGAIN = "the credentials have expired; what CloudFormation has begun goes on: run the same command again"


# A shell makes what it runs in the background deaf to Ctrl-C, and its children inherit that.
_HEEDING = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"


class Trouble:
    """The market, deployed over a bad wire."""

    def __init__(self, served: Served, wire: Wire, market: Market) -> None:
        self.client = served.client("cloudformation")
        self.wire = wire
        self.market = market

    def begin(self) -> subprocess.Popen[str]:
        """Begin to deploy it with the console script."""
        return subprocess.Popen(
            [sys.executable, "-c", _HEEDING, STACKPROOF, "deploy", self.market.manifest, "dev", "--no-health-check"],
            cwd=self.market.folder,
            env=os.environ | {"AWS_ENDPOINT_URL": self.wire.endpoint, "HOME": str(self.market.folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def deploy(self) -> Ran:
        """Deploy it with the console script."""
        process = self.begin()
        out, err = process.communicate(timeout=100)
        return Ran(process.returncode, out, err)

    def refuse(self, action: str, refusal: Refusal, first: int = 0, last: int = 10**9) -> None:
        """Refuse an action, from one time that it is asked for to another."""
        self.wire.refuse = lambda asked, count: refusal if asked == action and first <= count < last else None

    def histories(self) -> dict[str, list[str]]:
        """Return the statuses of each stack that stands, by layer."""
        names = {stack["StackName"] for stack in self.client.describe_stacks()["Stacks"]}
        return {
            layer: history(self.client, f"market-dev-{layer}") for layer in LAYERS if f"market-dev-{layer}" in names
        }


@pytest.fixture
def trouble(served: Served, tmp_path: Path) -> Iterator[Trouble]:
    """The market, not deployed; the wire is good until a test says otherwise."""
    with wired(served.endpoint.removeprefix("http://")) as wire:
        yield Trouble(served, wire, Market(tmp_path))


@pytest.mark.parametrize("action", ["CreateChangeSet", "ExecuteChangeSet", "DescribeStacks", "DescribeStackEvents"])
def test_a_busy_service_is_asked_again(trouble: Trouble, action: str) -> None:
    trouble.refuse(action, (400, "Throttling", "Rate exceeded"), last=2)
    ran = trouble.deploy()
    assert (ran.code, ran.out.splitlines()[0]) == (0, "market dev: deployed")
    assert trouble.histories() == dict.fromkeys(LAYERS, ONCE)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("action", ["CreateChangeSet", "ExecuteChangeSet", "DescribeStacks"])
def test_a_connection_that_is_cut_is_made_again(trouble: Trouble, action: str, when: str) -> None:
    """Also where the request had arrived, and only its answer is lost: nothing is done twice."""
    trouble.wire.cut = lambda asked, count: when if asked == action and count < 2 else ""
    ran = trouble.deploy()
    assert (ran.code, ran.out.splitlines()[0]) == (0, "market dev: deployed")
    assert trouble.histories() == dict.fromkeys(LAYERS, ONCE)


def test_credentials_that_expire_in_the_middle_are_said_and_nothing_is_lost(trouble: Trouble) -> None:
    """Whoever signs in again and runs the same command gets the rest."""
    trouble.refuse("DescribeStacks", EXPIRED, first=14)
    ran = trouble.deploy()
    assert (ran.code, "Traceback" in ran.err) == (1, False)
    assert AGAIN in ran.out
    before = trouble.histories()
    assert set(before) < set(LAYERS)
    trouble.wire.reset()
    assert trouble.deploy().code == 0
    assert trouble.histories() == dict.fromkeys(LAYERS, ONCE)


def test_credentials_that_have_expired_before_are_wrong_input(trouble: Trouble) -> None:
    trouble.refuse("GetCallerIdentity", EXPIRED)
    ran = trouble.deploy()
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "stackproof: the AWS credentials have expired; sign in again\n"


def test_a_layer_that_fails_is_said_with_its_reason_and_the_rest_goes_on_afterwards(trouble: Trouble) -> None:
    trouble.market.change("base", "Value: first", "Value: ''")
    ran = trouble.deploy()
    assert (ran.code, ran.out.splitlines()[0]) == (1, "market dev: base failed")
    assert "market-dev-base/Note  CREATE_FAILED  " in ran.err
    assert "    Note: ROLLBACK_COMPLETE: " in ran.out
    assert "  market-dev-data        not begun\n" in ran.out
    assert trouble.histories()["base"][-1] == "ROLLBACK_COMPLETE"
    trouble.market.change("base", "Value: ''", "Value: first")
    assert trouble.deploy().code == 0
    assert trouble.histories() == dict.fromkeys(LAYERS, ONCE)


def test_ctrl_c_ends_the_command_at_once_and_not_the_deployment(trouble: Trouble) -> None:
    """What CloudFormation has begun goes on; the same command follows it."""
    process = trouble.begin()

    def interrupt(action: str, count: int) -> None:
        if action == "ExecuteChangeSet" and count == 1:
            process.send_signal(signal.SIGINT)
            time.sleep(2)

    trouble.wire.refuse = interrupt
    _, err = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in err) == (130, False)
    assert "interrupted; what CloudFormation has begun goes on: run the same command again to follow it\n" in err
    trouble.wire.reset()
    assert trouble.deploy().code == 0
    assert trouble.histories() == dict.fromkeys(LAYERS, ONCE)


def test_what_may_not_be_done_is_said(trouble: Trouble) -> None:
    denied = (403, "AccessDenied", "User: x is not authorized to perform: cloudformation:ExecuteChangeSet")
    trouble.refuse("ExecuteChangeSet", denied)
    ran = trouble.deploy()
    assert (ran.code, ran.out.splitlines()[0]) == (1, "market dev: refused, nothing was changed")
    assert "    User: x is not authorized to perform: cloudformation:ExecuteChangeSet\n" in ran.out
    trouble.wire.reset()
    assert trouble.deploy().code == 0
    assert trouble.histories() == dict.fromkeys(LAYERS, ONCE)
