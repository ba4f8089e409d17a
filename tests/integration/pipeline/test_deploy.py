"""`deploy.yml`, each step run: when it starts, in which order, with which rights, and who is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.pipeline.conftest import pull_request
from tests.integration.pipeline.expressions import condition
from tests.integration.pipeline.runner import Sandbox
from tests.integration.pipeline.workflow import workflow

DEPLOY = workflow("deploy")
ROLE = "arn:aws:iam::123456789012:role/deploy"
TARGET = {"system": "maticko", "environment": "prod", "branch": "main", "protected": True, "region": "us-east-1"}
MATRIX = {"result": "success", "outputs": {"matrix": json.dumps({"include": [TARGET]})}}
JOBS = ("environments", "build", "test", "scan", "preview", "deploy", "verify", "notify")


@pytest.fixture
def merged(sandbox: Sandbox) -> Sandbox:
    """A runner for a pull request that was merged into main, with a role in the account."""
    sandbox.event = pull_request("main", merged=True)
    sandbox.variables["AWS_ROLES"] = json.dumps({"maticko": ROLE})
    return sandbox


def _needs(**results: str) -> dict[str, Any]:
    return {"environments": MATRIX} | {job: {"result": result, "outputs": {}} for job, result in results.items()}


def _comments(sandbox: Sandbox) -> list[str]:
    path = sandbox.folder / "github.json"
    return [each["body"] for each in json.loads(path.read_text())["comments"]] if path.exists() else []


def test_the_stages_follow_each_other() -> None:
    assert list(DEPLOY.jobs) == list(JOBS)
    assert [DEPLOY.needs(job) for job in JOBS] == [
        [],
        ["environments"],
        ["build"],
        ["test"],
        ["environments", "scan"],
        ["environments", "preview"],
        ["environments", "deploy"],
        ["environments", "build", "test", "scan", "preview", "deploy", "verify"],
    ]


@pytest.mark.parametrize(
    ("event", "starts"),
    [
        (pull_request("main", merged=True), True),
        (pull_request("main"), False),
        ({"name": "workflow_dispatch", "ref": "main"}, True),
    ],
    ids=["merged", "closed", "by hand"],
)
def test_only_a_merge_starts_it_or_a_person(sandbox: Sandbox, event: dict[str, Any], starts: bool) -> None:
    sandbox.event = event
    contexts = {"github": sandbox.github(sandbox.folder)}
    assert condition(DEPLOY.jobs["environments"]["if"], contexts) is starts


@pytest.mark.promise("MT-22")
@pytest.mark.parametrize(
    ("branch", "environments"),
    [("dev", ["dev"]), ("test", ["test"]), ("main", ["prod"])],
)
def test_a_branch_deploys_its_environment_of_ma_ticko(sandbox: Sandbox, branch: str, environments: list[str]) -> None:
    sandbox.event = pull_request(branch, merged=True)
    ended = sandbox.run(DEPLOY, "environments")
    found = json.loads(ended.outputs["matrix"])["include"]
    assert [each["environment"] for each in found if each["system"] == "maticko"] == environments
    assert {each["branch"] for each in found} == {branch}


def test_started_by_hand_it_deploys_its_own_branch(sandbox: Sandbox) -> None:
    sandbox.event = {"name": "workflow_dispatch", "ref": "staging", "inputs": {"accept": ""}}
    found = json.loads(sandbox.run(DEPLOY, "environments").outputs["matrix"])["include"]
    assert {each["branch"] for each in found} == {"staging"}


def test_it_works_on_the_commit_that_was_merged(merged: Sandbox) -> None:
    for job in JOBS:
        merged.run(DEPLOY, job, needs=_needs())
    checkouts = [given for name, given in merged.used if name == "actions/checkout"]
    assert [given["ref"] for given in checkouts] == ["c" * 40] * len(JOBS)


def test_build_keeps_the_templates_with_the_values_of_the_environment(merged: Sandbox) -> None:
    ended = merged.run(DEPLOY, "build", needs=_needs())
    assert ended.status == "success", ended.log
    database = json.loads((merged.artifacts / "rendered-maticko-prod" / "database.json").read_text())
    assert database["Resources"]["Database"]["Properties"]["MultiAZ"] == "true"


@pytest.mark.parametrize(
    ("job", "environment"),
    [
        *(("test", each) for each in ("lint", "unit", "simulation")),
        *(("scan", each) for each in ("policies", "checkov", "workflows")),
    ],
)
def test_a_stage_fails_when_its_tox_environment_does(merged: Sandbox, job: str, environment: str) -> None:
    assert merged.run(DEPLOY, job, matrix={"environment": environment}).status == "success"
    merged.environment["STAND_IN_FAIL"] = f"tox run -e {environment}"
    assert merged.run(DEPLOY, job, matrix={"environment": environment}).status == "failure"


def test_what_was_reviewed_is_what_is_executed(merged: Sandbox) -> None:
    """The job between asks for approval; whoever gives it has read the summary."""
    preview = merged.run(DEPLOY, "preview", needs=_needs())
    assert preview.status == "success", preview.log
    assert merged.summary == "### maticko prod\nnothing changes\n"
    deploy = merged.run(DEPLOY, "deploy", needs=_needs())
    assert deploy.status == "success", deploy.log
    assert merged.called("stackproof") == [
        [
            *("stackproof", "preview", "maticko", "prod", "--format", "markdown", "--output", "preview.md"),
            *("--save", "reviewed/maticko-prod.json"),
        ],
        [
            *("stackproof", "deploy", "maticko", "prod", "--reviewed", "reviewed/maticko-prod.json"),
            *("--format", "markdown", "--record", "deployed/maticko-prod.json"),
        ],
    ]
    assert (merged.folder / "workspace" / "reviewed" / "maticko-prod.json").exists()


def test_without_a_review_nothing_is_deployed(merged: Sandbox) -> None:
    assert merged.run(DEPLOY, "deploy", needs=_needs()).status == "failure"
    assert merged.called("stackproof") == []


def test_accepted_dangers_are_handed_to_the_system_that_they_name(merged: Sandbox) -> None:
    merged.event = {"name": "workflow_dispatch", "ref": "main"}
    merged.event["inputs"] = {"accept": "maticko/database/Database caja/storage/Media maticko/cache/*"}
    merged.run(DEPLOY, "preview", needs=_needs())
    merged.run(DEPLOY, "deploy", needs=_needs())
    (call,) = merged.called("stackproof", "deploy")
    assert call[-4:] == ["--accept", "database/Database", "--accept", "cache/*"]


@pytest.mark.parametrize("accepted", [True, False])
def test_drift_is_accepted_by_hand_only(merged: Sandbox, accepted: bool) -> None:
    merged.event = {"name": "workflow_dispatch", "ref": "main", "inputs": {"accept": "", "accept-drift": accepted}}
    merged.run(DEPLOY, "preview", needs=_needs())
    merged.run(DEPLOY, "deploy", needs=_needs())
    (call,) = merged.called("stackproof", "deploy")
    assert ("--accept-drift" in call) is accepted


def test_a_deployment_that_fails_leaves_what_it_said(merged: Sandbox) -> None:
    merged.run(DEPLOY, "preview", needs=_needs())
    merged.environment["STAND_IN_FAIL"] = "stackproof deploy"
    assert merged.run(DEPLOY, "deploy", needs=_needs()).status == "failure"
    assert (merged.artifacts / "deployed-maticko-prod" / "maticko-prod.md").read_text() == "deploy of maticko prod\n"
    assert merged.summary.endswith("\ndeploy of maticko prod\n")


@pytest.mark.parametrize(
    ("deploy", "verified"), [("success", True), ("failure", True), ("cancelled", False), ("skipped", False)]
)
def test_what_stands_is_looked_at_after_a_roll_back_too(merged: Sandbox, deploy: str, verified: bool) -> None:
    status = "success" if deploy == "skipped" else deploy
    assert condition(DEPLOY.jobs["verify"]["if"], {"needs": _needs(deploy=deploy)}, status) is verified
    merged.run(DEPLOY, "verify", needs=_needs(deploy=deploy))
    assert merged.called("stackproof") == [["stackproof", "status", "maticko", "prod"]]


@pytest.mark.parametrize("job", ["preview", "deploy", "verify"])
def test_the_role_of_the_system_is_taken_and_no_key(merged: Sandbox, job: str) -> None:
    merged.secrets |= {"AWS_ACCESS_KEY_ID": "AKIAKEY", "AWS_SECRET_ACCESS_KEY": "secret"}
    merged.run(DEPLOY, "preview", needs=_needs())
    merged.used.clear()
    merged.artifacts.joinpath("reviewed-maticko-prod").rename(merged.folder / "kept")
    if job == "deploy":
        (merged.folder / "kept").rename(merged.artifacts / "reviewed-maticko-prod")
    merged.run(DEPLOY, job, needs=_needs(deploy="success"))
    (given,) = [given for name, given in merged.used if name == "aws-actions/configure-aws-credentials"]
    assert given == {
        "aws-region": "us-east-1",
        "role-to-assume": ROLE,
        "role-duration-seconds": "7200" if job == "deploy" else "3600",
        "aws-access-key-id": "",
        "aws-secret-access-key": "",
        "mask-aws-account-id": "true",
    }


def test_keys_are_taken_where_no_role_is_given(merged: Sandbox) -> None:
    merged.variables.clear()
    merged.secrets |= {"AWS_ACCESS_KEY_ID": "AKIAKEY", "AWS_SECRET_ACCESS_KEY": "secret"}
    assert merged.run(DEPLOY, "preview", needs=_needs()).status == "success"
    (given,) = [given for name, given in merged.used if name == "aws-actions/configure-aws-credentials"]
    assert (given["role-to-assume"], given["aws-access-key-id"], given["aws-secret-access-key"]) == (
        *("", "AKIAKEY", "secret"),
    )


@pytest.mark.parametrize("roles", [None, "{}", '{"caja": "arn"}'])
def test_without_role_and_keys_it_says_what_is_missing(merged: Sandbox, roles: str | None) -> None:
    merged.variables = {} if roles is None else {"AWS_ROLES": roles}
    ended = merged.run(DEPLOY, "preview", needs=_needs())
    assert ended.status == "failure"
    assert "AWS_ROLES of this environment names no role for maticko, and there are no keys" in ended.log
    assert not merged.called("stackproof")


def _notify(sandbox: Sandbox, **results: str) -> Any:
    parts = dict.fromkeys(JOBS[1:-1], "success") | results
    folder = sandbox.artifacts / "deployed-maticko-prod"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "maticko-prod.md").write_text("### maticko prod\ndeployed\n")
    return sandbox.run(DEPLOY, "notify", needs=_needs(**parts))


def test_a_good_end_is_told_in_the_summary_and_the_pull_request(merged: Sandbox) -> None:
    ended = _notify(merged)
    assert ended.status == "success", ended.log
    assert _comments(merged) == [merged.summary]
    run = "https://github.example/example/stackproof/actions/runs/17"
    assert merged.summary.splitlines() == [
        f"**Deployed `main`**, commit {'c' * 40}, [run]({run})",
        *("", "### maticko prod", "deployed"),
    ]
    assert not merged.called("curl")


def test_a_bad_end_names_the_stage(merged: Sandbox) -> None:
    _notify(merged, deploy="failure", verify="cancelled")
    assert merged.summary.startswith("**Deployment of `main` went wrong (deploy: failure, verify: cancelled)**")


def test_slack_is_told_without_its_address_being_shown(merged: Sandbox) -> None:
    merged.secrets["SLACK_WEBHOOK_URL"] = "https://hooks.example/secret"
    ended = _notify(merged)
    sent = json.loads((merged.folder / "sent.json").read_text())
    assert sent["config"] == 'url = "https://hooks.example/secret"\n'
    text = "Deployed `main`: https://github.example/example/stackproof/actions/runs/17"
    assert json.loads(sent["body"]) == {"text": text}
    assert "hooks.example" not in ended.log + json.dumps(merged.calls) + merged.summary


@pytest.mark.parametrize("channel", ["gh pr comment", "curl"])
def test_news_that_nobody_got_are_a_failure_and_the_others_get_them(merged: Sandbox, channel: str) -> None:
    merged.secrets["SLACK_WEBHOOK_URL"] = "https://hooks.example/secret"
    merged.environment["STAND_IN_FAIL"] = channel
    assert _notify(merged).status == "failure"
    assert [call[0] for call in merged.calls if call[0] in ("gh", "curl")] == ["gh", "curl"]


def test_by_hand_there_is_no_pull_request_to_tell(merged: Sandbox) -> None:
    merged.event = {"name": "workflow_dispatch", "ref": "main", "inputs": {"accept": ""}}
    assert _notify(merged).status == "success"
    assert _comments(merged) == []
    assert merged.summary.startswith(f"**Deployed `main`**, commit {'0' * 40}")


@pytest.mark.parametrize(("result", "told"), [("skipped", False), ("failure", True), ("success", True)])
def test_a_closed_pull_request_is_no_news(result: str, told: bool) -> None:
    needs = {"environments": {"result": result}}
    assert condition(DEPLOY.jobs["notify"]["if"], {"needs": needs}, "failure") is told
