"""`release.yml`, each step run: a tag is built once, and what was built is attested, published and released."""

from __future__ import annotations

import json

import pytest

from tests.integration.pipeline.runner import Sandbox
from tests.integration.pipeline.workflow import workflow

RELEASE = workflow("release")
FILES = ["dist/stackproof-0.1.0-py3-none-any.whl", "dist/stackproof-0.1.0.tar.gz"]


@pytest.fixture
def tagged(sandbox: Sandbox) -> Sandbox:
    """A runner for the tag v0.1.0."""
    sandbox.event = {"name": "push", "ref": "v0.1.0"}
    return sandbox


def test_what_was_built_is_what_everybody_gets(tagged: Sandbox) -> None:
    for job in RELEASE.jobs:
        ended = tagged.run(RELEASE, job)
        assert ended.status == "success", (job, ended.log)
    assert len(tagged.called("tox", "run", "-e", "build")) == 1
    uses = [name for name, _ in tagged.used]
    assert uses.index("actions/attest-build-provenance") < uses.index("pypa/gh-action-pypi-publish")
    releases = json.loads((tagged.folder / "github.json").read_text())["releases"]
    assert releases == [{"tag": "v0.1.0", "files": FILES}]


def test_a_tag_that_is_not_the_version_is_not_built(tagged: Sandbox) -> None:
    tagged.event["ref"] = "v9.9.9"
    assert tagged.run(RELEASE, "build").status == "failure"
    assert not tagged.artifacts.exists()


def test_a_tag_beside_main_is_not_built(tagged: Sandbox) -> None:
    tagged.environment["STAND_IN_FAIL"] = "git merge-base --is-ancestor"
    assert tagged.run(RELEASE, "build").status == "failure"
    assert tagged.called("git") == [["git", "merge-base", "--is-ancestor", "0" * 40, "origin/main"]]
    assert not tagged.called("tox", "run", "-e", "build")


@pytest.mark.parametrize("environment", ["style", "unit", "policies"])
def test_what_fails_is_not_released(tagged: Sandbox, environment: str) -> None:
    tagged.environment["STAND_IN_FAIL"] = f"tox run -e {environment}"
    assert tagged.run(RELEASE, "test", matrix={"environment": environment}).status == "failure"
    assert RELEASE.needs("attest") == ["build", "test"]
    assert [RELEASE.needs(job) for job in ("publish", "release")] == [["attest"], ["publish"]]
