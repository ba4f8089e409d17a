"""GitHub, as much of it as plays a whole workflow: which jobs run, in which environment, and what became of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.integration.conftest import STACKPROOF
from tests.integration.pipeline.expressions import condition, rendered
from tests.integration.pipeline.runner import Sandbox, runs_of
from tests.integration.pipeline.workflow import Workflow

Event = dict[str, Any]


class Repository:
    """A git repository with a working tree, the developer's; runners clone it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch", "main")
        self.git("config", "user.name", "Somebody")
        self.git("config", "user.email", "somebody@example.com")

    def git(self, *arguments: str) -> str:
        """Run git; return what it says."""
        return _git(*arguments, folder=self.folder)

    def commit(self, message: str) -> str:
        """Commit all that the working tree holds; return the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.head("HEAD")

    def head(self, name: str) -> str:
        """Return the commit of a branch."""
        return self.git("rev-parse", name)

    def change(self, path: str, old: str, new: str) -> None:
        """Replace a text that stands once in a file."""
        file = self.folder / path
        text = file.read_text()
        assert text.count(old) == 1, (path, old)
        file.write_text(text.replace(old, new))

    def rehearsed(self, base: str, head: str) -> str:
        """Return the commit that GitHub makes to try a merge, on no branch."""
        tree = self.git("merge-tree", "--write-tree", base, head)
        return self.git("commit-tree", tree, "-p", base, "-p", head, "-m", f"Merge {head} into {base}")

    def merge(self, base: str, head: str) -> str:
        """Merge a branch into another; return the commit."""
        self.git("switch", "--quiet", base)
        self.git("merge", "--quiet", "--no-ff", "--message", f"Merge {head} into {base}", head)
        return self.head(base)


@dataclass
class Played:
    """How a run of a workflow ended.

    Attributes:
        results: how each job ended.
        logs: what the steps of each job said.
        sandbox: the runner, with artifacts and summary.
    """

    sandbox: Sandbox
    results: dict[str, str] = field(default_factory=dict)
    logs: dict[str, str] = field(default_factory=dict)

    def artifact(self, name: str) -> str:
        """The text of an uploaded file, by its path below the artifacts."""
        return (self.sandbox.artifacts / name).read_text()


class Hosting:
    """GitHub with one repository.

    Parameters:
        folder: for runners, and for what GitHub keeps.
        repository: what runners clone.
        endpoints: where the account of a role answers, by the role's ARN.
        patience: for how long an application that is not well is asked, in seconds; a person would wait longer.

    Attributes:
        variables: of each of GitHub's environments, by its name.
        secrets: likewise.
    """

    def __init__(self, folder: Path, repository: Repository, endpoints: dict[str, str], patience: float) -> None:
        self._folder = folder
        self._repository = repository
        self._endpoints = endpoints
        self._programs = folder / "programs"
        self._runs: list[Played] = []
        self.variables: dict[str, dict[str, str]] = {}
        self.secrets: dict[str, dict[str, str]] = {}
        self._programs.mkdir(parents=True)
        git = shutil.which("git")
        assert git is not None
        (self._programs / "git").symlink_to(git)
        ways = [f"exec {sys.executable} -SEs {Path(__file__).with_name(name)}" for name in ("stand_in.py", "stages.py")]
        _script(self._programs / "tox", f'[ -n "$REAL_STAGES" ] || {ways[0]} tox "$@"\n{ways[1]} "$@"')
        hurried = f'[ "$1" != deploy ] || set -- "$@" --health-timeout {patience}'
        _script(self._programs / "impatient-stackproof", f'{hurried}\nexec {STACKPROOF} "$@"')

    @property
    def records(self) -> Path:
        """Where the records lie of the stages that do not run."""
        return self._folder / "records"

    @property
    def comments(self) -> list[tuple[str, str]]:
        """All comments: number of the pull request, and text."""
        path = self._folder / "github.json"
        found = json.loads(path.read_text())["comments"] if path.exists() else []
        return [(each["number"], each["body"]) for each in found]

    @property
    def posted(self) -> dict[str, str]:
        """What a workflow sent by curl last: its configuration, and the body."""
        return dict(json.loads((self._folder / "sent.json").read_text()))

    @property
    def shown(self) -> str:
        """All that was written where people see it: logs, summaries, artifacts, comments, and arguments of programs."""
        texts = [(self._folder / name).read_text() for name in ("github.json", "calls")]
        for played in self._runs:
            files = (path for path in played.sandbox.artifacts.rglob("*") if path.is_file())
            texts += [played.sandbox.summary, *played.logs.values(), *(path.read_text() for path in files)]
        return "\n".join(texts)

    def play(
        self,
        workflow: Workflow,
        event: Event,
        commit: str,
        *,
        stages: tuple[str, ...] = (),
        approval: Callable[[], None] = lambda: None,
    ) -> Played:
        """Run a workflow as an event starts it.

        Parameters:
            workflow: which one.
            event: what has happened.
            commit: what a checkout gets that names nothing else.
            stages: the environments of tox that really run.
            approval: what happens while the deployment waits for its approval.
        """
        sandbox = Sandbox(self._folder / f"run-{len(self._runs) + 1}", event=event)
        sandbox.folder.mkdir()
        sandbox.environment = {
            "PATH": f"{self._programs}:{sandbox.folder / 'programs'}:/usr/local/bin:/usr/bin:/bin",
            "REAL_STAGES": ",".join(stages),
            "STAND_IN_REAL": "yes",
            "STAND_IN_STACKPROOF": str(self._programs / "impatient-stackproof"),
            "STAND_IN_STATE": str(self._folder),
            "XDG_CACHE_HOME": str(self._folder / "cache"),
        }
        sandbox.actions = {
            "actions/checkout": lambda job, given: self._checkout(job, given, commit),
            "aws-actions/configure-aws-credentials": self._credentials,
        }
        played = Played(sandbox)
        self._runs.append(played)
        ended: dict[str, Any] = {}
        for job in workflow.jobs:
            if job == "deploy":
                approval()
            ended[job] = self._job(played, workflow, job, {name: ended[name] for name in workflow.needs(job)})
            played.results[job] = ended[job]["result"]
        sandbox.close()
        return played

    def _job(self, played: Played, workflow: Workflow, job: str, needs: dict[str, Any]) -> dict[str, Any]:
        sandbox = played.sandbox
        contexts = {"github": sandbox.github(sandbox.folder), "needs": needs}
        status = next((each["result"] for each in needs.values() if each["result"] != "success"), "success")
        if not condition(workflow.jobs[job].get("if"), contexts, status):
            return {"result": "skipped", "outputs": {}}
        result: dict[str, Any] = {"result": "success", "outputs": {}}
        for matrix in runs_of(workflow, job, needs):
            environment = rendered(workflow.jobs[job].get("environment", {}), {"matrix": matrix}).get("name", "")
            sandbox.variables = self.variables.get(environment, {})
            sandbox.secrets = self.secrets.get(environment, {})
            ended = sandbox.run(workflow, job, needs=needs, matrix=matrix)
            played.logs[job] = played.logs.get(job, "") + ended.log
            result["outputs"] |= ended.outputs
            if ended.status != "success":
                result["result"] = ended.status
        return result

    def _checkout(self, job: Any, given: dict[str, str], commit: str) -> bool:
        target = job.workspace / given.get("path", ".")
        for arguments in (
            ("clone", "--quiet", "--shared", "--no-checkout", str(self._repository.folder), str(target)),
            ("-C", str(target), "checkout", "--quiet", given.get("ref") or commit),
        ):
            _git(*arguments, folder=job.workspace)
        return True

    def _credentials(self, job: Any, given: dict[str, str]) -> bool:
        """Let a role lead to its account: nothing else on the runner knows where that is."""
        job.left |= {
            "AWS_ACCESS_KEY_ID": "of-the-role",
            "AWS_SECRET_ACCESS_KEY": "of-the-role",
            "AWS_REGION": given["aws-region"],
            "AWS_ENDPOINT_URL": self._endpoints[given["role-to-assume"]],
        }
        return True


def without_git() -> dict[str, str]:
    """Return the environment without what git would take from it: whose hook runs this, and how somebody likes git."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return ours | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def _git(*arguments: str, folder: Path) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=without_git(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (arguments, done.stderr)
    return done.stdout.strip()


def _script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)
