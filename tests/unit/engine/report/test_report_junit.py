"""JUnit: a suite per system and environment, a case per rule asked."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

from stackproof.findings import Finding, Report, Subject, Waived
from stackproof.report import junit

TWO_SUITES = """<?xml version="1.0" encoding="utf-8"?>
<testsuites name="stackproof policies" tests="4" failures="1" errors="0" time="0.214">
  <testsuite name="maticko dev" tests="2" failures="1" errors="0" skipped="0">
    <testcase classname="policies.maticko.dev" name="SP104 Databases are encrypted at rest" \
file="cloudformation/03-database.yaml" line="42">
      <failure type="fail" message="cloudformation/03-database.yaml:42: \
The storage of &quot;Database&quot; is &lt;not&gt; encrypted &amp; 100% readable.">cloudformation/03-database.yaml:42: \
The storage of "Database" is &lt;not&gt; encrypted &amp; 100% readable.
  in: maticko dev, test
  at: Database.StorageEncrypted
  when: Encrypted=false, Zones=2
  fix: Set StorageEncrypted to true.</failure>
    </testcase>
    <testcase classname="policies.maticko.dev" name="SP201 No port is open to the world" />
  </testsuite>
  <testsuite name="maticko prod" tests="2" failures="0" errors="0" skipped="0">
    <testcase classname="policies.maticko.prod" name="SP104 Databases are encrypted at rest" />
    <testcase classname="policies.maticko.prod" name="SP201 No port is open to the world" />
  </testsuite>
</testsuites>
"""


def suites(report: Report) -> dict[str, ET.Element]:
    """Return the rendered suites by name."""
    return {suite.attrib["name"]: suite for suite in ET.fromstring(junit.render(report))}


def broken(suite: ET.Element) -> list[str]:
    """Return the names of the failing cases of a suite."""
    return [case.attrib["name"] for case in suite.iter("testcase") if case.find("failure") is not None]


def test_every_rule_asked_is_a_case_of_every_subject(report: Report, unencrypted: Finding) -> None:
    """What passed is told as well as what failed."""
    here = replace(
        report,
        subjects=(Subject("maticko", "dev"), Subject("maticko", "prod")),
        findings=(replace(unencrypted, environments=("dev",)),),
        rules=report.rules[:2],
        notes=(),
    )
    assert junit.render(here) == TWO_SUITES.replace("maticko dev, test", "maticko dev")


def test_a_finding_stands_in_the_suite_of_each_of_its_environments(report: Report) -> None:
    """Whoever looks at one environment sees all that is wrong with it."""
    assert {name: broken(suite) for name, suite in suites(report).items()} == {
        "maticko dev": ["SP104 Databases are encrypted at rest"],
        "maticko test": ["SP104 Databases are encrypted at rest"],
        "maticko prod": [],
        "caja prod": ["SP201 No port is open to the world"],
        "my templates/é,1:2.yaml": ["SP310 Logs expire, always: 100 %"],
    }


def test_unproven_is_a_failure_of_its_own_type(report: Report) -> None:
    """A skipped test would read as harmless."""
    failure = suites(report)["caja prod"].find(".//failure")
    assert failure is not None
    assert failure.attrib == {
        "type": "unproven",
        "message": "cloudformation/02-application.yaml:9: "
        "Unproven: CidrIp is imported, but nobody exports it: Web, Api.",
    }


def test_a_rule_that_fails_and_is_unproven_fails_once_with_both_places(report: Report, unknown: Finding) -> None:
    """Readers of JUnit show one failure per case."""
    failed = replace(unknown, verdict=report.findings[0].verdict, mark=replace(unknown.mark, line=70), path="")
    suite = suites(replace(report, findings=(unknown, failed)))["caja prod"]
    failure = suite.find(".//failure")
    assert failure is not None
    assert suite.attrib["failures"] == "1"
    assert failure.attrib["type"] == "fail"
    assert failure.attrib["message"].endswith("nobody exports it: Web, Api. (and 1 more)")
    assert [line.split(": ")[0] for line in (failure.text or "").splitlines() if line[0] != " "] == [
        "cloudformation/02-application.yaml:9",
        "cloudformation/02-application.yaml:70",
    ]


def test_characters_that_xml_forbids_are_shown_as_escapes(report: Report) -> None:
    """They cannot be written in XML 1.0, not even as references."""
    failure = suites(report)["my templates/é,1:2.yaml"].find(".//failure")
    assert failure is not None
    assert failure.text == (
        "my templates/é,1:2.yaml:3: Le journal\\x1b[2J é\\nnever expires.\n"
        "  at: Lo\\x00g\n  fix: Set\n  RetentionInDays."
    )


def test_notes_are_properties_of_every_suite(report: Report) -> None:
    """What a simulation cannot show is told beside what it shows."""
    for suite in suites(report).values():
        note = suite.find("properties/property")
        assert note is not None
        assert note.attrib == {"name": "note", "value": "moto ignores AWS::CloudWatch::Alarm: 100 % untested"}


def test_a_finding_outside_what_was_announced_still_fails_somewhere(unknown: Finding) -> None:
    """No finding is lost because its rule or subject was not listed."""
    stray = suites(Report("policies", (), (unknown,)))
    assert {name: broken(suite) for name, suite in stray.items()} == {
        "caja prod": ["SP201 No port is open to the world"]
    }


def test_a_report_about_nothing_is_a_document_without_suites(empty: Report) -> None:
    """It is still a whole XML document."""
    assert junit.render(empty) == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<testsuites name="stackproof policies" tests="0" failures="0" errors="0" time="0.000" />\n'
    )


def test_a_rule_whose_findings_are_all_waived_is_skipped_with_the_reason(report: Report, waived: Waived) -> None:
    """A reader of JUnit sees the exception where the failure was."""
    suite = suites(replace(report, findings=(), waived=(waived,)))["maticko dev"]
    [skipped] = suite.iter("skipped")
    assert (suite.get("skipped"), suite.get("failures")) == ("1", "0")
    assert skipped.get("message") == (
        "cloudformation/03-database.yaml:42: waived until 2027-03-31 by data team: Moves in <spring>"
    )


def test_a_rule_with_a_finding_that_counts_fails_whatever_is_known(report: Report, unencrypted: Finding) -> None:
    """JUnit has one outcome for a case."""
    suite = suites(replace(report, known=(replace(unencrypted, path="KmsKeyId"),)))["maticko dev"]
    assert broken(suite) == ["SP104 Databases are encrypted at rest"]
    assert suite.get("skipped") == "0"


def test_what_is_known_is_skipped(report: Report, unencrypted: Finding) -> None:
    """It is told without failing."""
    suite = suites(replace(report, findings=(), known=(unencrypted,)))["maticko test"]
    assert [skipped.text for skipped in suite.iter("skipped")] == [
        "cloudformation/03-database.yaml:42: known: stands in the baseline"
    ]
