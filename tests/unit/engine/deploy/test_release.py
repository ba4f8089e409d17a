"""The whole course of a deployment: what is done, what is taken back, what is said, who is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from stackproof.deploy import Event, Terms
from stackproof.deploy.health import Prober
from stackproof.deploy.notices import SLACK_VARIABLE
from stackproof.deploy.release import End, Outcome, Release, Veil
from stackproof.deploy.stacks import find
from stackproof.errors import InputError
from stackproof.report import release as report
from stackproof.simulate.account import SimulatedAccount
from tests.unit.engine.deploy.clients import Broken, refusal
from tests.unit.engine.deploy.market import LAYERS, SECRET, Market
from tests.unit.engine.deploy.servers import Site, Time, serving

BAD = "Value: first", "Value: ''"
EXPIRED = refusal("ExpiredToken", "The security token included in the request is expired")


class Watched:
    """The account, with every message to a topic remembered.

    Attributes:
        told: subject and text of the messages, by the topic's logical id.
        broken: what CloudFormation's client raises, by operation.
    """

    def __init__(self, account: SimulatedAccount) -> None:
        self._account = account
        self.told: list[tuple[str, str, str]] = []
        self.broken: dict[str, list[Exception | None]] = {}

    def cloudformation(self, region: str = "us-east-1") -> Any:
        """Return CloudFormation's client."""
        client = self._account.cloudformation(region)
        return Broken(client, self.broken) if self.broken else client

    def client(self, service: str, region: str) -> Any:
        """Return a service's client; SNS is listened to."""
        return self if service == "sns" else self._account.client(service, region)

    def publish(self, TopicArn: str, Subject: str, Message: str) -> None:  # noqa: N803 - as boto3 has it
        """Remember a message."""
        topic = TopicArn.rpartition(":")[2]
        self.told.append(("critical" if "Critical" in topic else "information", Subject, Message))


class Course:
    """The market, deployed with a site that answers for it."""

    def __init__(self, account: SimulatedAccount, market: Market, site: Site) -> None:
        self.account = Watched(account)
        self.market = market
        self.site = site
        self.said: list[str] = []
        self.heard: list[Event] = []
        self.variables: dict[str, str] = {}

    def run(self, environment: str = "dev", *, checked: bool = True, workers: int = 1, **terms: Any) -> Outcome:
        """Deploy what the files say now."""
        deployment = self.market.deployment(environment)
        time = Time()
        return Release(
            deployment,
            self.account,
            Terms(guarded=deployment.environment.protected, **terms),
            hear=self.heard.append,
            say=self.said.append,
            prober=Prober(3, time.sleep, time) if checked else None,
            url=self.site.url if checked else "",
            variables=self.variables,
            sleep=lambda _seconds: None,
            workers=workers,
        ).run()

    def note(self, layer: str, environment: str = "dev") -> str:
        """Return what a layer's parameter holds."""
        client = self.account.cloudformation()
        found = client.describe_stack_resources(StackName=f"market-{environment}-{layer}", LogicalResourceId="Note")
        name = found["StackResources"][0]["PhysicalResourceId"]
        return str(self.account.client("ssm", "us-east-1").get_parameter(Name=name)["Parameter"]["Value"])


@pytest.fixture
def site() -> Iterator[Site]:
    """The application; well unless a test says otherwise."""
    with serving() as found:
        yield found


@pytest.fixture
def course(account: SimulatedAccount, market: Market, site: Site) -> Course:
    """The market, not deployed."""
    return Course(account, market, site)


@pytest.fixture
def deployed(course: Course) -> Course:
    """The market as it stands; the application was not asked."""
    assert course.run(checked=False).well
    course.account.told.clear()
    course.heard.clear()
    return course


def _ends(outcome: Outcome) -> dict[str, str]:
    return {layer.layer: str(layer.end) for layer in outcome.layers}


def _well(course: Course) -> None:
    course.site.at("/")
    course.site.at("/health/")


# --- All is well. ---


def test_what_was_done_and_what_matters_is_in_the_outcome(course: Course) -> None:
    _well(course)
    outcome = course.run()
    assert (outcome.well, _ends(outcome)) == (True, dict.fromkeys(LAYERS, "created"))
    assert outcome.health is not None
    assert outcome.health.told == (f"GET {course.site.url}/health/: 200", f"GET {course.site.url}/: 200")
    assert (outcome.outputs or {})["web"] == {"Url": "http://market.example.com"}


def test_a_success_is_told_for_information(course: Course) -> None:
    _well(course)
    course.run()
    ((gravity, subject, text),) = course.account.told
    assert (gravity, subject) == ("information", "market dev: deployed")
    assert "market-dev-web         created (4 added)" in text


def test_a_deployment_that_changes_nothing_is_checked_and_not_told(deployed: Course) -> None:
    _well(deployed)
    outcome = deployed.run()
    assert (outcome.well, outcome.touched, _ends(outcome)) == (True, False, dict.fromkeys(LAYERS, "unchanged"))
    assert deployed.site.asked
    assert (deployed.account.told, deployed.heard) == ([], [])


