"""Stacks joined: imports become the exporter's values, the order follows from them, and what cannot be is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackproof import Deployment, InputError, load_deployment, load_system, parse_template
from stackproof.compose.templates import deployment_of_templates
from stackproof.symbols import Deferred, Imported, Pseudo, Reference, Text

NETWORK = """\
Parameters: {Environment: {Type: String, Default: dev}}
Conditions: {HasKey: !Equals [!Ref Environment, prod]}
Resources:
  Vpc: {Type: AWS::EC2::VPC}
  Key: {Type: AWS::KMS::Key, Condition: HasKey}
Outputs:
  Vpc: {Value: !Ref Vpc, Export: {Name: !Sub 'shop-${Environment}-Vpc'}}
  Port: {Value: 8000, Export: {Name: !Sub 'shop-${Environment}-Port'}}
  Key: {Condition: HasKey, Value: !GetAtt Key.Arn, Export: {Name: !Sub 'shop-${Environment}-Key'}}
"""
DATA = """\
Parameters: {Environment: {Type: String, Default: dev}}
Conditions: {HasKey: !Equals [!Ref Environment, prod]}
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: {'Fn::ImportValue': !Sub 'shop-${Environment}-Vpc'}
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      KmsKeyId: !If [HasKey, {'Fn::ImportValue': !Sub 'shop-${Environment}-Key'}, !Ref AWS::NoValue]
Outputs:
  Passed: {Value: !Sub ['id-${V}', {V: {'Fn::ImportValue': !Sub 'shop-${Environment}-Vpc'}}], Export: {Name: passed}}
"""
WEB = """\
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupName: {'Fn::ImportValue': passed}
"""


def _folder(
    folder: Path, layers: dict[str, str], environments: str = "{dev: {branch: dev}, prod: {branch: main}}"
) -> Path:
    for name, text in layers.items():
        (folder / f"{name}.yaml").write_text(text)
    manifest = f"system: shop\nregion: eu-west-1\nenvironments: {environments}\nlayers:\n"
    manifest += "".join(f"  {name}: {{template: {name}.yaml}}\n" for name in layers)
    (folder / "system.yaml").write_text(manifest)
    return folder / "system.yaml"


def _deployment(layers: dict[str, str], folder: Path, environment: str = "dev") -> Deployment:
    return load_system(_folder(folder, layers)).deployment(environment)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, so that messages show short paths."""
    monkeypatch.chdir(tmp_path)
    return Path()


def test_imports_become_values(here: Path) -> None:
    """A reference leads across stacks, also where an export hands an import on."""
    made = _deployment({"web": WEB, "data": DATA, "network": NETWORK}, here)
    vpc = Reference("network", "Vpc")
    assert made["data"]["Group"]["VpcId"] == vpc
    assert made["web"]["Group"]["GroupName"] == Text(("id-", vpc))
    assert made.follow(made["data"]["Group"]["VpcId"]) is made["network"]["Vpc"]
    assert made.follow("vpc-1") is None
    assert made.users_of(made["network"]["Vpc"]) == [made["data"]["Group"], made["web"]["Group"]]


def test_order_follows_from_imports(here: Path) -> None:
    """Exporters come first, however the manifest lists the layers."""
    made = _deployment({"web": WEB, "data": DATA, "network": NETWORK}, here)
    assert list(made.stacks) == ["network", "data", "web"]
    assert [resource.logical_id for resource in made.resources] == ["Vpc", "Group", "Database", "Group"]


def test_conditional_import(here: Path) -> None:
    """An import in a branch that is not taken is no dependency, and its exporter need not exist."""
    layers = {"data": DATA, "network": NETWORK}
    dev, prod = _deployment(layers, here), _deployment(layers, here, "prod")
    assert "KmsKeyId" not in dev["data"]["Database"]
    assert prod["data"]["Database"]["KmsKeyId"] == Reference("network", "Key", "Arn")
    assert [(use.exporter, use.name) for use in dev.imports["data"]] == [("network", "shop-dev-Vpc")]
    assert [(use.exporter, use.name) for use in prod.imports["data"]] == [
        ("network", "shop-prod-Vpc"),
        ("network", "shop-prod-Key"),
    ]


