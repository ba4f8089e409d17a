"""What holds for every workflow, read as data: triggers, pins, rights, and the one job that is required."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from stackproof import load_system
from stackproof.compose.system import system_paths
from tests.integration.pipeline.workflow import FOLDER, NAMES, ROOT, Workflow, action, workflow

ALL = {name: workflow(name) for name in NAMES}
OWN_ACTIONS = ("credentials", "setup")
JOBS = [(name, job) for name, each in ALL.items() for job in each.jobs]
each_job = pytest.mark.parametrize(("name", "job"), JOBS, ids=[f"{name}-{job}" for name, job in JOBS])
each_workflow = pytest.mark.parametrize("of", ALL.values(), ids=ALL)
PINNED = re.compile(r"(?P<action>[\w.-]+(?:/[\w.-]+)+)@(?P<commit>[0-9a-f]{40}) # (?P<version>v\d+\.\d+\.\d+)")


def _files() -> list[Path]:
    return [*sorted(FOLDER.glob("*")), *sorted((ROOT / ".github" / "actions").glob("*/action.yml"))]


def _steps(of: Workflow, job: str) -> list[dict[str, Any]]:
    return list(of.jobs[job]["steps"])


def _all_steps() -> Iterator[dict[str, Any]]:
    for of in ALL.values():
        for job in of.jobs:
            yield from _steps(of, job)
    for name in OWN_ACTIONS:
        yield from action(name)["runs"]["steps"]


def _branches() -> list[str]:
    manifests = [load_system(path).manifest for path in system_paths(ROOT)]
    return sorted({each.branch for manifest in manifests for each in manifest.environments.values()})


def test_these_are_all_workflows() -> None:
    assert [path.name for path in _files()] == [*(f"{name}.yml" for name in NAMES), "action.yml", "action.yml"]


def test_the_gate_stands_before_every_branch_that_deploys() -> None:
    assert ALL["gate"].on == {"pull_request": {"branches": _branches()}}


def test_a_merge_into_every_branch_that_deploys_starts_the_deployment() -> None:
    assert ALL["deploy"].on["pull_request"] == {"types": ["closed"], "branches": _branches()}
    assert set(ALL["deploy"].on) == {"pull_request", "workflow_dispatch"}


def test_the_others_start_by_night_and_by_a_tag() -> None:
    assert set(ALL["nightly"].on) == {"schedule", "workflow_dispatch"}
    assert ALL["release"].on == {"push": {"tags": ["v*"]}}


def test_every_action_is_pinned_to_one_commit_with_its_version() -> None:
    found: dict[str, set[tuple[str, str]]] = {}
    for path in _files():
        for line in path.read_text().splitlines():
            if "uses:" not in line or "uses: $/" in line:
                continue
            pinned = PINNED.fullmatch(line.partition("uses: ")[2])
            assert pinned, f"{path.name}: {line.strip()}"
            found.setdefault(pinned["action"], set()).add((pinned["commit"], pinned["version"]))
    assert {name: versions for name, versions in found.items() if len(versions) > 1} == {}


def test_own_actions_come_from_the_commit_that_runs() -> None:
    own = {step["uses"] for step in _all_steps() if step.get("uses", "").startswith((".", "$"))}
    assert own == {f"$/.github/actions/{name}" for name in OWN_ACTIONS}


def test_no_checkout_leaves_the_token_behind() -> None:
    checkouts = [step for step in _all_steps() if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_no_script_holds_an_expression() -> None:
    """It would become part of the script, whatever somebody has written into it."""
    assert [step["run"] for step in _all_steps() if "${{" in step.get("run", "")] == []


def test_no_script_prints_a_secret() -> None:
    scripts = [step["run"] for step in _all_steps() if "run" in step]
    scripts += [path.read_text() for path in (ROOT / ".github" / "scripts").glob("*.sh")]
    shown = re.compile(
        r"(?:echo|cat).*\$\{?(?:AWS_SECRET|GH_TOKEN|SLACK|STACKPROOF_SLACK)|set -[a-z]*x|printenv|\benv$"
    )
    assert [line for script in scripts for line in script.splitlines() if shown.search(line)] == []


@each_workflow
def test_a_pipe_fails_with_any_of_its_commands(of: Workflow) -> None:
    """GitHub's own shell, when none is named, looks at the last one only."""
    assert of.data["defaults"] == {"run": {"shell": "bash"}}


@each_workflow
def test_nothing_is_permitted_but_by_a_job(of: Workflow) -> None:
    assert of.data["permissions"] == {}
    assert all("permissions" in job for job in of.jobs.values())


def test_who_may_write_what() -> None:
    writing = {
        (name, job, scope)
        for name, job in JOBS
        for scope, right in ALL[name].jobs[job]["permissions"].items()
        if right == "write"
    }
    assert writing == {
        ("gate", "tox", "security-events"),
        ("gate", "preview", "id-token"),
        ("gate", "comment", "pull-requests"),
        *(("deploy", job, "id-token") for job in ("preview", "deploy", "verify")),
        ("deploy", "notify", "pull-requests"),
        *(("nightly", job, "id-token") for job in ("taskcat", "live", "clean", "drift")),
        ("nightly", "report", "issues"),
        ("release", "attest", "id-token"),
        ("release", "attest", "attestations"),
        ("release", "publish", "id-token"),
        ("release", "release", "contents"),
    }


@each_job
def test_a_job_ends_by_itself_on_a_named_system(name: str, job: str) -> None:
    found = ALL[name].jobs[job]
    assert found["timeout-minutes"] <= 180
    assert found["runs-on"] == "ubuntu-24.04"


