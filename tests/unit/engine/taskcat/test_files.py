"""The files that taskcat reads, and that they are those of the manifests."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from stackproof import load_system
from stackproof.cli.taskcat import command
from stackproof.compose.system import system_paths
from stackproof.taskcat.files import CONFIGURATION, files, stale, write
from stackproof.taskcat.roots import Root, roots

ROOT = Path(__file__).parents[4]
ROOTS = roots(map(load_system, system_paths(ROOT)))
TEXTS = files(ROOTS)


def test_committed_files_are_those_of_the_manifests() -> None:
    assert stale(TEXTS, ROOT) == []


@pytest.mark.parametrize("root", ROOTS, ids=lambda root: root.name)
def test_every_root_gives_each_layer_parameters_that_it_has(root: Root) -> None:
    for layer, nested in zip(root.layers, root.template["Resources"].values(), strict=True):
        declared = root.system.templates[layer].parameters
        given = nested["Properties"]["Parameters"].keys()
        assert given <= declared.keys()
        assert {name for name, parameter in declared.items() if parameter.default is None} <= given


def test_configuration_names_templates_that_exist() -> None:
    tests = yaml.safe_load(TEXTS[CONFIGURATION])["tests"]
    assert {test["template"] for test in tests.values()} == TEXTS.keys() - {CONFIGURATION}
    names = [test["parameters"]["System"] for test in tests.values()]
    assert len(set(names)) == len(names)


def test_changed_missing_and_left_over_files_are_stale(tmp_path: Path) -> None:
    written = write(TEXTS, tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in written} == TEXTS.keys()
    folder = tmp_path / "cloudformation" / "taskcat"
    changed, missing, left, own = (
        folder / name for name in ("caja-dev.yaml", "maticko-dev.yaml", "old.yaml", "my.yaml")
    )
    left.write_text(changed.read_text())
    own.write_text("Resources: {}\n")
    changed.write_text("")
    missing.unlink()
    assert stale(TEXTS, tmp_path) == [changed, missing, left]
    assert write(TEXTS, tmp_path) == [changed, missing, left]
    assert (stale(TEXTS, tmp_path), left.exists(), own.exists()) == ([], False, True)


def test_command_writes_and_compares(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifests = tmp_path / "cloudformation" / "systems"
    manifests.mkdir(parents=True)
    (tmp_path / "cloudformation" / "a.yaml").write_text(
        "Parameters: {System: {Type: String}, Environment: {Type: String}}\nResources: {A: {Type: AWS::SNS::Topic}}\n"
    )
    (manifests / "shop.yaml").write_text(
        "system: shop\nregion: us-east-1\nenvironments: {dev: {branch: dev}}\nlayers: {a: {template: a.yaml}}\n"
    )
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke
    asked = run(command, ["--check"])
    assert (asked.exit_code, asked.stderr.splitlines()) == (
        1,
        [
            ".taskcat.yml is stale; run: stackproof taskcat",
            "cloudformation/taskcat/shop-dev.yaml is stale; run: stackproof taskcat",
        ],
    )
    assert run(command, []).output == ".taskcat.yml: written\ncloudformation/taskcat/shop-dev.yaml: written\n"
    assert (run(command, []).output, run(command, ["--check"]).exit_code) == ("", 0)
