"""The report for a person at a terminal or reading a log.

Grouped by system (or bare template), file and resource; ``path:line`` stands in one piece so that it can be copied or
clicked; an unproven judgement is marked as such. Plain and coloured output are the same lines (see ``paint``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from stackproof.findings import WHOLE_TEMPLATE, Finding, Report, Severity, Subject, Verdict, Waived
from stackproof.report.order import by_place, by_subject, rules_of, waived_by_place
from stackproof.report.paint import Line, painted, plain
from stackproof.report.text import visible, visible_lines
from stackproof.report.wording import exception, listing, scope, several, target, tolerated, witness

_VERDICT_STYLE = {Verdict.FAIL: "bold red", Verdict.UNPROVEN: "bold magenta"}
_SEVERITY_STYLE = {Severity.CRITICAL: "red", Severity.HIGH: "red", Severity.MEDIUM: "yellow", Severity.LOW: "blue"}
_ASKED = {"policies": ("policy", "policies"), "unit": ("test", "tests")}


def render(report: Report, colour: bool = False) -> str:
    """Return the report as text.

    Parameters:
        report: what a stage found.
        colour: paint it (imports rich); ask `stackproof.report.paint.wants_colour`.
    """
    return painted(_lines(report)) if colour else render_plain(report)


def render_plain(report: Report) -> str:
    """Return the report as text without colours, with the standard library only."""
    return plain(_lines(report))


def _lines(report: Report) -> Iterator[Line]:
    yield from _findings(report.findings)
    yield from _waived(report.waived)
    yield from _notes(report.notes)
    yield _summary(report)


def _findings(findings: Iterable[Finding]) -> Iterator[Line]:
    """Yield every finding under its headings, and a heading only where it differs from the one before."""
    before: tuple[str, ...] = ()
    for finding in _grouped(findings):
        headings = _headings(finding)
        if before and headings[0] != before[0]:
            yield []
        for depth, heading in enumerate(headings):
            if headings[: depth + 1] != before[: depth + 1]:
                yield [("  " * depth, ""), (visible(heading), "bold" if depth == 0 else "")]
        yield from _finding(finding, "  " * len(headings))
        before = headings
    if before:
        yield []


def _grouped(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings with those under the same headings together, resources in the order of their first lines."""
    placed = by_place(findings)
    first = {_headings(finding): finding.mark.line for finding in reversed(placed)}
    return sorted(
        placed,
        key=lambda finding: (
            finding.system,
            finding.mark.file,
            finding.layer,
            first[_headings(finding)],
            finding.resource,
        ),
    )


def _headings(finding: Finding) -> tuple[str, ...]:
    file = f"{finding.mark.file} ({finding.layer})" if finding.layer else finding.mark.file
    return (*filter(None, (finding.system,)), file, finding.resource or WHOLE_TEMPLATE)


def _finding(finding: Finding, indent: str) -> Iterator[Line]:
    severity = finding.rule.severity
    first: Line = [
        (indent, ""),
        (finding.verdict.upper(), _VERDICT_STYLE[finding.verdict]),
        (" ", ""),
        (severity.value, _SEVERITY_STYLE[severity]),
        (f" {visible(finding.rule.id)} ", ""),
        (visible(str(finding.mark)), "cyan"),
    ]
    yield first + ([(f" {visible(finding.path)}", "")] if finding.path else [])
    inner = indent + "  "
    for line in visible_lines(finding.message):
        yield [(inner + line, "")]
    for label, text in (("in", scope(finding)), ("when", witness(finding))):
        if text:
            yield [(f"{inner}{label}: {visible(text)}", "")]
    for number, line in enumerate(visible_lines(finding.fix)):
        yield [(inner, ""), ("fix: " if number == 0 else "     ", "green"), (line, "")]


def _waived(waived: tuple[Waived, ...]) -> Iterator[Line]:
    if waived:
        yield [("waived", "bold")]
        for one in waived_by_place(waived):
            finding = one.finding
            where = f"{target(finding) or WHOLE_TEMPLATE}{f' in {scope(finding)}' if scope(finding) else ''}"
            yield [
                (f"  {visible(finding.rule.id)} ", ""),
                (visible(str(finding.mark)), "cyan"),
                (visible(f" {where}"), ""),
            ]
            yield [(visible(f"    {exception(one.waiver)}"), "")]
        yield []


def _notes(notes: tuple[str, ...]) -> Iterator[Line]:
    if notes:
        yield [("notes", "bold")]
        yield from ([("  " + visible(note), "")] for note in notes)
        yield []


def _summary(report: Report) -> Line:
    """Return the last line: the outcome, what was found where, what was asked, how long it took."""
    word, style = _outcome(report)
    place = _among(_affected(report) if report.findings else report.subjects)
    asked = several(len(report.rules or rules_of(report)), *_ASKED.get(report.stage, ("check",)))
    counted = f"{asked} asked, {several(report.passed, 'judgement')} passed"
    aside = f"{tolerated(report)}; " if tolerated(report) else ""
    told = f"{_found(report.findings)}{place}; {aside}{counted}" if report.findings else f"{aside}{counted}{place}"
    return [(word, style), (visible(f" {report.stage}: {told}; {report.seconds:.2f} s"), "")]


def _outcome(report: Report) -> tuple[str, str]:
    if any(finding.verdict is Verdict.FAIL for finding in report.findings):
        return "FAILED", "bold red"
    if report.findings:
        return "UNPROVEN", "bold magenta"
    # Silence about nothing is no proof: a run that found no template must not look like one that found no fault.
    return ("PASSED", "bold green") if report.subjects else ("NOTHING JUDGED", "bold yellow")


def _found(findings: tuple[Finding, ...]) -> str:
    return ", ".join(
        f"{len(severities)} {verdict} ({_by_severity(severities)})"
        for verdict in (Verdict.FAIL, Verdict.UNPROVEN)
        if (severities := [finding.rule.severity for finding in findings if finding.verdict is verdict])
    )


def _by_severity(severities: list[Severity]) -> str:
    counts = Counter(severities)
    return ", ".join(f"{counts[severity]} {severity}" for severity in reversed(Severity) if counts[severity])


def _among(places: Iterable[Subject]) -> str:
    listed = listing(places)
    return f" in {listed}" if listed else ""


def _affected(report: Report) -> list[Subject]:
    return [subject for subject, findings in by_subject(report).items() if findings]
