"""`stackproof simulate` from the shell: what it is asked, what it reports, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Stackproof
from tests.integration.simulation.repository import Repository

LOST = "Table is replaced by the update, and its data with it"
TABLE = """\
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: %s, AttributeType: S}]
      KeySchema:
        - {AttributeName: %s, KeyType: HASH}
"""
QUEUE = "Resources: {Queue: {Type: AWS::SQS::Queue}}\n"
LEDGER = "Resources: {Ledger: {Type: AWS::QLDB::Ledger, Properties: {PermissionsMode: STANDARD}}}\n"
BOTH = "{dev: {branch: dev}, prod: {branch: main}}"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository whose last change replaces a table."""
    found = Repository(tmp_path)
    found.write({"only": TABLE % ("id", "id")})
    found.commit()
    found.template("only").write_text(TABLE % ("number", "number"))
    return found


def _many(folder: Path, template: str) -> Repository:
    """Put a system of one layer in two environments where systems are looked for."""
    (folder / "cloudformation").mkdir()
    found = Repository(folder / "cloudformation")
    found.write({"only": template}, BOTH)
    return found


def test_creation_and_deletion_that_go_well_exit_0(stackproof: Stackproof, tmp_path: Path) -> None:
    Repository(tmp_path).write({"only": QUEUE})
    ran = stackproof("simulate", "systems/small.yaml", "dev")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("PASSED simulation: ")


def test_lost_data_exit_1_and_name_place_and_fix(stackproof: Stackproof, repository: Repository) -> None:
    ran = stackproof("simulate", "systems/small.yaml", "dev", "--from", "HEAD")
    assert ran.code == 1
    assert "FAIL critical SIM-LOST only.yaml:9 KeySchema" in ran.out
    assert LOST in ran.out
    assert "fix: Let the property be, or state UpdateReplacePolicy" in ran.out


def test_faults_are_reported(stackproof: Stackproof, tmp_path: Path) -> None:
    """A log group that a failed creation retains is a finding of that option only."""
    logs = "  Logs: {Type: AWS::Logs::LogGroup, DeletionPolicy: Retain}\n"
    queue = "  Queue: {Type: AWS::SQS::Queue, DependsOn: Logs}\n"
    Repository(tmp_path).write({"only": f"Resources:\n{logs}{queue}"})
    assert stackproof("simulate", "systems/small.yaml", "dev").code == 0
    ran = stackproof("simulate", "systems/small.yaml", "dev", "--faults")
    assert ran.code == 1
    assert "FAIL high SIM-FAULT only.yaml:2" in ran.out


def test_type_may_stay_unsimulated(stackproof: Stackproof, tmp_path: Path) -> None:
    Repository(tmp_path).write({"only": LEDGER})
    refused = stackproof("simulate", "systems/small.yaml", "dev")
    assert refused.code == 1
    assert "--allow-unsimulated AWS::QLDB::Ledger lets the stack go on without it" in refused.out
    allowed = stackproof("simulate", "systems/small.yaml", "dev", "--allow-unsimulated", "AWS::QLDB::Ledger")
    assert allowed.code == 0
    assert "AWS::QLDB::Ledger (only/Ledger): not made: no simulation of this type" in allowed.out


def test_events_are_written_as_the_console_lists_them(stackproof: Stackproof, tmp_path: Path) -> None:
    """Stack, status, type and logical id of each, in columns, and the reason where there is one."""
    Repository(tmp_path).write({"only": QUEUE})
    stackproof("simulate", "systems/small.yaml", "dev", "--events", "events.txt")
    lines = [line.split(maxsplit=3) for line in (tmp_path / "events.txt").read_text().splitlines()]
    whole = "AWS::CloudFormation::Stack"
    assert [line for line in lines if line[1] != "REVIEW_IN_PROGRESS"] == [
        ["small-dev-only", "CREATE_IN_PROGRESS", whole, "small-dev-only  User Initiated"],
        ["small-dev-only", "CREATE_IN_PROGRESS", "AWS::SQS::Queue", "Queue"],
        ["small-dev-only", "CREATE_IN_PROGRESS", "AWS::SQS::Queue", "Queue  Resource creation Initiated"],
        ["small-dev-only", "CREATE_COMPLETE", "AWS::SQS::Queue", "Queue"],
        ["small-dev-only", "CREATE_COMPLETE", whole, "small-dev-only"],
        ["small-dev-only", "DELETE_IN_PROGRESS", whole, "small-dev-only  User Initiated"],
        ["small-dev-only", "DELETE_IN_PROGRESS", "AWS::SQS::Queue", "Queue"],
        ["small-dev-only", "DELETE_COMPLETE", "AWS::SQS::Queue", "Queue"],
        ["small-dev-only", "DELETE_COMPLETE", whole, "small-dev-only"],
    ]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_all_environments_are_one_report_in_their_order(stackproof: Stackproof, tmp_path: Path, jobs: str) -> None:
    """However many processes work, findings, notes and events come in the order of the manifest."""
    _many(tmp_path, LEDGER)
    ran = stackproof("simulate", "--all", "--jobs", jobs, "-f", "json", "--events", "events.txt")
    answer = json.loads(ran.out)
    assert [finding["environments"] for finding in answer["findings"]] == [["dev"], ["prod"]]
    stacks = [line.split()[0] for line in (tmp_path / "events.txt").read_text().splitlines()]
    assert list(dict.fromkeys(stacks)) == ["small-dev-only", "small-prod-only"]
    assert ran.code == 1


def test_all_with_a_reference(stackproof: Stackproof, tmp_path: Path) -> None:
    repository = _many(tmp_path, TABLE % ("id", "id"))
    repository.commit()
    repository.template("only").write_text(TABLE % ("number", "number"))
    answer = json.loads(stackproof("simulate", "--all", "--from", "HEAD", "-f", "json", "-j", "2").out)
    assert [(finding["rule"], finding["environments"]) for finding in answer["findings"]] == [
        ("SIM-LOST", ["dev"]),
        ("SIM-LOST", ["prod"]),
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["systems/small.yaml"], "name a SYSTEM and an ENVIRONMENT, or --all"),
        (["systems/small.yaml", "dev", "--all"], "name a SYSTEM and an ENVIRONMENT, or --all, not both"),
        (["--all"], "no system in cloudformation/systems"),
        (["systems/small.yaml", "test"], "small has no environment 'test'"),
        (["systems/small.yaml", "dev", "--from", "nowhere"], "git knows no commit 'nowhere'"),
        (
            ["systems/small.yaml", "dev", "--events", "absent/events.txt"],
            "absent/events.txt: No such file or directory",
        ),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    stackproof: Stackproof, repository: Repository, arguments: list[str], message: str
) -> None:
    ran = stackproof("simulate", *arguments)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert message in ran.err


def test_broken_template_at_the_reference_is_one_line_and_exit_code_2(stackproof: Stackproof, tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.write({"only": "Resources: {Queue: {Type: AWS::SQS::Queue, Colour: blue}}\n"})
    repository.commit()
    repository.write({"only": QUEUE})
    ran = stackproof("simulate", "systems/small.yaml", "dev", "--from", "HEAD")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith("stackproof: HEAD:only.yaml:1: ")


def test_folder_without_git_is_one_line_and_exit_code_2(stackproof: Stackproof, tmp_path: Path) -> None:
    Repository(tmp_path).write({"only": QUEUE})
    (tmp_path / ".git").rename(tmp_path / "not-git")
    ceiling = {"GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    ran = stackproof("simulate", "systems/small.yaml", "dev", "--from", "HEAD", **ceiling)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith("stackproof: git: fatal: not a git repository")
