"""``stackproof delete``: the stacks of an environment, in the reverse of their order."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

from stackproof.errors import InputError
from stackproof.report.text import visible
from stackproof.report.wording import several

if TYPE_CHECKING:
    from stackproof.cli.session import Session
    from stackproof.compose.deployment import Deployment
    from stackproof.deploy.event import DeployError, Event
    from stackproof.deploy.remains import Part
    from stackproof.deploy.stacks import Found


@click.command()
@click.argument("system")
@click.argument("environment")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(system: str, environment: str, yes: bool) -> int:
    """Delete the stacks of SYSTEM in ENVIRONMENT, each after those that import from it.

    A protected environment is not deleted. Stacks that were only previewed are cleared too. Whatever was interrupted is
    taken up again by the same command. What the templates retain stays, and is named. Where a stack, a load balancer
    or a database is protected from deletion, nothing is deleted, and it is said how that is lifted.

    Exit code: 0 all is gone, 1 a stack could not be deleted, 2 wrong usage or input, protected environment, no account.
    """
    from stackproof.cli.session import session
    from stackproof.compose.system import load_system

    deployment = load_system(system).deployment(environment)
    if deployment.environment.protected:
        raise InputError(f"{deployment.system} {environment} is protected: its stacks are not deleted by this command")
    if not yes and not sys.stdin.isatty():
        raise InputError("without a terminal to ask on, say --yes")
    with session(deployment.environment) as account:
        standing = _standing(deployment, account)
        if not standing:
            click.echo(f"Nothing to delete: no stack of {deployment.system} {environment} in account {account.account}")
            return 0
        held = [found.name for found in standing.values() if found.protected]
        if held:
            _say(f"termination protection is on: {', '.join(held)}; nothing was deleted")
            return 1
        known = _parts(deployment, account, standing)
        if _shielded(account, known):
            return 1
        if not yes:
            _ask(deployment, account, standing)
        return _delete(deployment, account, known)


def _standing(deployment: Deployment, account: Session) -> dict[str, Found]:
    """Return the stacks that there are, by layer."""
    from stackproof.deploy import Deployer

    deployer = Deployer(deployment, account.cloudformation)
    found = {layer: deployer.run(layer).state() for layer in deployment.stacks}
    return {layer: stack for layer, stack in found.items() if stack is not None}


def _parts(deployment: Deployment, account: Session, standing: Mapping[str, Found]) -> dict[str, dict[str, Part]]:
    """Return what each stack holds, by the stack's name."""
    from stackproof.deploy.remains import parts

    regions = {layer: deployment.stack(layer).context.region or "" for layer in standing}
    return {
        found.name: parts(account.cloudformation(regions[layer]), found.id, layer, regions[layer])
        for layer, found in standing.items()
    }


def _shielded(account: Session, known: Mapping[str, Mapping[str, Part]]) -> bool:
    """Name what would stop the deletion halfway; return whether there is any such thing."""
    from stackproof.deploy.remains import lifting, shielded

    found = [part for held in known.values() for part in held.values() if shielded(part, account.client)]
    for part in found:
        _say(f"deletion protection is on: {part}: {lifting(part)}")
    if found:
        _say("nothing was deleted")
    return bool(found)


def _ask(deployment: Deployment, account: Session, standing: Mapping[str, Found]) -> None:
    """Have the user name the environment."""
    name = deployment.environment.name
    click.echo(f"In account {account.account}:", err=True)
    for layer, found in standing.items():
        region = deployment.stack(layer).context.region
        click.echo(f"  {found.name}  {found.status}  {region}", err=True)
    typed = click.prompt(f"Type {name} to delete {several(len(standing), 'stack')}", err=True)
    if typed != name:
        raise InputError(f"nothing was deleted: that is not {name}")


def _delete(deployment: Deployment, account: Session, known: Mapping[str, Mapping[str, Part]]) -> int:
    from stackproof.cli.live import live
    from stackproof.cli.session import WORKERS
    from stackproof.deploy import Deployer, DeployError
    from stackproof.deploy.remains import remains

    deployer = Deployer(deployment, account.cloudformation, workers=WORKERS)
    events: list[Event] = []
    failures: dict[str, DeployError] = {}
    with live(f"Deleting {deployment.system} {deployment.environment.name}") as hear:
        try:
            for event in deployer.delete():
                events.append(event)
                hear(event)
        except DeployError as failed:
            failures = deployer.failures or {failed.layer: failed}
    left = remains(deployment, events, known)
    _tell("Retained, and not deleted", left.retained)
    _tell("A last snapshot was taken of", left.snapshots)
    if not failures:
        click.echo(f"Deleted {several(len(known), 'stack')} of {deployment.system} {deployment.environment.name}")
        return 0
    for error in failures.values():
        _explain(error, events, known)
    _say("what is deleted stays deleted: run the same command again to go on")
    return 1


def _tell(label: str, found: Iterable[Part]) -> None:
    for part in found:
        click.echo(visible(f"{label}: {part}"))


def _explain(error: DeployError, events: Iterable[Event], known: Mapping[str, Mapping[str, Part]]) -> None:
    """Say what stands in the way of a stack's deletion, and how that is removed."""
    from stackproof.deploy.remains import way_out

    _say(str(error))
    blocks = {event.logical_id: event.reason for event in events if event.failed and event.stack == error.stack}
    # The stack's own event only counts those of its resources.
    told = {name: reason for name, reason in blocks.items() if name} or {error.logical_id: error.reason}
    for name, reason in told.items():
        hint = way_out(reason, known.get(error.stack, {}).get(name))
        if hint:
            _say(f"{error.stack}{f': {name}' if name else ''}: {hint}")


def _say(message: str) -> None:
    click.echo(f"stackproof: {visible(message)}", err=True)
