"""The gate's records: written whole or not at all, and never believed when they are broken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stackproof.findings import Report
from stackproof.report import record
from stackproof.report.order import by_place


def test_a_record_is_read_back(report: Report, tmp_path: Path) -> None:
    """The summary knows a stage by its record alone."""
    folder = tmp_path / "not yet" / "there"
    assert record.write(report, folder) == folder / "policies.json"
    assert record.read_all(folder, ["policies"]) == {
        "policies": replace(report, findings=tuple(by_place(report.findings)))
    }


def test_expected_stages_come_first_and_absent_ones_are_none(clean: Report, tmp_path: Path) -> None:
    """A stage without a record is named, not left out."""
    for stage in ("update", "unit", "extra"):
        record.write(replace(clean, stage=stage), tmp_path)
    read = record.read_all(tmp_path)
    assert [(stage, report is not None) for stage, report in read.items()] == [
        ("lint", False),
        ("policies", False),
        ("checkov", False),
        ("simulation", False),
        ("unit", True),
        ("extra", True),
        ("update", True),
    ]


def test_a_folder_that_is_not_there_holds_no_records(tmp_path: Path) -> None:
    """Every stage broke off before it could make the folder."""
    assert record.read_all(tmp_path / "none", ["lint"]) == {"lint": None}


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"schema": "stackproof/report"'])
def test_a_broken_record_is_none(content: bytes, tmp_path: Path) -> None:
    """A torn record says nothing, and nothing is no pass."""
    (tmp_path / "lint.json").write_bytes(content)
    assert record.read_all(tmp_path, ["lint"]) == {"lint": None}


def test_the_record_of_another_stage_is_none(clean: Report, tmp_path: Path) -> None:
    """A record passes for its own stage only."""
    record.write(clean, tmp_path).rename(tmp_path / "checkov.json")
    assert record.read_all(tmp_path, ["checkov"]) == {"checkov": None}


def test_a_folder_in_place_of_a_record_is_none(tmp_path: Path) -> None:
    """Whatever cannot be read is no record."""
    (tmp_path / "lint.json").mkdir()
    assert record.read_all(tmp_path, ["lint"]) == {"lint": None}


def test_a_write_that_breaks_off_leaves_the_folder_as_it_was(report: Report, tmp_path: Path) -> None:
    """Neither half a record nor a temporary file stays behind."""
    record.write(report, tmp_path)
    before = (tmp_path / "policies.json").read_bytes()
    with pytest.raises(ValueError, match="Out of range float"):
        record.write(replace(report, seconds=float("nan")), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["policies.json"]
    assert (tmp_path / "policies.json").read_bytes() == before


@pytest.mark.parametrize("stage", ["", "..", "../x", "a/b", "A", ".lint", "lint\n"])
def test_a_stage_that_is_no_plain_name_is_refused(stage: str, clean: Report, tmp_path: Path) -> None:
    """A stage names a file in the folder, never one outside it."""
    with pytest.raises(ValueError, match="cannot name a record"):
        record.write(replace(clean, stage=stage), tmp_path)


def test_clearing_removes_the_records_of_an_earlier_run_and_nothing_else(clean: Report, tmp_path: Path) -> None:
    """Yesterday's pass does not cover for a stage that broke off today."""
    record.write(clean, tmp_path)
    (tmp_path / "other.json").write_text("{}", encoding="ascii")
    record.clear(tmp_path)
    record.clear(tmp_path / "none")
    assert [path.name for path in tmp_path.iterdir()] == ["other.json"]
