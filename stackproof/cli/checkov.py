"""``stackproof checkov``: the stage ``checkov``."""

from __future__ import annotations

from pathlib import Path

import click

from stackproof.cache import Cache
from stackproof.cli.check import default_path
from stackproof.cli.output import Refused, conclude, reported
from stackproof.judge.targets import collect


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@reported
def command(paths: tuple[Path, ...], form: str, output: Path | None, record: Path | None) -> int:
    """Run checkov's built-in checks on the templates as each environment deploys them.

    PATH is what it is for `stackproof check`. What checkov skips stands in .checkov.yaml.
    """
    from stackproof.judge.checkov import checkov
    from stackproof.judge.others import candidates

    refused = Refused()
    targets = collect(paths or (default_path(),), Cache(None), refused)
    return conclude(checkov(list(candidates(targets))), form, output, record, refused.count)
