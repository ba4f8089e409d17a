"""The report as JSON, and back: for scripts, for the gate's records and for the cache.

The document (every key is always there; text is ASCII with escapes, so that any encoding may carry it)::

    schema       "stackproof/report"
    version      1; a reader refuses any other
    stage        lint, policies, checkov, simulation, unit
    clean        true where there is no finding (told for scripts; not read back)
    passed       how many judgements passed
    seconds      wall time of the stage
    subjects     [{system, environment}]                      environment "" for a bare template
    notes        [text]
    rules        [{id, title, severity, rationale, remediation, controls: [text], help_uri, asked}]
                 by id; asked is false where a finding speaks for a rule that the stage did not announce
    findings     [{rule, rule_index, severity, verdict, message, fix, file, line, column, resource, path, system, layer,
                   environments: [text], witness: [[name, value]], declared, template}]
                 by system and place; rule_index points into rules, rule and severity repeat what stands there;
                 template is the file that holds the resource
    waived       [{finding, waiver: {policy, resource, reason, owner, expiry, file, line, column, template, system,
                   layer, environments: [text]}}]
                 findings that a waiver takes out, with the waiver; expiry is a date such as 2027-03-31
    known        [finding]                                    findings that stand in the baseline

Adding a key keeps the version; changing or removing one raises it.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from stackproof.findings import Finding, Report, Rule, Severity, Subject, Verdict, Waived, Waiver
from stackproof.marks import Mark
from stackproof.report.order import all_findings, by_place, waived_by_place

SCHEMA = "stackproof/report"
VERSION = 1


def render(report: Report, compact: bool = False) -> str:
    """Return the report as JSON.

    Parameters:
        report: what a stage found.
        compact: on one line, which is several times faster to write; for records and caches that nobody reads.
    """
    text = json.dumps(_document(report), indent=None if compact else 2, allow_nan=False)
    return text + "\n"


def read(text: str | bytes) -> Report:
    """Return the report that `render` wrote, its findings by place and its rules by id.

    Parameters:
        text: the document.

    Raises:
        ValueError: it is not a report of this version, or not a whole one. Nothing is filled in: a document that lacks
            its findings must not read as one without findings.
    """
    try:
        return _report(json.loads(text, parse_constant=_refuse))
    except (ValueError, KeyError, IndexError, RecursionError) as error:
        raise ValueError(f"not a stackproof report: {type(error).__name__}: {error}") from error


def _document(report: Report) -> dict[str, Any]:
    rules = _rule_table(report)
    index = {rule: position for position, rule in enumerate(rules)}
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "stage": report.stage,
        "clean": report.clean,
        "passed": report.passed,
        "seconds": report.seconds,
        "subjects": [{"system": subject.system, "environment": subject.environment} for subject in report.subjects],
        "notes": report.notes,
        "rules": [_rule(rule, asked) for rule, asked in rules.items()],
        "findings": [_finding(finding, index[finding.rule]) for finding in by_place(report.findings)],
        "waived": [
            {"finding": _finding(waived.finding, index[waived.finding.rule]), "waiver": waiver_document(waived.waiver)}
            for waived in waived_by_place(report.waived)
        ],
        "known": [_finding(finding, index[finding.rule]) for finding in by_place(report.known)],
    }


def _rule_table(report: Report) -> dict[Rule, bool]:
    """Return every rule by id, and whether it was asked."""
    table = {finding.rule: False for finding in all_findings(report)} | dict.fromkeys(report.rules, True)
    return {rule: table[rule] for rule in sorted(table, key=_rule_order)}


def _rule_order(rule: Rule) -> tuple[object, ...]:
    return (rule.id, rule.title, rule.severity, rule.rationale, rule.remediation, rule.controls, rule.help_uri)


def _rule(rule: Rule, asked: bool) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": rule.severity,
        "rationale": rule.rationale,
        "remediation": rule.remediation,
        "controls": rule.controls,
        "help_uri": rule.help_uri,
        "asked": asked,
    }


def _finding(finding: Finding, rule_index: int) -> dict[str, Any]:
    return {
        "rule": finding.rule.id,
        "rule_index": rule_index,
        "severity": finding.rule.severity,
        "verdict": finding.verdict,
        "message": finding.message,
        "fix": finding.fix,
        "file": finding.mark.file,
        "line": finding.mark.line,
        "column": finding.mark.column,
        "resource": finding.resource,
        "path": finding.path,
        "system": finding.system,
        "layer": finding.layer,
        "environments": finding.environments,
        "witness": finding.witness,
        "declared": finding.declared,
        "template": finding.template,
    }


def waiver_document(waiver: Waiver) -> dict[str, Any]:
    """Return a waiver as JSON data."""
    return {
        "policy": waiver.policy,
        "resource": waiver.resource,
        "reason": waiver.reason,
        "owner": waiver.owner,
        "expiry": waiver.expiry.isoformat(),
        "file": waiver.mark.file,
        "line": waiver.mark.line,
        "column": waiver.mark.column,
        "template": waiver.template,
        "system": waiver.system,
        "layer": waiver.layer,
        "environments": waiver.environments,
    }


def _report(document: Any) -> Report:
    if _get(document, "schema", str) != SCHEMA or _get(document, "version", int) != VERSION:
        raise ValueError(f"its schema is not {SCHEMA} {VERSION}")
    rules = [(_read_rule(rule), _get(rule, "asked", bool)) for rule in _get(document, "rules", list)]
    known = [rule for rule, _ in rules]
    return Report(
        stage=_get(document, "stage", str),
        subjects=tuple(_read_subject(subject) for subject in _get(document, "subjects", list)),
        findings=tuple(_read_finding(finding, known) for finding in _get(document, "findings", list)),
        rules=tuple(rule for rule, asked in rules if asked),
        passed=_get(document, "passed", int),
        notes=_texts(document, "notes"),
        seconds=float(_get(document, "seconds", (int, float))),
        waived=tuple(_read_waived(waived, known) for waived in _get(document, "waived", list)),
        known=tuple(_read_finding(finding, known) for finding in _get(document, "known", list)),
    )


def _read_subject(document: Any) -> Subject:
    return Subject(_get(document, "system", str), _get(document, "environment", str))


def _read_rule(document: Any) -> Rule:
    return Rule(
        id=_get(document, "id", str),
        title=_get(document, "title", str),
        severity=Severity(_get(document, "severity", str)),
        rationale=_get(document, "rationale", str),
        remediation=_get(document, "remediation", str),
        controls=_texts(document, "controls"),
        help_uri=_get(document, "help_uri", str),
    )


def _read_finding(document: Any, rules: list[Rule]) -> Finding:
    verdict = Verdict(_get(document, "verdict", str))
    index = _get(document, "rule_index", int)
    if verdict is Verdict.PASS or index < 0:
        raise ValueError(f"a finding with verdict {verdict} and rule_index {index}")
    return Finding(
        rule=rules[index],
        verdict=verdict,
        message=_get(document, "message", str),
        fix=_get(document, "fix", str),
        mark=Mark(_get(document, "file", str), _get(document, "line", int), _get(document, "column", int)),
        resource=_get(document, "resource", str),
        path=_get(document, "path", str),
        system=_get(document, "system", str),
        layer=_get(document, "layer", str),
        environments=_texts(document, "environments"),
        witness=tuple(_pair(pair) for pair in _get(document, "witness", list)),
        declared=_get(document, "declared", bool),
        template=_get(document, "template", str),
    )


def _read_waived(document: Any, rules: list[Rule]) -> Waived:
    return Waived(_read_finding(_get(document, "finding", dict), rules), read_waiver(_get(document, "waiver", dict)))


def read_waiver(document: Any) -> Waiver:
    """Return the waiver that `waiver_document` made."""
    return Waiver(
        policy=_get(document, "policy", str),
        resource=_get(document, "resource", str),
        reason=_get(document, "reason", str),
        owner=_get(document, "owner", str),
        expiry=date.fromisoformat(_get(document, "expiry", str)),
        mark=Mark(_get(document, "file", str), _get(document, "line", int), _get(document, "column", int)),
        template=_get(document, "template", str),
        system=_get(document, "system", str),
        layer=_get(document, "layer", str),
        environments=_texts(document, "environments"),
    )


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")


def _get(document: Any, key: str, kind: type | tuple[type, ...]) -> Any:
    """Return a value of the expected kind; true is no number here, as it is none in JSON."""
    if not isinstance(document, dict):
        raise ValueError(f"an object with {key} is expected")
    value = document[key]
    if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
        raise ValueError(f"{key} has the wrong type")
    return value


def _texts(document: Any, key: str) -> tuple[str, ...]:
    values = _get(document, key, list)
    if not all(isinstance(value, str) for value in values):
        raise ValueError(f"{key} must hold texts")
    return tuple(values)


def _pair(value: Any) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(part, str) for part in value):
        raise ValueError("witness must hold pairs of texts")
    return value[0], value[1]
