"""A runner of one's own, and what GitHub says of a pull request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.pipeline.runner import Sandbox


def pull_request(base: str = "main", *, merged: bool = False, fork: bool = False) -> dict[str, Any]:
    """The payload of a pull request's event."""
    head = "stranger/stackproof" if fork else "example/stackproof"
    return {
        "name": "pull_request",
        "ref": base if merged else "7/merge",
        "pull_request": {
            "number": 7,
            "merged": merged,
            "merge_commit_sha": "c" * 40 if merged else None,
            "base": {"ref": base, "sha": "b" * 40},
            "head": {"repo": {"full_name": head}},
        },
    }


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A runner for a pull request to main."""
    runner = Sandbox(tmp_path, event=pull_request())
    yield runner
    runner.close()
