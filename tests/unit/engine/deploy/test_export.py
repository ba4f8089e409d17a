"""The files for those who deploy by other means."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from stackproof import Deployment, InputError, load_system
from stackproof.bind.values import value_of
from stackproof.compose.system import system_paths
from stackproof.deploy.export import Form, Open, export, open_values
from stackproof.deploy.request import create_request
from tests.unit.engine.deploy.shop import Shop

FILES_GIT_SYNC = """\
# Stack shop-dev-files in us-west-2, layer files of shop.
# After base.
template-file-path: "{folder}/files.yaml"
parameters:
  # Put in the output TopicName of the stack shop-dev-base in us-east-1:
  # aws cloudformation describe-stacks --region us-east-1 --stack-name shop-dev-base \
--query "Stacks[0].Outputs[?OutputKey=='TopicName'].OutputValue" --output text
  TopicName: "{{output: base.TopicName}}"
tags:
  System: "shop"
  Environment: "dev"
  Layer: "files"
"""


def _everything() -> list[Deployment]:
    systems = [load_system(path) for path in system_paths(Path(__file__).parent)]
    return [system.deployment(environment) for system in systems for environment in system.environments]


def test_a_git_sync_file(shop: Shop) -> None:
    folder = shop.manifest.parent
    assert export(shop.deployment(), Form.GIT_SYNC)["files.yaml"] == FILES_GIT_SYNC.format(folder=folder)


def test_the_parameters_for_the_aws_cli(shop: Shop) -> None:
    assert json.loads(export(shop.deployment(), Form.AWS_CLI)["files.json"]) == [
        {"ParameterKey": "TopicName", "ParameterValue": "{output: base.TopicName}"}
    ]


def test_the_files_of_each_form(shop: Shop) -> None:
    assert list(export(shop.deployment(), Form.AWS_CLI)) == ["base.json", "files.json", "deploy.sh"]
    assert list(export(shop.deployment(), Form.GIT_SYNC)) == ["base.yaml", "files.yaml"]


def test_a_value_that_another_layer_puts_out(shop: Shop) -> None:
    assert open_values(shop.deployment()) == (
        Open("files", "TopicName", "base", "TopicName", "shop-dev-base", "us-east-1"),
    )


def test_git_sync_files_say_what_the_deployer_sends() -> None:
    for deployment in _everything():
        for name, text in export(deployment, Form.GIT_SYNC).items():
            layer = name.removesuffix(".yaml")
            request = create_request(deployment, layer, lambda source, output: f"{{output: {source}.{output}}}")
            assert yaml.safe_load(text) == {
                "template-file-path": deployment.stack(layer).template.file,
                "parameters": {one["ParameterKey"]: one["ParameterValue"] for one in request["Parameters"]},
                "tags": {one["Key"]: one["Value"] for one in request["Tags"]},
            }


def test_no_template_takes_a_placeholder_for_a_value() -> None:
    """Whoever forgets to put the value in is refused, and deploys nothing by accident."""
    for deployment in _everything():
        for found in open_values(deployment):
            template = deployment.stack(found.layer).template
            with pytest.raises(InputError):
                value_of(template.parameters[found.parameter], found.placeholder, template.mark)


@pytest.mark.parametrize("form", Form)
def test_the_same_again(form: Form) -> None:
    assert [export(one, form) for one in _everything()] == [export(one, form) for one in _everything()]
