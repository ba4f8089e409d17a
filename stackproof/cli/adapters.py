"""``stackproof adapters``: where the adapters lie, to be named on another tool's command line."""

from __future__ import annotations

import click

from stackproof.paths import own_policies, shown_path


@click.command()
@click.argument("tool", type=click.Choice(["cfnlint", "checkov"]))
def command(tool: str) -> None:
    r"""Print the folder that lets another tool ask the policies.

    \b
    cfn-lint TEMPLATE --append-rules "$(stackproof adapters cfnlint)"
    checkov -f TEMPLATE --external-checks-dir "$(stackproof adapters checkov)"
    """
    click.echo(shown_path(own_policies() / "adapters" / tool))