@each_job
def test_an_account_is_reached_in_an_environment_only(name: str, job: str) -> None:
    """The role's trust names the environment, whose rules GitHub then enforces; its secrets are the account's."""
    found = ALL[name].jobs[job]
    reaches = "id-token" in found["permissions"] and (name, job) != ("release", "attest")
    text = yaml.safe_dump(found)
    assert not (reaches or "secrets." in text) or "name" in found["environment"]


@pytest.mark.parametrize(
    ("name", "job", "environment"),
    [
        ("deploy", "deploy", "${{ matrix.environment }}"),
        *((*job, "${{ matrix.environment }}-review") for job in (("gate", "preview"), ("deploy", "preview"))),
        *((*job, "${{ matrix.environment }}-review") for job in (("deploy", "verify"), ("nightly", "drift"))),
        *(("nightly", job, "nightly") for job in ("taskcat", "live", "clean")),
        ("release", "publish", "pypi"),
    ],
)
def test_only_the_deployment_waits_for_an_approval(name: str, job: str, environment: str) -> None:
    assert ALL[name].jobs[job]["environment"]["name"] == environment


def test_the_role_of_the_delivery_layer_trusts_the_environment_that_the_job_names() -> None:
    text = (ROOT / "cloudformation" / "00-delivery.yaml").read_text()
    assert "!Sub repo:${GitHubRepository}:environment:${Environment}\n" in text
    # As long as a job may run, as long does its role hold.
    (longest,) = re.findall(r"MaxSessionDuration: (\d+)", text)
    assert ALL["deploy"].jobs["deploy"]["timeout-minutes"] * 60 == int(longest)


def test_the_required_job_waits_for_all_others_and_always_runs() -> None:
    gate = ALL["gate"]
    assert list(gate.jobs)[-1] == "gate"
    assert gate.needs("gate") == list(gate.jobs)[:-1]
    required = gate.jobs["gate"]
    assert (required["name"], required["if"], "strategy" in required) == ("gate", "always()", False)
    assert not any("if" in step or "continue-on-error" in step for step in required["steps"])


def test_no_part_of_the_gate_can_be_skipped_or_excused() -> None:
    """A job that `if` skips would fail the gate, and one that may fail would not; neither says what was judged."""
    jobs = ALL["gate"].jobs
    conditions = {name: job["if"] for name, job in jobs.items() if "if" in job}
    assert conditions == {"table": "always()", "comment": "${{ !cancelled() }}", "gate": "always()"}
    assert "continue-on-error" not in (FOLDER / "gate.yml").read_text()
    assert all(job.get("strategy", {}).get("fail-fast", False) is False for job in jobs.values())


@each_workflow
def test_no_path_filter_leaves_a_required_job_pending(of: Workflow) -> None:
    assert not any(
        "paths" in (event or {}) or "paths-ignore" in (event or {}) for event in of.on.values() if event != []
    )


def test_deployments_wait_for_each_other_and_none_is_dropped() -> None:
    deploy = ALL["deploy"]
    for level, group in (
        (deploy.data, "deploy-${{ github.event.pull_request.base.ref || github.ref_name }}"),
        (deploy.jobs["deploy"], "deploy-${{ matrix.system }}-${{ matrix.environment }}"),
    ):
        assert level["concurrency"] == {"group": group, "cancel-in-progress": False, "queue": "max"}


def test_only_the_gate_is_cancelled_by_a_newer_run() -> None:
    assert {name: each.data["concurrency"]["cancel-in-progress"] for name, each in ALL.items()} == {
        **dict.fromkeys(NAMES, False),
        "gate": True,
    }


def test_every_stage_of_the_gate_runs_in_the_workflow_too() -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "tox.ini")
    stages = re.search(r"gate = (.*)", parser["tox"]["labels"])
    assert stages
    matrix = ALL["gate"].jobs["tox"]["strategy"]["matrix"]
    run = {*matrix["environment"], *(entry["environment"] for entry in matrix["include"])}
    assert run >= {*stages[1].split(", "), "style", "docs", "integration", "taskcat", "workflows"}


def test_dependabot_keeps_actions_and_locks_fresh_but_not_too_fresh() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    assert [(each["package-ecosystem"], each["directories"]) for each in updates] == [
        ("github-actions", ["/", "/.github/actions/*"]),
        ("pip", ["/", "/requirements"]),
    ]
    assert all(each["cooldown"] == {"default-days": 7} for each in updates)


def test_code_owners_own_what_exists() -> None:
    lines = (ROOT / ".github" / "CODEOWNERS").read_text().splitlines()
    rules = [line.split() for line in lines if line and not line.startswith("#")]
    assert rules[0][0] == "*"
    assert [path for path, *_ in rules[1:] if not (ROOT / path.strip("/")).exists()] == []
    assert all(owner.startswith("@") for _, *owners in rules for owner in owners)


def test_the_hooks_are_the_tools_of_the_tox_environments() -> None:
    """So that their versions stand in requirements/ alone."""
    (local,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "tox.ini")
    entries = [hook["entry"].split() for hook in local["hooks"]]
    assert all(entry[:4] == [".venv/bin/tox", "exec", "-qq", "-e"] and entry[5] == "--" for entry in entries)
    assert {f"testenv:{entry[4]}" for entry in entries} <= set(parser.sections())
    assert [hook["id"] for hook in local["hooks"]] == [
        *("ruff-check", "ruff-format", "stackproof-check", "stackproof-lint"),
        *("zizmor", "check-workflows", "check-actions", "check-dependabot"),
    ]


def test_what_the_release_publishes_is_the_package() -> None:
    name = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["name"]
    assert f"dist/{name}-${{GITHUB_REF_NAME#v}}-py3-none-any.whl" in (FOLDER / "release.yml").read_text()
