"""The report that the tests of every format read: two systems, a bare template, every troublesome character."""

from __future__ import annotations

from datetime import date

import pytest

from stackproof.findings import Finding, Report, Rule, Severity, Subject, Verdict, Waived, Waiver
from stackproof.marks import Mark

ENCRYPTED = Rule(
    "SP104",
    "Databases are encrypted at rest",
    Severity.CRITICAL,
    rationale="A snapshot that leaks is readable.",
    remediation="Set StorageEncrypted to true.",
    controls=("FSBP RDS.3", "NIST 800-53 SC-28"),
    help_uri="https://example.org/SP104#why",
)
CLOSED = Rule("SP201", "No port is open to the world", Severity.HIGH)
EXPIRING = Rule("SP310", "Logs expire, always: 100 %", Severity.LOW)
SIGNALLED = Rule("SP320", "Rolling updates wait for signals", Severity.MEDIUM)


@pytest.fixture
def unencrypted() -> Finding:
    """A failure in two environments, with everything said about it."""
    return Finding(
        rule=ENCRYPTED,
        verdict=Verdict.FAIL,
        message='The storage of "Database" is <not> encrypted & 100% readable.',
        fix="Set StorageEncrypted to true.",
        mark=Mark("cloudformation/03-database.yaml", 42, 7),
        resource="Database",
        path="StorageEncrypted",
        system="maticko",
        layer="database",
        environments=("dev", "test"),
        witness=(("Encrypted", "false"), ("Zones", "2")),
    )


@pytest.fixture
def waived(unencrypted: Finding) -> Waived:
    """The same failure with a waiver from a file of waivers."""
    waiver = Waiver(
        policy="SP104",
        resource="Database",
        reason="Moves in <spring>",
        owner="data team",
        expiry=date(2027, 3, 31),
        mark=Mark("cloudformation/waivers.yaml", 4, 5),
        system="maticko",
        layer="database",
    )
    return Waived(unencrypted, waiver)


@pytest.fixture
def unknown() -> Finding:
    """An unproven judgement in one environment of another system."""
    return Finding(
        rule=CLOSED,
        verdict=Verdict.UNPROVEN,
        message="CidrIp is imported, but nobody exports it: Web, Api.",
        fix="Export it.",
        mark=Mark("cloudformation/02-application.yaml", 9, 3),
        resource="Web",
        path="SecurityGroupIngress.0.CidrIp",
        system="caja",
        layer="application",
        environments=("prod",),
    )


@pytest.fixture
def hostile() -> Finding:
    """A failure in a bare template whose names hold control characters, line breaks, spaces and non-ASCII letters."""
    return Finding(
        rule=EXPIRING,
        verdict=Verdict.FAIL,
        message="Le journal\x1b[2J é\nnever expires.",
        fix="Set\nRetentionInDays.",
        mark=Mark("my templates/é,1:2.yaml", 3),
        resource="Lo\x00g",
    )


@pytest.fixture
def report(unencrypted: Finding, unknown: Finding, hostile: Finding) -> Report:
    """A report with all three findings, a rule that nothing broke, and a note."""
    return Report(
        stage="policies",
        subjects=(
            Subject("maticko", "dev"),
            Subject("maticko", "test"),
            Subject("maticko", "prod"),
            Subject("caja", "prod"),
            Subject("my templates/é,1:2.yaml"),
        ),
        findings=(unencrypted, unknown, hostile),
        rules=(ENCRYPTED, CLOSED, EXPIRING, SIGNALLED),
        passed=40,
        notes=("moto ignores AWS::CloudWatch::Alarm: 100 % untested",),
        seconds=0.214,
    )


@pytest.fixture
def clean() -> Report:
    """A report in which everything passed."""
    return Report("policies", (Subject("maticko", "dev"),), rules=(CLOSED,), passed=1, seconds=0.05)


@pytest.fixture
def empty() -> Report:
    """A report of a stage that judged nothing."""
    return Report("policies", ())
