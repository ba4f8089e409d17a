"""Notices: whoever watches an environment hears how a deployment ended, by the monitoring layer's topics and in Slack.

Nobody's deployment fails because nobody could be told: what goes wrong here is a warning.

Source: "Publish" in the Amazon SNS API reference; "Sending messages using incoming webhooks" in Slack's documentation.
"""

from __future__ import annotations

import http.client
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from stackproof.compose.deployment import Deployment

SLACK_VARIABLE = "STACKPROOF_SLACK_WEBHOOK_URL"
"""The environment variable with the address of a Slack webhook; whoever knows it can write there, so it is a secret."""

MAX_SUBJECT = 100
"""Characters of a subject that SNS takes."""
MAX_TEXT = 8_000
"""Characters of a message; far below what SNS takes, and as much as anybody reads."""
TIMEOUT_SECONDS = 10.0
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Gravity(StrEnum):
    """How much a notice matters: to which of the monitoring layer's topics it goes."""

    INFORMATION = "InformationTopicArn"
    CRITICAL = "CriticalTopicArn"


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told.

    Attributes:
        subject: one line.
        text: all of it.
    """

    gravity: Gravity
    subject: str
    text: str


def tell(
    notice: Notice,
    deployment: Deployment,
    outputs: Mapping[str, Mapping[str, str]],
    sns: Callable[[str], Any],
    variables: Mapping[str, str] = os.environ,
) -> list[str]:
    """Tell everybody; return what went wrong, one line each.

    Parameters:
        outputs: of each stack that stands, by layer.
        sns: gives a boto3 client of SNS in a region.
        variables: the environment's variables.
    """
    return [*_publish(notice, deployment, outputs, sns), *_post(notice, variables.get(SLACK_VARIABLE, ""))]


def _publish(
    notice: Notice, deployment: Deployment, outputs: Mapping[str, Mapping[str, str]], sns: Callable[[str], Any]
) -> Iterator[str]:
    for layer, stack in deployment.stacks.items():
        topic = outputs.get(layer, {}).get(notice.gravity)
        if not topic:
            continue
        try:
            client = sns(stack.context.region or "")
            client.publish(TopicArn=topic, Subject=subject(notice.subject), Message=notice.text[:MAX_TEXT])
        except Exception as error:
            if not type(error).__module__.startswith("botocore"):
                raise
            yield f"nobody was told by {topic.rpartition(':')[2]}: {' '.join(str(error).split())}"


def subject(text: str) -> str:
    """Return a subject as SNS takes it: ASCII, one line, begun by a letter or a digit, not too long."""
    plain = " ".join(text.encode("ascii", "replace").decode().split())
    return plain if len(plain) < MAX_SUBJECT else f"{plain[: MAX_SUBJECT - 4]}..."


def _post(notice: Notice, webhook: str) -> Iterator[str]:
    """Write to Slack; the address itself is never said."""
    if not webhook:
        return
    reason = _refused(webhook) or _posted(webhook, f"*{notice.subject}*\n{notice.text[:MAX_TEXT]}")
    if reason:
        yield f"nobody was told in Slack: {reason}"


def _refused(webhook: str) -> str:
    try:
        parts = urllib.parse.urlsplit(webhook.strip())
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    except ValueError:
        safe = False
    return "" if safe and parts.hostname else f"{SLACK_VARIABLE} is no address that begins with https://"


def _posted(webhook: str, text: str) -> str:
    """Return why a text could not be posted; empty where it was."""
    # Slack reads <, > and & as its own signs.
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    headers = {"Content-Type": "application/json", "User-Agent": "stackproof"}
    try:
        body = json.dumps({"text": plain}).encode()
        request = urllib.request.Request(webhook.strip(), data=body, headers=headers)  # noqa: S310 - checked above
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310 - checked above
            return ""
    except urllib.error.HTTPError as error:
        error.close()
        return f"HTTP status {error.code}"
    except urllib.error.URLError as error:
        return getattr(error.reason, "strerror", None) or type(error.reason).__name__
    except (OSError, http.client.HTTPException, ValueError) as error:
        return getattr(error, "strerror", None) or type(error).__name__