def test_layers_without_imports_are_independent(here: Path) -> None:
    """Nothing but an import orders two stacks."""
    made = _deployment({"b": "Resources: {T: {Type: a}}\n", "a": "Resources: {T: {Type: a}}\n"}, here)
    assert made.imports == {"b": (), "a": ()}


EXPORTER = "Resources: {T: {Type: a}}\nOutputs:\n  One: {Value: x, Export: {Name: %s}}\n"
IMPORTER = "Resources:\n  T:\n    Type: a\n    Properties:\n      Name: {'Fn::ImportValue': %s}\n"


def test_import_that_nobody_exports(here: Path) -> None:
    """The line of the import, and the nearest export."""
    with pytest.raises(InputError) as caught:
        _deployment({"a": EXPORTER % "shop-Vpc", "b": IMPORTER % "shop-Vcp"}, here)
    assert str(caught.value) == "b.yaml:5: No export named shop-Vcp found; did you mean 'shop-Vpc'? (in shop dev)"


def test_import_of_an_export_under_a_false_condition(here: Path) -> None:
    """What is not exported in this environment cannot be imported in it."""
    exporter = EXPORTER % "x" + "    Condition: No\nConditions: {No: !Equals [a, b]}\n"
    exporter = exporter.replace(
        "One: {Value: x, Export: {Name: x}}\n    Condition: No", "One: {Value: x, Condition: No, Export: {Name: x}}"
    )
    with pytest.raises(InputError) as caught:
        _deployment({"a": exporter, "b": IMPORTER % "x"}, here)
    assert str(caught.value) == "b.yaml:5: No export named x found (in shop dev)"


def test_duplicate_export(here: Path) -> None:
    """Two stacks cannot export one name; both places are said."""
    with pytest.raises(InputError) as caught:
        _deployment({"a": EXPORTER % "x", "b": EXPORTER % "x"}, here)
    assert str(caught.value) == "b.yaml:3: Export with name x is already exported by stack a (a.yaml:3) (in shop dev)"


def test_duplicate_export_in_one_stack(here: Path) -> None:
    """Nor can two outputs of one stack."""
    with pytest.raises(InputError) as caught:
        _deployment({"a": EXPORTER % "x" + "  Two: {Value: y, Export: {Name: x}}\n"}, here)
    assert str(caught.value) == "a.yaml:4: Export with name x is already exported by stack a (a.yaml:3) (in shop dev)"


def test_import_of_an_own_export(here: Path) -> None:
    """A stack cannot import what it exports itself."""
    text = IMPORTER % "x" + "Outputs:\n  One: {Value: y, Export: {Name: x}}\n"
    with pytest.raises(InputError) as caught:
        _deployment({"a": text}, here)
    assert str(caught.value) == "a.yaml:5: the stack imports its own export x (in shop dev)"


def test_values_in_a_circle(here: Path) -> None:
    """Exports whose values are each other."""
    text = "Resources: {T: {Type: a}}\nOutputs:\n  One:\n    Value: {'Fn::ImportValue': %s}\n    Export: {Name: %s}\n"
    with pytest.raises(InputError) as caught:
        _deployment({"a": text % ("y", "x"), "b": text % ("x", "y")}, here)
    assert str(caught.value) == "a.yaml:4: import cycle: y -> x -> y (in shop dev)"


def test_stacks_in_a_circle(here: Path) -> None:
    """Stacks that need each other, though no value does."""
    text = IMPORTER + "Outputs:\n  One: {Value: z, Export: {Name: %s}}\n"
    with pytest.raises(InputError) as caught:
        _deployment({"a": text % ("y", "x"), "b": text % ("z", "y"), "c": text % ("x", "z")}, here)
    assert str(caught.value) in {
        f"{first}.yaml:5: import cycle between stacks: {first} -> {second} -> {third} -> {first} (in shop dev)"
        for first, second, third in ("abc", "bca", "cab")
    }


