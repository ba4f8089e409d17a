"""The report as JUnit XML: one suite per subject, one case per rule asked.

A rule that failed says so once per suite, with all its places in the text, because readers of JUnit show one failure
per case. What is unproven is a failure of type ``unproven``: JUnit's *skipped* would read as harmless. A rule
whose findings are all waived or known is skipped.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping

from stackproof.findings import Finding, Report, Rule, Subject, Verdict
from stackproof.report.order import by_subject, grouped_by_subject, rules_of, waived_by_place
from stackproof.report.text import visible, visible_lines
from stackproof.report.wording import KNOWN, details, exception, headline


def render(report: Report) -> str:
    """Return the report as an XML document."""
    root = ET.Element("testsuites", name=visible(f"stackproof {report.stage}"))
    rules = rules_of(report)
    aside = _aside(report)
    for subject, findings in by_subject(report).items():
        root.append(_suite(report, subject, rules, findings, aside.get(subject, {})))
    for count in ("tests", "failures"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    root.set("errors", "0")
    root.set("time", f"{report.seconds:.3f}")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _aside(report: Report) -> dict[Subject, dict[str, list[str]]]:
    """Return by subject and rule id why findings do not count, one line each."""
    told: dict[Subject, dict[str, list[str]]] = {}
    for waived in waived_by_place(report.waived):
        _note(told, report, [waived.finding], f"waived {exception(waived.waiver)}")
    _note(told, report, report.known, KNOWN)
    return told


def _note(told: dict[Subject, dict[str, list[str]]], report: Report, findings: Iterable[Finding], reason: str) -> None:
    for subject, found in grouped_by_subject(report, findings).items():
        for finding in found:
            told.setdefault(subject, {}).setdefault(finding.rule.id, []).append(f"{finding.mark}: {reason}")


def _suite(
    report: Report,
    subject: Subject,
    rules: list[Rule],
    findings: list[Finding],
    aside: Mapping[str, list[str]],
) -> ET.Element:
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule.id, []).append(finding)
    suite = ET.Element("testsuite", name=visible(str(subject)) or "engine")
    suite.set("tests", str(len(rules)))
    suite.set("failures", str(len(by_rule)))
    suite.set("errors", "0")
    suite.set("skipped", str(len(aside.keys() - by_rule.keys())))
    if report.notes:
        properties = ET.SubElement(suite, "properties")
        properties.extend(ET.Element("property", name="note", value=visible(note)) for note in report.notes)
    classname = visible(".".join(filter(None, (report.stage, subject.system, subject.environment))))
    suite.extend(_case(classname, rule, by_rule.get(rule.id, []), aside.get(rule.id, [])) for rule in rules)
    return suite


def _case(classname: str, rule: Rule, findings: list[Finding], aside: list[str]) -> ET.Element:
    case = ET.Element("testcase", classname=classname, name=visible(f"{rule.id} {rule.title}"))
    if findings:
        first = _worst(findings)
        case.set("file", visible(first.mark.file))
        case.set("line", str(first.mark.line))
        case.append(_failure(first, findings))
    elif aside:
        case.append(_skipped(aside))
    return case


def _worst(findings: list[Finding]) -> Finding:
    """Return the first that failed: a case is unproven only where nothing in it failed."""
    return next((finding for finding in findings if finding.verdict is Verdict.FAIL), findings[0])


def _failure(first: Finding, findings: list[Finding]) -> ET.Element:
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    failure = ET.Element("failure", type=first.verdict.value)
    failure.set("message", visible(f"{first.mark}: {headline(first)}{more}"))
    failure.text = "\n".join(_lines(findings))
    return failure


def _skipped(aside: list[str]) -> ET.Element:
    more = f" (and {len(aside) - 1} more)" if len(aside) > 1 else ""
    skipped = ET.Element("skipped", message=visible(f"{aside[0]}{more}"))
    skipped.text = "\n".join(map(visible, aside))
    return skipped


def _lines(findings: Iterable[Finding]) -> list[str]:
    return [
        line
        for finding in findings
        for line in (
            visible(f"{finding.mark}: {headline(finding)}"),
            *(f"  {line}" for detail in details(finding) for line in visible_lines(detail)),
        )
    ]
