"""``stackproof explain``: one policy in full."""

from __future__ import annotations

import textwrap
from pathlib import Path

import click

from stackproof.cli.output import asked
from stackproof.errors import InputError, suggestion


@click.command()
@click.argument("policy")
@asked
def command(policy: str, folders: tuple[Path, ...]) -> None:
    """Say what POLICY demands, why, and how to get there.

    POLICY is an id (SP301) or a name (rds/storage_encrypted); see `stackproof list policies`.
    """
    from stackproof.judge.discover import discover

    known = {name: found for found in discover(folders) for name in (found.policy.id, found.name)}
    found = known.get(policy) or known.get(policy.upper())
    if found is None:
        raise InputError(f"no policy '{policy}'{suggestion(policy, known)}; see stackproof list policies")
    about = found.policy
    where = "protected environments only" if about.protected_only else "every environment"
    click.echo(f"{about.id}  {found.title}\n")
    for label, text in (
        ("name", found.name),
        ("severity", about.severity),
        ("judges", ", ".join(about.types)),
        ("where", where),
        ("why", about.rationale),
        ("fix", about.remediation),
        ("controls", ", ".join(about.controls) or "none named"),
    ):
        indent = " " * 10
        click.echo(textwrap.fill(text, 100, initial_indent=f"{label:<10}", subsequent_indent=indent))
