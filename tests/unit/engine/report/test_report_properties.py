"""What holds for every report, whatever a template's author wrote into names, paths and messages."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from stackproof.findings import Finding, Report, Rule, Severity, Subject, Verdict, Waived, Waiver
from stackproof.marks import Mark
from stackproof.report import FORMATS, github, json_report, sarif, terminal
from stackproof.report.order import by_place, by_subject, waived_by_place
from stackproof.report.text import visible

SCHEMA = json.loads((Path(__file__).parent / "data" / "sarif-2.1.0.json").read_text(encoding="utf-8"))

# Lone surrogates come from file names that are no UTF-8 and from escapes in JSON templates.
texts = st.text(
    st.one_of(st.characters(), st.characters(categories=["Cs", "Cc", "Cf"]), st.sampled_from("%:,{}[]()<&>\"'\r\n"))
)
# What a file system can return: any text but NUL, and bytes that are no UTF-8 as surrogates from U+DC80 to U+DCFF.
files = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF))
)
names = st.one_of(st.sampled_from(["", "maticko", "caja", "Database"]), texts)
rules = st.builds(
    Rule,
    id=names,
    title=texts,
    severity=st.sampled_from(Severity),
    rationale=texts,
    remediation=texts,
    controls=st.lists(texts, max_size=3).map(tuple),
    help_uri=st.one_of(st.just("https://example.org"), texts),
)
findings = st.builds(
    Finding,
    rule=rules,
    verdict=st.sampled_from([Verdict.FAIL, Verdict.UNPROVEN]),
    message=texts,
    fix=texts,
    mark=st.builds(Mark, files, st.integers(1, 10**6), st.integers(1, 200)),
    resource=names,
    path=texts,
    system=names,
    layer=texts,
    environments=st.lists(names, max_size=3, unique=True).map(tuple),
    witness=st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
    declared=st.booleans(),
    template=files,
)
waivers = st.builds(
    Waiver,
    policy=names,
    resource=names,
    reason=texts,
    owner=texts,
    expiry=st.dates(),
    mark=st.builds(Mark, files, st.integers(1, 10**6), st.integers(1, 200)),
    template=files,
    system=names,
    layer=texts,
    environments=st.lists(names, max_size=2, unique=True).map(tuple),
)
reports = st.builds(
    Report,
    stage=st.one_of(st.sampled_from(["policies", "unit"]), texts),
    subjects=st.lists(st.builds(Subject, names, names), max_size=4, unique=True).map(tuple),
    findings=st.lists(findings, max_size=4).map(tuple),
    rules=st.lists(rules, max_size=3, unique_by=lambda rule: rule.id).map(
        lambda asked: tuple(sorted(asked, key=lambda rule: rule.id))
    ),
    passed=st.integers(0, 10**9),
    notes=st.lists(texts, max_size=2).map(tuple),
    seconds=st.floats(0, 10**6),
    waived=st.lists(st.builds(Waived, findings, waivers), max_size=2).map(tuple),
    known=st.lists(findings, max_size=2).map(tuple),
)


@given(reports)
def test_json_gives_back_every_report(report: Report) -> None:
    """Writing and reading change nothing but the order of findings, which is by place."""
    placed = replace(
        report,
        findings=tuple(by_place(report.findings)),
        waived=tuple(waived_by_place(report.waived)),
        known=tuple(by_place(report.known)),
    )
    assert json_report.read(json_report.render(report)) == placed
    assert json_report.read(json_report.render(report, compact=True)) == placed


@given(reports)
def test_every_format_can_be_written_as_utf_8(report: Report) -> None:
    """Lone surrogates never reach a stream, which could not encode them."""
    for render in FORMATS.values():
        render(report).encode("utf-8")


@given(reports)
def test_junit_is_xml_with_every_finding_in_every_environment(report: Report) -> None:
    """A parser reads it, and every suite fails exactly the rules with findings."""
    root = ET.fromstring(FORMATS["junit"](report).encode("utf-8"))
    failing = [
        [case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None] for suite in root
    ]
    assert [len(names) for names in failing] == [
        len({finding.rule.id for finding in found}) for found in by_subject(report).values()
    ]
    assert root.get("failures") == str(sum(map(len, failing)))


@given(reports)
def test_sarif_is_valid(report: Report) -> None:
    """The published schema holds, no result is lost and no two results are taken for one."""
    log = json.loads(sarif.render(report))
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    [run] = log["runs"]
    assert len(run["results"]) == len(report.findings) + len(report.waived) + len(report.known)
    assert sum("suppressions" in result for result in run["results"]) == len(report.waived) + len(report.known)
    prints = [result["partialFingerprints"]["stackproof/v1"] for result in run["results"]]
    assert len(set(prints)) == len(prints)


@given(texts)
def test_a_github_message_is_one_line_that_decodes_to_the_text(text: str) -> None:
    """The runner undoes the escapes in this order."""
    escaped = github.escape_message(text)
    assert not re.search("[\r\n]", escaped)
    assert escaped.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%") == text


@given(texts)
def test_a_github_property_holds_nothing_that_ends_it(text: str) -> None:
    """The runner undoes the escapes in this order."""
    escaped = github.escape_property(text)
    assert not re.search("[\r\n:,]", escaped)
    unescaped = escaped.replace("%2C", ",").replace("%3A", ":").replace("%0D", "\r").replace("%0A", "\n")
    assert unescaped.replace("%25", "%") == text


@given(reports)
def test_github_has_one_command_for_every_finding_and_note(report: Report) -> None:
    """Nothing splits a command, and nothing swallows one."""
    lines = github.render(report).split("\n")[:-1]
    assert len(lines) == len(report.findings) + len(report.notes)
    assert all(re.match(r"::(error|warning|notice) [^:]*::", line) for line in lines)


@given(reports)
def test_the_terminal_shows_nothing_that_acts(report: Report) -> None:
    """No escape sequence of a template gets through, in colour or without."""
    text = terminal.render_plain(report)
    assert all(line.isprintable() for line in text.split("\n"))
    assert re.sub(r"\x1b\[[0-9;]*m", "", terminal.render(report, colour=True)) == text
    assert all(visible(str(finding.mark)) in text for finding in report.findings)


@given(texts)
def test_printable_text_is_shown_as_it_is(text: str) -> None:
    """Only what cannot be shown is escaped."""
    assert visible(text).isprintable()
    assert visible(text) == text or not text.isprintable()
