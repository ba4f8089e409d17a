"""What a preview finds out, in a simulated account and against stacks in states that are hard to reach."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from stackproof import InputError
from stackproof.deploy import Deployer, Terms
from stackproof.deploy.change_sets import Change
from stackproof.deploy.preview import Kind, LayerPreview, Plan, Preview, _tidy, kind_of, load_review, preview, review
from stackproof.simulate.account import SimulatedAccount
from tests.unit.engine.deploy.shop import Shop


def _deploy(account: SimulatedAccount, shop: Shop, environment: str = "dev") -> None:
    list(Deployer(shop.deployment(environment), account.cloudformation).update())


def _look(account: SimulatedAccount, shop: Shop, environment: str = "dev") -> Preview:
    return preview(shop.deployment(environment), account.cloudformation)


def _layers(found: Preview) -> dict[str, LayerPreview]:
    return {layer.layer: layer for layer in found.layers}


@pytest.mark.parametrize(
    ("action", "replacement", "kind"),
    [
        ("Add", "", Kind.ADDED),
        ("Remove", "", Kind.REMOVED),
        ("Import", "", Kind.IMPORTED),
        ("Modify", "False", Kind.MODIFIED),
        ("Modify", "True", Kind.REPLACED),
        ("Modify", "Conditional", Kind.PERHAPS_REPLACED),
        ("Dynamic", "", Kind.MODIFIED),
    ],
)
def test_the_kind_of_a_change(action: str, replacement: str, kind: Kind) -> None:
    assert kind_of(Change(action, "Topic", "AWS::SNS::Topic", replacement=replacement)) is kind


def test_a_stack_that_is_not_there_is_created(account: SimulatedAccount, shop: Shop) -> None:
    base = _layers(_look(account, shop))["base"]
    assert (base.plan, base.status, base.reviewed) == (Plan.CREATE, "", True)
    assert [(change.action, change.logical_id) for change in base.changes] == [("Add", "Topic")]


def test_a_layer_whose_giver_is_not_there_is_shown_from_its_template(account: SimulatedAccount, shop: Shop) -> None:
    files = _layers(_look(account, shop))["files"]
    assert (files.plan, files.after, files.change_set, files.reviewed) == (Plan.CREATE, ("base",), "", False)
    assert [change.logical_id for change in files.changes] == ["Bucket", "Note"]


def test_nothing_is_executed(account: SimulatedAccount, shop: Shop) -> None:
    _look(account, shop)
    (stack,) = account.cloudformation().describe_stacks()["Stacks"]
    assert (stack["StackName"], stack["StackStatus"]) == ("shop-dev-base", "REVIEW_IN_PROGRESS")


def test_a_second_preview_finds_the_change_set_of_the_first(account: SimulatedAccount, shop: Shop) -> None:
    first, second = _look(account, shop), _look(account, shop)
    assert first.layers[0].change_set == second.layers[0].change_set
    assert second.layers[0].status == "REVIEW_IN_PROGRESS"


def test_a_deployment_goes_on_from_what_was_previewed(account: SimulatedAccount, shop: Shop) -> None:
    _look(account, shop)
    _deploy(account, shop)
    assert [layer.plan for layer in _look(account, shop).layers] == [Plan.NOTHING, Plan.NOTHING]


def test_a_deletion_clears_what_was_only_previewed(account: SimulatedAccount, shop: Shop) -> None:
    _look(account, shop)
    list(Deployer(shop.deployment(), account.cloudformation).delete())
    assert account.cloudformation().describe_stacks()["Stacks"] == []


def test_what_is_modified_names_its_properties(account: SimulatedAccount, shop: Shop) -> None:
    _deploy(account, shop)
    shop.change("base", "DisplayName: first", "DisplayName: second")
    base = _layers(_look(account, shop))["base"]
    assert [(kind_of(change), change.logical_id, change.properties) for change in base.changes] == [
        (Kind.MODIFIED, "Topic", ("DisplayName",))
    ]


def test_what_is_replaced_names_the_properties_that_replace_it(account: SimulatedAccount, shop: Shop) -> None:
    _deploy(account, shop)
    shop.change("base", "DisplayName: first", "{DisplayName: second, TopicName: named}")
    base = _layers(_look(account, shop))["base"]
    (topic,) = base.changes
    assert (kind_of(topic), topic.replacing) == (Kind.REPLACED, ("TopicName",))
    assert set(topic.properties) == {"DisplayName", "TopicName"}


def test_a_handed_output_that_may_change_is_waited_for(account: SimulatedAccount, shop: Shop) -> None:
    """It was read for the change set, and may be another one when the layer's turn comes."""
    _deploy(account, shop)
    shop.change("base", "DisplayName: first", "TopicName: named")
    files = _layers(_look(account, shop))["files"]
    assert (files.plan, files.after, files.known, files.reviewed) == (Plan.UPDATE, ("base",), False, False)


