"""Findings as GitHub workflow commands, which annotate the changed lines of a pull request.

Format: https://docs.github.com/actions/reference/workflow-commands-for-github-actions; escapes: ``escapeData`` and
``escapeProperty`` of actions/toolkit. GitHub shows ten annotations of each level per step, so the worst findings come
first.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from stackproof.findings import Finding, Report, Severity
from stackproof.report.order import by_severity
from stackproof.report.text import visible, visible_lines
from stackproof.report.wording import details, headline

LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
}


def render(report: Report) -> str:
    """Return one workflow command per finding and per note; empty where there is nothing to say."""
    return "".join(f"{command}\n" for command in _commands(report))


def escape_message(text: str) -> str:
    """Escape what would end a command's message."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """Escape what would end a command's property."""
    return escape_message(text).replace(":", "%3A").replace(",", "%2C")


def _commands(report: Report) -> Iterator[str]:
    for finding in by_severity(report.findings):
        yield _command(LEVELS[finding.rule.severity], _properties(finding), _message(finding))
    for note in report.notes:
        yield _command("notice", {"title": f"stackproof {report.stage}"}, visible(note))


def _command(level: str, properties: dict[str, str], message: str) -> str:
    said = ",".join(f"{name}={escape_property(visible(value))}" for name, value in properties.items())
    return f"::{level} {said}::{escape_message(message)}"


def _properties(finding: Finding) -> dict[str, str]:
    return {
        "file": finding.mark.file.replace(os.sep, "/"),
        "line": str(max(1, finding.mark.line)),
        "col": str(max(1, finding.mark.column)),
        "title": f"{finding.rule.id} {finding.rule.severity}: {finding.rule.title}",
    }


def _message(finding: Finding) -> str:
    return "\n".join(visible_lines("\n".join([headline(finding), *details(finding)])))
