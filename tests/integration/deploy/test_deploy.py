"""`stackproof deploy`, the console script, against a server."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import STACKPROOF, Ran, Served
from tests.unit.engine.deploy.market import LAYERS, SECRET, Market
from tests.unit.engine.deploy.servers import Site, serving

Deploy = Callable[..., Ran]


@pytest.fixture
def market(tmp_path: Path) -> Market:
    """The system that is deployed."""
    return Market(tmp_path)


@pytest.fixture
def site() -> Iterator[Site]:
    """The application, which is well."""
    with serving() as found:
        found.at("/")
        found.at("/health/")
        yield found


@pytest.fixture
def command(served: Served, market: Market) -> Deploy:
    """Runs ``stackproof`` with the server as its AWS."""

    def run(*arguments: str | Path, **variables: str) -> Ran:
        done = subprocess.run(
            [STACKPROOF, *arguments],
            cwd=market.folder,
            env=os.environ | {"AWS_ENDPOINT_URL": served.endpoint, "HOME": str(market.folder)} | variables,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def deploy(command: Deploy, market: Market) -> Deploy:
    """Runs ``stackproof deploy`` of the market, without a health check unless one is named."""

    def run(environment: str = "dev", *options: str | Path, **variables: str) -> Ran:
        health = () if any("health" in str(option) for option in options) else ("--no-health-check",)
        return command("deploy", market.manifest, environment, *health, *options, **variables)

    return run


def _note(served: Served, layer: str) -> str:
    client = served.client("cloudformation")
    found = client.describe_stack_resource(StackName=f"market-dev-{layer}", LogicalResourceId="Note")
    name = found["StackResourceDetail"]["PhysicalResourceId"]
    return str(served.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])


def test_what_happens_is_told_while_it_happens_and_summed_up_at_the_end(deploy: Deploy) -> None:
    """Without a terminal a line for each event of a stack, on stderr; the outcome is on stdout."""
    ran = deploy()
    assert ran.code == 0
    lines = ran.err.splitlines()
    for layer in LAYERS:
        own = [line.split()[1] for line in lines if line.startswith(f"market-dev-{layer} ")]
        assert own == ["REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"]
    assert len(lines) == 3 * len(LAYERS)
    assert ran.out == (
        "market dev: deployed\n"
        "  market-dev-delivery    created (1 added)\n"
        "  market-dev-monitoring  created (2 added)\n"
        "  market-dev-base        created (2 added)\n"
        "  market-dev-data        created (3 added)\n"
        "  market-dev-web         created (4 added)\n"
        "  web.Url http://market.example.com\n"
    )


def test_an_application_that_is_well_is_deployed(deploy: Deploy, site: Site) -> None:
    ran = deploy("dev", "--health-url", site.url)
    assert ran.code == 0
    assert f"  health: GET {site.url}/health/: 200\n" in ran.out
    assert [path for _, path, _ in site.asked] == ["/health/", "/"]


def test_an_application_that_is_ill_is_rolled_back(deploy: Deploy, site: Site, served: Served, market: Market) -> None:
    deploy()
    market.change("base")
    market.change("web")
    site.answers.clear()
    site.at("/health/", 503)
    ran = deploy("dev", "--health-url", site.url, "--health-timeout", "1")
    assert (ran.code, ran.out.splitlines()[0]) == (1, "market dev: not well after the deployment, rolled back")
    assert (_note(served, "base"), _note(served, "web")) == ("first", "first")
    assert "market-dev-base: is rolled back\n" in ran.err


def test_what_was_reviewed_is_executed(command: Deploy, deploy: Deploy, served: Served, market: Market) -> None:
    deploy()
    market.change("base")
    review = market.folder / "review.json"
    assert command("preview", market.manifest, "dev", "--save", review).code == 0
    market.change("base", "Value: second", "Value: third")
    assert deploy("dev", "--reviewed", review).code == 0
    assert _note(served, "base") == "second"


def test_a_review_of_something_else_is_refused(command: Deploy, deploy: Deploy, market: Market) -> None:
    review = market.folder / "review.json"
    assert command("preview", market.manifest, "dev", "--save", review).code == 0
    ran = deploy("prod", "--reviewed", review)
    assert (ran.code, "is a review of the environment dev, not of prod" in ran.err) == (2, True)


def test_a_protected_environment_wants_dangers_named(deploy: Deploy, market: Market) -> None:
    assert deploy("prod").code == 0
    market.change("data", "-goods'", "-wares'")
    refused = deploy("prod")
    assert (refused.code, refused.out.splitlines()[0]) == (1, "market prod: refused, nothing was changed")
    assert "To go on, name it: --accept data/Bucket" in refused.out
    assert deploy("prod", "--accept", "data/Bucket").code == 0


def test_the_outcome_can_be_read_by_programs(deploy: Deploy, market: Market) -> None:
    record = market.folder / "records" / "dev.json"
    ran = deploy("dev", "--format", "json", "--record", record)
    assert ran.json == json.loads(record.read_text())
    assert ran.json["headline"] == "market dev: deployed"


def test_slack_is_told(deploy: Deploy, site: Site) -> None:
    site.at("/hook/very-secret", 200, b"ok")
    ran = deploy("dev", STACKPROOF_SLACK_WEBHOOK_URL=f"{site.url}/hook/very-secret")
    assert ran.code == 0
    ((method, path, body),) = site.asked
    assert (method, path) == ("POST", "/hook/very-secret")
    assert json.loads(body)["text"].startswith("*market dev: deployed*\n")
    assert "very-secret" not in ran.out + ran.err


def test_neither_credentials_nor_values_that_must_not_be_shown_are_shown(deploy: Deploy, market: Market) -> None:
    text = (market.folder / "data.yaml").read_text()
    (market.folder / "data.yaml").write_text(text + "Outputs:\n  Leak: {Value: !Ref Password}\n")
    secrets = {"AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI-4711", "AWS_SESSION_TOKEN": "FwoGZXIvYXdzEBY-4712"}
    record = market.folder / "record.json"
    shown = [deploy("dev", "--format", form, "--record", record, **secrets) for form in ("text", "markdown", "json")]
    everything = "".join(ran.out + ran.err for ran in shown) + record.read_text()
    assert [ran.code for ran in shown] == [0, 0, 0]
    assert [secret for secret in (SECRET, *secrets.values()) if secret in everything] == []


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--accept", "wbe/Bucket"), "market has no layer 'wbe'; did you mean 'web'?"),
        (("--reviewed", "nowhere.json"), "cannot read nowhere.json"),
        (("--health-url", "nowhere"), "'nowhere' is no address"),
        (("--health-timeout", "soon"), "--health-timeout"),
    ],
)
def test_wrong_usage_is_one_line(deploy: Deploy, served: Served, options: tuple[str, ...], told: str) -> None:
    ran = deploy("dev", *options)
    assert (ran.code, ran.out, told in ran.err) == (2, "", True)
    assert len(ran.err.splitlines()) == 1
    stacks: list[Any] = served.client("cloudformation").describe_stacks()["Stacks"]
    assert stacks == []


def test_an_account_that_nobody_reaches_is_one_line(deploy: Deploy) -> None:
    ran = deploy("dev", AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_MAX_ATTEMPTS="1")
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
