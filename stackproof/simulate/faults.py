"""Faults: each resource fails in turn, and what CloudFormation then leaves behind is looked at.

A stack whose creation or update fails must end as it was before, and nothing may be left in the account that no stack
owns, but what a template retains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.deploy import Deployer, DeployError, Event
from stackproof.deploy.request import stack_name
from stackproof.resolve.stack import Resource
from stackproof.simulate.account import SimulatedAccount
from stackproof.simulate.inventory import Thing, inventory
from stackproof.simulate.leftovers import explain
from stackproof.simulate.protection import lift_protection_of

REASON = "a fault was injected here"


class InjectedFault(Exception):  # noqa: N818 - it is a stand-in for any error of a service
    """The fault."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, and what was wrong afterwards.

    Attributes:
        layer: the layer's name.
        logical_id: the resource that failed.
        problem: what is wrong; empty where all is as it was before.
        lifted: resources whose deletion protection had to be switched off before the failed stack could be deleted.
    """

    layer: str
    logical_id: str
    problem: str
    lifted: tuple[str, ...] = ()


class Injector:
    """Lets the resources of one deployment fail, one after the other.

    Parameters:
        deployment: what is deployed.
        account: where; empty but for the prerequisites, or with the deployment of before.
        deployer: deploys it.
    """

    def __init__(self, deployment: Deployment, account: SimulatedAccount, deployer: Deployer) -> None:
        self._deployment = deployment
        self._account = account
        self._deployer = deployer
        self._owners: dict[str, Resource] = {}

    def run(self) -> Iterator[Fault]:
        """Let every resource of every layer fail in turn, each layer standing before the next one's turn.

        Yields:
            Fault: one per resource.
        """
        for layer, stack in self._deployment.stacks.items():
            before = self._things()
            stood = self._stood(layer)
            for logical_id in stack.resources:
                fault = self._one(layer, logical_id, stood)
                if fault is not None:
                    yield fault
            yield from self._orphans(layer, before)
            for _ in self._deployer.deploy(layer):
                pass

    def _one(self, layer: str, logical_id: str, stood: Any) -> Fault | None:
        """Let one resource fail; return what is wrong afterwards, or None where its turn never came."""
        name = stack_name(self._deployment.stack(layer))
        hit = False

        def fault(stack: str, resource: str) -> None:
            nonlocal hit
            if (stack, resource) == (name, logical_id) and not hit:
                hit = True
                raise InjectedFault(REASON)

        self._account.options.fault = fault
        failed = self._fails(self._deployer.deploy(layer))
        self._account.options.fault = lambda _stack, _logical_id: None
        if not hit:
            return None
        if not failed:
            return Fault(layer, logical_id, "the failure was not noticed")
        if stood is not None:
            return Fault(layer, logical_id, self._difference(layer, stood))
        return self._cleared(layer, logical_id)

    def _fails(self, events: Iterator[Event]) -> bool:
        try:
            for _ in events:
                pass
        except DeployError:
            return True
        return False

    def _difference(self, layer: str, stood: Any) -> str:
        """Return what differs from before a failed update; empty where nothing does."""
        found = self._stack(layer)
        if found["StackStatus"] != "UPDATE_ROLLBACK_COMPLETE":
            return f"the stack ends in {found['StackStatus']}: {found.get('StackStatusReason', '')}"
        if self._stood(layer) == stood:
            return ""
        return "the stack is not what it was before: its resources, parameters, outputs or template differ"

    def _cleared(self, layer: str, logical_id: str) -> Fault:
        """Delete what a failed creation left, as an operator would; say what was wrong with it."""
        found = self._stack(layer)
        lifted: tuple[str, ...] = ()
        problem = ""
        self._remember(layer)
        if found["StackStatus"] != "ROLLBACK_COMPLETE":
            resources = lift_protection_of(self._deployment.stack(layer), self._account.client)
            lifted = tuple(resource.logical_id for resource in resources)
            problem = f"the stack ends in {found['StackStatus']}: {found.get('StackStatusReason', '')}"
        if self._fails(self._deployer.remove(layer)):
            return Fault(layer, logical_id, problem or "the failed stack cannot be deleted", lifted)
        return Fault(layer, logical_id, "" if lifted else problem, lifted)

    def _orphans(self, layer: str, before: frozenset[Thing]) -> Iterator[Fault]:
        for leftover in explain(self._things() - before, self._owners, self._account.record.kept):
            if not leftover.reason:
                name = leftover.owner.logical_id if leftover.owner else ""
                yield Fault(layer, name, f"{leftover.thing} is left after failed operations were rolled back")

    def _remember(self, layer: str) -> None:
        """Note whose the physical ids of a failed stack's resources are."""
        stack = self._deployment.stack(layer)
        for found in self._client(layer).describe_stack_resources(StackName=stack_name(stack))["StackResources"]:
            self._owners.setdefault(found["PhysicalResourceId"], stack.resources[found["LogicalResourceId"]])

    def _client(self, layer: str) -> Any:
        return self._account.cloudformation(self._deployment.stack(layer).context.region or "")

    def _stack(self, layer: str) -> dict[str, Any]:
        name = stack_name(self._deployment.stack(layer))
        found: dict[str, Any] = self._client(layer).describe_stacks(StackName=name)["Stacks"][0]
        return found

    def _stood(self, layer: str) -> Any:
        """Return a stack as it stands: template, parameters, outputs, resources; None where there is none."""
        client, name = self._client(layer), stack_name(self._deployment.stack(layer))
        try:
            stack = self._stack(layer)
        except client.exceptions.ClientError:
            return None
        resources = client.describe_stack_resources(StackName=name)["StackResources"]
        return (
            client.get_template(StackName=name)["TemplateBody"],
            stack.get("Parameters"),
            stack.get("Outputs"),
            sorted((found["LogicalResourceId"], found["PhysicalResourceId"]) for found in resources),
        )

    def _things(self) -> frozenset[Thing]:
        regions = {stack.context.region or "" for stack in self._deployment.stacks.values()}
        client: Callable[..., Any] = self._account.client
        return frozenset().union(*(inventory(partial(client, region=region)) for region in regions))
