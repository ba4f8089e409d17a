"""The stage lint: the real cfn-lint, under the values of each environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackproof.judge.cfnlint import lint
from stackproof.judge.others import candidates
from stackproof.judge.targets import Target

TEMPLATE = """\
Parameters:
  Days: {Type: Number}
Resources:
  Logs:
    Type: AWS::Logs::LogGroup
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      RetentionInDays: !Ref Days
"""
MANIFEST = """\
system: shop
region: us-east-1
environments: {dev: {branch: dev}, prod: {branch: main}}
layers:
  logs:
    template: logs.yaml
    parameters:
      Days: {dev: 7, prod: 8}
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    """A system whose prod keeps its logs for a number of days that CloudWatch Logs does not offer."""
    monkeypatch.chdir(tmp_path)
    Path("logs.yaml").write_text(TEMPLATE)
    Path("shop.yaml").write_text(MANIFEST)
    return Target(Path("shop.yaml"), (Path("logs.yaml"),), is_system=True)


def test_a_value_that_is_wrong_in_one_environment_is_found_there(shop: Target) -> None:
    report = lint(candidates([shop]))
    assert [(f.rule.id, f.resource, f.environments, str(f.mark)) for f in report.findings] == [
        ("W1030", "Logs", ("prod",), "logs.yaml:9")
    ]


def test_every_environment_is_a_subject(shop: Target) -> None:
    assert [str(subject) for subject in lint(candidates([shop])).subjects] == ["shop dev", "shop prod"]


def test_a_template_of_no_system_is_linted_without_values(shop: Target) -> None:
    Path("logs.yaml").write_text(TEMPLATE.replace("Properties:", "Properties:\n      Colour: red"))
    (found,) = lint(candidates([Target(Path("logs.yaml"))])).findings
    assert (found.rule.id, str(found.mark), found.environments) == ("E3002", "logs.yaml:9", ())


def test_lists_outputs_and_regions_reach_cfn_lint_as_they_are_deployed(shop: Target) -> None:
    """A list is no text with commas, an output of another layer has no value yet, a layer has its own region."""
    Path("logs.yaml").write_text(
        TEMPLATE.replace(
            "Resources:",
            "  Zones: {Type: CommaDelimitedList}\n  Alias: {Type: String, Default: ''}\nResources:\n"
            "  Subnet:\n    Type: AWS::EC2::Subnet\n"
            "    Properties: {VpcId: vpc-12345678, CidrBlock: 10.0.0.0/24, AvailabilityZone: !Select [0, !Ref Zones]}\n"
            "  Key:\n    Type: AWS::KMS::Alias\n"
            "    Properties: {AliasName: !Sub 'alias/a', TargetKeyId: !Ref Alias}\n",
        )
        + "Outputs:\n  Name: {Value: a}\n"
    )
    manifest = MANIFEST.replace("prod: 8}", "prod: 14}\n      Zones: [a, b]\n      Alias: {output: spare.Name}")
    Path("shop.yaml").write_text(
        f"{manifest}  spare:\n    template: logs.yaml\n    region: us-west-2\n"
        "    parameters: {Days: 7, Zones: 'c,d', Alias: e}\n"
    )
    assert [(f.rule.id, f.message) for f in lint(candidates([shop])).findings if f.rule.id.startswith("E")] == []