def test_nobody_is_asked_where_that_is_not_wished(course: Course) -> None:
    outcome = course.run(checked=False)
    assert (outcome.well, outcome.health, course.site.asked) == (True, None, [])


def test_a_wrong_address_is_said_before_anything_is_done(course: Course) -> None:
    course.site.url = "nowhere"
    with pytest.raises(InputError, match="is no address"):
        course.run()
    assert find(course.account.cloudformation(), "market-dev-base") is None


# --- Going back. ---


def test_an_application_that_is_ill_is_taken_back_in_reverse(deployed: Course) -> None:
    deployed.market.change("base")
    deployed.market.change("data")
    deployed.site.at("/")
    deployed.site.at("/health/", 503)
    outcome = deployed.run()
    expected = {"base": "rolled back", "data": "rolled back"}
    assert (outcome.well, _ends(outcome)) == (False, dict.fromkeys(LAYERS, "unchanged") | expected)
    assert [line for line in deployed.said if "rolled back" in line] == [
        "market-dev-data: is rolled back",
        "market-dev-base: is rolled back",
    ]
    assert (deployed.note("base"), deployed.note("data")) == ("first", "first")


def test_a_roll_back_is_told_as_critical(deployed: Course) -> None:
    deployed.market.change("web")
    deployed.site.at("/", 500)
    deployed.site.at("/health/")
    deployed.run()
    ((gravity, subject, text),) = deployed.account.told
    assert (gravity, subject) == ("critical", "market dev: not well after the deployment, rolled back")
    assert f"health: GET {deployed.site.url}/: 500; for 3 s" in text


def test_after_a_roll_back_the_application_is_asked_again(deployed: Course) -> None:
    deployed.market.change("web")
    deployed.site.at("/")
    for status in (503, 503, 503, 200):
        deployed.site.at("/health/", status)
    outcome = deployed.run()
    assert outcome.health is not None
    assert outcome.after is not None
    assert (outcome.well, outcome.health.well, outcome.after.well) == (False, False, True)


def test_a_stack_that_was_created_stays_and_is_named(deployed: Course) -> None:
    client = deployed.account.cloudformation()
    client.delete_stack(StackName="market-dev-web")
    deployed.market.change("base")
    deployed.site.at("/health/", 503)
    outcome = deployed.run()
    assert (_ends(outcome)["web"], _ends(outcome)["base"]) == ("created, stays", "rolled back")
    assert "market-dev-web: was created by this deployment, and stays" in deployed.said
    assert find(client, "market-dev-web") is not None
    assert "Created by this deployment, and not removed: market-dev-web." in report.text(outcome)


def test_an_ill_application_of_which_nothing_was_changed_is_a_failure(deployed: Course) -> None:
    deployed.site.at("/health/", 503)
    outcome = deployed.run()
    assert (outcome.well, _ends(outcome)) == (False, dict.fromkeys(LAYERS, "unchanged"))
    assert "This run changed nothing that could be rolled back: deploy what was there before." in report.text(outcome)


def test_a_layer_that_cannot_be_rolled_back_is_said_and_the_others_are(deployed: Course) -> None:
    deployed.market.change("base")
    deployed.market.change("web")
    deployed.site.at("/health/", 503)
    denied = refusal("AccessDenied", "not authorized to roll back")
    deployed.account.broken = {"execute_change_set": [None, None, denied]}
    outcome = deployed.run()
    ends = _ends(outcome)
    assert sorted((ends["base"], ends["web"])) == ["not rolled back", "rolled back"]
    assert report.headline(outcome) == "market dev: not well after the deployment, and could not be rolled back"
    assert "not authorized to roll back" in report.text(outcome)


# --- Failures on the way. ---


@pytest.mark.parametrize("workers", [1, 4])
def test_a_layer_that_fails_leaves_those_before_it_as_they_are_now(deployed: Course, workers: int) -> None:
    deployed.market.change("base")
    deployed.market.change("data", *BAD)
    outcome = deployed.run(workers=workers)
    assert (outcome.well, outcome.health) == (False, None)
    ends = _ends(outcome)
    assert (ends["base"], ends["data"]) == ("updated", "failed")
    assert (deployed.note("base"), deployed.note("data")) == ("second", "first")
    assert deployed.account.told[0][:2] == ("critical", "market dev: data failed")
    assert "What is changed stays changed: mend it" in report.text(outcome)


def test_what_was_not_begun_is_said(course: Course) -> None:
    course.market.change("base", *BAD)
    outcome = course.run()
    assert _ends(outcome) == {
        "delivery": "created",
        "monitoring": "created",
        "base": "failed",
        "data": "not begun",
        "web": "not begun",
    }
    failed = next(layer for layer in outcome.layers if layer.end is End.FAILED)
    assert (failed.logical_id, failed.reason.partition(": ")[0]) == ("Note", "ROLLBACK_COMPLETE")


