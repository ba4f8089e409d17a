"""Runs a job of a workflow as GitHub's runner does, in a sandbox: bash for `run`, stand-ins for `uses`.

What would reach GitHub or AWS, or takes long, is replaced on the PATH by stand-ins that note how they are called
(`stand_in.py`); stackproof is real wherever it needs no account.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.integration.pipeline.expressions import as_text, condition, rendered
from tests.integration.pipeline.stand_in import ON_THE_PATH, python, wrapper
from tests.integration.pipeline.workflow import ROOT, Workflow, action, combinations

STACKPROOF = Path(sys.executable).with_name("stackproof")
Contexts = Callable[[], dict[str, Any]]
COPIED = (".github", ".taskcat.yml", "cloudformation", "requirements")


@dataclass
class Ended:
    """How a job, or one step of it, ended.

    Attributes:
        status: success or failure.
        steps: names of the steps that ran, in order.
        log: what they said.
        outputs: the job's outputs.
    """

    status: str = "success"
    steps: list[str] = field(default_factory=list)
    log: str = ""
    outputs: dict[str, str] = field(default_factory=dict)


@dataclass
class Sandbox:
    """A runner with a copy of the repository, and what GitHub keeps beside it.

    Attributes:
        folder: where all of it lies.
        variables: repository and environment variables (`vars`).
        secrets: secrets of the job's environment.
        event: the payload, with the name of the event under ``name`` and the ref under ``ref``.
        environment: further variables of the runner itself.
        used: the actions that steps used, with what they were given.
        groups: the process groups of steps.
        changes: files that the pull request changes, by path.
        actions: what is done for an action, by its name, where that is not what the stand-in does.
    """

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    event: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    used: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    changes: dict[str, str] = field(default_factory=dict)
    actions: dict[str, Callable[[Any, dict[str, str]], bool]] = field(default_factory=dict)

    def close(self) -> None:
        """End what steps left running."""
        for group in self.groups:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)

    @property
    def artifacts(self) -> Path:
        """What was uploaded, a folder per name."""
        return self.folder / "artifacts"

    @property
    def summary(self) -> str:
        """All that was written into summaries of jobs."""
        path = self.folder / "summary.md"
        return path.read_text() if path.exists() else ""

    @property
    def calls(self) -> list[list[str]]:
        """How programs were called, in order: name and arguments."""
        path = self.folder / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]

    def called(self, *start: str) -> list[list[str]]:
        """The calls that begin so."""
        return [call for call in self.calls if tuple(call[: len(start)]) == start]

    def github(self, workspace: Path) -> dict[str, Any]:
        """GitHub's context `github`."""
        return {
            "event": self.event,
            "event_name": self.event.get("name", "pull_request"),
            "ref_name": self.event.get("ref", "main"),
            "repository": "example/stackproof",
            "sha": "0" * 40,
            "token": "token-of-the-job",
            "workspace": str(workspace),
        }

    def run(self, workflow: Workflow, job: str, *, needs: dict[str, Any] | None = None, matrix: Any = None) -> Ended:
        """Run a job, in one run of its matrix: the first one, or the one that holds all that `matrix` says."""
        return _Job(self, workflow, job, needs or {}, matrix or {}).run()


def runs_of(workflow: Workflow, job: str, needs: dict[str, Any]) -> list[dict[str, Any]]:
    """The runs of a job's matrix."""
    matrix = rendered(workflow.jobs[job].get("strategy", {}).get("matrix", {}), {"needs": needs})
    return combinations(matrix) or [{}]


