"""Notifications: the events of a stack, published to the topics that its request names.

Source: "Monitor stack progress" in the AWS CloudFormation user guide; the form of a message is that of messages that
users quote.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from stackproof.simulate.cloudformation.place import Place
from stackproof.simulate.cloudformation.record import Happening, Target

SUBJECT = "AWS CloudFormation Notification"


def notifier(place: Place, target: Target | None) -> Callable[[Happening], None]:
    """Return what publishes events to the topics that a target names.

    A topic that is not there hears nothing.
    """
    topics = list((target.options.get("NotificationARNs") if target else None) or ())

    def notify(event: Happening) -> None:
        for topic in topics:
            with suppress(Exception):
                place.client("sns").publish(TopicArn=topic, Subject=SUBJECT, Message=message(event, place.account))

    return notify


def message(event: Happening, account: str) -> str:
    """Return an event as the text of a notification."""
    told = {
        "StackId": event.stack_id,
        "Timestamp": event.time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "EventId": event.id,
        "LogicalResourceId": event.logical_id,
        "Namespace": account,
        "PhysicalResourceId": event.physical_id,
        "PrincipalId": account,
        "ResourceProperties": event.properties or "null",
        "ResourceStatus": event.status,
        "ResourceStatusReason": event.reason,
        "ResourceType": event.type,
        "StackName": event.stack_name,
        "ClientRequestToken": event.token or "null",
    }
    return "".join(f"{name}='{value}'\n" for name, value in told.items())