def test_a_refusal_changes_nothing_and_wakes_nobody(course: Course) -> None:
    course.run("prod", checked=False)
    course.account.told.clear()
    course.market.change("base")
    course.market.change("data", "-goods'", "-wares'")
    outcome = course.run("prod", checked=False)
    assert (outcome.well, outcome.touched, _ends(outcome)["data"]) == (False, False, "refused")
    assert course.note("base", "prod") == "first"
    assert [told[:2] for told in course.account.told] == [("information", "market prod: refused, nothing was changed")]


def test_expired_credentials_are_said_and_nobody_is_asked_in_vain(deployed: Course) -> None:
    deployed.market.change("base")
    deployed.account.broken = {"describe_stacks": [EXPIRED] * 1000}
    outcome = deployed.run()
    assert not outcome.well
    assert {layer.reason for layer in outcome.layers if layer.end is End.REFUSED} == {
        "the credentials have expired; what CloudFormation has begun goes on: run the same command again"
    }
    assert [warning.partition(":")[0] for warning in outcome.warnings] == ["the outputs are not known"]


def test_who_cannot_be_told_is_a_warning(deployed: Course) -> None:
    _well(deployed)
    deployed.market.change("web")
    deployed.variables = {SLACK_VARIABLE: "ftp://secret.example.com/T0"}
    outcome = deployed.run()
    assert outcome.well
    assert outcome.warnings == (f"nobody was told in Slack: {SLACK_VARIABLE} is no address that begins with https://",)


# --- Secrets. ---


def test_a_value_that_must_not_be_shown_is_shown_nowhere(course: Course) -> None:
    """Not even where a service says it in its reason."""
    _well(course)
    text = (course.market.folder / "data.yaml").read_text()
    (course.market.folder / "data.yaml").write_text(text + "Outputs:\n  Leak: {Value: !Ref Password}\n")
    outcome = course.run()
    assert outcome.well
    everything = [report.text(outcome), report.markdown(outcome), report.as_json(outcome), repr(outcome)]
    everything += [*course.said, repr(course.heard), repr(course.account.told)]
    assert [text for text in everything if SECRET in text] == []


def test_a_reason_that_holds_a_secret_is_masked(course: Course) -> None:
    course.account.broken = {"create_change_set": [None, refusal("ValidationError", f"'{SECRET}' is too short")] * 9}
    outcome = course.run()
    assert any("'****' is too short" in layer.reason for layer in outcome.layers)
    assert SECRET not in report.as_json(outcome)


def test_the_veil_hides_the_webhook(market: Market) -> None:
    veil = Veil(market.deployment(), {SLACK_VARIABLE: "https://hooks.example.com/T0/secret"})
    assert veil("POST https://hooks.example.com/T0/secret failed") == "POST **** failed"
    assert veil(f"it is {SECRET}!") == "it is ****!"


# --- Forms. ---


def test_the_json_is_for_programs(deployed: Course) -> None:
    _well(deployed)
    deployed.market.change("web")
    found = json.loads(report.as_json(deployed.run()))
    assert (found["version"], found["well"], found["touched"]) == (1, True, True)
    web = next(layer for layer in found["layers"] if layer["layer"] == "web")
    assert web == {
        "layer": "web",
        "stack": "market-dev-web",
        "end": "updated",
        "reason": "",
        "logical_id": "",
        "attached": False,
        "changes": [
            {"logical_id": "Note", "type": "AWS::SSM::Parameter", "change": "modified", "properties": ["Value"]}
        ],
    }
    assert found["health"] == {
        "well": True,
        "told": [f"GET {deployed.site.url}/health/: 200", f"GET {deployed.site.url}/: 200"],
        "attempts": 1,
    }


def test_the_text_is_for_people(deployed: Course) -> None:
    _well(deployed)
    deployed.market.change("web")
    assert report.text(deployed.run()) == (
        "market dev: deployed\n"
        "  market-dev-delivery    unchanged\n"
        "  market-dev-monitoring  unchanged\n"
        "  market-dev-base        unchanged\n"
        "  market-dev-data        unchanged\n"
        "  market-dev-web         updated (1 modified)\n"
        f"  health: GET {deployed.site.url}/health/: 200\n"
        f"  health: GET {deployed.site.url}/: 200\n"
        "  web.Url http://market.example.com\n"
    )


def test_the_markdown_is_for_a_pull_request(deployed: Course) -> None:
    deployed.market.change("data", *BAD)
    found = report.markdown(deployed.run())
    assert found.startswith("**market dev: data failed**\n\n| stack | | changes |\n| --- | --- | --- |\n")
    assert "| `market-dev-data` | failed |  |\n" in found
    assert "- market-dev-data: Note: UPDATE\\_ROLLBACK\\_COMPLETE: " in found