class _Job:
    def __init__(
        self, sandbox: Sandbox, workflow: Workflow, job: str, needs: dict[str, Any], wanted: dict[str, Any]
    ) -> None:
        self.sandbox = sandbox
        self.job = workflow.jobs[job]
        self.shell = workflow.data.get("defaults", {}).get("run", {}).get("shell", "")
        self.ended = Ended()
        self.needs = needs
        self.steps: dict[str, Any] = {}
        runs = runs_of(workflow, job, needs)
        (self.matrix, *_) = [run for run in runs if wanted.items() <= run.items()]
        self.workspace = sandbox.folder / "workspace"
        shutil.rmtree(self.workspace, ignore_errors=True)
        self.workspace.mkdir(parents=True)
        # What steps leave to later steps; a new runner begins without it.
        self.left: dict[str, str] = {}
        self.programs = sandbox.folder / "programs"
        shutil.rmtree(self.programs, ignore_errors=True)
        for name in ON_THE_PATH:
            wrapper(self.programs / name, name)
        # GitHub's runners have one; here it is the one that runs the tests.
        python(self.programs / "python3")
        self.env: dict[str, Any] = {}
        for level in (workflow.data, self.job):
            self.env |= rendered(level.get("env", {}), self.contexts())

    def contexts(self, **more: Any) -> dict[str, Any]:
        """What an expression of a step may name."""
        return {
            "github": self.sandbox.github(self.workspace),
            "vars": self.sandbox.variables,
            "secrets": self.sandbox.secrets,
            "inputs": self.sandbox.event.get("inputs", {}),
            "needs": self.needs,
            "matrix": self.matrix,
            "env": self.env | self.left,
            "steps": self.steps,
        } | more

    def run(self) -> Ended:
        self._all(self.job["steps"], self.contexts, self.steps)
        for name, value in self.job.get("outputs", {}).items():
            self.ended.outputs[name] = as_text(rendered(value, self.contexts()))
        return self.ended

    def _all(self, steps: list[dict[str, Any]], contexts: Contexts, results: dict[str, Any]) -> None:
        for step in steps:
            if not condition(step.get("if"), contexts() | {"env": self.env | self.left}, self.ended.status):
                continue
            self.ended.steps.append(step.get("name") or step["uses"])
            env = rendered(step.get("env", {}), contexts())
            outputs: dict[str, str] = {}
            if "run" in step:
                good = self._bash(step, env, outputs)
            else:
                good = self._use(step["uses"], rendered(step.get("with", {}), contexts()), outputs)
            if "id" in step:
                results[step["id"]] = {"outputs": outputs, "outcome": "success" if good else "failure"}
            if not good:
                self.ended.status = "failure"

    def _bash(self, step: dict[str, Any], env: dict[str, Any], outputs: dict[str, str]) -> bool:
        files = {name: self.sandbox.folder / name for name in ("output", "env", "path")}
        for path in files.values():
            path.write_text("")
        script = self.sandbox.folder / "step.sh"
        script.write_text(step["run"])
        # Without a shell that is named, GitHub lets a pipe hide what fails in it.
        named = step.get("shell", self.shell) == "bash"
        options = ["--noprofile", "--norc", "-eo", "pipefail"] if named else ["-e"]
        process = subprocess.Popen(
            ["bash", *options, str(script)],
            cwd=self.workspace,
            env=self._variables(files) | {name: as_text(value) for name, value in (self.env | self.left | env).items()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # What a step leaves running ends with the runner.
            start_new_session=True,
        )
        self.sandbox.groups.append(process.pid)
        self.ended.log += process.communicate(timeout=100)[0]
        outputs |= _pairs(files["output"])
        self.left |= _pairs(files["env"])
        return process.returncode == 0

    def _variables(self, files: dict[str, Path]) -> dict[str, str]:
        folder = self.sandbox.folder
        github = self.sandbox.github(self.workspace)
        return {
            "PATH": f"{self.programs}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(folder),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": str(files["output"]),
            "GITHUB_ENV": str(files["env"]),
            "GITHUB_PATH": str(files["path"]),
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
            "GITHUB_REPOSITORY": github["repository"],
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_RUN_ID": "17",
            "GITHUB_REF_NAME": github["ref_name"],
            "GITHUB_SHA": github["sha"],
            "RUNNER_TEMP": str(folder),
            "STAND_IN_PYTHON": sys.executable,
            "STAND_IN_STACKPROOF": str(STACKPROOF),
            "STAND_IN_STATE": str(folder),
            **{name: os.environ[name] for name in ("LANG", "LC_ALL") if name in os.environ},
            **self.sandbox.environment,
        }

    def _use(self, uses: str, given: dict[str, Any], outputs: dict[str, str]) -> bool:
        name = uses.partition("@")[0]
        texts = {key: as_text(value) for key, value in given.items()}
        self.sandbox.used.append((name, texts))
        if name.startswith("$/"):
            return self._composite(action(name.rpartition("/")[2]), texts, outputs)
        return bool((_ACTIONS | self.sandbox.actions)[name](self, texts))

    def _composite(self, called: dict[str, Any], given: dict[str, str], outputs: dict[str, str]) -> bool:
        inputs = {key: as_text(each.get("default")) for key, each in called["inputs"].items()} | given
        steps: dict[str, Any] = {}

        def contexts() -> dict[str, Any]:
            # An action sees neither secrets nor variables nor the matrix but by its inputs.
            return {"github": self.sandbox.github(self.workspace), "inputs": inputs, "steps": steps}

        before = self.ended.status
        self._all(called["runs"]["steps"], contexts, steps)
        for key, each in called.get("outputs", {}).items():
            outputs[key] = as_text(rendered(each["value"], contexts()))
        return self.ended.status == before


def _pairs(path: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in path.read_text().splitlines())


def _checkout(job: _Job, given: dict[str, str]) -> bool:
    target = job.workspace / given.get("path", ".")
    target.mkdir(exist_ok=True)
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, target / name)
    # The base branch is the repository as it is.
    for name, text in {} if "path" in given else job.sandbox.changes.items():
        (target / name).write_text(text)
    return True


