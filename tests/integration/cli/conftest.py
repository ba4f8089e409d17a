"""Runs the real console script, as a user does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest


@dataclass(frozen=True)
class Ran:
    """What a command answered."""

    code: int
    out: str
    err: str


Stackproof = Callable[..., Ran]


@pytest.fixture
def stackproof(tmp_path: Path) -> Stackproof:
    """Runs ``stackproof`` in a folder of its own, with a cache of its own."""

    def run(
        *arguments: str | Path, cwd: Path = tmp_path, stdout: int | IO[str] = subprocess.PIPE, **variables: str
    ) -> Ran:
        environment = {
            **{name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "GITHUB_ACTIONS")},
            "XDG_CACHE_HOME": str(tmp_path / ".cache"),
            **variables,
        }
        done = subprocess.run(
            [Path(sys.executable).with_name("stackproof"), *arguments],
            cwd=cwd,
            env=environment,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
        return Ran(done.returncode, done.stdout or "", done.stderr)

    return run
