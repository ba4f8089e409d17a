"""SARIF: valid by the published schema, and what GitHub code scanning asks beyond it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest

from stackproof.findings import Finding, Report, Severity, Waived
from stackproof.marks import Mark
from stackproof.report import sarif

SCHEMA = json.loads((Path(__file__).parent / "data" / "sarif-2.1.0.json").read_text(encoding="utf-8"))


def run_of(report: Report) -> dict[str, Any]:
    """Return the only run of the rendered log, which must be valid by the schema."""
    log = json.loads(sarif.render(report))
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    run: dict[str, Any] = log["runs"][0]
    return run


def result_of(finding: Finding) -> dict[str, Any]:
    """Return the result that a finding becomes."""
    results: list[dict[str, Any]] = run_of(Report("policies", (), (finding,)))["results"]
    return results[0]


def fingerprint(finding: Finding) -> str:
    """Return the fingerprint that GitHub reads."""
    prints: dict[str, str] = result_of(finding)["partialFingerprints"]
    return prints["primaryLocationLineHash"]


def test_a_result_says_all_that_is_known(unencrypted: Finding) -> None:
    """The message speaks for itself where a reader ignores the properties."""
    result = result_of(unencrypted)
    result.pop("partialFingerprints")
    assert result == {
        "ruleId": "SP104",
        "ruleIndex": 0,
        "kind": "fail",
        "level": "error",
        "message": {
            "text": 'The storage of "Database" is <not> encrypted & 100% readable.\n'
            "In maticko dev, test\nWhen Encrypted=false, Zones=2\nFix: Set StorageEncrypted to true."
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "cloudformation/03-database.yaml", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 42, "startColumn": 7},
                },
                "logicalLocations": [
                    {
                        "name": "Database",
                        "fullyQualifiedName": "maticko/database/Database.StorageEncrypted",
                        "kind": "resource",
                    }
                ],
            }
        ],
        "properties": {
            "verdict": "fail",
            "severity": "critical",
            "fix": "Set StorageEncrypted to true.",
            "resource": "Database",
            "path": "StorageEncrypted",
            "system": "maticko",
            "layer": "database",
            "environments": ["dev", "test"],
            "witness": {"Encrypted": "false", "Zones": "2"},
        },
    }


def test_a_rule_is_described_with_its_reason_its_remedy_and_its_controls(unencrypted: Finding) -> None:
    """GitHub shows it beside each alert."""
    [rule] = run_of(Report("policies", (), (unencrypted,)))["tool"]["driver"]["rules"]
    assert rule == {
        "id": "SP104",
        "shortDescription": {"text": "Databases are encrypted at rest"},
        "fullDescription": {"text": "A snapshot that leaks is readable."},
        "help": {
            "text": "Databases are encrypted at rest\n\nWhy: A snapshot that leaks is readable.\n\n"
            "Fix: Set StorageEncrypted to true.\n\nControls: FSBP RDS.3, NIST 800-53 SC-28",
            "markdown": "Databases are encrypted at rest\n\n**Why:** A snapshot that leaks is readable.\n\n"
            "**Fix:** Set StorageEncrypted to true.\n\n**Controls:** FSBP RDS.3, NIST 800-53 SC-28",
        },
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "severity": "critical",
            "security-severity": "9.5",
            "tags": ["security", "FSBP RDS.3", "NIST 800-53 SC-28"],
        },
        "helpUri": "https://example.org/SP104#why",
    }


def test_every_result_points_at_its_rule(report: Report) -> None:
    """Index and id agree, and rules that nothing broke are listed too."""
    run = run_of(report)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["SP104", "SP201", "SP310", "SP320"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == ["SP310", "SP201", "SP104"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])


def test_a_rule_that_nobody_announced_is_described_too(unknown: Finding) -> None:
    """A result must not point outside the list of rules."""
    run = run_of(Report("policies", (), (unknown,)))
    assert run["tool"]["driver"]["rules"][run["results"][0]["ruleIndex"]]["id"] == "SP201"


@pytest.mark.parametrize(
    ("severity", "level", "score"),
    [
        (Severity.CRITICAL, "error", "9.5"),
        (Severity.HIGH, "error", "8.0"),
        (Severity.MEDIUM, "warning", "5.5"),
        (Severity.LOW, "note", "2.0"),
    ],
)
def test_the_severity_is_a_level_and_a_score(unencrypted: Finding, severity: Severity, level: str, score: str) -> None:
    """GitHub sorts alerts by the score and annotates by the level."""
    run = run_of(Report("policies", (), (replace(unencrypted, rule=replace(unencrypted.rule, severity=severity)),)))
    assert run["results"][0]["level"] == level
    assert run["tool"]["driver"]["rules"][0]["properties"]["security-severity"] == score


def test_only_stages_about_security_claim_a_security_score(unencrypted: Finding) -> None:
    """A lint error is no vulnerability."""
    [rule] = run_of(Report("lint", (), (unencrypted,)))["tool"]["driver"]["rules"]
    assert rule["properties"] == {"severity": "critical", "tags": ["FSBP RDS.3", "NIST 800-53 SC-28"]}


def test_unproven_is_shown_as_a_failure_that_says_so(unknown: Finding) -> None:
    """With SARIF's kind 'open' GitHub would drop it."""
    result = result_of(unknown)
    assert (result["kind"], result["level"], result["properties"]["verdict"]) == ("fail", "error", "unproven")
    assert result["message"]["text"].startswith("Unproven: CidrIp is imported")


