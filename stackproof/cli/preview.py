"""``stackproof preview``: what a deployment will do, as change sets that are not executed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click

from stackproof.cli.output import progress, write_text


@click.command()
@click.argument("system")
@click.argument("environment")
@click.option(
    "--format",
    "-f",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="Form of the preview; markdown is a pull request's comment.",
)
@click.option(
    "--output",
    "-o",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the preview to FILE instead of the terminal.",
)
@click.option(
    "--save",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the ids of the change sets to FILE, for stackproof deploy --reviewed FILE.",
)
def command(system: str, environment: str, form: str, output: Path | None, save: Path | None) -> int:
    """Make a change set for each layer of SYSTEM in ENVIRONMENT, and show what it would change.

    Nothing is deployed. A layer that imports from one that does not stand yet can have no change set: what its template
    makes is shown. Names of properties are shown, values never.

    AWS keeps a stack that does not stand yet as REVIEW_IN_PROGRESS once it has a change set: stackproof deploy goes on
    from there, and stackproof delete clears it. Change sets of earlier previews are deleted when they are a month older
    than the newest one.

    \b
    Keys of the JSON: version, system, environment, protected, account, region,
    commit, failed, accept (what a deployment must be given with --accept) and
    layers, in deploy order, each with
      layer, stack, region, status (now; empty: no stack),
      action     create, update, nothing or recover
      first      what is done before that; empty: nothing
      after      layers that must be deployed before
      known      false: the changes are known only then
      change_set its id; empty: none
      failure    why it cannot be deployed like this; empty: it can
      changes    of each resource: logical_id, type, physical_id,
                 change (added, modified, replaced, perhaps replaced, removed,
                 imported), properties, replacing (those that replace it), fate,
                 risks (danger, certain)

    Exit code: 0 it can be deployed, 1 a layer cannot, 2 wrong usage or input, no account.
    """  # noqa: D301 - click's mark
    from stackproof.cli.session import WORKERS, session
    from stackproof.compose.system import load_system
    from stackproof.deploy import preview as previews
    from stackproof.report import paint
    from stackproof.report import preview as report

    deployment = load_system(system).deployment(environment)
    with (
        session(deployment.environment) as account,
        progress(len(deployment.stacks), f"Previewing {deployment.system} {environment}") as step,
    ):
        found = previews.preview(
            deployment,
            account.cloudformation,
            account=account.account,
            commit=commit(),
            workers=WORKERS,
            watch=lambda region: account.client("cloudwatch", region),
            step=lambda _layer: step(),
        )
    if save is not None:
        write_text(save, json.dumps(previews.review(found), indent=2) + "\n")
    if form == "text":
        colour = output is None and paint.wants_colour(sys.stdout, os.environ)
        shown = report.text(found, colour)
    else:
        shown = report.markdown(found) if form == "markdown" else report.as_json(found)
    write_text(output, shown)
    return 1 if found.failed else 0


def commit() -> str:
    """Return the commit that the working directory holds, marked where it holds more; empty where nothing says it."""
    describe = ("git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
    try:
        done = subprocess.run(describe, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
