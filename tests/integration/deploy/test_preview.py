"""`stackproof preview` against a server."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.conftest import Served
from tests.integration.deploy.conftest import Stackproof
from tests.unit.engine.deploy.shop import Shop

EMPTY = """\
shop dev in account 123456789012, us-east-1

base: will be created; 1 added
  + Topic  AWS::SNS::Topic

files: will be created after base; 2 added (from the template)
  + Bucket  AWS::S3::Bucket
  + Note    AWS::SSM::Parameter

2 layers: 2 to create
"""
CHANGED = """\
shop dev in account 123456789012, us-east-1

base: will be updated; 1 modified
  ~ Topic  AWS::SNS::Topic  modified because of DisplayName

files: nothing to change

2 layers: 1 to update, 1 unchanged
"""


def test_an_empty_account(stackproof: Stackproof, shop: Shop) -> None:
    ran = stackproof("preview", shop.manifest, "dev")
    assert (ran.code, ran.out, ran.err) == (0, EMPTY, "")


def test_a_change(stackproof: Stackproof, shop: Shop, deploy: Callable[[], None]) -> None:
    deploy()
    shop.change("base", "first", "second")
    ran = stackproof("preview", shop.manifest, "dev")
    assert (ran.code, ran.out, ran.err) == (0, CHANGED, "")


@pytest.mark.promise("CJ-14")
def test_what_is_saved_is_what_is_executed(
    stackproof: Stackproof, shop: Shop, deploy: Callable[[], None], served: Served, tmp_path: Path
) -> None:
    deploy()
    shop.change("base", "first", "second")
    assert stackproof("preview", shop.manifest, "dev", "--save", "made/review.json").code == 0
    saved = json.loads((tmp_path / "made" / "review.json").read_text(encoding="utf-8"))
    served.client("cloudformation").execute_change_set(ChangeSetName=saved["layers"]["base"])
    (topic,) = served.client("sns").list_topics()["Topics"]
    shown = served.client("sns").get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"]
    assert shown["DisplayName"] == "second"
    assert saved["layers"]["files"] == ""


def test_a_layer_that_is_refused_makes_it_fail(stackproof: Stackproof, shop: Shop) -> None:
    shop.change("base", "AWS::SNS::Topic", "AWS::SNS::Nothing")
    ran = stackproof("preview", shop.manifest, "dev")
    assert (ran.code, ran.err) == (1, "")
    assert "base: cannot be deployed like this\n  FAILED " in ran.out


def test_a_failed_creation_is_recovered_first(stackproof: Stackproof, shop: Shop, served: Served) -> None:
    served.client("ssm").put_parameter(Name="/taken", Value="x", Type="String")
    body = {"Resources": {"P": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "x"}}}}
    body["Resources"]["P"]["Properties"]["Name"] = "/taken"  # type: ignore[index]
    served.client("cloudformation").create_stack(StackName="shop-dev-base", TemplateBody=json.dumps(body))
    ran = stackproof("preview", shop.manifest, "dev")
    told = "base: deletes what a failed creation left behind (ROLLBACK_COMPLETE), then creates the stack; 1 added"
    assert ran.code == 0
    assert f"{told} (from the template)\n" in ran.out


def test_a_comment_goes_to_a_file(stackproof: Stackproof, shop: Shop, tmp_path: Path) -> None:
    ran = stackproof("preview", shop.manifest, "dev", "--format", "markdown", "--output", "comment.md")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    comment = (tmp_path / "comment.md").read_text(encoding="utf-8")
    assert comment.startswith("<!-- stackproof preview shop dev -->\n## Preview of shop dev\n")


def test_json(stackproof: Stackproof, shop: Shop) -> None:
    ran = stackproof("preview", shop.manifest, "dev", "--format", "json")
    assert [(layer["layer"], layer["action"]) for layer in ran.json["layers"]] == [
        ("base", "create"),
        ("files", "create"),
    ]


def test_the_commit_is_named_where_there_is_one(stackproof: Stackproof, shop: Shop, tmp_path: Path) -> None:
    git = ("git", "-C", tmp_path, "-c", "user.name=t", "-c", "user.email=t@example.com")
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "shop.yaml", "base.yaml", "files.yaml"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "first"], check=True)
    wanted = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    ran = stackproof("preview", shop.manifest, "dev", "--format", "json")
    assert ran.json["commit"] == wanted


def test_a_secret_is_not_shown(stackproof: Stackproof, shop: Shop, deploy: Callable[[], None]) -> None:
    """A parameter without echo, and whatever else is a value."""
    secret = "Parameters: {Word: {Type: String, NoEcho: true, Default: hunter2}}\nResources:\n  Topic:"
    shop.change("base", "Resources:\n  Topic:", secret)
    shop.change("base", "DisplayName: first", "DisplayName: !Ref Word")
    deploy()
    shop.change("base", "hunter2", "hunter3")
    for form in ("text", "markdown", "json"):
        ran = stackproof("preview", shop.manifest, "dev", "--format", form, "--save", "review.json")
        saved = (shop.manifest.parent / "review.json").read_text(encoding="utf-8")
        assert "DisplayName" in ran.out
        assert "hunter" not in ran.out + ran.err + saved
