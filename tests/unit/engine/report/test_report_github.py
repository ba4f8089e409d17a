"""Workflow commands: one line per finding, the worst first, nothing able to end a command early."""

from __future__ import annotations

from dataclasses import replace

from stackproof.findings import Finding, Report, Waived
from stackproof.report import github


def test_findings_become_annotations_from_the_worst_to_the_least(report: Report) -> None:
    """GitHub shows ten of a level, so the worst must not come last."""
    assert github.render(report).splitlines() == [
        "::error file=cloudformation/03-database.yaml,line=42,col=7,"
        "title=SP104 critical%3A Databases are encrypted at rest::"
        'The storage of "Database" is <not> encrypted & 100%25 readable.%0Ain: maticko dev, test'
        "%0Aat: Database.StorageEncrypted%0Awhen: Encrypted=false, Zones=2%0Afix: Set StorageEncrypted to true.",
        "::error file=cloudformation/02-application.yaml,line=9,col=3,"
        "title=SP201 high%3A No port is open to the world::"
        "Unproven: CidrIp is imported, but nobody exports it: Web, Api.%0Ain: caja prod"
        "%0Aat: Web.SecurityGroupIngress.0.CidrIp%0Afix: Export it.",
        "::notice file=my templates/é%2C1%3A2.yaml,line=3,col=1,"
        "title=SP310 low%3A Logs expire%2C always%3A 100 %25::"
        r"Le journal\x1b[2J é%0Anever expires.%0Aat: Lo\x00g%0Afix: Set%0ARetentionInDays.",
        "::notice title=stackproof policies::moto ignores AWS::CloudWatch::Alarm: 100 %25 untested",
    ]


def test_nothing_to_say_is_nothing(clean: Report) -> None:
    """A clean run leaves the log alone."""
    assert github.render(clean) == ""


def test_a_message_cannot_start_a_command_of_its_own() -> None:
    """A line break would let a template's text speak to the runner."""
    assert github.escape_message("50%\r\n::error::x") == "50%25%0D%0A::error::x"


def test_a_property_cannot_start_another() -> None:
    """Commas and colons separate properties and end them."""
    assert github.escape_property("a,line=1::b%2C") == "a%2Cline=1%3A%3Ab%252C"


def test_what_is_waived_or_known_annotates_nothing(report: Report, unencrypted: Finding, waived: Waived) -> None:
    """An annotation asks for something to be done."""
    assert github.render(replace(report, findings=(), notes=(), waived=(waived,), known=(unencrypted,))) == ""
