"""The deployer: brings the stacks of a deployment to what it says, in their order; deletes them in reverse."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.deploy.change_sets import ChangeSet
from stackproof.deploy.event import DeployError, Event
from stackproof.deploy.layer import LayerRun, Terms
from stackproof.deploy.order import side_by_side
from stackproof.deploy.request import stack_name
from stackproof.deploy.stacks import GONE, find

_FINISHED = ("CREATE_COMPLETE", "UPDATE_COMPLETE", GONE, "DELETE_SKIPPED")


class Deployer:
    """Creates, updates and deletes the stacks of one deployment; every change is a change set before it is made.

    `create`, `update` and `delete` are lazy: nothing happens until their events are read, and each event is read as
    soon as CloudFormation has it. All of them can be called again after an interruption: what is under way is waited
    for, and what is done already is not done twice.

    Parameters:
        deployment: what to deploy.
        client: gives a boto3 client of CloudFormation in a region.
        sleep: how to wait between two looks at a stack that is not finished; takes seconds.
        terms: how it is done.
        workers: how many layers may be under way at the same time.
    """

    def __init__(
        self,
        deployment: Deployment,
        client: Callable[[str], Any],
        sleep: Callable[[float], None] = time.sleep,
        terms: Terms | None = None,
        workers: int = 1,
    ) -> None:
        self.deployment = deployment
        self._client_in = client
        self._sleep = sleep
        self._terms = terms or Terms()
        self._workers = workers
        self._sizes = {layer: len(stack.resources) for layer, stack in deployment.stacks.items()}
        self._done = dict.fromkeys(self._sizes, 0)
        self._runs: dict[str, LayerRun] = {}

    @property
    def changes(self) -> dict[str, ChangeSet]:
        """What was changed so far, by layer, in the order in which it was."""
        return {layer: run.changes for layer, run in self._runs.items() if run.changes is not None}

    def create(self) -> Iterator[Event]:
        """Create every stack, each after those that it imports from; none of them may stand.

        Raises:
            DeployError: a stack stands already, or CloudFormation could not create it; those before it stay.
            InputError: a stack cannot be sent.
        """
        for layer, stack in self.deployment.stacks.items():
            if find(self._client(layer), stack_name(stack)) is not None:
                raise DeployError(stack_name(stack), layer, f"Stack [{stack_name(stack)}] already exists")
        yield from self.update()

    def update(self) -> Iterator[Event]:
        """Bring every stack to what the deployment says, each after those that it imports from.

        A stack about which nothing changes is left alone; one that is missing is created.

        Raises:
            DeployError: CloudFormation refused a change or rolled it back; the stacks before it are updated.
            InputError: a stack cannot be sent.
        """
        yield from self._all(self.deployment.needs(), lambda layer: self.run(layer).deploy())

    def deploy(self, layer: str) -> Iterator[Event]:
        """Create the stack of one layer, or update it where it stands; see `update`."""
        return self._counted(layer, self.run(layer).deploy())

    def delete(self) -> Iterator[Event]:
        """Delete every stack, each after those that import from it; a missing stack is gone.

        Raises:
            DeployError: CloudFormation could not delete a stack.
        """
        needs = self.deployment.needs()
        users = {layer: {user for user, found in needs.items() if layer in found} for layer in reversed(needs)}
        yield from self._all(users, lambda layer: self.run(layer).remove())

    def remove(self, layer: str) -> Iterator[Event]:
        """Delete the stack of one layer; see `delete`."""
        return self._counted(layer, self.run(layer).remove())

    def bring_back(self) -> Iterator[Event]:
        """Bring the stacks that `update` changed back to what they were, the last one first.

        Stacks that were created stay.

        Raises:
            DeployError: CloudFormation refuses that, or rolls it back.
        """
        for layer in reversed(self.changes):
            yield from self._counted(layer, self._runs[layer].bring_back())

    def run(self, layer: str) -> LayerRun:
        """Return what brings one layer to what the deployment says; it remembers what it changed."""
        self._runs.pop(layer, None)
        found = LayerRun(self.deployment, layer, self._client(layer), self._output, self._sleep, self._terms)
        self._runs[layer] = found
        return found

    def _client(self, layer: str) -> Any:
        """Return the client of the region that a layer is in."""
        return self._client_in(self.deployment.stack(layer).context.region or "")

    def _output(self, layer: str, name: str) -> str:
        """Return an output of a stack that is deployed already."""
        stack = stack_name(self.deployment.stack(layer))
        found = find(self._client(layer), stack)
        if found is None or name not in found.outputs:
            raise DeployError(stack, layer, f"the stack has no output {name} to hand over")
        return found.outputs[name]

    def _all(self, needs: dict[str, set[str]], begin: Callable[[str], Iterator[Event]]) -> Iterator[Event]:
        self._done = dict.fromkeys(self._sizes, 0)
        yield from side_by_side(needs, lambda layer: self._counted(layer, begin(layer)), self._workers)

    def _counted(self, layer: str, events: Iterable[Event]) -> Iterator[Event]:
        """Add to each event how much of the whole is done."""
        self._done[layer] = 0
        for event in events:
            finished = bool(event.logical_id) and event.status in _FINISHED
            self._done[layer] = min(self._done[layer] + finished, self._sizes[layer])
            yield replace(event, done=sum(self._done.values()), total=sum(self._sizes.values()))
        # Resources without an event of their own, such as retained ones, are finished with their stack.
        self._done[layer] = self._sizes[layer]
