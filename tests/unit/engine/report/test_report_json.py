"""JSON: every field, a fixed order, and a reader that refuses what is not whole."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from stackproof.findings import Finding, Report, Waived
from stackproof.report import json_report

DOCUMENT = r"""{
  "schema": "stackproof/report",
  "version": 1,
  "stage": "policies",
  "clean": false,
  "passed": 40,
  "seconds": 0.214,
  "subjects": [
    {
      "system": "caja",
      "environment": "prod"
    }
  ],
  "notes": [
    "moto ignores AWS::CloudWatch::Alarm: 100 % untested"
  ],
  "rules": [
    {
      "id": "SP104",
      "title": "Databases are encrypted at rest",
      "severity": "critical",
      "rationale": "A snapshot that leaks is readable.",
      "remediation": "Set StorageEncrypted to true.",
      "controls": [
        "FSBP RDS.3",
        "NIST 800-53 SC-28"
      ],
      "help_uri": "https://example.org/SP104#why",
      "asked": false
    },
    {
      "id": "SP201",
      "title": "No port is open to the world",
      "severity": "high",
      "rationale": "",
      "remediation": "",
      "controls": [],
      "help_uri": "",
      "asked": true
    }
  ],
  "findings": [
    {
      "rule": "SP104",
      "rule_index": 0,
      "severity": "critical",
      "verdict": "fail",
      "message": "The storage of \"Database\" is <not> encrypted & 100% readable.",
      "fix": "Set StorageEncrypted to true.",
      "file": "cloudformation/03-database.yaml",
      "line": 42,
      "column": 7,
      "resource": "Database",
      "path": "StorageEncrypted",
      "system": "maticko",
      "layer": "database",
      "environments": [
        "dev",
        "test"
      ],
      "witness": [
        [
          "Encrypted",
          "false"
        ],
        [
          "Zones",
          "2"
        ]
      ],
      "declared": true,
      "template": ""
    }
  ],
  "waived": [],
  "known": []
}
"""


@pytest.fixture
def small(report: Report, unencrypted: Finding) -> Report:
    """One finding whose rule was not announced, one announced rule that nothing broke."""
    return replace(report, subjects=report.subjects[3:4], findings=(unencrypted,), rules=report.rules[1:2])


def test_every_field_is_written(small: Report) -> None:
    """The document is what the module's docstring promises."""
    assert json_report.render(small) == DOCUMENT


def test_reading_gives_the_report_back(small: Report) -> None:
    """Records and caches rely on it."""
    assert json_report.read(DOCUMENT) == small


def test_the_order_of_findings_does_not_depend_on_who_finished_first(report: Report) -> None:
    """A process pool gives its results in any order."""
    shuffled = replace(report, findings=report.findings[::-1])
    assert json_report.render(shuffled) == json_report.render(report)


def test_the_compact_form_is_one_line_with_the_same_content(report: Report) -> None:
    """Records and caches are written compactly."""
    compact = json_report.render(report, compact=True)
    assert compact.count("\n") == 1
    assert json.loads(compact) == json.loads(json_report.render(report))


def test_text_is_ascii_so_that_any_encoding_carries_it(report: Report) -> None:
    """A redirected Windows or C-locale stream may be no UTF-8."""
    assert json_report.render(report).isascii()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '"stackproof/report"', "[" * 100_000, b"\xff\xfe\x00"])
def test_what_is_no_report_is_refused(text: str | bytes) -> None:
    """Neither a torn file nor one nested without end is a report."""
    with pytest.raises(ValueError, match=r"^not a stackproof report: "):
        json_report.read(text)


@pytest.mark.parametrize("key", sorted(set(json.loads(DOCUMENT)) - {"clean"}))
def test_a_document_without_one_of_its_parts_is_refused(key: str) -> None:
    """A record without its findings must not read as a clean one."""
    document = json.loads(DOCUMENT)
    del document[key]
    with pytest.raises(ValueError, match=f"KeyError: '{key}'"):
        json_report.read(json.dumps(document))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("schema",), "sarif"),
        (("version",), 2),
        (("version",), True),
        (("findings",), {}),
        (("findings",), None),
        (("findings",), [[]]),
        (("findings", 0, "verdict"), "pass"),
        (("findings", 0, "verdict"), "perhaps"),
        (("findings", 0, "rule_index"), 2),
        (("findings", 0, "rule_index"), -1),
        (("findings", 0, "line"), "42"),
        (("findings", 0, "environments"), "dev"),
        (("findings", 0, "environments"), [1]),
        (("findings", 0, "witness"), [["Encrypted"]]),
        (("rules", 0, "severity"), "awful"),
        (("rules", 0, "asked"), 1),
        (("subjects", 0), "maticko dev"),
        (("seconds",), float("nan")),
        (("notes",), {}),
    ],
)
def test_a_document_with_a_wrong_value_is_refused(place: tuple[str | int, ...], value: object) -> None:
    """An empty object in place of the findings is no empty list."""
    document: Any = json.loads(DOCUMENT)
    inner = document
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    with pytest.raises(ValueError, match=r"^not a stackproof report: "):
        json_report.read(json.dumps(document))


def test_a_waived_finding_carries_its_waiver(report: Report, unencrypted: Finding, waived: Waived) -> None:
    """A script that lists exceptions needs who, why and until when."""
    document = json.loads(json_report.render(replace(report, findings=(), waived=(waived,), known=(unencrypted,))))
    assert document["clean"] is True
    [found] = document["waived"]
    assert found["finding"] == document["known"][0]
    assert found["waiver"] == {
        "policy": "SP104",
        "resource": "Database",
        "reason": "Moves in <spring>",
        "owner": "data team",
        "expiry": "2027-03-31",
        "file": "cloudformation/waivers.yaml",
        "line": 4,
        "column": 5,
        "template": "",
        "system": "maticko",
        "layer": "database",
        "environments": [],
    }


@pytest.mark.parametrize("value", ["soon", "", 20270331, None])
def test_a_waiver_whose_expiry_is_no_date_is_refused(report: Report, waived: Waived, value: object) -> None:
    """A record is read back whole or not at all."""
    document = json.loads(json_report.render(replace(report, waived=(waived,))))
    document["waived"][0]["waiver"]["expiry"] = value
    with pytest.raises(ValueError, match=r"^not a stackproof report: "):
        json_report.read(json.dumps(document))
