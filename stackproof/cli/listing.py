"""``stackproof list``: what there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from stackproof.cli.output import asked, packed
from stackproof.errors import InputError


@click.command()
@click.argument("what", type=click.Choice(["systems", "environments", "policies", "packs", "promises"]))
@asked
@packed
def command(what: str, folders: tuple[Path, ...], packs: tuple[str, ...]) -> None:
    """List systems, environments, policies or packs of them, one a line; or promises, each with what proves it."""
    if packs and what != "policies":
        raise InputError(f"--pack restricts policies, not {what}")
    if what == "promises":
        for line in _promises():
            click.echo(line)
        return
    if what == "policies":
        found = _policies(folders, packs)
    elif what == "packs":
        found = _packs(folders)
    else:
        found = _systems() if what == "systems" else _environments()
    for line in _aligned(list(found)):
        click.echo(line)


def _systems() -> Iterator[Sequence[str]]:
    from stackproof.compose.system import load_system, system_paths

    for path in system_paths():
        manifest = load_system(path).manifest
        yield manifest.system, ", ".join(manifest.environments), manifest.description


def _environments() -> Iterator[Sequence[str]]:
    from stackproof.compose.system import load_system, system_paths

    for path in system_paths():
        manifest = load_system(path).manifest
        for environment in manifest.environments.values():
            protected = "protected" if environment.protected else ""
            yield manifest.system, environment.name, f"branch {environment.branch}", environment.region, protected


def _policies(folders: tuple[Path, ...], chosen: tuple[str, ...]) -> Iterator[Sequence[str]]:
    from stackproof.judge import packs
    from stackproof.judge.discover import discover

    policies = discover(folders)
    ids = packs.chosen(chosen, packs.of_policies(policies)) if chosen else {policy.policy.id for policy in policies}
    for policy in policies:
        if policy.policy.id not in ids:
            continue
        yield policy.policy.id, policy.policy.severity, policy.name, policy.title


def _packs(folders: tuple[Path, ...]) -> Iterator[Sequence[str]]:
    from stackproof.judge.discover import discover
    from stackproof.judge.packs import of_policies
    from stackproof.report.wording import several

    for name, ids in of_policies(discover(folders)).items():
        yield name, several(len(ids), "policy", "policies")


def _promises() -> Iterator[str]:
    from stackproof.promises import PROMISES, load_promises, proofs

    carried = proofs(Path("tests"))
    for promise in load_promises(PROMISES):
        yield f"{promise.id}  {promise.text}"
        indent = " " * (len(promise.id) + 2)
        yield from (f"{indent}{proof}" for proof in carried.get(promise.id, ()))
        if promise.policies:
            yield f"{indent}policies {', '.join(promise.policies)}"
        if promise.reason:
            yield f"{indent}not proven here: {promise.reason}"


def _aligned(rows: list[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
