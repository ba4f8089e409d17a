"""``stackproof status``: how the stacks of an environment stand."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from stackproof.cli.output import progress, write_text
from stackproof.report.paint import Line, painted, plain, wants_colour
from stackproof.report.text import visible
from stackproof.report.wording import several

if TYPE_CHECKING:
    from stackproof.compose.deployment import Deployment
    from stackproof.deploy.status import LayerStatus


@click.command()
@click.argument("system")
@click.argument("environment")
@click.option(
    "--drift", is_flag=True, help="Have CloudFormation look for what was changed outside of it; takes minutes."
)
@click.option("--format", "-f", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(system: str, environment: str, drift: bool, form: str) -> int:
    """Say how the stack of each layer of SYSTEM stands in ENVIRONMENT: status, last change, addresses, drift.

    \b
    Keys of the JSON: version, system, environment, account, good and layers, in
    deploy order, each with layer, stack, region, status (CloudFormation's, or
    MISSING), reason, changed (when, in UTC), protected (from deletion), urls
    (outputs that are addresses), drift (null: nobody asked), drift_unknown
    (why drift could not be found out) and good.

    Exit code: 0 all is well, 1 a stack is missing, has failed, was rolled back or has drifted, 2 wrong usage or input,
    no account.
    """  # noqa: D301 - click's mark
    from stackproof.cli.session import WORKERS, session
    from stackproof.compose.system import load_system
    from stackproof.deploy.status import status

    deployment = load_system(system).deployment(environment)
    with (
        session(deployment.environment) as account,
        progress(len(deployment.stacks), "Looking for drift" if drift else "Looking") as step,
    ):
        layers = status(deployment, account.cloudformation, drift=drift, workers=WORKERS, step=lambda _layer: step())
    if form == "json":
        write_text(None, _json(deployment, account.account, layers))
    else:
        lines = _lines(deployment, account.account, layers)
        write_text(None, (painted if wants_colour(sys.stdout, os.environ) else plain)(lines))
    return 0 if all(layer.good for layer in layers) else 1


def _json(deployment: Deployment, account: str, layers: tuple[LayerStatus, ...]) -> str:
    document = {
        "version": 1,
        "system": deployment.system,
        "environment": deployment.environment.name,
        "account": account,
        "good": all(layer.good for layer in layers),
        "layers": [
            {
                "layer": layer.layer,
                "stack": layer.stack,
                "region": layer.region,
                "status": layer.status,
                "reason": layer.reason,
                "changed": layer.changed,
                "protected": layer.protected,
                "urls": dict(layer.urls),
                "drift": None if layer.drift is None else list(layer.drift),
                "drift_unknown": layer.drift_unknown,
                "good": layer.good,
            }
            for layer in layers
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def _lines(deployment: Deployment, account: str, layers: tuple[LayerStatus, ...]) -> Iterator[Line]:
    place = f"{deployment.system} {deployment.environment.name} in account {account}, {deployment.environment.region}"
    yield [(visible(place), "bold")]
    names = max(len(layer.layer) for layer in layers)
    words = max(len(layer.status) for layer in layers)
    for layer in layers:
        told = "  ".join(filter(None, (layer.changed, _told(layer))))
        line: Line = [(f"  {layer.layer:<{names}}  ", ""), (layer.status, _style(layer))]
        yield [*line, (f"{' ' * (words - len(layer.status))}  {told}", "")] if told else line
        indent = " " * (names + 4)
        yield from ([(f"{indent}{name}: {visible(value)}", "")] for name, value in layer.urls)
        yield from ([(indent, ""), ("drift ", "bold red"), (visible(one), "")] for one in layer.drift or ())
        if layer.drift_unknown:
            yield [(indent, ""), ("drift unknown ", "bold magenta"), (visible(layer.drift_unknown), "")]
    yield _total(layers)


def _told(layer: LayerStatus) -> str:
    aside = "" if layer.drift is None or layer.drift or layer.drift_unknown else "no drift"
    protected = "protected" if layer.protected else ""
    return visible("; ".join(filter(None, (layer.reason, protected, aside))))


def _style(layer: LayerStatus) -> str:
    if layer.failed:
        return "bold red"
    return "yellow" if layer.status.endswith("_IN_PROGRESS") else "green"


def _total(layers: tuple[LayerStatus, ...]) -> Line:
    counts = Counter(_word(layer) for layer in layers)
    words = ("complete", "under way", "drifted", "of unknown drift", "failed", "missing")
    told = ", ".join(f"{counts[word]} {word}" for word in words if counts[word])
    good = all(layer.good for layer in layers)
    return [(f"{several(len(layers), 'layer')}: {told}", "bold green" if good else "bold red")]


def _word(layer: LayerStatus) -> str:
    from stackproof.deploy.stacks import REVIEWED
    from stackproof.deploy.status import MISSING

    if layer.status in (MISSING, REVIEWED):
        return "missing"
    if layer.failed:
        return "failed"
    if layer.drift:
        return "drifted"
    if layer.drift_unknown:
        return "of unknown drift"
    return "under way" if layer.status.endswith("_IN_PROGRESS") else "complete"
