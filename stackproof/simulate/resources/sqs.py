"""SQS: queues and their policies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.existing import AlreadyExistsError, exists
from stackproof.simulate.recipe import Job, Recipe, made_up_name, tags_of

_DEFAULTS = {
    "ContentBasedDeduplication": "false",
    "DeduplicationScope": "queue",
    "DelaySeconds": "0",
    "FifoThroughputLimit": "perQueue",
    "KmsDataKeyReusePeriodSeconds": "300",
    "KmsMasterKeyId": "",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "RedriveAllowPolicy": "",
    "RedrivePolicy": "",
    "SqsManagedSseEnabled": "true",
    "VisibilityTimeout": "30",
}
"""What the attributes of a queue are at first, by property."""


def _texts(properties: Mapping[str, Any]) -> dict[str, str]:
    """Return properties as the texts that SQS calls attributes."""
    return {
        name: json.dumps(value) if isinstance(value, dict) else as_text(value) for name, value in properties.items()
    }


def _queue(job: Job) -> None:
    fifo = as_text(job.wanted.properties.get("FifoQueue", False)).lower() == "true"
    name = job.take("QueueName") or f"{made_up_name(job.wanted, 75 if fifo else 80)}{'.fifo' if fifo else ''}"
    tags = tags_of(job.take("Tags"))
    attributes = _texts({prop: job.take(prop) for prop in list(job.left)})
    if attributes.get("KmsMasterKeyId"):
        attributes.setdefault("SqsManagedSseEnabled", "false")
    if not fifo:
        attributes.pop("FifoQueue", None)
    if exists(lambda: job.client.get_queue_url(QueueName=name)):
        raise AlreadyExistsError(job.wanted.type, QueueName=str(name))
    address = str(job.client.create_queue(QueueName=name, Attributes=attributes, tags=tags)["QueueUrl"])
    account, _, own = address.rpartition("/")
    # The service answers with the address under which it was asked.
    suffix = "amazonaws.com.cn" if job.client.meta.partition == "aws-cn" else "amazonaws.com"
    region = job.client.meta.region_name
    job.physical_id = f"https://sqs.{region}.{suffix}/{account.rpartition('/')[2]}/{own}"


def _attributes(job: Job) -> dict[str, str]:
    return dict(job.client.get_queue_attributes(QueueUrl=job.physical_id, AttributeNames=["All"])["Attributes"])


def _attribute(job: Job, name: str) -> str:
    """Return an attribute; those are given too that are properties of the template."""
    known = {"QueueUrl": job.physical_id, "QueueName": job.physical_id.rpartition("/")[2]}
    if name in known:
        return known[name]
    if name == "Arn":
        return _attributes(job)["QueueArn"]
    if name not in _DEFAULTS:
        raise KeyError(name)
    return _attributes(job).get(name, _DEFAULTS[name])


def _shown(job: Job) -> Any:
    tags = job.client.list_queue_tags(QueueUrl=job.physical_id).get("Tags", {})
    # That a queue is of the standard kind is shown by nothing.
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    return [{"QueueName": _attribute(job, "QueueName"), "FifoQueue": "false"} | _attributes(job), listed]


def _change(job: Job) -> None:
    wanted = job.wanted.properties
    changed = {name: wanted.get(name, default) for name, default in _DEFAULTS.items() if job.touched(name)}
    if "KmsMasterKeyId" in wanted and "SqsManagedSseEnabled" not in wanted:
        changed.pop("SqsManagedSseEnabled", None)
    if changed:
        job.client.set_queue_attributes(QueueUrl=job.physical_id, Attributes=_texts(changed))


def _tag(job: Job) -> None:
    before, wanted = tags_of(job.before.get("Tags")), tags_of(job.wanted.properties.get("Tags"))
    if job.touched("Tags"):
        job.client.untag_queue(QueueUrl=job.physical_id, TagKeys=sorted(before.keys() - wanted.keys()))
        job.client.tag_queue(QueueUrl=job.physical_id, Tags=wanted)


def _change_queue(job: Job) -> None:
    _change(job)
    _tag(job)


def _queues(properties: Mapping[str, Any]) -> list[str]:
    return list(properties["Queues"]) if "Queues" in properties else [str(properties["Queue"])]


def _set_policy(job: Job, queue: str, document: Any) -> None:
    text = document if isinstance(document, str) else json.dumps(document)
    job.client.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": text})


def _policy(job: Job) -> None:
    queues = _queues(job.wanted.properties)
    job.physical_id = queues[0] if "Queue" in job.left else job.wanted.name
    for queue in queues:
        _set_policy(job, queue, job.left["PolicyDocument"])
    job.touched("Queue", "Queues", "PolicyDocument")


def _change_policy(job: Job) -> None:
    if job.touched("PolicyDocument", "Queues"):
        queues = _queues(job.wanted.properties)
        for queue in queues:
            _set_policy(job, queue, job.wanted.properties["PolicyDocument"])
        for queue in _queues(job.before):
            if queue not in queues:
                _set_policy(job, queue, "")


def _policies(job: Job) -> Any:
    return [
        job.client.get_queue_attributes(QueueUrl=queue, AttributeNames=["Policy"])["Attributes"]
        for queue in _queues(job.wanted.properties)
    ]


def _remove_policy(job: Job, _snapshot: bool) -> None:
    for queue in _queues(job.wanted.properties):
        if exists(lambda queue=queue: job.client.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])):  # type: ignore[misc]
            _set_policy(job, queue, "")


RECIPES = (
    Recipe(
        "AWS::SQS::Queue",
        "sqs",
        make=_queue,
        describe=_attribute,
        delete="delete_queue",
        key="QueueUrl",
        show=(_shown,),
        change=_change_queue,
    ),
    Recipe(
        "AWS::SQS::QueuePolicy",
        "sqs",
        make=_policy,
        describe=lambda job, name: {"Id": job.physical_id}[name],
        remove=_remove_policy,
        show=(_policies,),
        hidden=("Queues",),
        change=_change_policy,
    ),
    Recipe(
        "AWS::SQS::QueueInlinePolicy",
        "sqs",
        make=_policy,
        remove=_remove_policy,
        show=(_policies,),
        hidden=("Queue",),
        change=_change_policy,
    ),
)
