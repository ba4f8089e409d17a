"""Manifests: every mistake is named with its line and the nearest right name."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackproof import InputError, load_system

TEMPLATE = """\
Parameters:
  System: {Type: String}
  Environment: {Type: String}
  Size: {Type: Number, MinValue: 1, MaxValue: 5}
  Kind: {Type: String, Default: a, AllowedValues: [a, b]}
  Ports: {Type: CommaDelimitedList, Default: '80'}
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: !Sub '${System}-${Environment}-${Size}-${Kind}'
      Tags: !Ref Ports
      DisplayName: !Sub '${AWS::StackName} ${AWS::Region} ${AWS::AccountId}'
"""
MANIFEST = """\
system: shop
region: us-east-1
environments:
  dev: {branch: dev, account: '012345678901'}
  prod: {branch: main, protected: true, region: eu-west-1, account: 111111111111}
layers:
  data:
    template: data.yaml
    parameters:
      Size: {dev: 1, prod: 2}
"""


def _load(folder: Path, manifest: str) -> dict[str, object]:
    (folder / "data.yaml").write_text(TEMPLATE)
    (folder / "shop.yaml").write_text(manifest)
    system = load_system(folder / "shop.yaml")
    return {name: system.deployment(name)["data"]["Topic"].properties for name in system.environments}


def test_values_of_each_environment(tmp_path: Path) -> None:
    """System, environment, place and values are those of the manifest."""
    made = _load(tmp_path, f"{MANIFEST}      Kind: b\n      Ports: [80, 443]\n")
    assert made == {
        "dev": {
            "TopicName": "shop-dev-1-b",
            "Tags": ("80", "443"),
            "DisplayName": "shop-dev-data us-east-1 012345678901",
        },
        "prod": {
            "TopicName": "shop-prod-2-b",
            "Tags": ("80", "443"),
            "DisplayName": "shop-prod-data eu-west-1 111111111111",
        },
    }


def test_protected_environments(tmp_path: Path) -> None:
    """An environment is protected only where the manifest says so."""
    _load(tmp_path, MANIFEST)
    environments = load_system(tmp_path / "shop.yaml").manifest.environments
    assert {name: (item.branch, item.protected) for name, item in environments.items()} == {
        "dev": ("dev", False),
        "prod": ("main", True),
    }


def test_value_for_one_environment_only(tmp_path: Path) -> None:
    """Elsewhere the default holds."""
    made = _load(tmp_path, f"{MANIFEST}      Kind: {{prod: b}}\n")
    assert [item["TopicName"] for item in made.values()] == ["shop-dev-1-a", "shop-prod-2-b"]  # type: ignore[index]


def test_layer_in_some_environments_and_another_region(tmp_path: Path) -> None:
    """A layer may be left out of an environment, and stand elsewhere than the rest."""
    extra = "  spare:\n    template: data.yaml\n    region: us-west-2\n    environments: [prod]\n"
    (tmp_path / "data.yaml").write_text(TEMPLATE)
    (tmp_path / "shop.yaml").write_text(f"{MANIFEST}{extra}    parameters: {{Size: 3}}\n")
    system = load_system(tmp_path / "shop.yaml")
    assert list(system.deployment("dev").stacks) == ["data"]
    prod = system.deployment("prod")
    assert {name: stack.context.region for name, stack in prod.stacks.items()} == {
        "data": "eu-west-1",
        "spare": "us-west-2",
    }
    assert prod["spare"]["Topic"]["DisplayName"] == "shop-prod-spare us-west-2 111111111111"


# What is replaced in the manifest, by what, the line and the message.
WRONG: dict[str, tuple[str, str, int, str]] = {
    "unknown key": ("region: us", "regin: a\nregion: us", 2, "unknown key 'regin'; did you mean 'region'?"),
    "unknown key of an environment": (
        "protected: true",
        "protectd: true",
        5,
        "unknown key 'protectd'; did you mean 'protected'?",
    ),
    "unknown key of a layer": (
        "    parameters:",
        "    paramters:",
        9,
        "unknown key 'paramters'; did you mean 'parameters'?",
    ),
    "layer in an unknown environment": (
        "    template:",
        "    environments: [dev, prd]\n    template:",
        8,
        "unknown environment 'prd'; did you mean 'prod'?",
    ),
    "layer in no environment": (
        "    template:",
        "    environments: []\n    template:",
        8,
        "a layer is part of one environment at least",
    ),
    "layer in no region": (
        "    template:",
        "    region: here\n    template:",
        8,
        "'here' is not the name of a region, such as us-east-1",
    ),
    "value for an environment without the layer": (
        "    template:",
        "    environments: [dev]\n    template:",
        11,
        "the layer 'data' is not part of 'prod'",
    ),
    "environment named output": (
        "  dev: {branch: dev",
        "  output: {branch: out}\n  dev: {branch: dev",
        4,
        "'output' cannot be the name of an environment: it marks another layer's output",
    ),
    "output without a layer": (
        "dev: 1,",
        "dev: {output: Size},",
        10,
        "an output is written as layer.Output, such as storage.BucketArn (in shop dev)",
    ),
    "output of an unknown layer": (
        "dev: 1,",
        "dev: {output: dat.Size},",
        10,
        "no layer 'dat' in this environment; did you mean 'data'? (in shop dev)",
    ),
    "output of the layer itself": (
        "dev: 1,",
        "dev: {output: data.Size},",
        10,
        "the layer takes its own output Size (in shop dev)",
    ),
    "missing key": ("region: us-east-1\n", "", 1, "the key 'region' is missing here"),
    "missing branch": ("branch: main, ", "", 5, "the key 'branch' is missing here"),
    "missing template": ("    template: data.yaml\n", "", 7, "the key 'template' is missing here"),
    "unknown environment": ("prod: 2}", "prd: 2}", 10, "unknown environment 'prd'; did you mean 'prod'?"),
    "unknown parameter": (
        "Size:",
        "Sise:",
        10,
        "data.yaml has no parameter 'Sise'; did you mean 'Size'? (in shop dev)",
    ),
    "unknown template": ("data.yaml", "dta.yaml", 8, "no template 'dta.yaml' in .; did you mean 'data.yaml'?"),
    "folder as template": ("data.yaml", "..", 8, "no template '..' in ."),
    "missing value": (", prod: 2}", "}", 7, "Parameters: [Size] must have values (data.yaml) (in shop prod)"),
    "empty value": ("dev: 1,", "dev: ,", 10, 'a value is missing here; write "" for an empty one (in shop dev)'),
    "value of a wrong type": ("dev: 1,", "dev: one,", 10, "Parameter 'Size' must be a number. (in shop dev)"),
    "value in a value": (
        "dev: 1,",
        "dev: {a: 1},",
        10,
        "a value is a string, number, boolean or list of these (in shop dev)",
    ),
    "value not permitted": (
        "dev: 1,",
        "dev: 9,",
        10,
        "Parameter 'Size' must be a number not greater than 5; the value is '9' (in shop dev)",
    ),
    "value not permitted in one environment": (
        "prod: 2}",
        "prod: 9}",
        10,
        "Parameter 'Size' must be a number not greater than 5; the value is '9' (in shop prod)",
    ),
    "duplicate key": ("region: us", "region: a\nregion: us", 3, "duplicate key 'region', first at line 2"),
    "duplicate parameter": ("      Size:", "      Size: 1\n      Size:", 11, "duplicate key 'Size', first at line 10"),
    "given parameter": (
        "      Size:",
        "      System: x\n      Size:",
        10,
        "'System' is given to every template and cannot be set",
    ),
    "branch of a list": ("branch: dev", "branch: [dev]", 4, "wrong value: expected `str`, got `array`"),
    "protected of text": ("protected: true", "protected: 'yes'", 5, "wrong value: expected `bool`, got `str`"),
    "environment of nothing": (
        "{branch: dev, account: '012345678901'}",
        "",
        4,
        "wrong value: expected `object`, got `null`",
    ),
    "parameters of a list": (
        "parameters:\n      Size: {dev: 1, prod: 2}",
        "parameters: [a]",
        9,
        "wrong value: expected `object`, got `array`",
    ),
    "system of a number": ("system: shop", "system: 12", 1, "wrong value: expected `str`, got `int`"),
    "system of upper case": (
        "system: shop",
        "system: Shop",
        1,
        "'Shop' must be 1 to 32 lower case letters, digits and hyphens, beginning with a letter",
    ),
    "long system": (
        "system: shop",
        f"system: {'a' * 33}",
        1,
        f"'{'a' * 33}' must be 1 to 32 lower case letters, digits and hyphens, beginning with a letter",
    ),
    "environment of upper case": (
        "  dev:",
        "  Dev:",
        4,
        "'Dev' must be 1 to 32 lower case letters, digits and hyphens, beginning with a letter",
    ),
    "layer with an underscore": (
        "  data:",
        "  data_base:",
        7,
        "'data_base' must be 1 to 32 lower case letters, digits and hyphens, beginning with a letter",
    ),
    "no such region": ("us-east-1", "mars", 2, "'mars' is not the name of a region, such as us-east-1"),
    "no such region of an environment": (
        "region: eu-west-1",
        "region: europe",
        5,
        "'europe' is not the name of a region, such as us-east-1",
    ),
    "one branch for two environments": ("branch: main", "branch: dev", 5, "branch 'dev' is bound to 'dev' already"),
    "short account": ("account: 111111111111", "account: 1111", 5, "'1111' is not an account id of 12 digits"),
    "no environments": (
        MANIFEST[MANIFEST.index("environments:") : MANIFEST.index("layers:")],
        "environments: {}\n",
        3,
        "the system has no environments",
    ),
    "no layers": (MANIFEST[MANIFEST.index("layers:") :], "layers: {}\n", 6, "the system has no layers"),
    "a list": (MANIFEST, "- a\n", 1, "a manifest is a mapping with the keys system, region, environments and layers"),
    "nothing": (MANIFEST, "", 1, "empty file"),
}


@pytest.mark.parametrize("name", WRONG)
def test_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line with file and line."""
    monkeypatch.chdir(tmp_path)
    before, after, line, message = WRONG[name]
    assert MANIFEST.count(before) == 1
    with pytest.raises(InputError) as caught:
        _load(Path(), MANIFEST.replace(before, after))
    assert str(caught.value) == f"shop.yaml:{line}: {message}"


def test_unknown_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A system is looked up by name in the repository that one works in."""
    folder = tmp_path / "cloudformation" / "systems"
    folder.mkdir(parents=True)
    (folder.parent / "data.yaml").write_text(TEMPLATE)
    (folder / "shop.yaml").write_text(MANIFEST)
    (tmp_path / "deep" / "down").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep" / "down")
    assert load_system("shop").name == "shop"
    with pytest.raises(InputError) as caught:
        load_system("shp")
    assert str(caught.value) == "no system 'shp' in cloudformation/systems; did you mean 'shop'?"


def test_unknown_environment_of_a_system(tmp_path: Path) -> None:
    """An environment that the manifest does not have is refused."""
    _load(tmp_path, MANIFEST)
    with pytest.raises(InputError, match=r"shop has no environment 'prd'; did you mean 'prod'\?$"):
        load_system(tmp_path / "shop.yaml").deployment("prd")
