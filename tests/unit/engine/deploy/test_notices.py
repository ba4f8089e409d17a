"""Who is told, how, and that nobody's deployment fails by it."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from stackproof.deploy.notices import MAX_SUBJECT, SLACK_VARIABLE, Gravity, Notice, subject, tell
from tests.unit.engine.deploy.clients import NO_ENDPOINT, refusal
from tests.unit.engine.deploy.market import Market
from tests.unit.engine.deploy.servers import Site, serving

OUTPUTS = {"monitoring": {"CriticalTopicArn": "arn:sns:critical", "InformationTopicArn": "arn:sns:information"}}
NEWS = Notice(Gravity.INFORMATION, "market dev: deployed", "web updated")
ALARM = Notice(Gravity.CRITICAL, "market dev: web failed", "web: <no> & never")


class _Sns:
    """Remembers what is published, or raises."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error
        self.published: list[dict[str, str]] = []

    def __call__(self, region: str) -> _Sns:
        assert region == "us-east-1"
        return self

    def publish(self, **request: str) -> None:
        if self._error is not None:
            raise self._error
        self.published.append(request)


@pytest.fixture
def slack() -> Iterator[Site]:
    """A webhook."""
    with serving() as site:
        yield site


@pytest.mark.parametrize(("notice", "topic"), [(NEWS, "arn:sns:information"), (ALARM, "arn:sns:critical")])
def test_the_topic_is_that_of_the_gravity(market: Market, notice: Notice, topic: str) -> None:
    sns = _Sns()
    assert tell(notice, market.deployment(), OUTPUTS, sns, {}) == []
    assert sns.published == [{"TopicArn": topic, "Subject": notice.subject, "Message": notice.text}]


def test_without_topics_and_webhook_nobody_is_told(market: Market) -> None:
    assert tell(NEWS, market.deployment(), {}, _Sns(), {}) == []


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            refusal("AuthorizationError", "not\nauthorized", "Publish"),
            "An error occurred (AuthorizationError) when calling the Publish operation: not authorized",
        ),
        (NO_ENDPOINT, 'Could not connect to the endpoint URL: "https://cloudformation"'),
    ],
)
def test_a_topic_that_takes_nothing_is_a_warning(market: Market, error: Exception, told: str) -> None:
    warnings = tell(NEWS, market.deployment(), OUTPUTS, _Sns(error), {})
    assert warnings == [f"nobody was told by information: {told}"]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("Grüße\nan alle", "Gr??e an alle"),
        ("x" * 200, "x" * (MAX_SUBJECT - 4) + "..."),
    ],
)
def test_a_subject_is_as_sns_takes_it(given: str, sent: str) -> None:
    assert subject(given) == sent
    assert len(subject(given)) < MAX_SUBJECT


def test_the_webhook_gets_the_text_as_it_is(market: Market, slack: Site) -> None:
    slack.at("/hook", 200, b"ok")
    assert tell(ALARM, market.deployment(), {}, _Sns(), {SLACK_VARIABLE: f"{slack.url}/hook"}) == []
    ((method, path, body),) = slack.asked
    assert (method, path) == ("POST", "/hook")
    assert json.loads(body) == {"text": "*market dev: web failed*\nweb: &lt;no&gt; &amp; never"}


def test_a_webhook_that_refuses_is_a_warning_without_its_address(market: Market, slack: Site) -> None:
    slack.at("/services/T0/B0/secret", 404, b"no_service")
    webhook = f"{slack.url}/services/T0/B0/secret"
    warnings = tell(NEWS, market.deployment(), {}, _Sns(), {SLACK_VARIABLE: webhook})
    assert warnings == ["nobody was told in Slack: HTTP status 404"]


def test_a_webhook_that_is_not_there_is_a_warning_without_its_address(market: Market) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    warnings = tell(NEWS, market.deployment(), {}, _Sns(), {SLACK_VARIABLE: f"http://127.0.0.1:{port}/secret"})
    assert warnings == ["nobody was told in Slack: Connection refused"]


@pytest.mark.parametrize(
    "webhook", ["hooks.example.com/secret", "http://hooks.example.com/secret", "file:///secret", "https://[secret"]
)
def test_a_webhook_that_is_no_safe_address_is_a_warning(market: Market, webhook: str) -> None:
    sent: list[Any] = tell(NEWS, market.deployment(), {}, _Sns(), {SLACK_VARIABLE: webhook})
    assert sent == [f"nobody was told in Slack: {SLACK_VARIABLE} is no address that begins with https://"]
