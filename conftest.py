"""What every test shares beside stackproof's own pytest plugin: no network, fake credentials, a gate record."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from stackproof import System, load_system
from stackproof.compose.system import SYSTEMS
from stackproof.findings import Finding, Report, Rule, Severity, Subject, Verdict
from stackproof.marks import Mark
from stackproof.pytest_plugin import subject_of

ROOT = Path(__file__).parent
_SUBJECT = "stackproof-subject"

# Fake ones, set before boto3 or moto can look for real ones.
os.environ |= {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
os.environ.pop("AWS_PROFILE", None)

# A busy machine is no failure, and a required check answers the same whenever it is asked; elsewhere every run
# looks for new examples.
settings.register_profile("search", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "search")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--record-gate DIR``."""
    parser.addoption("--record-gate", metavar="DIR", help="write the gate's record of the unit stage into DIR")


@pytest.fixture(scope="session")
def maticko() -> System:
    """The system Ma-Ticko."""
    return load_system(ROOT / SYSTEMS / "maticko.yaml")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


def pytest_configure(config: pytest.Config) -> None:
    """Collect the gate's record in the one process that sees every result."""
    folder = config.getoption("--record-gate")
    if folder and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_GateRecord(Path(folder)))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note what a test speaks of; user properties travel from xdist's workers to the record."""
    system, environment = subject_of(item)
    # A test of a whole system speaks of none of its environments.
    item.user_properties.append((_SUBJECT, [system, environment] if environment else ["", ""]))


class _GateRecord:
    """Writes which tests failed for which system and environment, as the record of the stage ``unit``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started = time.monotonic()
        self._subjects: dict[Subject, None] = {}
        self._findings: list[Finding] = []
        self._passed = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note one phase of one test."""
        pair = dict(report.user_properties).get(_SUBJECT, ["", ""])
        subject = Subject(*pair)  # type: ignore[misc]
        self._subjects[subject] = None
        if report.failed:
            self._findings.append(_finding(report, subject))
        elif report.when == "call" and report.passed:
            self._passed += 1

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Write the record; a run that broke off leaves none, which the summary counts as a failure."""
        if exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return
        from stackproof.report import record

        rules = (Rule("pytest", "Tests pass", Severity.HIGH),)
        seconds = time.monotonic() - self._started
        record.write(
            Report(
                stage="unit",
                subjects=tuple(self._subjects),
                findings=tuple(self._findings),
                rules=rules,
                passed=self._passed,
                seconds=seconds,
            ),
            self._folder,
        )


def _finding(report: pytest.TestReport, subject: Subject) -> Finding:
    file, line, _ = report.location
    return Finding(
        rule=Rule("pytest", "Tests pass", Severity.HIGH),
        verdict=Verdict.FAIL,
        message=f"{report.nodeid} failed ({report.when})",
        fix="See the output of the unit tests.",
        mark=Mark(file, (line or 0) + 1),
        system=subject.system,
        environments=(subject.environment,) if subject.environment else (),
    )
