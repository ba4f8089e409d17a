"""The gate's table: every system and environment in every stage, and nothing missing passes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from stackproof.findings import Finding, Report, Subject, Waived
from stackproof.report import record, summary
from stackproof.report.record import STAGES

MATICKO = (Subject("maticko", "dev"), Subject("maticko", "test"), Subject("maticko", "prod"))
CAJA = (Subject("caja", "dev"), Subject("caja", "prod"))


@pytest.fixture
def passing() -> dict[str, Report | None]:
    """Records of a gate in which every stage judged both systems, and unit tests ran for the engine too."""
    reports: dict[str, Report | None] = {stage: Report(stage, MATICKO + CAJA) for stage in STAGES}
    reports["unit"] = Report("unit", (Subject(""), *MATICKO, *CAJA))
    return reports


def test_a_gate_that_judged_everything_and_found_nothing_passes(passing: dict[str, Report | None]) -> None:
    """The table shows what passed, not only that it passed."""
    table = summary.summarise(passing)
    assert (table.passed, table.exit_code) == (True, 0)
    assert summary.render(table) == (
        "system    environment  lint  policies  checkov  simulation  unit\n"
        "caja      dev          pass  pass      pass     pass        pass\n"
        "caja      prod         pass  pass      pass     pass        pass\n"
        "maticko   dev          pass  pass      pass     pass        pass\n"
        "maticko   test         pass  pass      pass     pass        pass\n"
        "maticko   prod         pass  pass      pass     pass        pass\n"
        "(engine)               -     -         -        -           pass\n"
        "\n"
        "gate passed\n"
    )


def test_findings_count_in_each_of_their_environments_and_the_rest_is_missing(
    passing: dict[str, Report | None], unencrypted: Finding, unknown: Finding
) -> None:
    """One finding in two environments stands against both."""
    also = replace(unknown, system="maticko", environments=("test",))
    passing["policies"] = Report("policies", MATICKO + CAJA, (unencrypted, unknown, also))
    passing["checkov"] = None
    passing["simulation"] = Report("simulation", MATICKO[:2] + CAJA)
    table = summary.summarise(passing)
    assert table.exit_code == 1
    assert summary.render(table) == (
        "system    environment  lint  policies            checkov  simulation  unit\n"
        "caja      dev          pass  pass                missing  pass        pass\n"
        "caja      prod         pass  1 unproven          missing  pass        pass\n"
        "maticko   dev          pass  1 fail              missing  pass        pass\n"
        "maticko   test         pass  1 fail, 1 unproven  missing  pass        pass\n"
        "maticko   prod         pass  pass                missing  missing     pass\n"
        "(engine)               -     -                   -        -           pass\n"
        "\n"
        "gate failed: 2 fail, 2 unproven, 6 missing\n"
    )


def test_a_terminal_that_is_too_narrow_gets_a_block_for_each_row(passing: dict[str, Report | None]) -> None:
    """Wrapped rows of a table cannot be read."""
    table = summary.summarise(
        {stage: report and replace(report, subjects=MATICKO[:1]) for stage, report in passing.items()}
    )
    assert summary.render(table, width=40) == (
        "maticko dev\n"
        "  lint        pass\n"
        "  policies    pass\n"
        "  checkov     pass\n"
        "  simulation  pass\n"
        "  unit        pass\n"
        "\n"
        "gate passed\n"
    )
    assert summary.render(table, width=80).startswith("system   environment  lint")


def test_bare_templates_are_rows_too(passing: dict[str, Report | None]) -> None:
    """A template without a system has no environment to show."""
    template = Subject("my templates/é.yaml")
    reports = {stage: Report(stage, (template, MATICKO[0])) for stage in STAGES}
    assert summary.render(summary.summarise(reports)) == (
        "system               environment  lint  policies  checkov  simulation  unit\n"
        "maticko              dev          pass  pass      pass     pass        pass\n"
        "my templates/é.yaml               pass  pass      pass     pass        pass\n"
        "\n"
        "gate passed\n"
    )


def test_a_bare_template_is_not_asked_what_is_about_systems_only(passing: dict[str, Report | None]) -> None:
    """It is deployed as part of a system or not at all; a stage without a record is missing all the same."""
    template = Subject("infrastructure/data.yaml")
    judging = ("lint", "policies", "checkov")
    asked = {stage: Report(stage, (*MATICKO, template)) for stage in judging}
    table = summary.summarise({**passing, **asked})
    assert [str(cell) for cell in table.rows[-2].cells] == ["pass", "pass", "pass", "-", "-"]
    assert table.passed is False  # caja was judged by two stages only
    gone = summary.summarise({**passing, **asked, "simulation": None})
    assert [str(cell) for cell in gone.rows[-2].cells] == ["pass", "pass", "pass", "missing", "-"]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("gone", ["unreadable", "absent", "about nothing"])
def test_no_stage_can_go_missing_unnoticed(stage: str, gone: str, passing: dict[str, Report | None]) -> None:
    """Whichever stage it is and however its record got lost."""
    if gone == "absent":
        del passing[stage]
    else:
        passing[stage] = Report(stage, ()) if gone == "about nothing" else None
    table = summary.summarise(passing)
    assert not table.passed
    missing = {table.stages[i] for row in table.rows for i, cell in enumerate(row.cells) if str(cell) == "missing"}
    assert missing == {stage}


def test_no_records_at_all_is_a_failure_with_a_table() -> None:
    """A gate in which nothing ran is no gate."""
    assert summary.render(summary.summarise({})) == (
        "system            environment  lint     policies  checkov  simulation  unit\n"
        "(nothing judged)               missing  missing   missing  missing     missing\n"
        "\n"
        "gate failed: 5 missing\n"
    )


def test_tests_of_the_engine_alone_do_not_make_a_gate() -> None:
    """The engine needs the unit stage only; the gate needs a system."""
    table = summary.summarise({"unit": Report("unit", (Subject(""),))})
    assert not table.passed
    assert [row.system for row in table.rows] == ["(nothing judged)", "(engine)"]


def test_no_stages_and_no_records_pass_nothing() -> None:
    """An empty table proves nothing."""
    assert not summary.summarise({}, stages=()).passed


def test_a_failing_engine_test_fails_the_gate(passing: dict[str, Report | None], hostile: Finding) -> None:
    """The engine's row counts like any other."""
    passing["unit"] = Report("unit", (Subject(""), *MATICKO, *CAJA), (hostile,))
    table = summary.summarise(passing)
    assert not table.passed
    assert [str(cell) for cell in table.rows[-1].cells] == ["-", "-", "-", "-", "1 fail"]


