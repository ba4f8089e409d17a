"""The report as SARIF 2.1.0, for GitHub code scanning and editors.

The standard: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. What GitHub asks beyond its schema:
https://docs.github.com/code-security/reference/code-scanning/sarif-files/sarif-support.

- An unproven finding has kind ``fail`` and says so in its message: what is not proven is not passed, and GitHub drops
  the level ``none`` that SARIF's kind ``open`` demands.
- ``{`` and ``}`` stay single, though section 3.11.5 wants them doubled: readers undo that only where ``arguments`` are
  given, and templates are full of ``${System}`` and ``{{resolve:...}}`` that have to be shown as they stand.
- What is waived or known is a result with ``suppressions``: of kind ``inSource`` where the waiver stands in the
  template itself, else ``external``.
"""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from stackproof.findings import Finding, Report, Rule, Severity, Waived
from stackproof.marks import Mark
from stackproof.report.order import by_place, rules_of, waived_by_place
from stackproof.report.text import visible, visible_lines
from stackproof.report.wording import KNOWN, exception, headline, scope, target, witness

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}

_SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}
"""GitHub shows over 9.0 as critical, from 7.0 as high, from 4.0 as medium and the rest as low."""

_SECURITY_STAGES = frozenset({"policies", "checkov"})
_MOST_TAGS = 20
_ROOT = "%SRCROOT%"
_WEB_PAGE = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?([/?#]([A-Za-z0-9._~:/?#@!$&'()*+,;=\[\]-]|%[0-9A-Fa-f]{2})*)?")


def render(report: Report, version: str = "") -> str:
    """Return the report as a SARIF log with one run.

    Parameters:
        report: what a stage found.
        version: of stackproof; left out where empty.
    """
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report, version)]}
    return json.dumps(log, indent=2) + "\n"


def _run(report: Report, version: str) -> dict[str, Any]:
    rules = rules_of(report)
    driver = {
        "name": "stackproof",
        **({"version": version} if version else {}),
        "rules": [_rule(rule, report.stage in _SECURITY_STAGES) for rule in rules],
    }
    return {
        "tool": {"driver": driver},
        # One category per stage: GitHub takes several uploads for a commit only where their categories differ.
        "automationDetails": {"id": f"stackproof/{quote(visible(report.stage))}/"},
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The directory in which stackproof was run."}}},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report)],
        "results": list(_results(report, {rule.id: position for position, rule in enumerate(rules)})),
        "properties": {
            "stage": visible(report.stage),
            "passed": report.passed,
            "subjects": [visible(str(subject)) for subject in report.subjects],
        },
    }


def _rule(rule: Rule, security: bool) -> dict[str, Any]:
    tags = dict.fromkeys([*(["security"] if security else []), *map(visible, rule.controls)])
    described = {
        "id": visible(rule.id),
        "shortDescription": {"text": _text(rule.title)},
        "fullDescription": {"text": _text(rule.rationale or rule.title)},
        "help": {"text": _help(rule, ""), "markdown": _help(rule, "**")},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {
            "severity": rule.severity,
            **({"security-severity": _SCORES[rule.severity]} if security else {}),
            "tags": list(tags)[:_MOST_TAGS],
        },
    }
    return described | ({"helpUri": rule.help_uri} if _WEB_PAGE.fullmatch(rule.help_uri) else {})


def _help(rule: Rule, strong: str) -> str:
    """Return the help text; ``strong`` is the markdown around its labels, empty for plain text."""
    parts = (
        ("", rule.title),
        ("Why", rule.rationale),
        ("Fix", rule.remediation),
        ("Controls", ", ".join(rule.controls)),
    )
    return "\n\n".join((f"{strong}{label}:{strong} " if label else "") + _text(text) for label, text in parts if text)


def _invocation(report: Report) -> dict[str, Any]:
    return {
        # Findings are a successful execution; a run that broke off leaves no report at all.
        "executionSuccessful": True,
        "exitCode": 0 if report.clean else 1,
        "exitCodeDescription": "clean" if report.clean else "findings",
        "toolExecutionNotifications": [{"level": "note", "message": {"text": _text(note)}} for note in report.notes],
    }