def test_a_handed_output_that_cannot_change_is_not_waited_for(account: SimulatedAccount, shop: Shop) -> None:
    _deploy(account, shop)
    shop.change("base", "DisplayName: first", "DisplayName: second")
    files = _layers(_look(account, shop))["files"]
    assert (files.plan, files.after, files.reviewed) == (Plan.NOTHING, (), True)


def test_a_role_that_is_not_there_yet_is_waited_for(account: SimulatedAccount, shop: Shop) -> None:
    """A change set that was made without it would be executed with other permissions."""
    shop.change("base", "Outputs:\n", "Outputs:\n  StackRoleArn:\n    Value: arn:aws:iam::123456789012:role/stacks\n")
    shop.change("files", "!Ref TopicName", "none")
    shop.change("shop", "    parameters:\n      TopicName: {output: base.TopicName}\n", "")
    shop.change("files", "Parameters:\n  TopicName:\n    Type: String\n    AllowedPattern: '[A-Za-z0-9_-]+'\n", "")
    base, files = _look(account, shop).layers
    assert (base.after, base.reviewed) == ((), True)
    assert (files.after, bool(files.change_set), files.reviewed) == (("base",), True, False)


def test_a_role_that_is_there_is_not_waited_for(account: SimulatedAccount, shop: Shop) -> None:
    shop.change("base", "Outputs:\n", "Outputs:\n  StackRoleArn:\n    Value: arn:aws:iam::123456789012:role/stacks\n")
    _deploy(account, shop)
    shop.change("files", "Type: String\n      Value: !Ref TopicName", "Type: String\n      Value: other")
    files = _layers(_look(account, shop))["files"]
    assert (files.plan, files.after, files.reviewed) == (Plan.UPDATE, (), True)


def test_a_guarded_stack_may_get_more_data(account: SimulatedAccount, shop: Shop) -> None:
    """Its policy cannot name what is only added."""
    terms = Terms(guarded=True)
    list(Deployer(shop.deployment("prod"), account.cloudformation, terms=terms).update())
    shop.change("files", "  Bucket:", "  More: {Type: AWS::S3::Bucket, DeletionPolicy: Retain}\n  Bucket:")
    list(Deployer(shop.deployment("prod"), account.cloudformation, terms=terms).update())
    assert _layers(_look(account, shop, "prod"))["files"].plan is Plan.NOTHING


def test_an_output_that_is_new_is_waited_for(account: SimulatedAccount, shop: Shop) -> None:
    """Its stack stands, but does not put it out yet."""
    _deploy(account, shop)
    shop.change("base", "TopicName:\n", "Name:\n")
    shop.change("shop", "base.TopicName", "base.Name")
    files = _layers(_look(account, shop))["files"]
    assert (files.plan, files.after, files.known, files.changes) == (Plan.UPDATE, ("base",), False, ())


