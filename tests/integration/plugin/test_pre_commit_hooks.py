"""The hooks that pre-commit offers to other repositories: their entries are run as pre-commit runs them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

HOOKS = {
    hook["id"]: hook for hook in yaml.safe_load((Path(__file__).parents[3] / ".pre-commit-hooks.yaml").read_text())
}
BAD = """\
Resources:
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      StorageEncrypted: false
"""
OTHERS = {
    "chart.yaml": "name: {{ .Values.name }}\n",
    "compose.yml": "services: {web: {image: web}}\n",
    "two.yaml": "a: 1\n---\nb: 2\n",
    "empty.yaml": "",
    "package.json": '{"name": "shop"}',
}


def _run(repository: Any, hook: str, *files: str) -> Any:
    program, *arguments = shlex.split(HOOKS[hook]["entry"])
    assert program == "stackproof"
    return repository.stackproof(*arguments, *files)


def test_both_hooks_are_there_and_need_nothing_but_stackproof() -> None:
    assert list(HOOKS) == ["stackproof-check", "stackproof-systems"]
    assert [hook["language"] for hook in HOOKS.values()] == ["python", "python"]
    assert not any("additional_dependencies" in hook for hook in HOOKS.values())


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("a.yaml", True),
        ("a/b.yml", True),
        ("a.json", True),
        ("a.template", True),
        ("a.yaml.j2", False),
        ("a.py", False),
    ],
)
def test_files_that_may_hold_templates_are_taken(name: str, taken: bool) -> None:
    assert bool(re.search(HOOKS["stackproof-check"]["files"], name)) is taken


def test_files_that_are_no_templates_are_passed_over(repository: Any) -> None:
    repository.write(OTHERS)
    ran = _run(repository, "stackproof-check", *OTHERS)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("NOTHING JUDGED policies: ")


def test_templates_among_them_are_judged(repository: Any) -> None:
    repository.write(OTHERS | {"bad.yaml": BAD, "unnamed.yaml": BAD})
    ran = _run(repository, "stackproof-check", *OTHERS, "bad.yaml")
    assert (ran.code, ran.err) == (1, "")
    assert "FAIL high SP301 bad.yaml:5 StorageEncrypted" in ran.out
    assert "unnamed.yaml" not in ran.out


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("broken.yaml", "AWSTemplateFormatVersion: a: b\n", "broken.yaml:1: not well-formed YAML or JSON"),
        ("systems/shop.yaml", "sytem: shop\n", "systems/shop.yaml:1: unknown key 'sytem'; did you mean 'system'?"),
        ("absent.yaml", None, "absent.yaml:1: cannot be read: No such file or directory"),
    ],
)
def test_what_may_be_a_template_is_never_passed_over(
    repository: Any, name: str, text: str | None, message: str
) -> None:
    repository.write({} if text is None else {name: text})
    ran = _run(repository, "stackproof-check", name)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert ran.err.startswith(f"stackproof: {message}")


def test_without_the_option_a_named_file_must_be_a_template(repository: Any) -> None:
    repository.write(OTHERS)
    ran = repository.stackproof("check", "compose.yml")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "stackproof: compose.yml:1: not a CloudFormation template and not a system's manifest\n"


def test_the_whole_folder_is_judged_whatever_was_changed(repository: Any) -> None:
    repository.write({"cloudformation/bad.yaml": BAD})
    assert HOOKS["stackproof-systems"]["pass_filenames"] is False
    ran = _run(repository, "stackproof-systems")
    assert ran.code == 1
    assert "SP301 cloudformation/bad.yaml:5" in ran.out
