"""``stackproof export``: an environment's values for other tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stackproof.cli.output import write_text

if TYPE_CHECKING:
    from stackproof.compose.deployment import Deployment


@click.command()
@click.argument("system")
@click.argument("environment")
@click.option(
    "--format",
    "-f",
    "form",
    type=click.Choice(["aws-cli", "git-sync"]),
    required=True,
    help="For the AWS CLI, or for CloudFormation's Git sync.",
)
@click.option(
    "--output",
    "-o",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write a file per layer into DIR instead of the terminal.",
)
def command(system: str, environment: str, form: str, output: Path | None) -> None:
    """Write the parameters of each layer of SYSTEM in ENVIRONMENT for those who deploy by other means.

    \b
    aws-cli   LAYER.json, as create-stack --parameters file://LAYER.json and
              (AWS CLI 2) deploy --parameter-overrides file://LAYER.json
              read it, and deploy.sh, which deploys all layers in their order
    git-sync  LAYER.yaml, a stack deployment file of CloudFormation's Git sync,
              to be committed: template-file-path, parameters, tags

    A value that another layer puts out is known only when that layer stands. A placeholder stands for it, which no
    template accepts as an ARN or a name, and stderr names it; deploy.sh puts the value in by itself.

    On the terminal, aws-cli is one JSON object with the parameters by layer, git-sync a stream of YAML documents.
    """  # noqa: D301 - click's mark
    from stackproof.compose.system import load_system
    from stackproof.deploy.export import Form, export

    deployment = load_system(system).deployment(environment)
    files = export(deployment, Form(form))
    if output is not None:
        for name, text in files.items():
            write_text(output / name, text)
        if "deploy.sh" in files:
            (output / "deploy.sh").chmod(0o755)
        click.echo(f"Wrote {', '.join(files)} to {output}")
    elif form == "aws-cli":
        parameters = {
            name.removesuffix(".json"): json.loads(text) for name, text in files.items() if name != "deploy.sh"
        }
        write_text(None, json.dumps(parameters, indent=2, ensure_ascii=False) + "\n")
    else:
        write_text(None, "---\n".join(files.values()))
    _say_what_is_open(deployment)


def _say_what_is_open(deployment: Deployment) -> None:
    from stackproof.deploy.export import open_values

    for found in open_values(deployment):
        click.echo(
            f"stackproof: {found.layer}: {found.parameter} is the output {found.output} of {found.stack} in "
            f"{found.region}, known when that stack stands",
            err=True,
        )