def _results(report: Report, index: dict[str, int]) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for finding, suppressions in _told(report):
        identity = _identity(finding)
        seen[identity] += 1
        yield _result(finding, index[finding.rule.id], f"{identity}:{seen[identity]}") | suppressions


def _told(report: Report) -> Iterator[tuple[Finding, dict[str, Any]]]:
    """Iterate over all findings, each with what suppresses it."""
    yield from ((finding, {}) for finding in by_place(report.findings))
    for waived in waived_by_place(report.waived):
        yield waived.finding, {"suppressions": [_suppression(waived)]}
    known = {"kind": "external", "status": "accepted", "justification": KNOWN}
    yield from ((finding, {"suppressions": [known]}) for finding in by_place(report.known))


def _suppression(waived: Waived) -> dict[str, Any]:
    waiver = waived.waiver
    mark = waiver.mark
    return {
        "kind": "inSource" if mark.file == waived.finding.home else "external",
        "status": "accepted",
        "justification": _text(exception(waiver)),
        "location": {"physicalLocation": _physical(mark)},
        "properties": {
            "reason": _text(waiver.reason),
            "owner": _text(waiver.owner),
            "expiry": waiver.expiry.isoformat(),
        },
    }


def _result(finding: Finding, rule_index: int, fingerprint: str) -> dict[str, Any]:
    return {
        "ruleId": visible(finding.rule.id),
        "ruleIndex": rule_index,
        "kind": "fail",
        "level": LEVELS[finding.rule.severity],
        "message": {"text": _message(finding)},
        "locations": [_location(finding)],
        # GitHub reads the first name and no other; the second is the standard's form, with a version of the recipe.
        "partialFingerprints": {"primaryLocationLineHash": fingerprint, "stackproof/v1": fingerprint},
        "properties": {
            "verdict": finding.verdict,
            "severity": finding.rule.severity,
            "fix": _text(finding.fix),
            "resource": visible(finding.resource),
            "path": visible(finding.path),
            "system": visible(finding.system),
            "layer": visible(finding.layer),
            "environments": [visible(environment) for environment in finding.environments],
            "witness": {visible(name): visible(value) for name, value in finding.witness},
        },
    }


def _message(finding: Finding) -> str:
    told = (
        ("", headline(finding)),
        ("In ", scope(finding)),
        ("When ", witness(finding)),
        ("Fix: ", finding.fix),
    )
    return "\n".join(label + _text(text) for label, text in told if text)


def _location(finding: Finding) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": _physical(finding.mark)}
    if finding.resource:
        parts = (finding.system, finding.layer, target(finding))
        name = visible("/".join(part for part in parts if part))
        location["logicalLocations"] = [
            {"name": visible(finding.resource), "fullyQualifiedName": name, "kind": "resource"}
        ]
    return location


def _physical(mark: Mark) -> dict[str, Any]:
    return {
        "artifactLocation": _artifact(mark.file),
        "region": {"startLine": max(1, mark.line), "startColumn": max(1, mark.column)},
    }


def _artifact(file: str) -> dict[str, str]:
    """Return a file as a URI: relative to the root of the repository, or absolute where the user named it so."""
    path = posixpath.normpath(file.replace(os.sep, "/"))
    uri = quote(path, errors="surrogateescape")
    return {"uri": f"file://{uri}"} if path.startswith("/") else {"uri": uri, "uriBaseId": _ROOT}


def _identity(finding: Finding) -> str:
    """Return what stays the same when lines move, messages are reworded or an environment joins."""
    parts = (
        finding.rule.id,
        finding.system,
        finding.layer,
        _artifact(finding.mark.file)["uri"],
        finding.resource,
        finding.path,
    )
    # JSON keeps ("a", "bc") and ("ab", "c") apart and has an escape for every character.
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _text(text: str) -> str:
    """Return text that is shown as it stands: nothing unprintable, and no ``[text](target)`` that becomes a link."""
    return "\n".join(visible_lines(text)).replace("](", "] (")
