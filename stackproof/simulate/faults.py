"""Faults: each resource fails in turn, and what CloudFormation then leaves behind is looked at.

A stack whose creation or update fails must end as it was before, and nothing may be left in the account that no stack
owns, but what a template retains for a good reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.deploy import Deployer, DeployError, Event
from stackproof.deploy.drift import drifted
from stackproof.deploy.request import stack_name
from stackproof.resolve.stack import Resource
from stackproof.simulate.account import SimulatedAccount
from stackproof.simulate.inventory import Thing, inventory
from stackproof.simulate.leftovers import Leftover, explain
from stackproof.simulate.protection import lift_protection_of

REASON = "a fault was injected here"

_PROPERTIES = "properties"
_MAY_BE_FULL = "AWS::S3::Bucket"
"""Services write to a new bucket at once, and a bucket that is not empty cannot be deleted by a roll back."""


class InjectedFault(Exception):  # noqa: N818 - it is a stand-in for any error of a service
    """The fault."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, and what was wrong afterwards; or what all faults of a layer left behind.

    Attributes:
        layer: the layer's name.
        logical_id: the resource that failed, or was left behind.
        problem: what is wrong; empty where all is as it was before.
        notes: what the template itself demands, and an operator should know.
        injected: whether a fault was injected; False where this is about what several left behind.
    """

    layer: str
    logical_id: str
    problem: str = ""
    notes: tuple[str, ...] = ()
    injected: bool = True


class Injector:
    """Lets the resources of one deployment fail, one after the other.

    Parameters:
        deployment: what is deployed.
        account: where; empty but for the prerequisites, or with the deployment of before.
        deployer: deploys it.

    Attributes:
        finished: whether every resource had its turn; False where a failed stack could not be brought back.
    """

    def __init__(self, deployment: Deployment, account: SimulatedAccount, deployer: Deployer) -> None:
        self.finished = False
        self._deployment = deployment
        self._account = account
        self._deployer = deployer
        self._owners: dict[str, Resource] = {}

    def run(self) -> Iterator[Fault]:
        """Let every resource that is made or changed fail in turn, each layer standing before the next one's turn.

        Yields:
            Fault: one per resource, and one for each that was left behind.
        """
        for layer, stack in self._deployment.stacks.items():
            before = self._things()
            stood = self._stood(layer)
            left: frozenset[Thing] = frozenset()
            tried: set[tuple[str, str]] = set()
            while (hit := self._attempt(layer, tried)) is not None:
                if not hit:
                    return
                tried.add(hit)
                fault, usable = self._judged(layer, hit[1], stood)
                yield fault
                if not usable:
                    return
                # How many an update touches is not known before; a creation touches all.
                if stood is not None or len(tried) >= len(stack.resources):
                    left = self._things() - before
            yield from self._orphans(layer, left)
        self.finished = True

    def _attempt(self, layer: str, tried: set[tuple[str, str]]) -> tuple[str, str] | tuple[()] | None:
        """Deploy a layer and let the first resource fail that had no turn yet.

        Returns:
            The stack and the resource that failed; None where none was left and the layer stands; nothing where it
            cannot be deployed even so.
        """
        hit: list[tuple[str, str]] = []

        def fault(stack: str, logical_id: str) -> None:
            if not hit and (stack, logical_id) not in tried:
                hit.append((stack, logical_id))
                raise InjectedFault(REASON)

        self._account.options.fault = fault
        try:
            failed = self._fails(self._deployer.deploy(layer))
        finally:
            self._account.options.fault = lambda _stack, _logical_id: None
        if hit:
            return hit[0]
        return () if failed else None

    def _fails(self, events: Iterator[Event]) -> bool:
        try:
            for _ in events:
                pass
        except DeployError:
            return True
        return False

    def _judged(self, layer: str, logical_id: str, stood: Any) -> tuple[Fault, bool]:
        """Return what is wrong after a fault, and whether the next one can be tried."""
        found = self._stack(layer)
        status = found["StackStatus"]
        ends = f"the stack ends in {status}: {str(found.get('StackStatusReason', '')).rstrip(' .')}"
        if stood is not None:
            if status != "UPDATE_ROLLBACK_COMPLETE":
                return Fault(layer, logical_id, ends), False
            return Fault(layer, logical_id, self._difference(layer, stood)), True
        self._remember(layer)
        notes: tuple[str, ...] = ()
        if status != "ROLLBACK_COMPLETE":
            notes = tuple(self._lifted(layer))
        gone = not self._fails(self._deployer.remove(layer))
        if not gone:
            return Fault(layer, logical_id, f"{ends}, and cannot be deleted", notes), False
        return Fault(layer, logical_id, "" if notes or status == "ROLLBACK_COMPLETE" else ends, notes), True

    def _lifted(self, layer: str) -> Iterator[str]:
        """Do what an operator must where deletion protection keeps a failed creation from being rolled back."""
        for resource in lift_protection_of(self._deployment.stack(layer), self._account.client):
            yield (
                f"{resource.type} ({layer}/{resource.logical_id}): its deletion protection keeps a failed first "
                "creation from being rolled back; it was switched off, as an operator must"
            )

    def _difference(self, layer: str, stood: dict[str, Any]) -> str:
        """Return what differs from before a failed update; empty where nothing does."""
        now = self._stood(layer) or {}
        differing = [name for name in stood if now.get(name) != stood[name]]
        if not differing:
            return ""
        drift = [found for found in now.get(_PROPERTIES, ()) if found not in stood[_PROPERTIES]]
        details = f" ({', '.join(drift)})" if drift else ""
        return f"the stack is not what it was before: its {', '.join(differing)} differ{details}"

    def _orphans(self, layer: str, left: frozenset[Thing]) -> Iterator[Fault]:
        """Yield what failed operations left behind, each resource once."""
        stack = self._deployment.stack(layer)
        for entry in self._account.record.kept:
            if entry.stack == stack_name(stack) and entry.logical_id in stack.resources:
                self._owners.setdefault(entry.physical_id, stack.resources[entry.logical_id])
        found: dict[tuple[str, str, str], list[Leftover]] = {}
        for leftover in explain(left, self._owners, self._account.record.kept):
            name = leftover.owner.logical_id if leftover.owner else ""
            found.setdefault((name, leftover.thing.kind, leftover.reason), []).append(leftover)
        for (name, kind, reason), several in found.items():
            owner = several[0].owner
            if owner is None or not _is_wanted(owner, reason):
                because = f": {reason}" if reason else ""
                message = f"{several[0].thing} is left after failed operations were rolled back{because}"
                yield Fault(layer, name, message, injected=False)
                continue
            note = f"{owner.type} ({layer}/{name}): the {kind} stays after a failed operation too, {reason}"
            yield Fault(layer, name, notes=(note,), injected=False)

    def _remember(self, layer: str) -> None:
        """Note whose the physical ids of a failed stack's resources are."""
        stack = self._deployment.stack(layer)
        for found in self._client(layer).describe_stack_resources(StackName=stack_name(stack))["StackResources"]:
            if found.get("PhysicalResourceId"):
                self._owners.setdefault(found["PhysicalResourceId"], stack.resources[found["LogicalResourceId"]])

    def _client(self, layer: str) -> Any:
        return self._account.cloudformation(self._deployment.stack(layer).context.region or "")

    def _stack(self, layer: str) -> dict[str, Any]:
        name = stack_name(self._deployment.stack(layer))
        found: dict[str, Any] = self._client(layer).describe_stacks(StackName=name)["Stacks"][0]
        return found

    def _stood(self, layer: str) -> dict[str, Any] | None:
        """Return a stack as it stands, and what of it is not as it was deployed; None where there is none."""
        client, name = self._client(layer), stack_name(self._deployment.stack(layer))
        try:
            stack = self._stack(layer)
        except client.exceptions.ClientError:
            return None
        resources = client.describe_stack_resources(StackName=name)["StackResources"]
        return {
            "template": client.get_template(StackName=name)["TemplateBody"],
            "parameters": stack.get("Parameters"),
            "outputs": stack.get("Outputs"),
            "resources": sorted((found["LogicalResourceId"], found["PhysicalResourceId"]) for found in resources),
            _PROPERTIES: drifted(client, stack["StackId"], lambda _seconds: None),
        }

    def _things(self) -> frozenset[Thing]:
        regions = {stack.context.region or "" for stack in self._deployment.stacks.values()}
        client: Callable[..., Any] = self._account.client
        return frozenset().union(*(inventory(partial(client, region=region)) for region in regions))


def _is_wanted(owner: Resource, reason: str) -> bool:
    """Return whether a template has a reason to keep a resource although the operation that made it failed."""
    return bool(reason) and (owner.type == _MAY_BE_FULL or reason != "DeletionPolicy is Retain")
