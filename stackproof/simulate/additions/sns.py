"""SNS: the attributes of topics that moto takes and does not show, data protection, and filters that are taken away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import camelcase_to_underscores
from moto.sns import models as _models

from stackproof.simulate.additions.keeping import Item, Method, Refused, Response

# moto is typed in parts; its internals are what the contract test says, not what its annotations say.
models: Any = _models

_RECEIVERS = ("HTTP", "SQS", "Lambda", "Firehose", "Application")
_FEEDBACK = ("SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn")
_ARN_PARTS = 6
_FORGOTTEN = (
    "ArchivePolicy",
    "FifoThroughputScope",
    "MaximumMessageSize",
    "SignatureVersion",
    "TracingConfig",
    *(f"{receiver}{name}" for receiver in _RECEIVERS for name in _FEEDBACK),
)
"""Attributes that moto sets on its topics, under names in lower case, and leaves out when it describes them."""

_UNSAID = ("1", "PassThrough")
"""What signature and tracing are unless somebody says so; SNS does not mention it."""


def _get_topic_attributes(response: Response, request: Item) -> Any:
    count = len(str(request["TopicArn"]).split(":"))
    if count < _ARN_PARTS:
        reason = f"An ARN must have at least {_ARN_PARTS} elements, not {count}"
        raise Refused("InvalidParameter", f"Invalid parameter: TopicArn Reason: {reason}")
    answer = response.get_topic_attributes()
    topic = response.backend.get_topic(request["TopicArn"])
    found = {name: getattr(topic, camelcase_to_underscores(name), "") for name in _FORGOTTEN}
    shown = {name: value for name, value in answer.result["Attributes"].items() if name != "DeliveryPolicy" or value}
    return ActionResult(
        {"Attributes": {**shown, **{name: value for name, value in found.items() if value not in ("", *_UNSAID)}}}
    )


def _create_topic(response: Response, request: Item) -> Any:
    answer = response.create_topic()
    if "DataProtectionPolicy" in request:
        response.backend.get_topic(answer.result["TopicArn"]).data_protection_policy = request["DataProtectionPolicy"]
    return answer


def _put_data_protection_policy(response: Response, request: Item) -> Any:
    response.backend.get_topic(request["ResourceArn"]).data_protection_policy = request["DataProtectionPolicy"]
    return {}


def _get_data_protection_policy(response: Response, request: Item) -> Any:
    topic = response.backend.get_topic(request["ResourceArn"])
    return {"DataProtectionPolicy": getattr(topic, "data_protection_policy", "")}


def _set_subscription_attributes(response: Response, request: Item) -> Any:
    """Set an attribute that moto refuses, and leave none behind that is empty."""
    subscription = response.backend.subscriptions.get(request["SubscriptionArn"])
    if subscription is None:
        raise Refused("NotFoundException", "Subscription does not exist")
    name, value = request["AttributeName"], request.get("AttributeValue", "")
    if name == "ReplayPolicy":
        subscription.attributes[name] = value
    else:
        response.set_subscription_attributes()
    if not value:
        subscription.attributes.pop(name)
    return EmptyResult()


_DELIVERY: Item = {
    "http": {
        "defaultHealthyRetryPolicy": {
            "minDelayTarget": 20,
            "maxDelayTarget": 20,
            "numRetries": 3,
            "numMaxDelayRetries": 0,
            "numNoDelayRetries": 0,
            "numMinDelayRetries": 0,
            "backoffFunction": "linear",
        },
        "disableSubscriptionOverrides": False,
        "defaultRequestPolicy": {"headerContentType": "text/plain; charset=UTF-8"},
    }
}
"""How a topic delivers unless somebody says so, as SNS shows it."""

PATCHES = ((models, "DEFAULT_EFFECTIVE_DELIVERY_POLICY", _DELIVERY),)

METHODS: Mapping[tuple[str, str], Method] = {
    ("sns", "CreateTopic"): _create_topic,
    ("sns", "GetTopicAttributes"): _get_topic_attributes,
    ("sns", "PutDataProtectionPolicy"): _put_data_protection_policy,
    ("sns", "GetDataProtectionPolicy"): _get_data_protection_policy,
    ("sns", "SetSubscriptionAttributes"): _set_subscription_attributes,
}
