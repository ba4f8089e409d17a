"""The one table at the end of the gate: system x environment in rows, stages in columns.

It fails closed: a stage without a readable record, and a row that a stage never judged, are ``missing``, and a summary
with anything missing does not pass.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from stackproof.findings import Finding, Report, Subject, Verdict
from stackproof.report.order import ENGINE, by_subject
from stackproof.report.paint import Line, painted, plain
from stackproof.report.record import STAGES
from stackproof.report.text import visible

_GAP = "  "


OF_SYSTEMS = ("simulation", "unit")
"""Stages that are about systems in their environments, and say nothing of a template that belongs to none."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one stage says about one row.

    Attributes:
        judged: whether the stage judged the row at all.
        fail: how many findings failed.
        unproven: how many findings are unproven.
        required: whether the row needs this stage; an unneeded and unjudged cell stays blank.
    """

    judged: bool = False
    fail: int = 0
    unproven: int = 0
    required: bool = True

    @property
    def passed(self) -> bool:
        """True where the stage found nothing, or was not needed."""
        return (self.judged or not self.required) and not self.fail and not self.unproven

    def __str__(self) -> str:
        counts = [f"{count} {word}" for count, word in ((self.fail, "fail"), (self.unproven, "unproven")) if count]
        if counts:
            return ", ".join(counts)
        return "pass" if self.judged else "missing" if self.required else "-"


@dataclass(frozen=True, slots=True)
class Row:
    """One subject and its cell for each stage of the summary."""

    system: str
    environment: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """The table: stages in order, and a row for each subject."""

    stages: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def passed(self) -> bool:
        """True where every stage judged every row and found nothing."""
        cells = [cell for row in self.rows for cell in row.cells]
        return bool(cells) and all(cell.passed for cell in cells)

    @property
    def exit_code(self) -> int:
        """0 where the gate passed, else 1."""
        return 0 if self.passed else 1


def summarise(reports: Mapping[str, Report | None], stages: Sequence[str] = STAGES) -> Summary:
    """Return the summary of the gate.

    Parameters:
        reports: stage name to its report, or None where its record is absent or unreadable.
        stages: the expected stages in order; a stage that is not among them becomes one more expected column.

    Returns:
        A row for every system and environment, then for every bare template, by name, environments in the order in
        which the stages name them; last, as ``(engine)``, the tests that belong to no system, which need only the
        stages that report them; a bare template is never deployed by itself, so what `OF_SYSTEMS` say is not asked of
        it. Where no system and no template was judged, one row says that everything is missing.
    """
    columns = tuple(dict.fromkeys([*stages, *reports]))
    judged = [_judged(reports.get(stage)) for stage in columns]
    of_systems = [stage in OF_SYSTEMS and reports.get(stage) is not None for stage in columns]
    subjects = _ordered(dict.fromkeys(subject for findings in judged for subject in findings))
    rows = [_row(subject, [findings.get(subject) for findings in judged], of_systems) for subject in subjects]
    if all(subject == ENGINE for subject in subjects):
        rows.insert(0, Row("(nothing judged)", "", tuple(Cell() for _ in columns)))
    return Summary(columns, tuple(rows))


def render(summary: Summary, width: int = 0, colour: bool = False) -> str:
    """Return the summary as text.

    Parameters:
        summary: the table.
        width: columns of the terminal; where the table is wider, each row becomes a block of lines. 0 means any width.
        colour: paint it (imports rich); ask `stackproof.report.paint.wants_colour`.
    """
    table = _table(summary)
    lines = _stacked(summary) if width and _width(table) > width else table
    return (painted if colour else plain)([*lines, [], _verdict(summary)])


def _judged(report: Report | None) -> dict[Subject, list[Finding]]:
    return by_subject(report) if report else {}


def _ordered(subjects: Mapping[Subject, None]) -> list[Subject]:
    """Sort by kind and name; the sort is stable, so environments keep the order in which they were first named."""
    return sorted(subjects, key=lambda subject: (subject == ENGINE, not subject.environment, subject.system))


def _row(subject: Subject, findings: list[list[Finding] | None], of_systems: list[bool]) -> Row:
    bare = not subject.environment
    required = [subject != ENGINE and not (bare and alone) for alone in of_systems]
    return Row(_label(subject), subject.environment, tuple(map(_cell, findings, required)))


def _label(subject: Subject) -> str:
    return "(engine)" if subject == ENGINE else subject.system


def _cell(findings: list[Finding] | None, required: bool) -> Cell:
    if findings is None:
        return Cell(required=required)
    unproven = sum(finding.verdict is Verdict.UNPROVEN for finding in findings)
    return Cell(judged=True, fail=len(findings) - unproven, unproven=unproven, required=required)


def _table(summary: Summary) -> list[Line]:
    head = [(text, "bold") for text in ("system", "environment", *summary.stages)]
    rows = [[*_names(row), *((str(cell), _style(cell)) for cell in row.cells)] for row in summary.rows]
    widths = [max(_cells(text) for text, _ in column) for column in zip(head, *rows, strict=True)]
    return [_aligned(line, widths) for line in (head, *rows)]


def _names(row: Row) -> Line:
    return [(visible(row.system), ""), (visible(row.environment), "")]


def _aligned(line: Line, widths: list[int]) -> Line:
    """Return the line with padding as spans of its own, none after the last text."""
    padded: Line = []
    pending = ""
    for (text, style), width in zip(line, widths, strict=True):
        if text:
            padded += [(pending, ""), (text, style)] if pending else [(text, style)]
            pending = ""
        pending += " " * (width - _cells(text)) + _GAP
    return padded


def _width(table: list[Line]) -> int:
    return max(sum(_cells(text) for text, _ in line) for line in table)


def _cells(text: str) -> int:
    """Return how many terminal columns the text takes."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    combining = sum(unicodedata.combining(character) > 0 for character in text)
    return len(text) + wide - combining


def _stacked(summary: Summary) -> Iterator[Line]:
    widest = max(_cells(stage) for stage in summary.stages)
    for row in summary.rows:
        yield [(" ".join(text for text, _ in _names(row) if text), "bold")]
        for stage, cell in zip(summary.stages, row.cells, strict=True):
            yield [(_GAP + stage + " " * (widest - _cells(stage)) + _GAP, ""), (str(cell), _style(cell))]


def _style(cell: Cell) -> str:
    if cell.passed:
        return "green" if cell.judged else "dim"
    return "bold magenta" if cell.unproven and not cell.fail else "bold red"


def _verdict(summary: Summary) -> Line:
    """Return the last line: whether the gate passed, and what stands against it."""
    cells = [cell for row in summary.rows for cell in row.cells]
    counts = (
        (sum(cell.fail for cell in cells), "fail"),
        (sum(cell.unproven for cell in cells), "unproven"),
        (sum(not cell.judged and cell.required for cell in cells), "missing"),
    )
    told = ", ".join(f"{count} {word}" for count, word in counts if count)
    return [("gate passed", "bold green")] if summary.passed else [("gate failed", "bold red"), (f": {told}", "")]
