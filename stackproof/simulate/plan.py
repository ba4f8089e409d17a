"""What a simulation is to do: what is wished, and the deployments that it takes."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass

from stackproof.compose.deployment import Deployment
from stackproof.compose.system import System
from stackproof.simulate.revision import Revisions, revisions


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a simulation is to do beside creating and deleting.

    Attributes:
        reference: git reference of the templates that are deployed first; empty to begin with what is there now.
        faults: whether every resource is let fail in turn.
        allowed: types that may stay unsimulated.
    """

    reference: str = ""
    faults: bool = False
    allowed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """One simulation, before it begins.

    Attributes:
        system: the system as it is in the working tree.
        deployment: what is wanted now.
        before: what is deployed first; None to begin with what is wanted now.
    """

    system: System
    deployment: Deployment
    before: Deployment | None
    wishes: Wishes

    @property
    def steps(self) -> int:
        """How many resources it goes through: created, updated, deleted, let fail."""
        now, old = size_of(self.deployment), size_of(self.before)
        return 2 * now + old + (now + old if self.wishes.faults else 0)


def size_of(deployment: Deployment | None) -> int:
    """Return the number of resources of all stacks."""
    return sum(len(stack.resources) for stack in deployment.stacks.values()) if deployment else 0


def planned(targets: Iterable[tuple[System, str]], wishes: Wishes) -> tuple[Plan, ...]:
    """Return the plans of several simulations, each of a system in one of its environments.

    Raises:
        InputError: a system is wrong in its environment, now or at the reference, or there is no such reference.
    """
    with ExitStack() as kept:
        past = kept.enter_context(revisions(wishes.reference)) if wishes.reference else None
        return tuple(_plan(system, environment, wishes, past) for system, environment in targets)


def _plan(system: System, environment: str, wishes: Wishes, past: Revisions | None) -> Plan:
    deployment = system.deployment(environment)
    found = past.system(system) if past is not None else None
    before = found.deployment(environment) if found is not None and environment in found.environments else None
    return Plan(system, deployment, before, wishes)