def test_the_loss_of_data_is_a_risk_that_must_be_accepted(account: SimulatedAccount, shop: Shop) -> None:
    _deploy(account, shop, "prod")
    shop.change("files", "  Bucket:", "  Other:")
    found = _look(account, shop, "prod")
    assert [str(risk) for risk in _layers(found)["files"].risks] == ["files/Bucket (AWS::S3::Bucket): loses data"]
    assert found.accept == ("files/Bucket",)


def test_nothing_is_to_be_accepted_where_nothing_is_protected(account: SimulatedAccount, shop: Shop) -> None:
    _deploy(account, shop)
    shop.change("files", "  Bucket:", "  Other:")
    found = _look(account, shop)
    assert len(_layers(found)["files"].risks) == 1
    assert found.accept == ()


def test_what_cloudformation_refuses_is_a_failure(account: SimulatedAccount, shop: Shop) -> None:
    _deploy(account, shop)
    shop.change("base", "Type: AWS::SNS::Topic", "Type: AWS::SNS::Nothing")
    found = _look(account, shop)
    base = _layers(found)["base"]
    assert found.failed
    assert "AWS::SNS::Nothing" in base.failure
    assert not base.reviewed


def test_each_layer_is_told_as_it_is_done(account: SimulatedAccount, shop: Shop) -> None:
    told: list[str] = []
    preview(shop.deployment(), account.cloudformation, step=told.append)
    assert told == ["base", "files"]


class _InState:
    """A CloudFormation whose one stack is in a state; nothing else may be asked of it."""

    class exceptions:  # noqa: N801 - as on a boto3 client
        """The errors of a client."""

        ClientError = KeyError

    def __init__(self, status: str) -> None:
        self._status = status

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - as boto3 has it
        return {"Stacks": [{"StackName": StackName, "StackId": "id", "StackStatus": self._status}]}


@pytest.mark.parametrize(
    ("status", "plan", "first", "known"),
    [
        ("ROLLBACK_COMPLETE", Plan.RECOVER, "deletes what a failed creation left behind (ROLLBACK_COMPLETE)", True),
        ("CREATE_FAILED", Plan.RECOVER, "deletes what a failed creation left behind (CREATE_FAILED)", True),
        ("UPDATE_ROLLBACK_FAILED", Plan.RECOVER, "finishes the roll back that failed (UPDATE_ROLLBACK_FAILED)", False),
        ("UPDATE_FAILED", Plan.RECOVER, "rolls the failed update back (UPDATE_FAILED)", False),
        ("UPDATE_IN_PROGRESS", Plan.RECOVER, "waits for what is under way (UPDATE_IN_PROGRESS)", False),
    ],
)
def test_what_is_done_first(shop: Shop, status: str, plan: Plan, first: str, known: bool) -> None:
    base = preview(shop.deployment(), lambda _region: _InState(status)).layers[0]
    assert (base.plan, base.first.partition(", then")[0], base.known) == (plan, first, known)
    assert [change.logical_id for change in base.changes] == (["Topic"] if known else [])


def test_a_failed_deletion_is_to_be_finished(shop: Shop) -> None:
    base = preview(shop.deployment(), lambda _region: _InState("DELETE_FAILED")).layers[0]
    assert base.failure == "an earlier deletion failed (DELETE_FAILED): finish it with stackproof delete"


# --- The change sets of earlier previews. ---


class _Listing:
    """A CloudFormation that has change sets, some days old, and lets them be deleted."""

    class exceptions:  # noqa: N801 - as on a boto3 client
        """The errors of a client."""

        ClientError = KeyError

    def __init__(self, ages: dict[str, int]) -> None:
        now = datetime(2026, 1, 31, tzinfo=UTC)
        self._summaries = [
            {"ChangeSetName": name, "ChangeSetId": name, "CreationTime": now - timedelta(days=days)}
            for name, days in ages.items()
        ]
        self.deleted: list[str] = []

    def get_paginator(self, _operation: str) -> Any:
        summaries = self._summaries

        class Pages:
            def paginate(self, **_request: Any) -> Iterator[dict[str, Any]]:
                yield {"Summaries": summaries}

        return Pages()

    def delete_change_set(self, ChangeSetName: str) -> None:  # noqa: N803 - as boto3 has it
        self.deleted.append(ChangeSetName)


