"""The deployer: brings the stacks of a deployment to what it says, in their order; deletes them in reverse."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.deploy.change_sets import ChangeSet
from stackproof.deploy.event import DeployError, Event
from stackproof.deploy.layer import LayerRun, Terms
from stackproof.deploy.order import side_by_side
from stackproof.deploy.request import stack_name
from stackproof.deploy.stacks import GONE, Found, find

ROLE_OUTPUT = "StackRoleArn"
"""The output of the layer that makes the role with whose permissions CloudFormation works on the other layers."""

_FINISHED = ("CREATE_COMPLETE", "UPDATE_COMPLETE", GONE, "DELETE_SKIPPED")


@dataclass(frozen=True, slots=True)
class _Look:
    """What is known of one layer before anything is changed.

    Attributes:
        moves: whether it will change, or may.
        refusal: what there is against it; None where there is nothing.
        guarded: whether that is what guards the environment, or about what was reviewed: no other layer puts it right.
    """

    moves: bool = True
    refusal: DeployError | None = None
    guarded: bool = False


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
        watch: gives a boto3 client of CloudWatch in a region, whose alarms roll updates back; None for no such alarms.

    Attributes:
        failures: what `update` or `delete` could not do, by layer; the first of them is what they raise.
        finished: the layers that are as the deployment wants them, or gone.
    """

    def __init__(
        self,
        deployment: Deployment,
        client: Callable[[str], Any],
        sleep: Callable[[float], None] = time.sleep,
        terms: Terms | None = None,
        workers: int = 1,
        watch: Callable[[str], Any] | None = None,
    ) -> None:
        self.deployment = deployment
        self.failures: dict[str, DeployError] = {}
        self.finished: list[str] = []
        self._client_in = client
        self._sleep = sleep
        self._terms = terms or Terms()
        self._workers = workers
        self._watch = watch
        self._sizes = {layer: len(stack.resources) for layer, stack in deployment.stacks.items()}
        self._done = dict.fromkeys(self._sizes, 0)
        self._runs: dict[str, LayerRun] = {}
        self._rehearsed: dict[str, LayerRun] = {}

    @property
    def changes(self) -> dict[str, ChangeSet]:
        """What was changed so far, by layer, in the order in which it was."""
        return {layer: run.changes for layer, run in self._runs.items() if run.changes is not None}

    @property
    def attached(self) -> list[str]:
        """The layers whose stacks were busy already: with what it was before, nothing here is known."""
        return [layer for layer, run in self._runs.items() if run.attached]

    def created(self, layer: str) -> bool:
        """Return whether the stack of a layer that was changed is a new one."""
        return self._runs[layer].before is None

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

        A stack about which nothing changes is left alone; one that is missing is created. Before anything is changed,
        the change sets of all stacks are made and checked that can be made then.

        Raises:
            DeployError: CloudFormation refused a change or rolled it back; the stacks before it are updated.
            InputError: a stack cannot be sent.
        """
        self._rehearse()
        yield from self._all(self._needs(), lambda layer: self.run(layer).deploy())

    def deploy(self, layer: str) -> Iterator[Event]:
        """Create the stack of one layer, or update it where it stands; see `update`."""
        return self._counted(layer, self.run(layer).deploy())

    def delete(self) -> Iterator[Event]:
        """Delete every stack, each after those that import from it; a missing stack is gone.

        Raises:
            DeployError: CloudFormation could not delete a stack.
        """
        needs = self._needs()
        users = {layer: {user for user, found in needs.items() if layer in found} for layer in reversed(needs)}
        yield from self._all(users, lambda layer: self.run(layer).remove())

    def remove(self, layer: str) -> Iterator[Event]:
        """Delete the stack of one layer; see `delete`."""
        return self._counted(layer, self.run(layer).remove())

    def bring_back(self, *layers: str) -> Iterator[Event]:
        """Bring the stacks that `update` changed back to what they were, the last one first.

        Stacks that were created stay.

        Parameters:
            layers: which of them, in this order; all where none is named.

        Raises:
            DeployError: CloudFormation refuses that, or rolls it back.
        """
        for layer in layers or tuple(reversed(self.changes)):
            yield from self._counted(layer, self._runs[layer].bring_back())

    def state(self, layer: str) -> Found | None:
        """Return the stack of a layer as it stands; None where it does not.

        Raises:
            DeployError: CloudFormation does not say.
        """
        return self._new(layer).state()

    def run(self, layer: str) -> LayerRun:
        """Return what brings one layer to what the deployment says; it remembers what it changed."""
        self._runs.pop(layer, None)
        found = self._rehearsed.pop(layer, None) or self._new(layer)
        self._runs[layer] = found
        return found

    def _new(self, layer: str) -> LayerRun:
        return LayerRun(
            self.deployment,
            layer,
            self._client(layer),
            self._output,
            self._sleep,
            self._terms,
            partial(self._role, layer),
            self._watch(self.deployment.stack(layer).context.region or "") if self._watch is not None else None,
        )

    # --- The role of the stacks: the layer that makes it comes first, and goes last. ---

    def role_giver(self) -> str:
        """Return the layer that makes CloudFormation's role; empty where none does."""
        needs = self.deployment.needs()
        found = (name for name, stack in self.deployment.stacks.items() if ROLE_OUTPUT in stack.outputs)
        return next((name for name in found if not needs[name]), "")

    def _needs(self) -> dict[str, set[str]]:
        giver = self.role_giver()
        first = {giver} if giver else set()
        return {layer: needed | first - {layer} for layer, needed in self.deployment.needs().items()}

    def _role(self, layer: str) -> str:
        giver = self.role_giver()
        if giver in ("", layer):
            return ""
        found = find(self._client(giver), stack_name(self.deployment.stack(giver)))
        return found.outputs.get(ROLE_OUTPUT, "") if found is not None else ""

    # --- Before anything is changed. ---

    def _rehearse(self) -> None:
        """Make and check every change set that can be made now; none is executed.

        What CloudFormation has against one counts only where nothing that is to change before may put it right.

        Raises:
            DeployError: a change is refused.
        """
        self.failures = {}
        self._rehearsed = {layer: self._new(layer) for layer in self.deployment.stacks}
        alone: dict[str, set[str]] = {layer: set() for layer in self._rehearsed}
        looked = dict(side_by_side(alone, lambda layer: iter([(layer, self._look(layer))]), self._workers))
        moving: set[str] = set()
        for layer, needed in self.deployment.needs().items():
            found, waits = looked[layer], bool(needed & moving)
            if waits or found.moves:
                moving.add(layer)
            if found.refusal is not None and (found.guarded or not waits):
                self.failures[layer] = found.refusal
        for refusal in self.failures.values():
            raise refusal

    def _look(self, layer: str) -> _Look:
        run = self._rehearsed[layer]
        try:
            stack, change_set = run.rehearsed()
        except DeployError as error:
            return _Look(refusal=error, guarded=layer in self._terms.reviewed)
        try:
            run.check(stack, change_set)
        except DeployError as error:
            return _Look(refusal=error, guarded=True)
        if change_set is not None and change_set.failure:
            return _Look(refusal=DeployError(stack_name(self.deployment.stack(layer)), layer, change_set.failure))
        return _Look(moves=change_set is None or not change_set.empty)

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
        self.failures, self.finished = {}, []
        self._done = dict.fromkeys(self._sizes, 0)
        yield from side_by_side(needs, lambda layer: self._counted(layer, self._noted(layer, begin)), self._workers)

    def _noted(self, layer: str, begin: Callable[[str], Iterator[Event]]) -> Iterator[Event]:
        """Remember what fails: of several failures at the same time only one can be raised."""
        try:
            yield from begin(layer)
        except DeployError as error:
            self.failures[layer] = error
            raise
        self.finished.append(layer)

    def _counted(self, layer: str, events: Iterable[Event]) -> Iterator[Event]:
        """Add to each event how much of the whole is done."""
        self._done[layer] = 0
        for event in events:
            finished = bool(event.logical_id) and event.status in _FINISHED
            self._done[layer] = min(self._done[layer] + finished, self._sizes[layer])
            yield replace(event, done=sum(self._done.values()), total=sum(self._sizes.values()))
        # Resources without an event of their own, such as retained ones, are finished with their stack.
        self._done[layer] = self._sizes[layer]