def _upload(job: _Job, given: dict[str, str]) -> bool:
    source = job.workspace / given["path"]
    files = [each for each in source.rglob("*") if each.is_file()] if source.is_dir() else []
    if not files:
        return given.get("if-no-files-found") != "error"
    target = job.sandbox.artifacts / given["name"]
    # A name can be taken once in a run.
    assert not target.exists(), given["name"]
    shutil.copytree(source, target)
    return True


def _download(job: _Job, given: dict[str, str]) -> bool:
    target = job.workspace / given["path"]
    target.mkdir(parents=True, exist_ok=True)
    if "name" in given:
        if not (job.sandbox.artifacts / given["name"]).is_dir():
            return False
        shutil.copytree(job.sandbox.artifacts / given["name"], target, dirs_exist_ok=True)
        return True
    assert given["merge-multiple"] == "true"
    for each in sorted(job.sandbox.artifacts.glob(given["pattern"])):
        shutil.copytree(each, target, dirs_exist_ok=True)
    return True


def _credentials(job: _Job, given: dict[str, str]) -> bool:
    keys = {"AWS_ACCESS_KEY_ID": "of-the-role", "AWS_SECRET_ACCESS_KEY": "of-the-role"}
    job.left |= keys | {"AWS_REGION": given["aws-region"]}
    return True


def _sarif(job: _Job, given: dict[str, str]) -> bool:
    return bool(json.loads((job.workspace / given["sarif_file"]).read_text())["runs"])


def _nothing(_job: _Job, _given: dict[str, str]) -> bool:
    return True


_ACTIONS: dict[str, Callable[[_Job, dict[str, str]], bool]] = {
    "actions/attest-build-provenance": _nothing,
    "actions/checkout": _checkout,
    "actions/download-artifact": _download,
    "actions/setup-python": _nothing,
    "actions/upload-artifact": _upload,
    "aws-actions/configure-aws-credentials": _credentials,
    "github/codeql-action/upload-sarif": _sarif,
    "pypa/gh-action-pypi-publish": _nothing,
}
