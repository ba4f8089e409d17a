"""The real console script against a server of one's own, and a system small enough to be read."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.conftest import STACKPROOF, Ran, Served
from tests.unit.engine.deploy.shop import Shop

Stackproof = Callable[..., Ran]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """The small system."""
    return Shop(tmp_path)


@pytest.fixture
def stackproof(served: Served, tmp_path: Path) -> Stackproof:
    """Runs ``stackproof`` in the folder of the small system, with the server as its AWS."""

    def run(*arguments: str | Path, stdin: str | None = None, **variables: str) -> Ran:
        done = subprocess.run(
            [STACKPROOF, *arguments],
            cwd=tmp_path,
            env=os.environ | {"AWS_ENDPOINT_URL": served.endpoint, "HOME": str(tmp_path), **variables},
            input=stdin if stdin is not None else "",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def deploy(served: Served, shop: Shop) -> Callable[[], None]:
    """Brings the small system's dev to what its files say, without the command."""
    from stackproof.deploy import Deployer

    def bring() -> None:
        list(Deployer(shop.deployment(), lambda region: served.client("cloudformation", region)).update())

    return bring
