"""`gate.yml`, each step run: what it judges, the one comment, and the one job that is required."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stackproof.findings import Report, Subject
from stackproof.report import record
from tests.integration.pipeline.conftest import pull_request
from tests.integration.pipeline.runner import Sandbox, runs_of
from tests.integration.pipeline.workflow import workflow

GATE = workflow("gate")
STAGES = ("lint", "policies", "checkov", "simulation", "unit")
ENVIRONMENTS = [
    {"system": "caja", "environment": "dev", "branch": "dev", "protected": False, "region": "us-east-1"},
    {"system": "maticko", "environment": "dev", "branch": "dev", "protected": False, "region": "us-east-1"},
]
NEEDS = {"environments": {"result": "success", "outputs": {"matrix": json.dumps({"include": ENVIRONMENTS})}}}
PARTS = ("tox", "table", "environments", "preview", "comment")


def _results(**other: str) -> dict[str, Any]:
    return {part: {"result": "success", "outputs": {}} for part in PARTS} | {
        part: {"result": result, "outputs": {}} for part, result in other.items()
    }


def _records(folder: Path, *stages: str) -> None:
    for stage in stages:
        record.write(
            Report(stage=stage, subjects=(Subject("shop", "dev"),), findings=(), rules=(), passed=1, seconds=1.0),
            folder / "records",
        )


def test_the_required_job_passes_when_every_part_has(sandbox: Sandbox) -> None:
    ended = sandbox.run(GATE, "gate", needs=_results())
    assert (ended.status, ended.log) == ("success", "")


@pytest.mark.parametrize("result", ["failure", "cancelled", "skipped"])
@pytest.mark.parametrize("part", PARTS)
def test_the_required_job_fails_when_a_part_has_not_succeeded(sandbox: Sandbox, part: str, result: str) -> None:
    """Each of these GitHub would take for a success, or leave pending, if the job depended on it by `needs` alone."""
    ended = sandbox.run(GATE, "gate", needs=_results(**{part: result}))
    assert (ended.status, ended.log) == ("failure", f"::error::A part of the gate ended with: {result}\n")


def test_the_required_job_fails_without_any_part(sandbox: Sandbox) -> None:
    assert sandbox.run(GATE, "gate", needs={}).status == "failure"


def test_each_tox_environment_runs_once(sandbox: Sandbox) -> None:
    names = [run["environment"] for run in runs_of(GATE, "tox", {})]
    assert sorted(names) == [
        *("checkov", "docs", "integration", "lint", "policies", "simulation", "style", "taskcat", "unit", "workflows"),
    ]
    for name in names:
        sandbox.run(GATE, "tox", matrix={"environment": name})
    judged = [call[3:] for call in sandbox.called("tox", "run", "-e")]
    assert judged == [[name] if name != "docs" else ["docs", "--", "--check"] for name in names]


def test_the_tests_of_programs_get_the_environments_that_they_call(sandbox: Sandbox) -> None:
    sandbox.run(GATE, "tox", matrix={"environment": "integration"})
    assert [call[1:] for call in sandbox.called("tox")] == [
        ["run", "-q", "--notest", "-e", "checkov,awscli,taskcat"],
        ["run", "-e", "integration"],
    ]


@pytest.mark.parametrize(("name", "command"), [("lint", "lint"), ("policies", "check"), ("checkov", "checkov")])
def test_findings_go_to_code_scanning_even_when_they_fail(sandbox: Sandbox, name: str, command: str) -> None:
    sandbox.environment["STAND_IN_FAIL"] = f"tox run -e {name}"
    ended = sandbox.run(GATE, "tox", matrix={"environment": name})
    assert ended.status == "failure"
    assert sandbox.called("tox", "exec") == [
        [
            *("tox", "exec", "-qq", "-e", name, "--"),
            *("stackproof", command, "--format", "sarif", "--output", f"{name}.sarif"),
        ]
    ]
    assert ("github/codeql-action/upload-sarif", {"sarif_file": f"{name}.sarif", "category": name}) in sandbox.used


def test_code_scanning_can_be_switched_off(sandbox: Sandbox) -> None:
    sandbox.variables["CODE_SCANNING"] = "off"
    assert sandbox.run(GATE, "tox", matrix={"environment": "policies"}).status == "success"
    assert not [name for name, _ in sandbox.used if name.startswith("github/codeql-action")]


def test_the_table_is_made_of_the_records_of_all_stages(sandbox: Sandbox) -> None:
    _records(sandbox.folder, *STAGES)
    for stage in STAGES:
        sandbox.run(GATE, "tox", matrix={"environment": stage})
    ended = sandbox.run(GATE, "table", needs=_results())
    assert ended.status == "success", ended.log
    assert "shop    dev          pass  pass      pass     pass        pass" in sandbox.summary


def test_a_stage_without_a_record_fails_the_table(sandbox: Sandbox) -> None:
    _records(sandbox.folder, *STAGES[1:])
    for stage in STAGES:
        sandbox.run(GATE, "tox", matrix={"environment": stage})
    ended = sandbox.run(GATE, "table", needs=_results(tox="failure"))
    assert ended.status == "failure"
    assert "gate failed: 1 missing" in sandbox.summary


def test_the_environments_are_those_of_the_base_branch(sandbox: Sandbox) -> None:
    sandbox.event = pull_request("test")
    ended = sandbox.run(GATE, "environments")
    assert [
        (each["system"], each["environment"], each["protected"])
        for each in json.loads(ended.outputs["matrix"])["include"]
    ] == [("maticko", "test", False)]


def test_a_branch_that_deploys_nothing_fails(sandbox: Sandbox) -> None:
    sandbox.event = pull_request("feature")
    ended = sandbox.run(GATE, "environments")
    assert ended.status == "failure"
    assert "no environment is deployed from the branch 'feature'" in ended.log


def test_a_preview_compares_with_the_account_where_there_is_a_role(sandbox: Sandbox) -> None:
    sandbox.variables["AWS_ROLES"] = json.dumps({"maticko": "arn:aws:iam::123456789012:role/review"})
    ended = sandbox.run(GATE, "preview", needs=NEEDS, matrix={"system": "maticko"})
    assert ended.status == "success", ended.log
    (given,) = [given for name, given in sandbox.used if name == "aws-actions/configure-aws-credentials"]
    assert (given["role-to-assume"], given["aws-access-key-id"]) == ("arn:aws:iam::123456789012:role/review", "")
    assert not sandbox.called("stackproof", "serve")
    assert (sandbox.artifacts / "preview-maticko-dev" / "maticko-dev.md").read_text() == sandbox.summary
    assert sandbox.summary == "### maticko dev\nnothing changes\n"


def test_a_preview_that_fails_is_told_nevertheless(sandbox: Sandbox) -> None:
    sandbox.variables["AWS_ROLES"] = json.dumps({"caja": "arn:aws:iam::123456789012:role/review"})
    sandbox.environment["STAND_IN_FAIL"] = "stackproof preview"
    assert sandbox.run(GATE, "preview", needs=NEEDS).status == "failure"
    assert (sandbox.artifacts / "preview-caja-dev" / "caja-dev.md").exists()


def _comment(sandbox: Sandbox, previews: dict[str, str]) -> list[Any]:
    for name, text in previews.items():
        folder = sandbox.artifacts / f"preview-{name}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.md").write_text(text)
    ended = sandbox.run(GATE, "comment", needs=_results())
    assert ended.status == "success", ended.log
    path = sandbox.folder / "github.json"
    return list(json.loads(path.read_text())["comments"]) if path.exists() else []


def test_all_previews_are_one_comment_that_each_run_writes_anew(sandbox: Sandbox) -> None:
    other = {"id": 1, "number": "7", "user": {"type": "User"}, "body": "<!-- stackproof preview --> quoted"}
    state = {"comments": [other], "issues": [], "releases": []}
    (sandbox.folder / "github.json").write_text(json.dumps(state))
    _comment(sandbox, {"caja-dev": "### caja\n", "maticko-dev": "### maticko\n"})
    kept, first = _comment(sandbox, {"caja-dev": "### caja, changed\n"})
    assert kept == other
    assert first["body"].splitlines() == [
        *("<!-- stackproof preview -->", "## What a merge would deploy", ""),
        *("### caja, changed", "", "### maticko"),
    ]


def test_a_preview_that_is_too_long_is_named_with_the_run(sandbox: Sandbox) -> None:
    (comment,) = _comment(sandbox, {"caja-dev": "x" * 70_000, "maticko-dev": "### maticko\n"})
    assert comment["body"].splitlines()[3:] == [
        "**caja-dev**: too long for a comment, see [the run](https://github.example/example/stackproof/actions/runs/17)",
        "",
        "### maticko",
    ]


def test_a_fork_gets_no_comment_because_its_token_cannot_write(sandbox: Sandbox) -> None:
    sandbox.event = pull_request(fork=True)
    assert _comment(sandbox, {"caja-dev": "### caja\n"}) == []
