"""Repositories of other people: a pytest of its own runs their tests and finds the plugin by its entry point."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

_OUTCOME = re.compile(r"^(PASSED|FAILED|ERROR) (\S+::\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Ran:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def outcomes(self) -> dict[str, str]:
        """By test, without its file's folder: passed, failed or error."""
        return {name.rpartition("/")[2]: outcome.lower() for outcome, name in _OUTCOME.findall(self.out)}


class Repository:
    """A folder with files, and commands that are run in it."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        self._cache = cache

    def write(self, files: Mapping[str, str]) -> None:
        """Write files by their paths."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def pytest(self, *arguments: str) -> Ran:
        """Run the tests."""
        return self.run(sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", *arguments)

    def stackproof(self, *arguments: str) -> Ran:
        """Run the console script."""
        return self.run(str(Path(sys.executable).with_name("stackproof")), *arguments)

    def run(self, *command: str) -> Ran:
        """Run a command without what the tests around it were told."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "AWS_"))}
        environment |= {"XDG_CACHE_HOME": str(self._cache), "NO_COLOR": "1", "COLUMNS": "120"}
        environment.pop("CI", None)  # pytest shows more there
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty repository."""
    folder = tmp_path / "repository"
    folder.mkdir()
    return Repository(folder, tmp_path / "cache")
