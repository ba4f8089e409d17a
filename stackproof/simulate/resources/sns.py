"""SNS: topics, their policies and subscriptions."""

from __future__ import annotations

import json
from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.recipe import Job, Recipe, made_up_name


def _texts(properties: dict[str, Any]) -> dict[str, str]:
    """Return properties as the texts that SNS calls attributes."""
    return {
        name: json.dumps(value) if isinstance(value, dict) else as_text(value) for name, value in properties.items()
    }


def _topic(job: Job) -> None:
    name = str(job.take("TopicName") or made_up_name(job.wanted, 256))
    subscriptions, tags = job.take("Subscription", []), job.take("Tags", [])
    if as_text(job.left.get("FifoTopic", False)).lower() == "true" and not name.endswith(".fifo"):
        name = f"{name}.fifo"
    attributes = _texts({prop: job.take(prop) for prop in list(job.left)})
    answer = job.client.create_topic(Name=name, Attributes=attributes, Tags=tags)
    job.physical_id = answer["TopicArn"]
    job.request = {"TopicName": name}
    for subscription in subscriptions:
        job.call("subscribe", subscription, TopicArn=job.physical_id)


def _topic_tags(job: Job) -> Any:
    return job.client.list_tags_for_resource(ResourceArn=job.physical_id)["Tags"]


def _topic_name(job: Job) -> Any:
    return job.request


def _delete_topic(job: Job, _snapshot: bool) -> None:
    """Remove a topic and, as in AWS, what is subscribed to it."""
    for found in job.client.list_subscriptions_by_topic(TopicArn=job.physical_id)["Subscriptions"]:
        job.client.unsubscribe(SubscriptionArn=found["SubscriptionArn"])
    job.client.delete_topic(TopicArn=job.physical_id)


def _policy(job: Job) -> None:
    job.physical_id = job.wanted.name
    job.request = {"Topics": job.take("Topics")}
    text = json.dumps(job.take("PolicyDocument"))
    for arn in job.request["Topics"]:
        job.client.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=text)


def _policies(job: Job) -> Any:
    return [job.client.get_topic_attributes(TopicArn=arn)["Attributes"] for arn in job.request["Topics"]]


_OWNER_MAY = [
    "SNS:AddPermission",
    "SNS:DeleteTopic",
    "SNS:GetTopicAttributes",
    "SNS:ListSubscriptionsByTopic",
    "SNS:Publish",
    "SNS:RemovePermission",
    "SNS:SetTopicAttributes",
    "SNS:Subscribe",
]


def _default_policy(job: Job, _snapshot: bool) -> None:
    """Give the topics the policy back that a topic has at first; a topic is never without one."""
    for arn in job.request["Topics"]:
        statement = {
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": _OWNER_MAY,
            "Resource": arn,
            "Condition": {"StringEquals": {"AWS:SourceOwner": arn.split(":")[4]}},
        }
        policy = {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}
        job.client.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(policy))


_OF_SUBSCRIPTION = ("TopicArn", "Protocol", "Endpoint")


def _subscription(job: Job) -> None:
    given = {name: job.take(name) for name in _OF_SUBSCRIPTION if name in job.left}
    attributes = _texts({name: job.take(name) for name in list(job.left)})
    answer = job.client.subscribe(**given, Attributes=attributes, ReturnSubscriptionArn=True)
    job.physical_id = answer["SubscriptionArn"]


RECIPES = (
    Recipe(
        "AWS::SNS::Topic",
        "sns",
        make=_topic,
        describe=lambda job, name: {"TopicArn": job.physical_id, **job.request}[name],
        remove=_delete_topic,
        show=("get_topic_attributes:TopicArn", "list_subscriptions_by_topic:TopicArn", _topic_tags, _topic_name),
    ),
    Recipe(
        "AWS::SNS::TopicPolicy",
        "sns",
        make=_policy,
        describe=lambda job, name: {"Id": job.physical_id}[name],
        remove=_default_policy,
        show=(_policies,),
    ),
    Recipe(
        "AWS::SNS::Subscription",
        "sns",
        make=_subscription,
        delete="unsubscribe",
        key="SubscriptionArn",
        describe=lambda job, name: {"Arn": job.physical_id}[name],
        show=("get_subscription_attributes:SubscriptionArn",),
    ),
)
