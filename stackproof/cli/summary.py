"""``stackproof summary``: the one table at the end of the gate."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
def command(folder: Path) -> int:
    """Print the gate's one table, system x environment x stage, from the records in DIR.

    A stage that left no record counts as failed.
    """
    from stackproof.report import paint, record, summary

    result = summary.summarise(record.read_all(folder))
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    sys.stdout.write(summary.render(result, width, colour=paint.wants_colour(sys.stdout, os.environ)))
    return result.exit_code
