"""What importing the simulation costs."""

from __future__ import annotations

import subprocess
import sys


def test_heavy_libraries_wait_for_a_simulation() -> None:
    """Neither boto3 nor moto is imported before something is simulated, so that the command line answers at once."""
    code = "import sys, stackproof.simulate, stackproof.deploy; print({'boto3', 'botocore', 'moto'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
