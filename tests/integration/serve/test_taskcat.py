"""taskcat against the server: each system as one stack of nested stacks, created and deleted."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import partial
from pathlib import Path

import pytest
import yaml

from stackproof import load_system
from stackproof.simulate.prerequisites import prerequisites, provide
from tests.integration.serve.conftest import ROOT, Served
from tests.integration.serve.roots import root_template

BUCKET = "taskcat-artifacts"


@pytest.fixture
def python() -> Path:
    """The Python of taskcat's environment, which is one of its own; `make test` makes it and says where it is."""
    program = Path(os.environ.get("STACKPROOF_TASKCAT", ROOT / ".tox/taskcat/bin/taskcat")).with_name("python")
    if not program.with_name("taskcat").is_file():
        pytest.fail(f"no taskcat beside {program}; make it with: tox run --notest -e taskcat", pytrace=False)
    return program


@pytest.mark.parametrize(("system", "environment"), [("maticko", "dev"), ("mattilda", "staging")])
def test_run(served: Served, tmp_path: Path, python: Path, system: str, environment: str) -> None:
    deployment = load_system(ROOT / f"cloudformation/systems/{system}.yaml").deployment(environment)
    for needed in prerequisites(deployment):
        provide(needed, partial(served.client, region=needed.region))
    # taskcat uploads all that stands beside its configuration.
    for stack in deployment.stacks.values():
        copy = tmp_path / stack.template.file
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / stack.template.file, copy)
    (tmp_path / "root.json").write_text(json.dumps(root_template(deployment)), encoding="utf-8")
    configuration = {
        "project": {
            "name": "stackproof",
            "regions": [deployment.environment.region],
            # What it makes otherwise are zip files of Lambda functions, and a bucket with a name of its own.
            "package_lambda": False,
            "s3_bucket": BUCKET,
            "parameters": {"Bucket": BUCKET, "KeyPrefix": "stackproof/"},
        },
        "tests": {f"{system}-{environment}": {"template": "root.json"}},
    }
    (tmp_path / ".taskcat.yml").write_text(yaml.safe_dump(configuration), encoding="utf-8")
    served.client("s3").create_bucket(Bucket=BUCKET)

    done = subprocess.run(
        [python, ROOT / "tests/integration/serve/taskcat_offline.py", "test", "run", "--lint-disable"],
        cwd=tmp_path,
        env=os.environ | {"AWS_ENDPOINT_URL": served.endpoint, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "CREATE_COMPLETE" in done.stdout + done.stderr
    stacks = served.client("cloudformation").list_stacks()["StackSummaries"]
    assert len(stacks) == 1 + len(deployment.stacks)
    assert {stack["StackStatus"] for stack in stacks} == {"DELETE_COMPLETE"}
