"""``stackproof simulate``: the stage ``simulation``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stackproof.cli.output import conclude, progress, reported
from stackproof.errors import InputError

if TYPE_CHECKING:
    from stackproof.compose.system import System
    from stackproof.deploy import Event


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
    from stackproof.simulate import simulate_all

    chosen = _chosen(system, environment, everything)
    resources = sum(len(list(one.deployment(name).resources)) for one, name in chosen)
    with progress(2 * resources, "Simulating") as step:
        report = simulate_all(chosen, _steps(step))
    return conclude(report, form, output, record)


def _chosen(system: str | None, environment: str | None, everything: bool) -> Sequence[tuple[System, str]]:
    from stackproof.compose.system import load_system, system_paths

    if everything:
        if system:
            raise InputError("name a SYSTEM and an ENVIRONMENT, or --all, not both")
        systems = [load_system(path) for path in system_paths()]
        if not systems:
            raise InputError("no system in cloudformation/systems")
        return [(one, name) for one in systems for name in one.environments]
    if system is None or environment is None:
        raise InputError("name a SYSTEM and an ENVIRONMENT, or --all")
    return [(load_system(system), environment)]


def _steps(step: Callable[[int], None]) -> Callable[[Event], None]:
    """Return what hears of events and moves the bar by the resources that are done since the last one."""
    done = 0

    def hear(event: Event) -> None:
        nonlocal done
        # Each environment counts from the beginning.
        step(event.done - done if event.done >= done else event.done)
        done = event.done

    return hear
