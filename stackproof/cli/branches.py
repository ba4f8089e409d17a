"""``stackproof branches``: which branch deploys which environments; the one place where workflows learn it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from stackproof.errors import InputError, suggestion

FORMS = ("text", "json", "systems")


@click.command()
@click.option("--branch", metavar="NAME", help="Only what is deployed from this branch.")
@click.option("--format", "-f", "form", type=click.Choice(FORMS), default="text", show_default=True)
def command(branch: str | None, form: str) -> None:
    """List every environment of every system with the branch that it is deployed from.

    As JSON it is a matrix for GitHub Actions; `systems` is only the systems, each once, as a JSON list.
    """
    found = list(_environments())
    known = sorted({each["branch"] for each in found})
    if branch is not None:
        if branch not in known:
            raise InputError(f"no environment is deployed from the branch '{branch}'{suggestion(branch, known)}")
        found = [each for each in found if each["branch"] == branch]
    if form == "json":
        # One line, so that it fits into a workflow's output.
        click.echo(json.dumps({"include": found}))
        return
    if form == "systems":
        click.echo(json.dumps(sorted({each["system"] for each in found})))
        return
    for line in _aligned(found):
        click.echo(line)


def _environments() -> Iterator[dict[str, Any]]:
    from stackproof.compose.system import load_system, system_paths

    for path in system_paths():
        manifest = load_system(path).manifest
        for environment in manifest.environments.values():
            yield {
                "system": manifest.system,
                "environment": environment.name,
                "branch": environment.branch,
                "protected": environment.protected,
                "region": environment.region,
            }


def _aligned(found: list[dict[str, Any]]) -> Iterator[str]:
    """Iterate over lines, by branch: what a merge into it deploys stands together."""
    rows = [
        (each["branch"], each["system"], each["environment"], each["region"], "protected" * each["protected"])
        for each in sorted(found, key=lambda each: str(each["branch"]))
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
