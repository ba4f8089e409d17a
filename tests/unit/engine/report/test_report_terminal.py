"""What a person reads: grouped findings with a place to click, and one line that sums up."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from dataclasses import replace

import pytest

from stackproof.findings import Finding, Report, Subject, Waived
from stackproof.marks import Mark
from stackproof.report import terminal
from stackproof.report.paint import wants_colour

WHOLE = r"""my templates/é,1:2.yaml
  Lo\x00g
    FAIL low SP310 my templates/é,1:2.yaml:3
      Le journal\x1b[2J é
      never expires.
      fix: Set
           RetentionInDays.

caja
  cloudformation/02-application.yaml (application)
    Web
      UNPROVEN high SP201 cloudformation/02-application.yaml:9 SecurityGroupIngress.0.CidrIp
        CidrIp is imported, but nobody exports it: Web, Api.
        in: caja prod
        fix: Export it.

maticko
  cloudformation/03-database.yaml (database)
    Database
      FAIL critical SP104 cloudformation/03-database.yaml:42 StorageEncrypted
        The storage of "Database" is <not> encrypted & 100% readable.
        in: maticko dev, test
        when: Encrypted=false, Zones=2
        fix: Set StorageEncrypted to true.

notes
  moto ignores AWS::CloudWatch::Alarm: 100 % untested

FAILED policies: 2 fail (1 critical, 1 low), 1 unproven (1 high) in maticko (dev, test), caja (prod), \
my templates/é,1:2.yaml; 4 policies asked, 40 judgements passed; 0.21 s
""".replace("\\\n", "")


def test_the_whole_report_groups_by_system_file_and_resource(report: Report) -> None:
    """Every finding has its place, its environments and its fix."""
    assert terminal.render(report) == WHOLE


def test_a_clean_report_says_what_was_judged_and_where(clean: Report) -> None:
    """A pass names what it covers."""
    assert terminal.render(clean) == "PASSED policies: 1 policy asked, 1 judgement passed in maticko (dev); 0.05 s\n"


def test_a_report_about_nothing_does_not_look_like_a_pass(empty: Report) -> None:
    """No template was found: that proves nothing."""
    assert terminal.render(empty) == "NOTHING JUDGED policies: 0 policies asked, 0 judgements passed; 0.00 s\n"


def test_unproven_alone_is_no_pass(report: Report, unknown: Finding) -> None:
    """The last line says so in its first word."""
    last = terminal.render(replace(report, findings=(unknown,))).splitlines()[-1]
    assert (
        last == "UNPROVEN policies: 1 unproven (1 high) in caja (prod); 4 policies asked, 40 judgements passed; 0.21 s"
    )


def test_resources_stand_in_the_order_of_their_first_line_and_stay_together(unencrypted: Finding) -> None:
    """A reader works through a file from top to bottom."""

    def at(line: int, resource: str) -> Finding:
        return replace(unencrypted, mark=replace(unencrypted.mark, line=line), resource=resource)

    report = Report("policies", (), (at(30, "Zebra"), at(20, "Ant"), at(10, "Zebra")))
    headings = re.findall(r"^    (\w+)$|:(\d+) Storage", terminal.render(report), re.MULTILINE)
    assert ["".join(found) for found in headings] == ["Zebra", "10", "30", "Ant", "20"]


def test_one_template_used_by_two_layers_has_a_heading_for_each(unencrypted: Finding) -> None:
    """The same line may be right in one layer and wrong in the other."""
    report = Report("policies", (), (unencrypted, replace(unencrypted, layer="archive")))
    headings = re.findall(r"^  \S.*$", terminal.render(report), re.MULTILINE)
    assert headings == ["  cloudformation/03-database.yaml (archive)", "  cloudformation/03-database.yaml (database)"]


def test_a_finding_about_the_whole_template_names_no_resource(unencrypted: Finding) -> None:
    """Lint speaks of files as well as of resources."""
    report = Report("lint", (), (replace(unencrypted, resource="", path=""),))
    assert terminal.render(report).splitlines()[:4] == [
        "maticko",
        "  cloudformation/03-database.yaml (database)",
        "    (whole template)",
        "      FAIL critical SP104 cloudformation/03-database.yaml:42",
    ]


def test_many_bare_templates_are_counted_in_the_last_line() -> None:
    """Hundreds of names would hide the numbers."""
    report = Report("lint", tuple(Subject(f"{number}.yaml") for number in range(349)))
    assert terminal.render(report) == "PASSED lint: 0 checks asked, 0 judgements passed in 349 templates; 0.00 s\n"


def test_a_place_is_never_wrapped(unencrypted: Finding) -> None:
    """A place in two pieces can be neither copied nor clicked."""
    file = "a long folder/" * 30 + "template.yaml"
    report = Report("policies", (), (replace(unencrypted, mark=Mark(file, 7)),))
    for colour in (False, True):
        assert f"{file}:7" in terminal.render(report, colour=colour)


def test_colours_change_nothing_but_colours(report: Report) -> None:
    """A log and a terminal show the same text."""
    coloured = terminal.render(report, colour=True)
    assert "\x1b[1;31mFAIL\x1b[0m" in coloured
    assert "\x1b[1;35mUNPROVEN\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == WHOLE


def test_plain_text_does_not_import_rich() -> None:
    """Its import takes longer than a whole cached run; nor is anything else heavy imported."""
    script = (
        "import sys; from stackproof.findings import Report; from stackproof.report import FORMATS;"
        "FORMATS['terminal'](Report('policies', ()));"
        "print(sorted({'rich', 'msgspec', 'xml', 'click'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.mark.parametrize(
    ("stream", "environ", "wanted"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"TERM": "xterm-256color", "NO_COLOR": ""}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
    ],
)
def test_colours_are_for_a_terminal_that_does_not_refuse_them(
    stream: io.StringIO, environ: dict[str, str], wanted: bool
) -> None:
    """NO_COLOR counts where it is not empty (https://no-color.org)."""
    assert wants_colour(stream, environ) is wanted


WAIVED = """waived
  SP104 cloudformation/03-database.yaml:42 Database.StorageEncrypted in maticko dev, test
    until 2027-03-31 by data team: Moves in <spring>

PASSED policies: 1 waived, 2 known; 4 policies asked, 40 judgements passed in maticko (dev); 0.21 s
"""


def test_what_is_waived_is_listed_and_what_is_known_is_counted(
    report: Report, unencrypted: Finding, hostile: Finding, waived: Waived
) -> None:
    """An exception is never silent; a long baseline does not bury what is new."""
    subjects = report.subjects[:1]
    aside = replace(report, subjects=subjects, findings=(), notes=(), waived=(waived,), known=(unencrypted, hostile))
    assert terminal.render(aside) == WAIVED


def test_what_does_not_count_stands_behind_what_does(report: Report, unknown: Finding, waived: Waived) -> None:
    """The last line tells both."""
    last = terminal.render(replace(report, findings=(unknown,), waived=(waived,))).splitlines()[-1]
    assert last.startswith("UNPROVEN policies: 1 unproven (1 high) in caja (prod); 1 waived; 4 policies asked, ")
