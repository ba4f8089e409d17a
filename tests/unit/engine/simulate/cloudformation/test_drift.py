"""Drift: what changed behind CloudFormation's back, and which property that is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stackproof.simulate.account import SimulatedAccount, simulated_account
from stackproof.simulate.cloudformation.drift import Status, detected, stack_status
from stackproof.simulate.handlers import Made, Wanted
from stackproof.simulate.resources import find

WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def _answer(expected: dict[str, Any], before: Any, now: Any, *, summary: bool = False) -> dict[str, Any]:
    drift = detected(expected, [before], lambda: [now])
    return drift.answer("arn", "Queue", "queue-1", "AWS::SQS::Queue", WHEN, summary=summary)


@pytest.mark.parametrize(
    ("expected", "before", "now", "differences"),
    [
        ({"Delay": 20}, {"Delay": 20}, {"Delay": 20}, []),
        ({"Delay": 20}, {"Delay": "20"}, {"Delay": "120"}, [("/Delay", "20", "120", "NOT_EQUAL")]),
        # A default or a state that the template does not state is no drift.
        ({"Delay": 20}, {"Delay": 20, "Retention": 4}, {"Delay": 20, "Retention": 5}, []),
        ({"Delay": 20}, {"Delay": 20, "Messages": 20}, {"Delay": 20, "Messages": 21}, []),
        (
            {"EnableLogs": True, "MultiAZ": True},
            {"LogsEnabled": True, "MultiAZ": True},
            {"LogsEnabled": False, "MultiAZ": True},
            [("/EnableLogs", "true", "false", "NOT_EQUAL")],
        ),
        (
            {"Redrive": {"maxReceiveCount": 10, "target": "arn:aws:sqs:::dead"}},
            {"Attributes": {"Redrive": '{"target": "arn:aws:sqs:::dead", "maxReceiveCount": 10}'}},
            {"Attributes": {"Redrive": '{"target": "arn:aws:sqs:::dead", "maxReceiveCount": 12}'}},
            [("/Redrive/maxReceiveCount", "10", "12", "NOT_EQUAL")],
        ),
        # A telling value is followed to wherever it stands.
        (
            {"VPCSecurityGroups": ["sg-0123456789"]},
            {"Members": [{"Id": "sg-0123456789", "Status": "active"}]},
            {"Members": [{"Id": "sg-9876543210", "Status": "active"}]},
            [("/VPCSecurityGroups/0", "sg-0123456789", "sg-9876543210", "NOT_EQUAL")],
        ),
        ({"Names": ["a", "b"]}, {"Names": ["a", "b"]}, {"Names": ["b"]}, [("/Names/0", "a", "null", "REMOVE")]),
        ({"Names": ["a"]}, {"Names": ["a"]}, {"Names": ["a", "b"]}, [("/Names/1", "null", "b", "ADD")]),
        ({"Names": ["a", "b"]}, {"Names": ["a", "b"]}, {"Names": ["b", "a"]}, []),
        (
            {"Description": "mine"},
            {"Description": "mine", "X": 1},
            {"Description": None, "X": 1},
            [("/Description", "mine", "null", "NOT_EQUAL")],
        ),
        ({"Description": "mine"}, {"Description": "mine"}, {"X": 1}, [("/Description", "mine", "null", "REMOVE")]),
        (
            {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]},
            {"tagList": [], "tags": {"a": "1", "b": "2"}},
            {"tagList": [], "tags": {"a": "1", "b": "3"}},
            [("/Tags/1/Value", "2", "3", "NOT_EQUAL")],
        ),
        (
            {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]},
            {"Tags": [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]},
            {"Tags": [{"Key": "b", "Value": "2"}]},
            [("/Tags/0", '{"Key":"a","Value":"1"}', "null", "REMOVE")],
        ),
        (
            {"Tags": [{"Key": "a", "Value": "1"}]},
            {"Tags": [{"Key": "a", "Value": "1"}]},
            {"Tags": [{"Key": "aws:x", "Value": "0"}, {"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]},
            [("/Tags/1", "null", '{"Key":"b","Value":"2"}', "ADD")],
        ),
    ],
)
def test_differences(
    expected: dict[str, Any], before: Any, now: Any, differences: list[tuple[str, str, str, str]]
) -> None:
    told = _answer(expected, before, now)
    names = ("PropertyPath", "ExpectedValue", "ActualValue", "DifferenceType")
    assert told["PropertyDifferences"] == [dict(zip(names, one, strict=True)) for one in differences]
    assert told["StackResourceDriftStatus"] == ("MODIFIED" if differences else "IN_SYNC")


def test_the_properties_as_they_are() -> None:
    expected = {"Delay": 20, "Names": ["a", "b"], "Tags": [{"Key": "x", "Value": "1"}]}
    before = {"Delay": 20, "Names": ["a", "b"], "Tags": [{"Key": "x", "Value": "1"}]}
    now = {"Delay": 30, "Names": ["b", "c"], "Tags": []}
    told = _answer(expected, before, now)
    assert json.loads(told["ExpectedProperties"]) == expected
    assert json.loads(told["ActualProperties"]) == {"Delay": 30, "Names": ["b", "c"], "Tags": []}


def test_a_summary_has_no_properties() -> None:
    assert _answer({"Delay": 20}, {"Delay": 20}, {"Delay": 21}, summary=True) == {
        "StackId": "arn",
        "LogicalResourceId": "Queue",
        "PhysicalResourceId": "queue-1",
        "ResourceType": "AWS::SQS::Queue",
        "StackResourceDriftStatus": "MODIFIED",
        "Timestamp": WHEN,
    }


def _refuse(code: str) -> list[Any]:
    raise ClientError({"Error": {"Code": code, "Message": ""}}, "Describe")


@pytest.mark.parametrize(
    "code", ["NoSuchBucket", "InvalidGroup.NotFound", "ResourceNotFoundException", "QueueDoesNotExist"]
)
def test_what_the_service_does_not_know_is_deleted(code: str) -> None:
    drift = detected({"Delay": 20}, [{"Delay": 20}], lambda: _refuse(code))
    assert drift.status == Status.DELETED
    assert "ActualProperties" not in drift.answer("arn", "Queue", "queue-1", "AWS::SQS::Queue", WHEN)


def test_an_empty_description_is_deleted() -> None:
    assert detected({"Delay": 20}, [{"Queues": [{"Delay": 20}]}], lambda: [{"Queues": []}]).status == Status.DELETED


def test_another_error_is_none_of_drifts() -> None:
    with pytest.raises(ClientError):
        detected({"Delay": 20}, [{"Delay": 20}], lambda: _refuse("AccessDenied"))


@pytest.mark.parametrize("before", [[], [{}], [{"Queues": []}]])
def test_what_no_service_shows_is_not_checked(before: list[Any]) -> None:
    assert detected({"Delay": 20}, before, list).status == Status.NOT_CHECKED


@pytest.mark.parametrize(
    ("resources", "stack"),
    [
        ([], "IN_SYNC"),
        ([Status.IN_SYNC, Status.NOT_CHECKED], "IN_SYNC"),
        ([Status.IN_SYNC, Status.MODIFIED], "DRIFTED"),
        ([Status.DELETED], "DRIFTED"),
    ],
)
def test_a_stack_drifts_with_its_resources(resources: list[Status], stack: str) -> None:
    assert stack_status(resources) == stack


# --- With the services themselves. ---


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with simulated_account("us-east-1") as account:
        yield account


def _made(account: SimulatedAccount, kind: str, properties: dict[str, Any]) -> Made:
    handler = find(kind, account.client)
    assert handler is not None
    return handler(Wanted(kind, "It", "shop", "arn", "shop-It-1ABCDEF", properties))


def _drift(account: SimulatedAccount, kind: str, properties: dict[str, Any], operation: str, **request: Any) -> Any:
    """Return the differences after an operation on a resource whose physical id is put where it says ``ID``."""
    made = _made(account, kind, properties)
    before = made.describe()
    assert detected(properties, before, made.describe).status == Status.IN_SYNC
    service = kind.split("::")[1].lower()
    given = {name: made.physical_id if value == "ID" else value for name, value in request.items()}
    getattr(account.client(service), operation)(**given)
    found = detected(properties, before, made.describe)
    return found.status, [one.answer() for one in found.differences]


def test_a_parameter_that_was_overwritten(account: SimulatedAccount) -> None:
    assert _drift(
        account,
        "AWS::SSM::Parameter",
        {"Name": "/shop/size", "Type": "String", "Value": "large"},
        "put_parameter",
        Name="ID",
        Value="small",
        Overwrite=True,
    ) == (
        Status.MODIFIED,
        [
            {
                "PropertyPath": "/Value",
                "ExpectedValue": "large",
                "ActualValue": "small",
                "DifferenceType": "NOT_EQUAL",
            }
        ],
    )


def test_a_parameter_that_was_deleted(account: SimulatedAccount) -> None:
    properties = {"Name": "/shop/size", "Type": "String", "Value": "large"}
    assert _drift(account, "AWS::SSM::Parameter", properties, "delete_parameter", Name="ID") == (Status.DELETED, [])
