"""``stackproof docs``: a page per template, written or compared."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=Path("cloudformation"))
@click.option(
    "--output",
    "-o",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("docs", "layers"),
    show_default=True,
    help="Where the pages are.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 where a page is stale.")
def command(folder: Path, output: Path, check: bool) -> None:
    """Write a page about each template in FOLDER: parameters, rules, values in the systems, resources, outputs.

    FOLDER is cloudformation unless it is given.
    """
    from stackproof.document.pages import layer_pages, stale, write

    pages = layer_pages(folder)
    if not check:
        for path in write(pages, output):
            click.echo(f"{path}: {'written' if path.exists() else 'removed, its template is gone'}")
        return
    old = stale(pages, output)
    for path in old:
        click.echo(f"{path} is stale; run: stackproof docs", err=True)
    raise SystemExit(1 if old else 0)
