"""The stage checkov, with a program in checkov's place that says what a test wants: it must never fail open."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stackproof import InputError, Report
from stackproof.judge.checkov import checkov
from stackproof.judge.others import candidates
from stackproof.judge.targets import Target

TEMPLATE = """\
Parameters:
  Encrypted: {Type: String, Default: "false"}
Resources:
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      StorageEncrypted: !Ref Encrypted
"""

Run = Callable[[Any], Report]


def result(**changes: Any) -> dict[str, Any]:
    return {
        "check_id": "CKV_AWS_16",
        "check_name": "Ensure all data stored in the RDS is securely encrypted at rest",
        "check_result": {"result": "FAILED", "evaluated_keys": ["Properties/StorageEncrypted"]},
        "file_path": "/0/t.json",
        "resource": "AWS::RDS::DBInstance.Database",
        "severity": None,
        "guideline": None,
    } | changes


def answer(*failed: Any, passed: tuple[Any, ...] = (), errors: tuple[str, ...] = ()) -> dict[str, Any]:
    results = {"passed_checks": list(passed), "failed_checks": list(failed), "parsing_errors": list(errors)}
    return {"check_type": "cloudformation", "results": results}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the stage on one template with a program that prints the given answer."""
    monkeypatch.chdir(tmp_path)
    Path("t.yaml").write_text(TEMPLATE)

    def stage(said: Any) -> Report:
        Path("said").write_text(said if isinstance(said, str) else json.dumps(said))
        program = Path("checkov")
        program.write_text(f'#!/bin/sh\ncp -r "$2" {tmp_path}/seen\ncat {tmp_path}/said\n')
        program.chmod(0o755)
        monkeypatch.setattr("stackproof.judge.checkov._program", lambda: str(program.resolve()))
        return checkov(list(candidates([Target(Path("t.yaml"))])))

    return stage


def test_a_failed_check_points_at_the_property_in_the_template(run: Run) -> None:
    (found,) = run(answer(result())).findings
    assert (found.rule.id, found.resource, found.path, str(found.mark)) == (
        "CKV_AWS_16",
        "Database",
        "StorageEncrypted",
        "t.yaml:7",
    )


def test_checkov_is_given_the_values_and_not_the_parameters(run: Run, tmp_path: Path) -> None:
    run(answer(result()))
    seen = json.loads((tmp_path / "seen" / "0" / "t.json").read_text())
    assert seen["Resources"]["Database"] == {
        "Type": "AWS::RDS::DBInstance",
        "Properties": {"StorageEncrypted": "false"},
    }


def test_a_witness_proves_that_checkov_looked(run: Run, tmp_path: Path) -> None:
    """A template of types that checkov has no checks for is not taken for one that it passed over."""
    witnessed = result(resource="AWS::SQS::Queue.StackproofWitness", check_result={"result": "PASSED"})
    report = run(answer(passed=(witnessed,)))
    assert (report.findings, report.passed) == ((), 0)
    seen = json.loads((tmp_path / "seen" / "0" / "t.json").read_text())
    assert seen["Resources"]["StackproofWitness"]["Type"] == "AWS::SQS::Queue"


def test_passed_checks_are_counted(run: Run) -> None:
    report = run(answer(passed=(result(), result(check_id="CKV_AWS_17"))))
    assert (report.clean, report.passed, [rule.id for rule in report.rules]) == (True, 2, ["CKV_AWS_16", "CKV_AWS_17"])


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (answer(), "checkov did not look at t.yaml t"),
        (answer(result(), errors=("/0/t.json",)), "checkov could not read /0/t.json"),
        ({"passed": 0, "failed": 0}, "checkov broke (exit 0)"),
        ("Traceback (most recent call last):\nImportError: boto3", "checkov broke (exit 0): ImportError: boto3"),
        ("", "checkov broke (exit 0): nothing"),
    ],
)
def test_an_answer_that_is_not_whole_is_an_error(run: Run, said: Any, message: str) -> None:
    with pytest.raises(InputError) as error:
        run(said)
    assert str(error.value).startswith(message)


def test_without_checkov_the_stage_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("shutil.which", lambda *args, **options: None)
    with pytest.raises(InputError, match=r"checkov is not installed; pip install 'stackproof\[checkov\]'"):
        checkov([])
