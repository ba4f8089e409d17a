"""`stackproof export`, and the files that it writes used as they are meant to be."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import Ran, Served
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


@pytest.fixture
def script(stackproof: Stackproof, shop: Shop, aws_program: Path, served: Served, tmp_path: Path) -> Callable[[], Ran]:
    """Exports the small system, and runs its script."""

    def run() -> Ran:
        assert stackproof("export", shop.manifest, "dev", "--format", "aws-cli", "--output", "made").code == 0
        return _run(tmp_path / "made" / "deploy.sh", served, aws_program)

    return run


def _run(script: Path, served: Served, aws_program: Path) -> Ran:
    path = f"{aws_program.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [script],
        cwd=script.parents[1],
        env=os.environ | {"AWS_ENDPOINT_URL": served.endpoint, "AWS_PAGER": "", "PATH": path},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def _note(served: Served) -> str:
    ssm = served.client("ssm", "us-west-2")
    (note,) = ssm.describe_parameters()["Parameters"]
    return str(ssm.get_parameter(Name=note["Name"])["Parameter"]["Value"])


def test_the_script_hands_over_what_a_layer_puts_out(script: Callable[[], Ran], served: Served) -> None:
    ran = script()
    assert ran.code == 0, ran.err
    assert _note(served).startswith("shop-dev-base-Topic-")


def test_the_script_ends_where_an_output_is_missing(
    script: Callable[[], Ran], served: Served, aws_program: Path, tmp_path: Path
) -> None:
    """What was exported is no longer what the template puts out."""
    assert script().code == 0
    made = tmp_path / "made" / "deploy.sh"
    made.write_text(made.read_text(encoding="utf-8").replace("shop-dev-base TopicName", "shop-dev-base Gone"))
    ran = _run(made, served, aws_program)
    assert (ran.code, ran.err) == (1, "shop-dev-base has no output Gone\n")


def test_the_script_takes_any_value(script: Callable[[], Ran], shop: Shop, served: Served) -> None:
    """An empty one, and what means something to a shell."""
    odd = "a 'b' \"c\" $d `e` {f} = g, h"
    parameter = "Parameters: {None: {Type: String}, Odd: {Type: String}}\nResources:\n  Topic:"
    shop.change("base", "Resources:\n  Topic:", parameter)
    shop.change("base", "DisplayName: first", "DisplayName: !Sub '${None}${Odd}'")
    values = f"    parameters: {{None: '', Odd: {json.dumps(odd)}}}\n"
    shop.change("shop", "    template: base.yaml\n", f"    template: base.yaml\n{values}")
    ran = script()
    assert ran.code == 0, ran.err
    (topic,) = served.client("sns").list_topics()["Topics"]
    shown = served.client("sns").get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"]
    assert shown["DisplayName"] == odd
