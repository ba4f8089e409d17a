"""What holds for the repository as a whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from stackproof import load_template
from stackproof.bind.values import bind
from stackproof.deploy.request import capabilities
from stackproof.document.pages import layer_pages, policy_folders, stale, written_about
from stackproof.quotas import REQUEST_BYTES

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("file", "key"), [(".checkov.yaml", "skip-check"), (".cfnlintrc.yaml", "ignore_checks")])
def test_every_skipped_check_carries_its_reason(file: str, key: str) -> None:
    text = (ROOT / file).read_text()
    for check in yaml.safe_load(text).get(key) or ():
        assert re.search(rf"# {re.escape(check)}: \S.{{20,}}", text), f"{check} in {file} is skipped without a reason"


def test_templates_fit_into_a_request() -> None:
    sizes = {path.name: path.stat().st_size for path in (ROOT / "cloudformation").glob("*.yaml")}
    assert {name: size for name, size in sizes.items() if size > REQUEST_BYTES} == {}


@pytest.mark.parametrize("path", sorted((ROOT / "cloudformation").glob("*.yaml")), ids=lambda path: path.name)
def test_every_layer_can_be_deployed_by_hand_with_the_line_of_the_readme(path: Path) -> None:
    line = re.escape(f"--template-file cloudformation/{path.name} --parameter-overrides")
    options = r"(?: --capabilities (\S+))?(?: --region \S+)?`"
    (found,) = re.findall(f"{line} (.*?){options}", (ROOT / "README.md").read_text())
    given = dict(pair.split("=") for pair in found[0].split())
    template = load_template(path)
    values = bind(template, given, {}, template.mark)
    assert (values["System"], values["Environment"]) == ("maticko", "dev")
    # The deployer acknowledges named resources too, which includes those that CloudFormation names.
    assert [found[1].replace("_IAM", "_NAMED_IAM")] == (capabilities(template) or [""])


@pytest.mark.parametrize("path", sorted((ROOT / "cloudformation").glob("*.yaml")), ids=lambda path: path.name)
def test_every_layer_has_a_default_for_each_parameter(path: Path) -> None:
    """The documents deploy a layer with the environment alone, or with nothing."""
    assert [p.name for p in load_template(path).parameters.values() if p.default is None] == []


def test_locked_requirements_hold_hashes_and_no_address() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        assert "://" not in text, path.name
        assert text.count("==") <= text.count("--hash=sha256:"), path.name


def test_pages_about_layers_are_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """`make docs` writes them again."""
    monkeypatch.chdir(ROOT)
    assert stale(layer_pages(Path("cloudformation")), Path("docs", "layers")) == []


def test_pages_about_policies_are_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """`make docs` writes them again."""
    monkeypatch.chdir(ROOT)
    pages = written_about(policy_folders(), Path("tests", "unit", "policies"))
    assert stale(pages, Path("docs", "policies")) == []