@pytest.mark.parametrize(
    ("file", "location"),
    [
        ("./a//b/../c.yaml", {"uri": "a/c.yaml", "uriBaseId": "%SRCROOT%"}),
        ("my templates/é#1?.yaml", {"uri": "my%20templates/%C3%A9%231%3F.yaml", "uriBaseId": "%SRCROOT%"}),
        ("a:b.yaml", {"uri": "a%3Ab.yaml", "uriBaseId": "%SRCROOT%"}),
        ("100%.yaml", {"uri": "100%25.yaml", "uriBaseId": "%SRCROOT%"}),
        ("bad\udcff.yaml", {"uri": "bad%FF.yaml", "uriBaseId": "%SRCROOT%"}),
        ("/srv/my templates/a.yaml", {"uri": "file:///srv/my%20templates/a.yaml"}),
    ],
)
def test_a_file_is_a_uri(unencrypted: Finding, file: str, location: dict[str, str]) -> None:
    """Relative to the root of the repository, encoded, normalised; absolute only where the user said so."""
    [place] = result_of(replace(unencrypted, mark=Mark(file, 1)))["locations"]
    assert place["physicalLocation"]["artifactLocation"] == location


def test_a_file_can_be_read_back_from_its_uri(hostile: Finding) -> None:
    """Encoding loses no character of a name."""
    [place] = result_of(hostile)["locations"]
    assert unquote(place["physicalLocation"]["artifactLocation"]["uri"]) == hostile.mark.file


def test_lines_and_columns_start_at_one(unencrypted: Finding) -> None:
    """The schema allows no 0, which another tool may hand us."""
    [place] = result_of(replace(unencrypted, mark=Mark("a.yaml", 0, 0)))["locations"]
    assert place["physicalLocation"]["region"] == {"startLine": 1, "startColumn": 1}


def test_the_fingerprint_stays_when_lines_messages_or_environments_change(unencrypted: Finding) -> None:
    """An alert stays the same alert while a file is edited."""
    moved = replace(unencrypted, mark=replace(unencrypted.mark, line=99), message="Else.", environments=("prod",))
    assert fingerprint(moved) == fingerprint(unencrypted)


@pytest.mark.parametrize("field", ["system", "layer", "resource", "path"])
def test_the_fingerprint_differs_where_the_thing_differs(unencrypted: Finding, field: str) -> None:
    """Two things to mend are two alerts."""
    assert fingerprint(replace(unencrypted, **{field: "other"})) != fingerprint(unencrypted)  # type: ignore[arg-type]


def test_the_fingerprint_differs_between_rules_and_files(unencrypted: Finding) -> None:
    """Two things to mend are two alerts."""
    others = [
        replace(unencrypted, rule=replace(unencrypted.rule, id="SP105")),
        replace(unencrypted, mark=replace(unencrypted.mark, file="other.yaml")),
    ]
    assert len({fingerprint(finding) for finding in [unencrypted, *others]}) == 3


def test_two_findings_about_the_same_thing_are_told_apart_by_their_order(unencrypted: Finding) -> None:
    """GitHub would take equal fingerprints for one alert."""
    second = replace(unencrypted, mark=replace(unencrypted.mark, line=50))
    results = run_of(Report("policies", (), (second, unencrypted)))["results"]
    prints = [result["partialFingerprints"]["stackproof/v1"] for result in results]
    assert [text.split(":")[1] for text in prints] == ["1", "2"]
    assert len({text.split(":")[0] for text in prints}) == 1


