"""``stackproof docs``: a page per template, per service that has policies, about the simulation; or a comparison."""

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
    default=Path("docs"),
    show_default=True,
    help="Where the pages are: in its folders layers and policies.",
)
@click.option(
    "--policies",
    "-p",
    "folders",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Write pages about the policies of this folder too; may be repeated.",
)
@click.option(
    "--cases",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("tests", "unit", "policies"),
    show_default=True,
    help="Where the case tables are, from which examples are taken.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 where a page is stale.")
def command(folder: Path, output: Path, folders: tuple[Path, ...], cases: Path, check: bool) -> None:
    """Write a page about each template in FOLDER, and about the policies of each service.

    FOLDER is cloudformation unless it is given. The policies that come with stackproof and its simulation have their
    pages in its own repository only.
    """
    from stackproof.document.pages import (
        is_own,
        layer_pages,
        policy_folders,
        simulation_pages,
        stale,
        write,
        written_about,
    )

    pages = {output / "layers": layer_pages(folder)}
    about = folders or policy_folders()
    if about:
        pages[output / "policies"] = written_about(about, cases)
    if is_own():
        pages[output] = simulation_pages()
    if not check:
        for place, texts in pages.items():
            for path in write(texts, place):
                click.echo(f"{path}: {'written' if path.exists() else 'removed, there is nothing left to say'}")
        return
    old = [path for place, texts in pages.items() for path in stale(texts, place)]
    for path in old:
        click.echo(f"{path} is stale; run: stackproof docs", err=True)
    raise SystemExit(1 if old else 0)
