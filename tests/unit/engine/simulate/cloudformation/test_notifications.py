"""Events are published to the topics that a request names.

The form of a message is that of messages quoted in public; see "Monitor stack progress" in the AWS CloudFormation user
guide and the member NotificationARNs of CreateStack.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from .stage import SHOP, TOPIC, Stage


@pytest.fixture
def topic(stage: Stage) -> str:
    """A topic whose messages reach a queue called inbox."""
    sns, sqs = stage.client("sns"), stage.client("sqs")
    arn = str(sns.create_topic(Name="news")["TopicArn"])
    sqs.create_queue(QueueName="inbox")
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:111111111111:inbox")
    return arn


def received(stage: Stage) -> list[dict[str, Any]]:
    """Return what came to the queue."""
    sqs = stage.client("sqs")
    url = sqs.get_queue_url(QueueName="inbox")["QueueUrl"]
    found = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"]) for message in messages]
    return found


def fields(message: str) -> dict[str, str]:
    """Return the fields of a message."""
    pairs = (line.partition("=") for line in message.rstrip("\n").split("\n"))
    return {name: value[1:-1] for name, _, value in pairs}


def test_every_event_is_published(stage: Stage, topic: str) -> None:
    stage.create(TOPIC, NotificationARNs=[topic])
    told = [fields(one["Message"]) for one in received(stage)]
    assert [(one["LogicalResourceId"], one["ResourceStatus"]) for one in told] == [
        (SHOP, "CREATE_IN_PROGRESS"),
        ("Topic", "CREATE_IN_PROGRESS"),
        ("Topic", "CREATE_IN_PROGRESS"),
        ("Topic", "CREATE_COMPLETE"),
        (SHOP, "CREATE_COMPLETE"),
    ]


def test_a_message_holds_the_event(stage: Stage, topic: str) -> None:
    stack_id = stage.create(TOPIC, NotificationARNs=[topic], ClientRequestToken="token-1")
    first = received(stage)[0]
    event = stage.events()[0]
    assert first["Subject"] == "AWS CloudFormation Notification"
    assert first["TopicArn"] == topic
    assert first["Message"].endswith("\n")
    told = fields(first["Message"])
    assert told.pop("Timestamp").endswith("Z")
    assert told == {
        "StackId": stack_id,
        "EventId": event["EventId"],
        "LogicalResourceId": SHOP,
        "Namespace": "111111111111",
        "PhysicalResourceId": stack_id,
        "PrincipalId": "111111111111",
        "ResourceProperties": "null",
        "ResourceStatus": "CREATE_IN_PROGRESS",
        "ResourceStatusReason": "User Initiated",
        "ResourceType": "AWS::CloudFormation::Stack",
        "StackName": SHOP,
        "ClientRequestToken": "token-1",
    }


def test_updates_and_deletions_are_published_too(stage: Stage, topic: str) -> None:
    stage.create(TOPIC, NotificationARNs=[topic])
    received(stage)
    stage.update(f"{TOPIC}Outputs: {{One: {{Value: '1'}}}}\n")
    assert stage.status() == "UPDATE_COMPLETE"
    assert len(received(stage)) == 3
    stage.delete()
    assert [fields(one["Message"])["ResourceStatus"] for one in received(stage)] == [
        "DELETE_IN_PROGRESS",
        "DELETE_IN_PROGRESS",
        "DELETE_COMPLETE",
        "DELETE_COMPLETE",
    ]


def test_no_secret_is_published(stage: Stage, topic: str) -> None:
    body = """
    Parameters: {Password: {Type: String, NoEcho: true}}
    Resources: {A: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref Password}}}
    """
    stage.create(body, Parameters={"Password": "correct-horse"}, NotificationARNs=[topic])
    assert [one for one in received(stage) if "correct-horse" in one["Message"]] == []


def test_a_topic_that_is_not_there_hears_nothing(stage: Stage) -> None:
    stage.create(TOPIC, NotificationARNs=["arn:aws:sns:us-east-1:111111111111:nobody"])
    assert stage.status() == "CREATE_COMPLETE"
