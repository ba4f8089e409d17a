"""The gate's records: what each stage found, one JSON file per stage in one folder.

The stages of the gate run one after another in environments of their own; their records are all that the summary knows.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from stackproof.findings import Report
from stackproof.report import json_report

STAGES = ("lint", "policies", "checkov", "simulation", "unit")
"""The stages that the gate expects, in the order in which they run and are shown."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


def clear(folder: Path, stages: Iterable[str] = STAGES) -> None:
    """Delete the stages' records: a stage that breaks off must not be covered by the record of an earlier run."""
    for stage in stages:
        _path(folder, stage).unlink(missing_ok=True)


def write(report: Report, folder: Path) -> Path:
    """Write a stage's record and return its path.

    The record appears whole or not at all, since it is renamed into place.

    Parameters:
        report: what the stage found.
        folder: where records are kept; made where it is missing.
    """
    path = _path(folder, report.stage)
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{report.stage}.{os.getpid()}.tmp"
    try:
        temporary.write_text(json_report.render(report, compact=True), encoding="ascii")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def read_all(folder: Path, stages: Iterable[str] = STAGES) -> Mapping[str, Report | None]:
    """Return the records of a folder by stage.

    Parameters:
        folder: where records are kept; it may be missing.
        stages: the expected ones, which come first; other records follow by name.

    Returns:
        For each stage its report, or None where there is no record, an unreadable one, or another stage's.
    """
    found = sorted(path.stem for path in folder.glob("*.json") if _NAME.fullmatch(path.stem))
    return {stage: _read(folder, stage) for stage in dict.fromkeys([*stages, *found])}


def _read(folder: Path, stage: str) -> Report | None:
    try:
        report = json_report.read(_path(folder, stage).read_bytes())
    except (OSError, ValueError):
        return None
    return report if report.stage == stage else None


def _path(folder: Path, stage: str) -> Path:
    if not _NAME.fullmatch(stage):
        raise ValueError(f"'{stage}' cannot name a record: use lower-case letters, digits, '-' and '_'")
    return folder / f"{stage}.json"
