"""`stackproof export`, and the files that it writes used as they are meant to be."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import yaml

from tests.integration.conftest import Aws, Served
from tests.integration.deploy.conftest import Stackproof
from tests.unit.engine.deploy.shop import Shop

OPEN = (
    "stackproof: files: TopicName is the output TopicName of shop-dev-base in us-east-1, known when that stack stands\n"
)


def test_the_terminal_gets_one_json_object(stackproof: Stackproof, shop: Shop) -> None:
    ran = stackproof("export", shop.manifest, "dev", "--format", "aws-cli")
    placeholder = {"ParameterKey": "TopicName", "ParameterValue": "{output: base.TopicName}"}
    assert (ran.code, ran.json, ran.err) == (0, {"base": [], "files": [placeholder]}, OPEN)


def test_the_terminal_gets_a_stream_of_documents(stackproof: Stackproof, shop: Shop) -> None:
    ran = stackproof("export", shop.manifest, "dev", "--format", "git-sync")
    assert [document["tags"]["Layer"] for document in yaml.safe_load_all(ran.out)] == ["base", "files"]


def test_a_folder_gets_the_files(stackproof: Stackproof, shop: Shop, tmp_path: Path) -> None:
    ran = stackproof("export", shop.manifest, "dev", "--format", "aws-cli", "--output", "made")
    assert (ran.code, ran.out) == (0, "Wrote base.json, files.json, deploy.sh to made\n")
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["base.json", "deploy.sh", "files.json"]


def test_no_account_is_needed(stackproof: Stackproof, shop: Shop) -> None:
    ran = stackproof("export", shop.manifest, "dev", "--format", "git-sync", AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert ran.code == 0


def test_the_script_deploys_all_layers(
    stackproof: Stackproof, shop: Shop, aws: Aws, served: Served, tmp_path: Path
) -> None:
    """What one layer puts out reaches the other."""
    stackproof("export", shop.manifest, "dev", "--format", "aws-cli", "--output", "made")
    cli = Path(str(aws.__closure__ and os.environ.get("STACKPROOF_AWSCLI", "")))
    done = subprocess.run(
        [tmp_path / "made" / "deploy.sh"],
        cwd=tmp_path,
        env=os.environ | {"AWS_ENDPOINT_URL": served.endpoint, "AWS_PAGER": "", "PATH": f"{cli.parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (note,) = served.client("ssm", "us-west-2").describe_parameters()["Parameters"]
    value = served.client("ssm", "us-west-2").get_parameter(Name=note["Name"])["Parameter"]["Value"]
    assert value.startswith("shop-dev-base-Topic-")
    assert json.loads((tmp_path / "made" / "files.json").read_text(encoding="utf-8"))[0]["ParameterValue"] == (
        "{output: base.TopicName}"
    )