@pytest.mark.parametrize(
    ("help_uri", "kept"),
    [
        ("https://example.org/a%20b?c=d#e", True),
        ("http://example.org", True),
        ("", False),
        ("docs/policies/SP104.md", False),
        ("javascript:alert(1)", False),
        ("https://example.org/a b", False),
        ("https://example.org/%zz", False),
    ],
)
def test_only_a_web_page_is_a_help_uri(unencrypted: Finding, help_uri: str, kept: bool) -> None:
    """One that is no URI makes the whole log invalid, and a script is no page."""
    finding = replace(unencrypted, rule=replace(unencrypted.rule, help_uri=help_uri))
    [rule] = run_of(Report("policies", (), (finding,)))["tool"]["driver"]["rules"]
    assert ("helpUri" in rule) is kept


def test_a_rule_has_no_more_tags_than_github_takes(unencrypted: Finding) -> None:
    """GitHub refuses a log with more than 20, and repeated ones are invalid."""
    rule = replace(unencrypted.rule, controls=("security", *(f"NIST {number}" for number in range(30))))
    [described] = run_of(Report("policies", (), (replace(unencrypted, rule=rule),)))["tool"]["driver"]["rules"]
    assert described["properties"]["tags"] == ["security", *(f"NIST {number}" for number in range(19))]


def test_the_invocation_tells_the_outcome_and_the_notes(report: Report) -> None:
    """Findings are a successful run whose exit code is 1."""
    assert run_of(report)["invocations"] == [
        {
            "executionSuccessful": True,
            "exitCode": 1,
            "exitCodeDescription": "findings",
            "toolExecutionNotifications": [
                {"level": "note", "message": {"text": "moto ignores AWS::CloudWatch::Alarm: 100 % untested"}}
            ],
        }
    ]


def test_a_clean_run_has_results_but_none_in_them(clean: Report) -> None:
    """Without the empty list GitHub would not close the alerts of before."""
    run = run_of(clean)
    assert run["results"] == []
    assert run["invocations"][0]["exitCode"] == 0


def test_each_stage_is_a_category_of_its_own(report: Report) -> None:
    """Two uploads of one category for one commit replace each other."""
    assert run_of(report)["automationDetails"] == {"id": "stackproof/policies/"}
    assert run_of(replace(report, stage="lint"))["automationDetails"] == {"id": "stackproof/lint/"}


def test_a_template_cannot_place_a_link_or_an_escape_sequence(unencrypted: Finding) -> None:
    """References and dynamic references stand as they were written."""
    message = "[click](https://evil.example) \x1b[2J ${System} {{resolve:ssm:/a}}"
    text = result_of(replace(unencrypted, message=message))["message"]["text"]
    assert text.splitlines()[0] == r"[click] (https://evil.example) \x1b[2J ${System} {{resolve:ssm:/a}}"


def test_the_version_of_the_tool_is_told_where_it_is_known(clean: Report) -> None:
    """An empty version is left out."""
    driver = json.loads(sarif.render(clean, version="1.2.3"))["runs"][0]["tool"]["driver"]
    assert driver["version"] == "1.2.3"
    assert "version" not in run_of(clean)["tool"]["driver"]


def test_the_order_does_not_depend_on_who_finished_first(report: Report) -> None:
    """A process pool gives its results in any order."""
    assert sarif.render(replace(report, findings=report.findings[::-1])) == sarif.render(report)


def test_a_report_about_nothing_is_valid(empty: Report) -> None:
    """It has no rules, no results and no notes."""
    assert run_of(empty)["results"] == []


def test_a_waived_finding_is_a_suppressed_result(report: Report, waived: Waived) -> None:
    """Readers of SARIF show it as an accepted exception."""
    [result] = run_of(replace(report, findings=(), waived=(waived,)))["results"]
    assert result["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "until 2027-03-31 by data team: Moves in <spring>",
            "location": {
                "physicalLocation": {
                    "artifactLocation": {"uri": "cloudformation/waivers.yaml", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 4, "startColumn": 5},
                }
            },
            "properties": {"reason": "Moves in <spring>", "owner": "data team", "expiry": "2027-03-31"},
        }
    ]


def test_a_waiver_in_the_template_itself_suppresses_in_source(report: Report, waived: Waived) -> None:
    """SARIF tells exceptions in the source from those beside it."""
    mark = Mark(waived.finding.mark.file, 5, 9)
    inside = replace(waived, waiver=replace(waived.waiver, mark=mark))
    [result] = run_of(replace(report, findings=(), waived=(inside,)))["results"]
    assert result["suppressions"][0]["kind"] == "inSource"


def test_a_known_finding_is_suppressed_by_the_baseline(report: Report, unencrypted: Finding) -> None:
    """It is no new alert."""
    [result] = run_of(replace(report, findings=(), known=(unencrypted,)))["results"]
    known = {"kind": "external", "status": "accepted", "justification": "known: stands in the baseline"}
    assert result["suppressions"] == [known]
