"""What happens to stacks, told while it happens: lines, and a bar where a terminal is there."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from stackproof.report.text import visible

if TYPE_CHECKING:
    from stackproof.deploy.event import Event


@contextmanager
def live(label: str) -> Iterator[Callable[[Event], None]]:
    """Give what is called with each event: it writes the ones worth a line to stderr, and moves the bar."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield _say
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.text import Text

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(label, total=None)

        def hear(event: Event) -> None:
            bar.update(task, total=event.total or None, completed=event.done)
            told = line(event)
            if told:
                bar.console.print(Text(told, _style(event)), soft_wrap=True)

        yield hear


def _say(event: Event) -> None:
    told = line(event)
    if told:
        click.echo(told, err=True)


def line(event: Event) -> str:
    """Return what is said of an event; nothing of a resource that goes its usual way."""
    notable = event.failed or event.status in ("DELETE_SKIPPED", "UPDATE_ROLLBACK_IN_PROGRESS", "ROLLBACK_IN_PROGRESS")
    if event.logical_id and not notable:
        return ""
    name = f"{event.stack}/{event.logical_id}" if event.logical_id else event.stack
    reason = "" if event.reason == "User Initiated" else " ".join(event.reason.split())
    return visible("  ".join(filter(None, (name, event.status, reason))))


def _style(event: Event) -> str:
    if event.failed or "ROLLBACK" in event.status:
        return "red"
    return "green" if event.status.endswith("_COMPLETE") else ""
