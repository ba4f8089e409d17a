"""The stacks of one account in one region: who finds them, and what is still under way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stackproof.simulate.cloudformation.life import Life, exhaust
from stackproof.simulate.cloudformation.nested import handlers_of
from stackproof.simulate.cloudformation.order import Pause, Steps
from stackproof.simulate.cloudformation.place import Place
from stackproof.simulate.cloudformation.record import ChangeSet, StackRecord, new_stack_id
from stackproof.simulate.cloudformation.refusals import Refusal

MISSING_ID = "Stack with id {} does not exist"
MISSING = "Stack [{}] does not exist"
_ARN = re.compile(r"^arn:[^:]+:cloudformation:")


@dataclass(slots=True)
class _UnderWay:
    life: Life
    steps: Steps
    pause: Pause


class Region:
    """CloudFormation in one region.

    An operation is carried out at once. Where it has to wait, for signals or before an update's clean-up, it waits
    for the next request: SignalResource and CancelUpdateStack find it waiting, any other lets time pass.

    Parameters:
        place: the account and the region.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        own, others = handlers_of(self), place.handler
        place.handler = lambda kind: own.get(kind) or others(kind)
        self.detections: dict[str, Mapping[str, Any]] = {}
        self._under_way: dict[str, _UnderWay] = {}

    def find(self, name: object, message: str = MISSING_ID, *, deleted: bool = True) -> StackRecord:
        """Return a stack by its name or id; a deleted one is found by its id only.

        Raises:
            Refusal: there is none.
        """
        found = self.look(name)
        if found is None or (found.gone and not deleted):
            raise Refusal(message.format(name))
        return found

    def look(self, name: object) -> StackRecord | None:
        """Return a stack, or None."""
        for stack in reversed(self.place.stacks):
            if stack.id == name or (stack.name == name and not stack.gone):
                return stack
        return None

    def new(self, name: str) -> StackRecord:
        """Return a new stack of a name."""
        place = self.place
        stack_id = new_stack_id(place.partition, place.region, place.account, name)
        stack = StackRecord(name, stack_id, place.clock.tick())
        place.stacks.append(stack)
        return stack

    def change_set(self, request: Mapping[str, Any]) -> tuple[StackRecord, ChangeSet]:
        """Return the change set that a request names, by its ARN or by its name and its stack's.

        Raises:
            Refusal: there is none.
        """
        name = str(request.get("ChangeSetName"))
        if not _ARN.match(name):
            if not request.get("StackName"):
                raise Refusal("StackName must be specified if ChangeSetName is not specified as an ARN.")
            stack = self.find(request["StackName"], MISSING)
            for found in reversed(stack.change_sets.values()):
                if found.name == name:
                    return stack, found
        for stack in self.place.stacks:
            if name in stack.change_sets:
                return stack, stack.change_sets[name]
        raise Refusal(f"ChangeSet [{name}] does not exist", "ChangeSetNotFound")

    # --- What is under way. ---

    def carry_out(self, stack: StackRecord, life: Life, steps: Steps) -> None:
        """Carry an operation out as far as it goes without waiting."""
        for pause in steps:
            self._under_way[stack.id] = _UnderWay(life, steps, pause)
            return

    def waiting(self, stack: StackRecord) -> Life | None:
        """Return the operation of a stack that waits, or None."""
        found = self._under_way.get(stack.id)
        return found.life if found else None

    def pause_of(self, stack: StackRecord) -> Pause | None:
        """Return why a stack's operation waits."""
        found = self._under_way.get(stack.id)
        return found.pause if found else None

    def go_on(self, stack: StackRecord) -> None:
        """Let a waiting operation go on as far as it can."""
        found = self._under_way.pop(stack.id)
        self.carry_out(stack, found.life, found.steps)

    def settle(self) -> None:
        """Let time pass until nothing waits any more."""
        while self._under_way:
            exhaust(self._under_way.pop(next(iter(self._under_way))).steps)
        for stack in self.place.stacks:
            stack.update_policy = ""
