"""The deployer's waiting, against a CloudFormation that takes its time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from stackproof import Deployment, parse_template
from stackproof.compose.system import deployment_of
from stackproof.deploy import Action, Deployer, DeployError, Event
from stackproof.deploy.deployer import MAX_WAIT_SECONDS, POLL_SECONDS


class _ClientError(Exception):
    def __init__(self, message: str) -> None:
        self.response = {"Error": {"Message": message}}
        super().__init__(message)


class _Slow:
    """Answers with one status after the other; each look at the events finds one more."""

    class exceptions:  # noqa: N801 - as on a boto3 client
        """The errors of a client."""

        ClientError = _ClientError

    def __init__(self, *statuses: str, reason: str = "") -> None:
        self._statuses = list(statuses)
        self._events: list[dict[str, Any]] = []
        self._reason = reason
        self.asked: list[str] = []

    def create_stack(self, **request: Any) -> dict[str, str]:
        self.asked.append(request["StackName"])
        return {"StackId": "id"}

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - as boto3 has it
        status = self._statuses.pop(0) if len(self._statuses) > 1 else self._statuses[0]
        self._events.insert(0, self._event("T", "AWS::SNS::Topic", status))
        return {"Stacks": [{"StackId": "id", "StackStatus": status}]}

    def _event(self, logical_id: str, kind: str, status: str) -> dict[str, Any]:
        status = "CREATE_FAILED" if status.startswith("ROLLBACK") else status
        return {
            "EventId": str(len(self._events)),
            "LogicalResourceId": logical_id,
            "ResourceType": kind,
            "ResourceStatus": status,
            "ResourceStatusReason": self._reason,
        }

    def get_paginator(self, _operation: str) -> Any:
        slow = self

        class Pages:
            def paginate(self, **_request: Any) -> Iterator[dict[str, Any]]:
                yield {"StackEvents": list(slow._events)}

        return Pages()


@pytest.fixture
def one() -> Deployment:
    """A deployment of one stack with one resource."""
    return deployment_of(parse_template("Resources: {T: {Type: 'AWS::SNS::Topic'}}", "one.yaml"))


def test_waits_between_two_looks(one: Deployment) -> None:
    """A stack in progress is looked at again after a pause, until it is complete."""
    pauses: list[float] = []
    client = _Slow("CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE")
    events = list(Deployer(one, lambda _region: client, sleep=pauses.append).create())
    assert pauses == [POLL_SECONDS, POLL_SECONDS]
    assert [event.status for event in events] == ["CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"]


def test_events_are_told_once(one: Deployment) -> None:
    """An event that was told is not told again, and the last one finishes the count."""
    client = _Slow("CREATE_IN_PROGRESS", "CREATE_COMPLETE")
    *_, last = Deployer(one, lambda _region: client, sleep=lambda _seconds: None).create()
    assert last == Event(Action.CREATE, "one", "T", "AWS::SNS::Topic", "CREATE_COMPLETE", done=1, total=1)


def test_nothing_happens_until_the_events_are_read(one: Deployment) -> None:
    """`create` is lazy."""
    client = _Slow("CREATE_COMPLETE")
    Deployer(one, lambda _region: client).create()
    assert client.asked == []


def test_failure_names_stack_resource_and_reason(one: Deployment) -> None:
    """The first failure among the events is the reason, not what the rollback says afterwards."""
    client = _Slow("ROLLBACK_COMPLETE", reason="Topic quota\nexceeded")
    with pytest.raises(DeployError) as caught:
        list(Deployer(one, lambda _region: client, sleep=lambda _seconds: None).create())
    assert str(caught.value) == "one: T: ROLLBACK_COMPLETE: Topic quota exceeded"
    assert (caught.value.stack, caught.value.layer, caught.value.logical_id) == ("one", "one", "T")


def test_endless_stack_is_given_up(one: Deployment) -> None:
    """A stack that never finishes ends with an error, not with a hang."""
    pauses: list[float] = []
    with pytest.raises(DeployError, match="still CREATE_IN_PROGRESS after 3 hours"):
        list(Deployer(one, lambda _region: _Slow("CREATE_IN_PROGRESS"), sleep=pauses.append).create())
    assert sum(pauses) == MAX_WAIT_SECONDS