def test_a_finding_of_a_system_without_environment_counts_in_all_of_them(
    passing: dict[str, Report | None], unencrypted: Finding
) -> None:
    """A broken manifest is broken for every environment."""
    passing["lint"] = Report("lint", MATICKO + CAJA, (replace(unencrypted, environments=()),))
    cells = {(row.system, row.environment): str(row.cells[0]) for row in summary.summarise(passing).rows}
    assert [environment for (system, environment), cell in cells.items() if cell == "1 fail"] == ["dev", "test", "prod"]


def test_a_finding_about_something_unannounced_makes_a_row(
    passing: dict[str, Report | None], unencrypted: Finding
) -> None:
    """It cannot hide because its system was not listed."""
    passing["lint"] = Report("lint", MATICKO + CAJA, (replace(unencrypted, system="muejam", environments=("dev",)),))
    row = next(row for row in summary.summarise(passing).rows if row.system == "muejam")
    assert [str(cell) for cell in row.cells] == ["1 fail", "missing", "missing", "missing", "missing"]


def test_a_stage_beyond_the_expected_is_one_more_column(passing: dict[str, Report | None]) -> None:
    """Its record is asked for like the others."""
    table = summary.summarise({**passing, "update": None})
    assert table.stages == (*STAGES, "update")
    assert not table.passed


def test_colours_change_nothing_but_colours(passing: dict[str, Report | None], unknown: Finding) -> None:
    """A log and a terminal show the same text."""
    passing["policies"] = Report("policies", MATICKO + CAJA, (unknown,))
    table = summary.summarise(passing)
    coloured = summary.render(table, colour=True)
    assert "\x1b[1;35m1 unproven\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == summary.render(table)


def test_wide_characters_keep_the_columns_aligned() -> None:
    """Columns are counted as a terminal counts them."""
    table = summary.summarise({"lint": Report("lint", (Subject("票", "dev"), Subject("é", "dev")))}, stages=["lint"])
    assert summary.render(table).splitlines()[1:3] == ["é       dev          pass", "票      dev          pass"]


def test_the_gate_reads_its_records_and_prints_the_table(passing: dict[str, Report | None], tmp_path: Path) -> None:
    """Records carry all that the table needs."""
    for report in passing.values():
        assert report is not None
        record.write(report, tmp_path)
    assert summary.summarise(record.read_all(tmp_path)) == summary.summarise(passing)


def test_what_is_waived_or_known_does_not_stand_in_the_table(
    report: Report, unencrypted: Finding, waived: Waived
) -> None:
    """The table is about what counts."""
    aside = replace(report, findings=(), waived=(waived,), known=(unencrypted,))
    stages = ("policies",)
    assert summary.summarise({"policies": aside}, stages) == summary.summarise(
        {"policies": replace(report, findings=())}, stages
    )
