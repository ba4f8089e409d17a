"""``stackproof simulate``: the stage ``simulation``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
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
@click.option("--from", "reference", metavar="REF", default="", help="Deploy this git reference first, then update.")
@click.option("--faults", is_flag=True, help="Let every resource fail in turn, and look at what is left behind.")
@click.option(
    "--allow-unsimulated",
    "allowed",
    metavar="TYPE",
    multiple=True,
    help="A resource type that may stay unsimulated; any other fails its stack. May be repeated.",
)
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes at most, for --all; each takes up to 400 MB.",
)
@click.option(
    "--events", type=click.Path(dir_okay=False, path_type=Path), help="Write the events of all stacks to this file."
)
@reported
def command(
    system: str | None,
    environment: str | None,
    everything: bool,
    reference: str,
    faults: bool,
    allowed: tuple[str, ...],
    jobs: int,
    events: Path | None,
    form: str,
    output: Path | None,
    record: Path | None,
) -> int:
    """Deploy SYSTEM in ENVIRONMENT in simulation, look at it through the services' own interfaces, and delete it.

    With --from, what that git reference holds is deployed first and then updated to the working tree; the report says
    what was replaced, interrupted, retained and lost. It also lists everything that the simulation cannot show.
    """
    from stackproof.simulate.plan import Wishes, planned
    from stackproof.simulate.run import carry_out_all

    plans = planned(_chosen(system, environment, everything), Wishes(reference, faults, frozenset(allowed)))
    processes = min(jobs, len(plans))
    with ExitStack() as kept:
        step = kept.enter_context(progress(sum(plan.steps for plan in plans), "Simulating"))
        log = kept.enter_context(_log(events)) if events else None
        hear = _steps(step, log)
        if processes > 1:
            from stackproof.simulate.pool import carry_out_in_processes

            report = carry_out_in_processes(plans, processes, hear)
        else:
            report = carry_out_all(plans, hear)
    return conclude(report, form, output, record)


@contextmanager
def _log(path: Path) -> Iterator[Callable[[Event], None]]:
    """Give what writes events as the console of CloudFormation lists them, oldest first."""
    try:
        with path.open("w", encoding="utf-8") as file:
            yield lambda event: print(_line(event), file=file)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None


def _line(event: Event) -> str:
    name = event.logical_id or event.stack
    return f"{event.stack:<32} {event.status:<36} {event.type:<44} {name}{f'  {event.reason}' if event.reason else ''}"


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


def _steps(step: Callable[[int], None], log: Callable[[Event], None] | None) -> Callable[[Event], None]:
    """Return what hears of events and moves the bar by the resources that are done since the last one."""
    done = 0

    def hear(event: Event) -> None:
        nonlocal done
        if log is not None and event.status:
            log(event)
        step(event.done - done)
        done = event.done

    return hear
