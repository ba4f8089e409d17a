"""``stackproof deploy``: the stacks of an environment are brought to what the templates say."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stackproof.cli.output import write_text
from stackproof.errors import InputError, suggestion

if TYPE_CHECKING:
    from stackproof.compose.deployment import Deployment
    from stackproof.deploy.release import Outcome

WORKERS = 4


@click.command()
@click.argument("system")
@click.argument("environment")
@click.option(
    "--reviewed",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Execute exactly the change sets that stackproof preview --save FILE has made.",
)
@click.option(
    "--accept",
    "accepted",
    metavar="LAYER/LOGICAL_ID",
    multiple=True,
    help="A resource of a protected environment that may be replaced, removed or interrupted. May be repeated.",
)
@click.option(
    "--accept-drift", is_flag=True, help="Update protected stacks that were changed outside of CloudFormation."
)
@click.option("--no-health-check", "unchecked", is_flag=True, help="Do not ask the application whether it is well.")
@click.option("--health-url", metavar="URL", default="", help="Ask this address instead of the application's own.")
@click.option(
    "--health-timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=1),
    default=300,
    show_default=True,
    help="For how long the application is asked before it is taken to be ill.",
)
@click.option(
    "--format",
    "-f",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="Form of the outcome.",
)
@click.option(
    "--record",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the outcome to FILE, as JSON.",
)
def command(
    system: str,
    environment: str,
    reviewed: Path | None,
    accepted: tuple[str, ...],
    accept_drift: bool,
    unchecked: bool,
    health_url: str,
    health_timeout: float,
    form: str,
    record: Path | None,
) -> int:
    """Bring the stacks of SYSTEM in ENVIRONMENT to what the templates say, each after those that it imports from.

    Every change is a change set first, and all that can be made are made and checked before any is executed. A run that
    was interrupted goes on when the same command is run again. What is under way is told on stderr.

    In a protected environment, stacks that drifted are not updated, and nothing with data is replaced or removed, nor
    anything interrupted, unless it is accepted by name; stacks cannot be deleted any more.

    Afterwards the application is asked whether it is well. Where it is not, the stacks that were updated are rolled
    back, the last one first; those that were created stay.

    Who watches the environment is told by the monitoring layer's topics, and in Slack where the environment variable
    STACKPROOF_SLACK_WEBHOOK_URL is the address of a webhook.

    Exit code: 0 deployed and well, 1 refused, failed or not well, 2 wrong usage or input, no account.
    """
    from stackproof.cli.live import live
    from stackproof.cli.session import session
    from stackproof.compose.system import load_system
    from stackproof.deploy.health import Prober
    from stackproof.deploy.layer import Terms
    from stackproof.deploy.preview import load_review
    from stackproof.deploy.release import Release

    deployment = load_system(system).deployment(environment)
    _check_accepted(deployment, accepted)
    with session(deployment.environment) as account:
        found = load_review(reviewed, deployment.system, environment, account.account)["layers"] if reviewed else {}
        terms = Terms(deployment.environment.protected, frozenset(accepted), accept_drift, found)
        prober = None
        if not unchecked:
            prober = Prober(health_timeout, balancer=lambda region: account.client("elbv2", region))
        with live(f"Deploying {deployment.system} {environment}") as hear:
            release = Release(
                deployment, account, terms, hear=hear, say=_say, prober=prober, url=health_url, workers=WORKERS
            )
            try:
                outcome = release.run()
            except KeyboardInterrupt:
                _say("interrupted; what CloudFormation has begun goes on: run the same command again to follow it")
                raise
    _show(outcome, form, record)
    return 0 if outcome.well else 1


def _check_accepted(deployment: Deployment, accepted: tuple[str, ...]) -> None:
    for name in accepted:
        layer, slash, _ = name.rpartition("/")
        if slash and layer not in deployment.stacks:
            near = suggestion(layer, deployment.stacks)
            raise InputError(f"--accept {name}: {deployment.system} has no layer '{layer}'{near}")


def _say(line: str) -> None:
    from stackproof.report.text import visible

    click.echo(visible(line), err=True)


def _show(outcome: Outcome, form: str, record: Path | None) -> None:
    from stackproof.report import paint
    from stackproof.report import release as report

    if record is not None:
        write_text(record, report.as_json(outcome))
    if form == "json":
        shown = report.as_json(outcome)
    elif form == "markdown":
        shown = report.markdown(outcome)
    else:
        shown = report.text(outcome, paint.wants_colour(sys.stdout, os.environ))
    write_text(None, shown)
