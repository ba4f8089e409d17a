"""``stackproof taskcat``: the root templates and the configuration that taskcat reads; or a comparison."""

from __future__ import annotations

import click


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 where a file is stale.")
def command(check: bool) -> None:
    """Write .taskcat.yml and cloudformation/taskcat from the manifests of the repository.

    Each system is one test in two regions, in its first environment that is not protected: a stack of nested stacks,
    one per layer.
    """
    from stackproof.compose.system import load_system, system_paths
    from stackproof.errors import InputError
    from stackproof.paths import shown_path
    from stackproof.taskcat.files import files, stale, write
    from stackproof.taskcat.roots import roots

    manifests = system_paths()
    if not manifests:
        raise InputError("no system in cloudformation/systems, here or above")
    folder = manifests[0].parents[2]
    texts = files(roots(map(load_system, manifests)))
    if not check:
        for path in write(texts, folder):
            click.echo(f"{shown_path(path)}: {'written' if path.exists() else 'removed, no system is tested by it'}")
        return
    old = stale(texts, folder)
    for path in old:
        click.echo(f"{shown_path(path)} is stale; run: stackproof taskcat", err=True)
    raise SystemExit(1 if old else 0)
