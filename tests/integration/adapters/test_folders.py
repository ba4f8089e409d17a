"""``stackproof adapters`` names the folders that the other tools are given."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.adapters.conftest import CHECKS, ROOT, RULES


def printed(tool: str, folder: Path) -> str:
    stackproof = Path(sys.executable).with_name("stackproof")
    done = subprocess.run([stackproof, "adapters", tool], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize(("tool", "folder"), [("cfnlint", RULES), ("checkov", CHECKS)])
def test_folder_is_printed(tmp_path: Path, tool: str, folder: Path) -> None:
    """Relative where it lies below the working directory."""
    assert printed(tool, tmp_path) == f"{folder}\n"
    assert printed(tool, ROOT) == f"{folder.relative_to(ROOT)}\n"
