"""``stackproof render``: the templates of a system as one environment deploys them."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.argument("system")
@click.argument("environment")
@click.option(
    "--output",
    "-o",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write a file per layer into DIR instead of the terminal.",
)
def command(system: str, environment: str, output: Path | None) -> None:
    """Write the templates of SYSTEM with the values of ENVIRONMENT put in, as JSON.

    References stay references; conditions are decided.
    """
    from stackproof.compose.render import render
    from stackproof.compose.system import load_system

    deployment = load_system(system).deployment(environment)
    for layer in deployment.stacks:
        text = json.dumps(render(deployment, layer), indent=2) + "\n"
        if output is None:
            click.echo(text, nl=False)
        else:
            output.mkdir(parents=True, exist_ok=True)
            (output / f"{layer}.json").write_text(text, encoding="utf-8")
