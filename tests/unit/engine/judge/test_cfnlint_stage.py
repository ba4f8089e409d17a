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
    return Target(Path("shop.yaml"), (Path("logs.yaml"),))


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
