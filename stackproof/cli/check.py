"""``stackproof check``: the stage ``policies``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from stackproof.cache import Cache, default_folder, fingerprint
from stackproof.cli.output import Refused, asked, conclude, progress, reported
from stackproof.judge.run import FailOn, Question, Scenarios, run
from stackproof.judge.targets import collect


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@asked
@click.option(
    "--environment",
    "-e",
    "environments",
    multiple=True,
    metavar="NAME",
    help="Judge systems in this environment only; may be repeated.",
)
@click.option(
    "--jobs", "-j", type=click.IntRange(min=1), default=None, help="Processes at most.  [default: one per core]"
)
@click.option(
    "--scenarios",
    type=click.Choice([choice.value for choice in Scenarios]),
    default=None,
    help="Which values of parameters are judged.  [default: bound ones of systems, free ones of other templates]",
)
@click.option(
    "--fail-on",
    type=click.Choice([choice.value for choice in FailOn]),
    default=FailOn.ADMITTED.value,
    show_default=True,
    help="Let findings count that no constraint excludes, or only those of declared values.",
)
@click.option("--no-cache", is_flag=True, help="Judge everything again.")
@reported
def command(
    paths: tuple[Path, ...],
    folders: tuple[Path, ...],
    environments: tuple[str, ...],
    jobs: int | None,
    scenarios: str | None,
    fail_on: str,
    no_cache: bool,
    form: str,
    output: Path | None,
    record: Path | None,
) -> int:
    """Judge templates and systems by the policies.

    PATH is a template, a system's manifest, or a folder that is searched for both; without one, the folder
    `cloudformation` is, or else this folder. A template that a system uses is judged in each of its environments, with
    the values that its manifest binds; any other one as if it were production, in every scenario that it permits:
    each finding says with which values it fails.
    """
    asked_for = Scenarios(scenarios) if scenarios else None
    question = Question(folders, environments, asked_for, FailOn(fail_on))
    refused = Refused()
    cache = make_cache(question.policies, no_cache)
    targets = collect(paths or (default_path(),), cache, refused)
    with progress(len(targets), "Judging") as step:
        report = run(targets, question, cache, refused, jobs=jobs or os.cpu_count() or 1, progress=step)
    return conclude(report, form, output, record, refused.count)


def default_path() -> Path:
    """Return what is judged where no path is given."""
    usual = Path("cloudformation")
    return usual if usual.is_dir() else Path()


def make_cache(policies: tuple[Path, ...], no_cache: bool) -> Cache:
    """Return the cache of results, which depend on the engine and on every policy."""
    if no_cache:
        return Cache(None)
    return Cache(default_folder(), fingerprint((Path(__file__).parents[1], *policies)))