def test_error_inside_of_an_environment(here: Path) -> None:
    """A template that is wrong in one environment only says in which."""
    text = (
        "Parameters: {Environment: {Type: String}}\nMappings: {M: {dev: {A: a}}}\n"
        "Resources:\n  T:\n    Type: a\n    Properties: {Name: !FindInMap [M, !Ref Environment, A]}\n"
    )
    system = load_system(_folder(here, {"a": text}))
    assert system.deployment("dev")["a"]["T"]["Name"] == "a"
    with pytest.raises(InputError) as caught:
        system.deployment("prod")
    assert str(caught.value) == "a.yaml:6: Template error: Unable to get mapping for M::prod::A (in shop prod)"


def test_bare_template(here: Path) -> None:
    """A template of no system is judged as production; what only a deployment knows stays symbolic."""
    (here / "web.yaml").write_text(
        "Parameters: {Environment: {Type: String}}\nResources:\n  T:\n    Type: a\n    Properties:\n"
        "      Import: {'Fn::ImportValue': !Sub '${Environment}-Vpc'}\n      Zone: !Select [0, !GetAZs '']\n"
        "      Place: !Ref AWS::Region\n"
    )
    made = load_deployment("web.yaml")
    topic = made["web"]["T"]
    assert made.environment.protected
    assert isinstance(topic["Import"], Imported)
    assert str(topic["Import"]) == "${Fn::ImportValue ${Environment}-Vpc}"
    assert topic["Place"] == Pseudo("AWS::Region")
    assert topic["Zone"] == Deferred("Fn::Select", (0, Deferred("Fn::GetAZs", (Pseudo("AWS::Region"),))))


def test_long_chain_of_exports(here: Path) -> None:
    """Sixty stacks that hand one value on, each twice, neither recurse too deep nor double it sixty times."""
    hand_on = (
        "Resources: {{T: {{Type: a}}}}\nOutputs:\n  One:\n"
        "    Value: !Sub ['${{V}}${{V}}', {{V: {{'Fn::ImportValue': n{before}}}}}]\n    Export: {{Name: n{now}}}\n"
    )
    layers = {"l0": "Resources: {T: {Type: a}}\nOutputs:\n  One: {Value: !Ref T, Export: {Name: n0}}\n"}
    layers |= {f"l{i}": hand_on.format(before=i - 1, now=i) for i in range(1, 61)}
    with pytest.raises(InputError, match=r"^l\d+\.yaml:4: Template error: Fn::Sub makes a text of more than 1,048,576"):
        _deployment(layers, here)


def test_longer_chain_of_exports(here: Path) -> None:
    """Hundreds of stacks in a row are refused in one line, or resolved."""
    hand_on = (
        "Resources: {{T: {{Type: a}}}}\nOutputs:\n"
        "  One: {{Value: {{'Fn::ImportValue': n{before}}}, Export: {{Name: n{now}}}}}\n"
    )
    layers = {"l0": "Resources: {T: {Type: a}}\nOutputs:\n  One: {Value: !Ref T, Export: {Name: n0}}\n"}
    layers |= {f"l{i}": hand_on.format(before=i - 1, now=i) for i in range(1, 400)}
    reverse = dict(reversed(layers.items()))
    with pytest.raises(InputError, match=r"^l\d+\.yaml:3: more than 50 stacks hand one value on"):
        _deployment(reverse, here)


def test_templates_in_hand() -> None:
    """Policies' case tables join templates without a manifest."""
    made = deployment_of_templates({"a": parse_template(EXPORTER % "x"), "b": parse_template(IMPORTER % "x")})
    assert made["b"]["T"]["Name"] == "x"
    assert list(made.stacks) == ["a", "b"]


def test_unknown_layer(here: Path) -> None:
    """Asking for a layer that is not there names the nearest."""
    with pytest.raises(InputError) as caught:
        _deployment({"network": NETWORK}, here)["netwrk"]
    assert str(caught.value) == "shop has no layer 'netwrk'; did you mean 'network'?"
