"""The AWS CLI, as an operator uses it, against the server: whole systems, layer by layer."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from stackproof import System, load_system
from stackproof.compose.deployment import Deployment
from stackproof.deploy.request import create_request, stack_name
from stackproof.simulate.prerequisites import prerequisites, provide
from stackproof.simulate.protection import lift_protection
from tests.integration.serve.conftest import ROOT, Aws, Served

SYSTEMS = ROOT / "cloudformation" / "systems"
TOPIC = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "first"}}}}


@pytest.fixture(params=["maticko-dev", "mattilda-staging"])
def deployment(request: pytest.FixtureRequest, served: Served) -> Deployment:
    """A system whose account holds what must be there before."""
    system, _, environment = str(request.param).partition("-")
    found = _system(system).deployment(environment)
    for needed in prerequisites(found):
        provide(needed, partial(served.client, region=needed.region))
    return found


def _system(name: str) -> System:
    return load_system(SYSTEMS / f"{name}.yaml")


def _deploy(aws: Aws, served: Served, deployment: Deployment, layer: str) -> str:
    """Deploy a layer, and return the stack's name."""
    name = stack_name(deployment.stack(layer))
    assert f"Successfully created/updated stack - {name}" in aws(*_command(served, deployment, layer)).out
    return name


def _command(served: Served, deployment: Deployment, layer: str) -> list[str | Path]:
    """Return the command that deploys the file of a layer with the values of its environment."""

    def output(of: str, name: str) -> str:
        found = served.client("cloudformation", deployment.stack(of).context.region or "").describe_stacks(
            StackName=deployment.stack(of).context.stack_name
        )
        return str({one["OutputKey"]: one["OutputValue"] for one in found["Stacks"][0]["Outputs"]}[name])

    request = create_request(deployment, layer, output)
    stack = deployment.stack(layer)
    return [
        *("--region", stack.context.region or "", "cloudformation", "deploy", "--stack-name", request["StackName"]),
        *("--template-file", ROOT / stack.template.file),
        *(
            "--parameter-overrides",
            *(f"{one['ParameterKey']}={one['ParameterValue']}" for one in request["Parameters"]),
        ),
        *("--tags", *(f"{one['Key']}={one['Value']}" for one in request["Tags"])),
        *(["--capabilities", *request["Capabilities"]] if request["Capabilities"] else []),
    ]


def test_a_system_is_deployed_and_deleted(aws: Aws, served: Served, deployment: Deployment) -> None:
    names = {_deploy(aws, served, deployment, layer): layer for layer in deployment.stacks}
    statuses = ["CREATE_COMPLETE"]
    listed = aws("cloudformation", "list-stacks", "--stack-status-filter", *statuses).json["StackSummaries"]
    assert {stack["StackName"] for stack in listed} == set(names)
    lift_protection(deployment, served.client)
    for name in reversed(names):
        aws("cloudformation", "delete-stack", "--stack-name", name)
        aws("cloudformation", "wait", "stack-delete-complete", "--stack-name", name)
    assert aws("cloudformation", "describe-stacks").json == {"Stacks": []}


def test_nothing_to_deploy(aws: Aws, served: Served) -> None:
    deployment = _system("maticko").deployment("dev")
    _deploy(aws, served, deployment, "networking")
    done = aws(*_command(served, deployment, "networking"), "--no-fail-on-empty-changeset")
    assert "No changes to deploy. Stack maticko-dev-networking is up to date" in done.out


def test_the_events_of_a_stack(aws: Aws, tmp_path: Path) -> None:
    (tmp_path / "topic.json").write_text(json.dumps(TOPIC), encoding="utf-8")
    aws("cloudformation", "create-stack", "--stack-name", "topics", "--template-body", "file://topic.json")
    aws("cloudformation", "wait", "stack-create-complete", "--stack-name", "topics")
    query = "StackEvents[].[LogicalResourceId,ResourceStatus,ResourceStatusReason]"
    told = aws("cloudformation", "describe-stack-events", "--stack-name", "topics", "--query", query).json
    assert told[::-1] == [
        ["topics", "CREATE_IN_PROGRESS", "User Initiated"],
        ["Topic", "CREATE_IN_PROGRESS", None],
        ["Topic", "CREATE_IN_PROGRESS", "Resource creation Initiated"],
        ["Topic", "CREATE_COMPLETE", None],
        ["topics", "CREATE_COMPLETE", None],
    ]


def test_a_change_set_is_looked_at_before_it_is_executed(aws: Aws, served: Served, tmp_path: Path) -> None:
    aws(*_change_set(tmp_path, "first", TOPIC, "CREATE"))
    assert _changes(aws, "first") == [["Add", "Topic", "AWS::SNS::Topic", None]]
    aws("cloudformation", "execute-change-set", "--stack-name", "topics", "--change-set-name", "first")
    aws("cloudformation", "wait", "stack-create-complete", "--stack-name", "topics")

    changed = json.loads(json.dumps(TOPIC).replace("first", "second"))
    changed["Resources"]["Other"] = {"Type": "AWS::SNS::Topic"}
    aws(*_change_set(tmp_path, "second", changed, "UPDATE"))
    assert sorted(_changes(aws, "second")) == [
        ["Add", "Other", "AWS::SNS::Topic", None],
        ["Modify", "Topic", "AWS::SNS::Topic", "False"],
    ]
    aws("cloudformation", "execute-change-set", "--stack-name", "topics", "--change-set-name", "second")
    aws("cloudformation", "wait", "stack-update-complete", "--stack-name", "topics")

    sns = served.client("sns")
    names = [
        sns.get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"].get("DisplayName", "")
        for topic in sns.list_topics()["Topics"]
    ]
    assert sorted(names) == ["", "second"]


def _change_set(folder: Path, name: str, template: dict[str, Any], kind: str) -> list[str]:
    (folder / f"{name}.json").write_text(json.dumps(template), encoding="utf-8")
    return [
        *("cloudformation", "create-change-set", "--stack-name", "topics", "--change-set-name", name),
        *("--change-set-type", kind, "--template-body", f"file://{name}.json"),
    ]


def _changes(aws: Aws, name: str) -> list[list[str | None]]:
    where = ("--stack-name", "topics", "--change-set-name", name)
    aws("cloudformation", "wait", "change-set-create-complete", *where)
    query = "Changes[].ResourceChange.[Action,LogicalResourceId,ResourceType,Replacement]"
    changes: list[list[str | None]] = aws("cloudformation", "describe-change-set", *where, "--query", query).json
    return changes


def test_a_large_template_goes_through_a_bucket(aws: Aws, served: Served, tmp_path: Path) -> None:
    """Above 51,200 bytes the CLI wants a bucket; it names the object by its own endpoint."""
    template = {**TOPIC, "Metadata": {"Text": ["x" * 1000] * 60}}
    (tmp_path / "large.json").write_text(json.dumps(template), encoding="utf-8")
    served.client("s3").create_bucket(Bucket="templates")
    deploy = ("cloudformation", "deploy", "--stack-name", "topics", "--template-file", "large.json")
    assert aws(*deploy, check=False).code != 0
    assert "Successfully created/updated stack - topics" in aws(*deploy, "--s3-bucket", "templates").out


def test_a_wrong_template_is_refused_with_a_message(aws: Aws, tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_text('{"Resources": {}}', encoding="utf-8")
    done = aws("cloudformation", "validate-template", "--template-body", "file://wrong.json", check=False)
    assert done.code != 0
    assert "An error occurred (ValidationError) when calling the ValidateTemplate operation" in done.err
