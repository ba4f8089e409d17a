"""SNS: topics, their policies and subscriptions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.existing import AlreadyExistsError, exists
from stackproof.simulate.handlers import CannotUpdateError
from stackproof.simulate.recipe import Job, Recipe, Tagging, made_up_name

_DEFAULTS = {
    "ArchivePolicy": "{}",
    "ContentBasedDeduplication": "false",
    "DisplayName": "",
    "FifoThroughputScope": "Topic",
    "KmsMasterKeyId": "",
    "MaximumMessageSize": "262144",
    "SignatureVersion": "1",
    "TracingConfig": "PassThrough",
}
"""What the attributes of a topic are at first, by property."""

_RECEIVERS = {"http/s": "HTTP", "http": "HTTP", "sqs": "SQS", "lambda": "Lambda", "firehose": "Firehose"}
_FEEDBACK = ("SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn")


def _texts(properties: Mapping[str, Any]) -> dict[str, str]:
    """Return properties as the texts that SNS calls attributes."""
    return {
        name: json.dumps(value) if isinstance(value, dict) else as_text(value) for name, value in properties.items()
    }


def _feedback(entries: list[dict[str, Any]]) -> dict[str, str]:
    """Return what is to be logged about deliveries as the attributes that SNS has for it."""
    return {
        f"{_RECEIVERS.get(as_text(entry['Protocol']).lower(), 'Application')}{name}": as_text(entry[name])
        for entry in entries
        for name in _FEEDBACK
        if name in entry
    }


def _topic(job: Job) -> None:
    name = str(job.take("TopicName") or made_up_name(job.wanted, 256))
    subscriptions, tags = job.take("Subscription", []), job.take("Tags", [])
    if as_text(job.left.get("FifoTopic", False)).lower() == "true" and not name.endswith(".fifo"):
        name = f"{name}.fifo"
    feedback, protection = _feedback(job.take("DeliveryStatusLogging", [])), job.take("DataProtectionPolicy")
    attributes = _texts({prop: job.take(prop) for prop in list(job.left)}) | feedback
    given = {"DataProtectionPolicy": json.dumps(protection)} if protection else {}
    arn = f"arn:{job.client.meta.partition}:sns:{job.client.meta.region_name}:{_account(job)}:{name}"
    if exists(lambda: job.client.get_topic_attributes(TopicArn=arn)):
        raise AlreadyExistsError(job.wanted.type, TopicArn=arn)
    answer = job.client.create_topic(Name=name, Attributes=attributes, Tags=tags, **given)
    job.physical_id = answer["TopicArn"]
    job.request = {"TopicName": name}
    for subscription in subscriptions:
        job.call("subscribe", subscription, TopicArn=job.physical_id)


def _account(job: Job) -> str:
    return str(job.other("sts").get_caller_identity()["Account"])


def _change_topic(job: Job) -> None:
    wanted, before = job.wanted.properties, job.before
    changed = {name: wanted.get(name, default) for name, default in _DEFAULTS.items() if job.touched(name)}
    attributes = _texts(changed)
    if job.touched("DeliveryStatusLogging"):
        old, new = (_feedback(side.get("DeliveryStatusLogging", [])) for side in (before, wanted))
        attributes |= {name: "" for name in old if name not in new} | new
    for name, value in attributes.items():
        job.client.set_topic_attributes(TopicArn=job.physical_id, AttributeName=name, AttributeValue=value)
    if job.touched("DataProtectionPolicy"):
        text = json.dumps(wanted["DataProtectionPolicy"]) if wanted.get("DataProtectionPolicy") else ""
        job.client.put_data_protection_policy(ResourceArn=job.physical_id, DataProtectionPolicy=text)
    if job.touched("Subscription"):
        _change_subscriptions(job, before.get("Subscription", []), wanted.get("Subscription", []))


def _change_subscriptions(job: Job, before: list[dict[str, str]], wanted: list[dict[str, str]]) -> None:
    """Subscribe who is new and let those go that the topic itself subscribed before."""
    gone = [(entry["Protocol"], entry["Endpoint"]) for entry in before if entry not in wanted]
    for found in _subscriptions(job):
        if (found["Protocol"], found["Endpoint"]) in gone:
            job.client.unsubscribe(SubscriptionArn=found["SubscriptionArn"])
    for entry in wanted:
        if entry not in before:
            job.call("subscribe", entry, TopicArn=job.physical_id)


def _subscriptions(job: Job) -> list[dict[str, str]]:
    pages = job.client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=job.physical_id)
    return [found for page in pages for found in page["Subscriptions"]]


def _topic_shown(job: Job) -> Any:
    arn, wanted = job.physical_id, job.wanted.properties
    attributes = job.client.get_topic_attributes(TopicArn=arn)["Attributes"]
    found = [attributes, job.client.list_tags_for_resource(ResourceArn=arn)["Tags"], job.request]
    if "Subscription" in wanted:
        found.append(_subscriptions(job))
    if "DataProtectionPolicy" in wanted:
        found.append(job.client.get_data_protection_policy(ResourceArn=arn)["DataProtectionPolicy"])
    for entry in wanted.get("DeliveryStatusLogging", []):
        logged = _feedback([entry])
        found.append(entry if logged.items() <= attributes.items() else {})
    # Both are shown only where they are not what they are at first.
    return [{name: _DEFAULTS[name] for name in ("SignatureVersion", "TracingConfig")} | attributes, *found]


def _topic_attribute(job: Job, name: str) -> Any:
    """Return an attribute; those are given too that are properties of the template."""
    if name in ("TopicArn", "TopicName"):
        return {"TopicArn": job.physical_id, **job.request}[name]
    if name not in {"FifoTopic", *_DEFAULTS}:
        raise KeyError(name)
    attributes = job.client.get_topic_attributes(TopicArn=job.physical_id)["Attributes"]
    return str(attributes.get(name, _DEFAULTS.get(name, "false")))


def _delete_topic(job: Job, _snapshot: bool) -> None:
    """Remove a topic and, as in AWS, what is subscribed to it."""
    for found in _subscriptions(job):
        job.client.unsubscribe(SubscriptionArn=found["SubscriptionArn"])
    job.client.delete_topic(TopicArn=job.physical_id)


def _topics(properties: Mapping[str, Any]) -> list[str]:
    return list(properties["Topics"]) if "Topics" in properties else [str(properties["TopicArn"])]


def _policy(job: Job) -> None:
    topics = _topics(job.wanted.properties)
    job.physical_id = topics[0] if "TopicArn" in job.left else job.wanted.name
    job.touched("Topics", "TopicArn")
    for arn in topics:
        _set_policy(job, arn, job.left["PolicyDocument"])
    job.touched("PolicyDocument")


def _set_policy(job: Job, arn: str, document: Any) -> None:
    text = document if isinstance(document, str) else json.dumps(document)
    job.client.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=text)


def _change_policy(job: Job) -> None:
    if job.touched("PolicyDocument", "Topics"):
        topics = _topics(job.wanted.properties)
        for arn in topics:
            _set_policy(job, arn, job.wanted.properties["PolicyDocument"])
        for arn in _topics(job.before):
            if arn not in topics:
                _set_policy(job, arn, _default_policy(arn))


def _policies(job: Job) -> Any:
    topics = _topics(job.wanted.properties)
    return [job.client.get_topic_attributes(TopicArn=arn)["Attributes"] for arn in topics]


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


def _default_policy(arn: str) -> dict[str, Any]:
    """Return the policy that a topic has at first; it is never without one."""
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": _OWNER_MAY,
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": arn.split(":")[4]}},
    }
    return {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}


def _remove_policy(job: Job, _snapshot: bool) -> None:
    for arn in _topics(job.wanted.properties):
        if exists(lambda arn=arn: job.client.get_topic_attributes(TopicArn=arn)):  # type: ignore[misc]
            _set_policy(job, arn, _default_policy(arn))


_OF_SUBSCRIPTION = ("TopicArn", "Protocol", "Endpoint")
_SUBSCRIPTION_DEFAULTS = {
    "FilterPolicyScope": "MessageAttributes",
    "DeliveryPolicy": "",
    "FilterPolicy": "",
    "RawMessageDelivery": "false",
    "RedrivePolicy": "",
    "ReplayPolicy": "",
    "SubscriptionRoleArn": "",
}
"""What the attributes of a subscription are at first, in the order in which they must be set."""


def _subscription(job: Job) -> None:
    _own_region(job)
    given = {name: job.take(name) for name in _OF_SUBSCRIPTION if name in job.left}
    replay = job.take("ReplayPolicy")
    attributes = _texts({name: job.take(name) for name in list(job.left)})
    answer = job.client.subscribe(**given, Attributes=attributes, ReturnSubscriptionArn=True)
    job.physical_id = answer["SubscriptionArn"]
    if replay:
        _set_of_subscription(job, "ReplayPolicy", json.dumps(replay))


def _own_region(job: Job) -> None:
    """Refuse a topic of another region, which the simulated service would not find."""
    region = str(job.take("Region", job.client.meta.region_name))
    if region != job.client.meta.region_name:
        raise CannotUpdateError(job.wanted.type, ("Region",))


def _set_of_subscription(job: Job, name: str, value: str) -> None:
    job.client.set_subscription_attributes(SubscriptionArn=job.physical_id, AttributeName=name, AttributeValue=value)


def _change_subscription(job: Job) -> None:
    wanted = job.wanted.properties
    for name, default in _SUBSCRIPTION_DEFAULTS.items():
        if job.touched(name):
            _set_of_subscription(job, name, _texts({name: wanted.get(name, default)})[name])


RECIPES = (
    Recipe(
        "AWS::SNS::Topic",
        "sns",
        make=_topic,
        describe=_topic_attribute,
        remove=_delete_topic,
        show=(_topic_shown,),
        tagging=Tagging("tag_resource", "untag_resource", "ResourceArn"),
        change=_change_topic,
    ),
    Recipe(
        "AWS::SNS::TopicPolicy",
        "sns",
        make=_policy,
        describe=lambda job, name: {"Id": job.physical_id}[name],
        remove=_remove_policy,
        show=(_policies,),
        change=_change_policy,
    ),
    Recipe(
        "AWS::SNS::TopicInlinePolicy",
        "sns",
        make=_policy,
        remove=_remove_policy,
        show=(_policies,),
        change=_change_policy,
    ),
    Recipe(
        "AWS::SNS::Subscription",
        "sns",
        make=_subscription,
        delete="unsubscribe",
        key="SubscriptionArn",
        describe=lambda job, name: {"Arn": job.physical_id}[name],
        show=("get_subscription_attributes:SubscriptionArn",),
        hidden=("Region",),
        change=_change_subscription,
    ),
)