@pytest.mark.parametrize(
    ("ages", "deleted"),
    [
        pytest.param({"stackproof-now": 0, "stackproof-a": 30}, [], id="a month may be waited"),
        pytest.param({"stackproof-now": 0, "stackproof-a": 31}, ["stackproof-a"], id="older ones go"),
        pytest.param({"stackproof-now": 0, "release-7": 90}, [], id="somebody else's stay"),
        pytest.param({"stackproof-b": 0, "stackproof-now": 90}, [], id="the one in use stays"),
        pytest.param(
            {"stackproof-now": 0} | {f"stackproof-{number}": 1 for number in range(101)},
            ["stackproof-99", "stackproof-100"],
            id="too many go",
        ),
    ],
)
def test_leftover_change_sets(ages: dict[str, int], deleted: list[str]) -> None:
    client = _Listing(ages)
    _tidy(client, "stackproof-now", "stack")
    assert client.deleted == deleted


# --- The review. ---


def test_a_review_names_the_change_sets(account: SimulatedAccount, shop: Shop) -> None:
    _deploy(account, shop)
    shop.change("base", "DisplayName: first", "DisplayName: second")
    found = preview(shop.deployment(), account.cloudformation, account="123456789012", commit="0123abc")
    assert review(found) == {
        "version": 1,
        "system": "shop",
        "environment": "dev",
        "account": "123456789012",
        "region": "us-east-1",
        "commit": "0123abc",
        "layers": {"base": found.layers[0].change_set, "files": ""},
    }


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Path]:
    """Writes a review, with other values for some of its keys."""
    whole = {
        "version": 1,
        "system": "shop",
        "environment": "dev",
        "account": "1",
        "region": "r",
        "commit": "",
        "layers": {"base": "id", "files": ""},
    }

    def write(**others: Any) -> Path:
        path = tmp_path / "review.json"
        path.write_text(json.dumps(whole | others), encoding="utf-8")
        return path

    return write


def test_a_review_is_read_again(saved: Callable[..., Path]) -> None:
    assert load_review(saved(), "shop", "dev", "1")["layers"] == {"base": "id", "files": ""}


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ({"version": 2}, "is a review of version 2, not 1; preview again"),
        ({"layers": []}, "is no review; write one with stackproof preview --save"),
        ({"layers": {"base": 1}}, "is no review; write one with stackproof preview --save"),
        ({"commit": None}, "is no review; write one with stackproof preview --save"),
        ({"system": "caja"}, "is a review of the system caja, not of shop"),
        ({"environment": "prod"}, "is a review of the environment prod, not of dev"),
        ({"account": ""}, "is a review of the account (unknown), not of 1"),
    ],
)
def test_a_wrong_review(saved: Callable[..., Path], others: dict[str, Any], message: str) -> None:
    path = saved(**others)
    with pytest.raises(InputError) as refused:
        load_review(path, "shop", "dev", "1")
    assert str(refused.value) == f"{path} {message}"


@pytest.mark.parametrize("text", ["", "{", "\udc80", "[]", "null", '"review"'])
def test_no_review(tmp_path: Path, text: str) -> None:
    path = tmp_path / "review.json"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(InputError, match="is no review"):
        load_review(path)


def test_a_review_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        load_review(tmp_path / "none.json")
    assert str(refused.value) == f"cannot read {tmp_path / 'none.json'}: No such file or directory"


def test_a_layer_that_was_not_certain_is_not_in_the_review(account: SimulatedAccount, shop: Shop) -> None:
    assert list(review(_look(account, shop))["layers"]) == ["base"]


def test_a_layer_that_failed_is_not_in_the_review(account: SimulatedAccount, shop: Shop) -> None:
    found = _look(account, shop)
    failed = replace(found.layers[0], failure="no")
    assert review(replace(found, layers=(failed,)))["layers"] == {}
