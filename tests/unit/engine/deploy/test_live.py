"""What is told of stacks while something happens to them, and the account that it happens in."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest

from stackproof.cli.live import line
from stackproof.cli.session import Session
from stackproof.deploy import Action, Event


@pytest.mark.parametrize(
    ("logical_id", "status", "reason", "told"),
    [
        ("", "CREATE_IN_PROGRESS", "User Initiated", "shop-dev-base  CREATE_IN_PROGRESS"),
        ("", "CREATE_COMPLETE", "", "shop-dev-base  CREATE_COMPLETE"),
        ("Topic", "CREATE_COMPLETE", "", ""),
        ("Topic", "CREATE_IN_PROGRESS", "Resource creation Initiated", ""),
        ("Topic", "CREATE_FAILED", "not\nthere", "shop-dev-base/Topic  CREATE_FAILED  not there"),
        ("Topic", "DELETE_SKIPPED", "", "shop-dev-base/Topic  DELETE_SKIPPED"),
        ("Topic", "UPDATE_FAILED", "\x1b[2J", "shop-dev-base/Topic  UPDATE_FAILED  \\x1b[2J"),
    ],
)
def test_the_line_of_an_event(logical_id: str, status: str, reason: str, told: str) -> None:
    assert line(Event(Action.UPDATE, "shop-dev-base", logical_id, "AWS::SNS::Topic", status, reason)) == told


PROGRAM = """
from stackproof.cli.live import live
from stackproof.deploy import Action, Event
with live("Deploying shop dev") as hear:
    hear(Event(Action.CREATE, "shop-dev-base", "Topic", "AWS::SNS::Topic", "CREATE_COMPLETE", done=1, total=3))
    hear(Event(Action.CREATE, "shop-dev-base", "", "AWS::CloudFormation::Stack", "CREATE_COMPLETE", done=1, total=3))
"""


def test_a_terminal_gets_a_bar_below_the_lines() -> None:
    ours, theirs = pty.openpty()
    variables = os.environ | {"TERM": "xterm", "COLUMNS": "100", "NO_COLOR": "1"}
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stderr=theirs, env=variables) as process:
        process.wait(timeout=60)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    words = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)
    assert "shop-dev-base  CREATE_COMPLETE\r\n" in words
    assert re.search(r"Deploying shop dev\s.*1/3", words)


class _Boto:
    """Counts the clients that it makes."""

    def __init__(self) -> None:
        self.made: list[tuple[str, str]] = []

    def client(self, service: str, region_name: str, config: object) -> object:
        self.made.append((service, region_name))
        return object()


def test_a_session_makes_one_client_per_region() -> None:
    boto = _Boto()
    session = Session(boto, "123456789012")
    first = session.cloudformation("us-east-1")
    assert session.cloudformation("us-east-1") is first
    assert session.cloudformation("us-west-2") is not first
    assert boto.made == [("cloudformation", "us-east-1"), ("cloudformation", "us-west-2")]
