"""``stackproof simulate``: the stage ``simulation``."""

from __future__ import annotations

from pathlib import Path

import click

from stackproof.cli.output import conclude, reported
from stackproof.errors import InputError


@click.command()
@click.argument("system", required=False)
@click.argument("environment", required=False)
@click.option("--all", "everything", is_flag=True, help="Simulate every environment of every system.")
@reported
def command(
    system: str | None, environment: str | None, everything: bool, form: str, output: Path | None, record: Path | None
) -> int:
    """Deploy SYSTEM in ENVIRONMENT in simulation, look at it through the services' own interfaces, and delete it.

    The report lists everything that the simulation cannot show.
    """
    from stackproof.compose.system import load_system, system_paths

    if everything == bool(system) or bool(system) != bool(environment):
        raise InputError("name a SYSTEM and an ENVIRONMENT, or --all")
    systems = [load_system(path) for path in system_paths()] if everything else [load_system(str(system))]
    if not systems:
        raise InputError("no system in cloudformation/systems")
    chosen = [(one, name) for one in systems for name in (one.environments if everything else (str(environment),))]
    return conclude(_simulate(chosen), form, output, record)
