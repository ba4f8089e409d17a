"""Resources that CloudFormation makes of itself: nested stacks, wait conditions and their handles.

Sources: "AWS::CloudFormation::Stack", "AWS::CloudFormation::WaitCondition", "Working with nested stacks" in the AWS
CloudFormation user guide.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stackproof.errors import InputError
from stackproof.resolve.values import as_text
from stackproof.simulate.cloudformation.changes import nothing_to_do
from stackproof.simulate.cloudformation.life import Life, exhaust
from stackproof.simulate.cloudformation.order import Pause, Steps
from stackproof.simulate.cloudformation.record import STACK, StackRecord, Target
from stackproof.simulate.cloudformation.refusals import Refusal
from stackproof.simulate.cloudformation.requests import fetched, target_of
from stackproof.simulate.cloudformation.steps import HalfMadeError
from stackproof.simulate.handlers import Handler, Made, Wanted

if TYPE_CHECKING:
    from stackproof.simulate.cloudformation.region import Region

HANDLE = "AWS::CloudFormation::WaitConditionHandle"
CONDITION = "AWS::CloudFormation::WaitCondition"
_EVERY_CAPABILITY = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")
"""The parent's request acknowledges what its children do."""


def handlers_of(region: Region) -> Mapping[str, Handler]:
    """Return what makes CloudFormation's own types in a region."""
    return {STACK: _Nesting(region), HANDLE: _handle_of(region), CONDITION: _condition}


class _Nesting:
    """Makes nested stacks.

    What an update of a child replaced stays until the parent cleans up, so that it can be taken back.
    """

    def __init__(self, region: Region) -> None:
        self._region = region
        self._open: dict[str, tuple[Life, Steps]] = {}

    def __call__(self, wanted: Wanted) -> Made:
        region = self._region
        parent = region.find(wanted.stack_id)
        child = region.new(wanted.name)
        child.parent_id, child.root_id = parent.id, parent.root_id or parent.id
        child.timeout = int(wanted.properties.get("TimeoutInMinutes") or 0) or None
        body = fetched(as_text(wanted.properties["TemplateURL"]), region.place)
        target = self._target(child, wanted, body, None)
        made = Made(child.id, lambda name: _attribute(child, name), lambda _snapshot: self._delete(child))
        made.update = lambda now: self._update(child, now)
        made.settle = lambda: self._settle(child)
        made.take_back = lambda: self._take_back(child)
        life = Life(child, region.place, target)
        exhaust(life.create("DO_NOTHING" if parent.disable_rollback else "ROLLBACK"))
        if child.status != "CREATE_COMPLETE":
            raise HalfMadeError(f"Embedded stack {child.id} was not successfully created: {life.why}", made)
        return made

    def _target(self, child: StackRecord, wanted: Wanted, body: str, previous: Target | None) -> Target:
        parameters = wanted.properties.get("Parameters") or {}
        request = {
            "TemplateBody": body,
            "Parameters": [
                {"ParameterKey": name, "ParameterValue": _parameter(value)} for name, value in parameters.items()
            ],
            "Capabilities": _EVERY_CAPABILITY,
            "Tags": wanted.properties.get("Tags") or [],
            "NotificationARNs": wanted.properties.get("NotificationARNs"),
            "TimeoutInMinutes": wanted.properties.get("TimeoutInMinutes"),
        }
        try:
            return target_of(request, child, self._region.place, previous)
        except Refusal as refusal:
            raise InputError(refusal.message) from None

    def _update(self, child: StackRecord, now: Wanted) -> None:
        body = fetched(as_text(now.properties["TemplateURL"]), self._region.place)
        target = self._target(child, now, body, child.target)
        before = None if child.status.endswith("_FAILED") else child.target
        if before is not None and nothing_to_do(before, target):
            return
        life = Life(child, self._region.place, target)
        steps = life.update(disable_rollback=self._region.find(child.parent_id).disable_rollback)
        for pause in steps:
            if pause is Pause.CLEANUP:
                self._open[child.id] = life, steps
                return
        raise InputError(f"Embedded stack {child.id} was not successfully updated: {life.why}")

    def _settle(self, child: StackRecord) -> None:
        """Let a child clean up: its parent no longer needs what was there before."""
        if child.id in self._open:
            exhaust(self._open.pop(child.id)[1])

    def _take_back(self, child: StackRecord) -> bool:
        """Have a child roll back what it has not cleaned up yet; return whether it had anything."""
        if child.status == "UPDATE_ROLLBACK_FAILED":
            exhaust(child.undo.continue_rollback(frozenset()))
        elif child.id in self._open:
            life, steps = self._open.pop(child.id)
            life.cancel()
            exhaust(steps)
        else:
            return False
        if child.status != "UPDATE_ROLLBACK_COMPLETE":
            raise InputError(f"Embedded stack {child.id} was not successfully updated: {child.reason}")
        return True

    def _delete(self, child: StackRecord) -> None:
        if child.gone:
            return
        exhaust(Life(child, self._region.place).delete())
        if not child.gone:
            raise InputError(f"Embedded stack {child.id} was not successfully deleted: {child.reason}")


def _parameter(value: Any) -> str:
    return ",".join(as_text(item) for item in value) if isinstance(value, list) else as_text(value)


def _attribute(child: StackRecord, name: str) -> str:
    kind, _, output = name.partition(".")
    if kind != "Outputs" or output not in child.outputs:
        raise KeyError(name)
    return child.outputs[output][0]


def _handle_of(region: Region) -> Handler:
    def make(wanted: Wanted) -> Made:
        place = region.place
        token = uuid.uuid4().hex
        url = (
            f"https://cloudformation-waitcondition-{place.region}.s3.amazonaws.com/"
            f"{wanted.stack_id.replace(':', '%3A').replace('/', '%2F')}/{wanted.logical_id}?X-Amz-Signature={token}"
        )
        made = Made(url, _nothing, lambda _snapshot: None)
        made.update = lambda _now: None
        return made

    return make


def _condition(wanted: Wanted) -> Made:
    url = as_text(wanted.properties.get("Handle", ""))
    made = Made(url or f"{wanted.stack_id}/{wanted.logical_id}", _data, lambda _snapshot: None)
    made.update = lambda _now: None
    return made


def _data(name: str) -> str:
    if name != "Data":
        raise KeyError(name)
    return "{}"


def _nothing(name: str) -> str:
    raise KeyError(name)
