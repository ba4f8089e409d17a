"""``stackproof branches`` through the real console script."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Stackproof

QUEUE = "Resources: {Queue: {Type: AWS::SQS::Queue}}\n"
SHOP = """\
system: shop
region: eu-west-1
environments:
  dev:  {branch: dev, region: eu-north-1}
  prod: {branch: main, protected: true}
layers: {queue: {template: queue.yaml}}
"""
BAKERY = """\
system: bakery
region: us-east-1
environments:
  prod: {branch: main}
layers: {queue: {template: queue.yaml}}
"""


@pytest.fixture
def systems(tmp_path: Path) -> Path:
    """A repository of two systems."""
    folder = tmp_path / "cloudformation" / "systems"
    folder.mkdir(parents=True)
    (folder.parent / "queue.yaml").write_text(QUEUE)
    (folder / "shop.yaml").write_text(SHOP)
    (folder / "bakery.yaml").write_text(BAKERY)
    return tmp_path


def test_what_a_branch_deploys_stands_together(stackproof: Stackproof, systems: Path) -> None:
    ran = stackproof("branches", cwd=systems)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "dev   shop    dev   eu-north-1",
        "main  bakery  prod  us-east-1",
        "main  shop    prod  eu-west-1   protected",
    ]


def test_as_json_it_is_a_matrix_on_one_line(stackproof: Stackproof, systems: Path) -> None:
    ran = stackproof("branches", "--format", "json", cwd=systems)
    assert ran.out.count("\n") == 1
    assert json.loads(ran.out) == {
        "include": [
            {"system": system, "environment": environment, "branch": branch, "protected": protected, "region": region}
            for system, environment, branch, protected, region in (
                ("bakery", "prod", "main", False, "us-east-1"),
                ("shop", "dev", "dev", False, "eu-north-1"),
                ("shop", "prod", "main", True, "eu-west-1"),
            )
        ]
    }


def test_the_systems_alone_are_each_named_once(stackproof: Stackproof, systems: Path) -> None:
    ran = stackproof("branches", "--format", "systems", cwd=systems)
    assert (ran.code, ran.out) == (0, '["bakery", "shop"]\n')


def test_one_branch_alone(stackproof: Stackproof, systems: Path) -> None:
    ran = stackproof("branches", "--branch", "dev", "--format", "json", cwd=systems)
    assert [each["system"] for each in json.loads(ran.out)["include"]] == ["shop"]


def test_a_branch_is_named_exactly(stackproof: Stackproof, systems: Path) -> None:
    """Otherwise an empty matrix would pass for a deployment."""
    ran = stackproof("branches", "--branch", "mai", cwd=systems)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "stackproof: no environment is deployed from the branch 'mai'; did you mean 'main'?\n"


def test_without_systems_there_is_nothing_to_list(stackproof: Stackproof, tmp_path: Path) -> None:
    assert stackproof("branches", cwd=tmp_path).out == ""
    assert json.loads(stackproof("branches", "-f", "json", cwd=tmp_path).out) == {"include": []}
