"""`cloudformation/protect-branches.sh`: prints the calls that protect the branches; makes them when told to."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stackproof import load_system
from stackproof.compose.system import system_paths
from tests.integration.pipeline.workflow import ROOT, workflow

SCRIPT = ROOT / "cloudformation" / "protect-branches.sh"
# Notes each call with what it reads; answers a question for the team's id and one for the policies of an environment.
GH = """\
#!/bin/bash
body=
case " $* " in *" --input - "*) body=$(cat) ;; esac
python3 -c 'import json, sys; print(json.dumps({"call": sys.argv[2:], "body": sys.argv[1]}))' "$body" "$@" >> "$CALLS"
case "$*" in
  *teams/platform*) echo '[{"type":"Team","id":42}]' ;;
  "api repos/example/shop/environments/dev/deployment-branch-policies"*) echo dev ;;
esac
"""


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "gh").write_text(GH)
    (folder / "gh").chmod(0o755)
    return subprocess.run(
        [SCRIPT, *arguments], env=_variables(folder), capture_output=True, text=True, timeout=60, check=False
    )


def _variables(folder: Path) -> dict[str, str]:
    path = f"{folder}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    return os.environ | {"PATH": path, "CALLS": str(folder / "calls")}


def _calls(folder: Path) -> list[dict[str, Any]]:
    path = folder / "calls"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _bodies(folder: Path, place: str) -> dict[str, Any]:
    pattern = re.compile(rf"repos/example/shop/{place}")
    found = {}
    for call in _calls(folder):
        for argument in call["call"]:
            if (matched := pattern.fullmatch(argument)) and "PUT" in call["call"]:
                found[matched[1]] = json.loads(call["body"])
    return found


def test_it_prints_and_calls_nobody(tmp_path: Path) -> None:
    done = _run(tmp_path, "example/shop", "--reviewers", "platform")
    assert (done.returncode, done.stderr, _calls(tmp_path)) == (0, "", [])
    branches = re.findall(r"--method PUT repos/example/shop/branches/(\S+)/protection", done.stdout)
    manifests = [load_system(path).manifest for path in system_paths(ROOT)]
    environments = [each for manifest in manifests for each in manifest.environments.values()]
    assert branches == sorted({each.branch for each in environments})
    named = re.findall(r"--method PUT repos/example/shop/environments/(\S+) ", done.stdout)
    assert named == [name for each in sorted({each.name for each in environments}) for name in (each, f"{each}-review")]
    assert "\n# main deploys caja prod, maticko prod, mattilda prod, muejam prod\n" in done.stdout


def test_what_it_prints_is_what_it_makes(tmp_path: Path) -> None:
    printed = _run(tmp_path, "example/shop", "--reviewers", "platform").stdout
    subprocess.run(["bash", "-euo", "pipefail", "-c", printed], env=_variables(tmp_path), check=True, timeout=60)
    by_hand = _calls(tmp_path)
    (tmp_path / "calls").unlink()
    assert _run(tmp_path, "example/shop", "--reviewers", "platform", "--apply").returncode == 0
    assert _calls(tmp_path) == by_hand


def test_every_branch_asks_for_the_gate_and_a_review(tmp_path: Path) -> None:
    assert _run(tmp_path, "example/shop", "--apply").returncode == 0
    protections = _bodies(tmp_path, "branches/(.+)/protection")
    assert list(protections) == ["dev", "main", "staging", "test"]
    for branch, protection in protections.items():
        # The name by which GitHub knows the job.
        assert protection["required_status_checks"] == {
            "strict": True,
            "contexts": [workflow("gate").jobs["gate"]["name"]],
        }
        assert protection["enforce_admins"] is True
        assert protection["allow_force_pushes"] is protection["allow_deletions"] is False
        assert protection["required_pull_request_reviews"] == {
            "required_approving_review_count": 1,
            "require_code_owner_reviews": True,
            "dismiss_stale_reviews": True,
            "require_last_push_approval": branch == "main",
        }


def test_protected_environments_ask_the_team_and_no_other(tmp_path: Path) -> None:
    assert _run(tmp_path, "example/shop", "--reviewers", "platform", "--apply").returncode == 0
    environments = _bodies(tmp_path, r"environments/([^/]+)")
    assert {name: body.get("reviewers") for name, body in environments.items()} == {
        **dict.fromkeys(("dev", "dev-review", "prod-review", "staging", "staging-review", "test", "test-review")),
        "prod": [{"type": "Team", "id": 42}],
    }


def test_only_its_branch_may_use_an_environment_and_pull_requests_those_for_reviews(tmp_path: Path) -> None:
    """What is allowed already is not asked for again: GitHub would refuse it."""
    assert _run(tmp_path, "example/shop", "--apply").returncode == 0
    allowed = [
        (call["call"][4].split("/")[-2], call["call"][6].removeprefix("name="))
        for call in _calls(tmp_path)
        if "POST" in call["call"]
    ]
    pulls = "refs/pull/*/merge"
    assert allowed == [
        *(("dev-review", "dev"), ("dev-review", pulls)),
        *(("prod", "main"), ("prod-review", "main"), ("prod-review", pulls)),
        *(("staging", "staging"), ("staging-review", "staging"), ("staging-review", pulls)),
        *(("test", "test"), ("test-review", "test"), ("test-review", pulls)),
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["shop"],
        ["example/shop;id"],
        ["example/shop", "other/shop"],
        ["example/shop", "--force"],
        ["example/shop", "--reviewers"],
        ["example/shop", "--reviewers", "$(id)"],
    ],
)
def test_wrong_usage_prints_no_call(tmp_path: Path, arguments: list[str]) -> None:
    done = _run(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: cloudformation/protect-branches.sh OWNER/REPOSITORY")


def test_manifests_that_cannot_be_read_make_no_call(tmp_path: Path) -> None:
    (tmp_path / "stackproof").write_text("#!/bin/bash\nexit 2\n")
    (tmp_path / "stackproof").chmod(0o755)
    done = _run(tmp_path, "example/shop", "--apply")
    assert done.returncode == 2
    assert _calls(tmp_path) == []
