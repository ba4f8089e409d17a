"""The example of docs/testing-your-templates.md really runs, alone in a folder of its own."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture
def example(repository: Any) -> Any:
    """A copy of the example."""
    shutil.copytree(
        DOCS / "example", repository.folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", ".*cache")
    )
    return repository


def test_its_tests_pass(example: Any) -> None:
    ran = example.pytest("-W", "error::pytest.PytestWarning")
    assert ran.outcomes == dict.fromkeys(
        (
            "test_orders.py::test_only_prod_is_protected[shop]",
            "test_orders.py::test_every_queue_is_encrypted_with_the_key_of_its_environment[shop-dev]",
            "test_orders.py::test_every_queue_is_encrypted_with_the_key_of_its_environment[shop-prod]",
            "test_orders.py::test_orders_wait_for_two_weeks[shop-prod-orders]",
            "test_orders.py::test_what_a_layer_shares_is_described[shop-dev-keys]",
            "test_orders.py::test_what_a_layer_shares_is_described[shop-dev-orders]",
            "test_orders.py::test_what_a_layer_shares_is_described[shop-prod-keys]",
            "test_orders.py::test_what_a_layer_shares_is_described[shop-prod-orders]",
            "test_orders.py::test_no_policy_finds_anything[shop-dev]",
            "test_orders.py::test_no_policy_finds_anything[shop-prod]",
            "test_simulation.py::test_an_order_can_be_put_and_taken[shop-dev]",
            "test_simulation.py::test_an_order_can_be_put_and_taken[shop-prod]",
        ),
        "passed",
    )
    assert ran.code == 0


def test_no_policy_has_a_finding(example: Any) -> None:
    ran = example.stackproof("check")
    assert (ran.code, ran.err) == (0, "")
    assert re.fullmatch(
        r"PASSED policies: \d+ policies asked, \d+ judgements passed in shop \(dev, prod\); \d+\.\d\d s\n", ran.out
    )


def test_the_page_shows_what_a_failing_test_prints(example: Any) -> None:
    """The page's output is that of the change that it tells of."""
    keys = example.folder / "cloudformation" / "keys.yaml"
    keys.write_text(keys.read_text().replace("EnableKeyRotation: true", "EnableKeyRotation: false"))
    ran = example.pytest("-k", "no_policy_finds_anything and prod")
    page = (DOCS / "testing-your-templates.md").read_text()
    (shown,) = re.findall(r"^```\n(>  .*?)\n```$", page, re.MULTILINE | re.DOTALL)
    for line in shown.splitlines():
        # Numbers of policies and seconds change.
        assert _without_numbers(line) in _without_numbers(ran.out), line
    assert ran.outcomes == {"test_orders.py::test_no_policy_finds_anything[shop-prod]": "failed"}


def _without_numbers(text: str) -> str:
    return re.sub(r"\d+(\.\d+)? (policies asked|judgements passed|s\b)", r"N \2", text)


def test_its_hooks_are_ours(example: Any) -> None:
    ours = yaml.safe_load((DOCS.parent / ".pre-commit-hooks.yaml").read_text())
    (repo,) = yaml.safe_load((example.folder / ".pre-commit-config.yaml").read_text())["repos"]
    assert [hook["id"] for hook in repo["hooks"]] == [hook["id"] for hook in ours]
