"""``stackproof check``: the stage ``policies``."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from stackproof.cache import Cache, default_folder, fingerprint
from stackproof.cli.output import Refused, asked, conclude, packed, progress, reported
from stackproof.errors import InputError
from stackproof.judge.run import FailOn, Question, Scenarios, Terms, run
from stackproof.judge.targets import collect


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@asked
@packed
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
@click.option(
    "--waivers",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Take waivers from FILE instead of the files waivers.yaml.",
)
@click.option(
    "--baseline",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Let pass the findings that stand in FILE.",
)
@click.option("--write-baseline", is_flag=True, help="Write all findings of today into the baseline.")
@click.option("--skip-others", is_flag=True, help="Pass over named files that are no template and no manifest.")
@click.option("--no-cache", is_flag=True, help="Judge everything again.")
@reported
def command(
    paths: tuple[Path, ...],
    folders: tuple[Path, ...],
    packs: tuple[str, ...],
    environments: tuple[str, ...],
    jobs: int | None,
    scenarios: str | None,
    fail_on: str,
    waivers: Path | None,
    baseline: Path | None,
    write_baseline: bool,
    skip_others: bool,
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

    What is waived, in the metadata of templates or in files waivers.yaml beside or above them, and what stands in the
    baseline, does not count.
    """
    asked_for = Scenarios(scenarios) if scenarios else None
    question = Question(folders, environments, asked_for, FailOn(fail_on), packs)
    if write_baseline and baseline is None:
        raise InputError("--write-baseline needs --baseline FILE")
    refused = Refused()
    cache = make_cache(question.policies, no_cache)
    paths = paths or (default_path(),)
    targets = collect(paths, cache, refused, skip_others=skip_others)
    today = datetime.now(UTC).date()
    terms = Terms(today, paths, waivers, baseline, renew=write_baseline, complete=not refused.count)
    with progress(len(targets), "Judging") as step:
        report = run(targets, question, cache, refused, terms=terms, jobs=jobs or os.cpu_count() or 1, progress=step)
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
