"""``stackproof lint``: the stage ``lint``."""

from __future__ import annotations

from pathlib import Path

import click

from stackproof.cache import Cache
from stackproof.cli.check import default_path
from stackproof.cli.output import Refused, conclude, progress, reported
from stackproof.judge.targets import collect


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@reported
def command(paths: tuple[Path, ...], form: str, output: Path | None, record: Path | None) -> int:
    """Run cfn-lint on every template under the values of each environment.

    PATH is what it is for `stackproof check`. What cfn-lint skips stands in .cfnlintrc.yaml.
    """
    from stackproof.judge.cfnlint import lint
    from stackproof.judge.others import candidates

    refused = Refused()
    targets = collect(paths or (default_path(),), Cache(None), refused)
    chosen = list(candidates(targets))
    with progress(sum(len(candidate.deployment.stacks) for candidate in chosen), "Linting") as step:
        report = lint(chosen, step)
    return conclude(report, form, output, record, refused.count)
