"""What the commands of the gate's stages share: formats, records, exit codes, progress."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from stackproof.errors import InputError
from stackproof.findings import Report
from stackproof.marks import Mark
from stackproof.paths import own_policies
from stackproof.report import FORMATS

_F = TypeVar("_F", bound=Callable[..., Any])

_CLEAN, _FINDINGS, _INPUT = 0, 1, 2


def reported(command: _F) -> _F:
    """Add the options that say where a report goes."""
    command = click.option(
        "--record",
        metavar="DIR",
        type=click.Path(path_type=Path, file_okay=False),
        help="Also leave the result in DIR for `stackproof summary`.",
    )(command)
    command = click.option(
        "--output",
        "-o",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write the report to FILE instead of the terminal.",
    )(command)
    return click.option(
        "--format",
        "-f",
        "form",
        type=click.Choice(list(FORMATS)),
        default="terminal",
        show_default=True,
        help="Form of the report.",
    )(command)


def asked(command: _F) -> _F:
    """Add the option that names folders of policies beside our own; the command gets ``folders``, ours first."""

    def with_own(ctx: click.Context, param: click.Parameter, value: tuple[Path, ...]) -> tuple[Path, ...]:
        return (own_policies(), *value)

    return click.option(
        "--policies",
        "-p",
        "folders",
        multiple=True,
        metavar="DIR",
        type=click.Path(path_type=Path),
        callback=with_own,
        help="Ask the policies of this folder too; may be repeated.",
    )(command)


def packed(command: _F) -> _F:
    """Add the option that restricts the policies to packs; the command gets ``packs``."""
    return click.option(
        "--pack",
        "packs",
        multiple=True,
        metavar="NAME",
        help="Ask the policies of this pack only, such as fsbp, cis, nist or stackproof; may be repeated.",
    )(command)


class Refused:
    """Inputs that could not be judged: said at once, one line each, and remembered for the exit code."""

    def __init__(self) -> None:
        self.count = 0
        self._said: set[tuple[Mark | None, str]] = set()

    def __call__(self, error: InputError) -> None:
        """Say what is wrong with one input; the same mistake of one file in several environments is said once."""
        self.count += 1
        what = (error.mark, error.message.partition(" (in ")[0])
        if what in self._said:
            return
        self._said.add(what)
        click.echo(f"stackproof: {error}", err=True)


def conclude(report: Report, form: str, output: Path | None, record: Path | None, refused: int = 0) -> int:
    """Write a report and return the exit code.

    Parameters:
        report: what the stage found.
        form: a name of `stackproof.report.FORMATS`.
        output: a file instead of stdout.
        record: the gate's folder of records, or None. A stage that refused an input leaves no record.
        refused: how many inputs could not be judged.
    """
    if report.subjects or not refused:
        _write(report, form, output)
    if refused:
        return _INPUT
    if record is not None:
        from stackproof.report import record as records

        records.write(report, record)
    return _CLEAN if report.clean else _FINDINGS


def _write(report: Report, form: str, output: Path | None) -> None:
    from stackproof.report import paint

    if output is not None:
        write_text(output, FORMATS[form](report))
        return
    colour = {"colour": True} if form == "terminal" and paint.wants_colour(sys.stdout, os.environ) else {}
    write_text(None, FORMATS[form](report, **colour))


def write_text(path: Path | None, text: str) -> None:
    """Write a text to a file, whose folders are made where they are missing, or to stdout.

    Raises:
        InputError: the file cannot be written.
    """
    if path is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from None


@contextmanager
def progress(total: int, label: str) -> Iterator[Callable[..., None]]:
    """Show a progress bar on stderr where a terminal is there; yields what to call with the number of things done."""
    if not sys.stderr.isatty() or total < 2 or os.environ.get("TERM") == "dumb":
        yield lambda done=1: None
        return
    with click.progressbar(length=total, label=label, file=sys.stderr, width=0) as bar:
        yield lambda done=1: bar.update(done)
