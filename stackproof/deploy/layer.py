"""One layer: its stack is brought to what the deployment says, from whatever state it is found in.

CloudFormation is the only memory: a deployer that was killed finds what is under way, or a change set that was not
executed yet, and goes on from there.

Source: "Stack status codes", "Troubleshooting CloudFormation" in the AWS CloudFormation user guide.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from stackproof.compose.deployment import Deployment
from stackproof.deploy.change_sets import ChangeSet, described, made
from stackproof.deploy.drift import DriftUnknownError, drifted
from stackproof.deploy.event import Action, DeployError, Event
from stackproof.deploy.guard import risks, stack_policy, unaccepted
from stackproof.deploy.patience import ExpiredError, error_code, patiently
from stackproof.deploy.request import create_request, stack_name
from stackproof.deploy.stacks import (
    BUSY,
    GONE,
    REVIEWED,
    STACK,
    Found,
    events_after,
    find,
    newest_event,
    operation_began,
)
from stackproof.deploy.triggers import NO_TRIGGERS, rollback_configuration

_T = TypeVar("_T")
_Finding = Generator[Event, None, Found | None]
"""Yields what happens meanwhile, and returns the stack as it stands then."""

POLL_SECONDS = 5.0
MAX_WAIT_SECONDS = 3 * 60 * 60
"""A stack that takes longer than this is given up on; CloudFormation itself goes on."""
MAX_LAG_SECONDS = 60
"""For how long after a request CloudFormation may still tell of what was before it."""
MONITORING_MINUTES = 5
"""For how long after an update of a protected environment its alarms can roll it back."""

_GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE", GONE)
_NEVER_STOOD = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED")
"""A first creation failed: there is nothing to update, only leftovers to remove."""
_STUCK = ("UPDATE_FAILED", "UPDATE_ROLLBACK_FAILED", "DELETE_FAILED")
"""Cannot be updated before it is brought out of this state."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a deployment is done.

    Attributes:
        guarded: whether what guards a protected environment is in force.
        accepted: logical ids (or ``layer/LogicalId``) whose loss, replacement or interruption is accepted.
        drift_accepted: whether a stack that drifted may be updated.
        reviewed: the change set that is to be executed, by layer; empty for a layer that was found unchanged. A layer
            that is not named gets a new one: it could not be reviewed before those that it imports from stood.
    """

    guarded: bool = False
    accepted: frozenset[str] = frozenset()
    drift_accepted: bool = False
    reviewed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Before:
    """What a stack was before it was updated, so that it can be brought back.

    Attributes:
        template: the template as it was sent.
        parameters: the values of its parameters; what must not be shown is left as it is.
    """

    template: str
    parameters: dict[str, str]


class LayerRun:
    """Brings the stack of one layer to what a deployment says.

    Parameters:
        deployment: the deployment.
        layer: the layer's name.
        client: a boto3 client of CloudFormation in the layer's region.
        output: gives an output of a layer that stands, by layer and name.
        sleep: waits; takes seconds.
        terms: how it is done.
        role: gives the ARN of the role with whose permissions CloudFormation works; empty for the caller's own.
        watch: a boto3 client of CloudWatch, for the alarms that roll an update back; None for no such alarms.

    Attributes:
        changes: what was changed; None where nothing was.
        before: what the stack was before; None where it was created.
        attached: whether an operation was under way already, which somebody else began, or this deployment before it
            was interrupted.
    """

    def __init__(
        self,
        deployment: Deployment,
        layer: str,
        client: Any,
        output: Callable[[str, str], str],
        sleep: Callable[[float], None],
        terms: Terms,
        role: Callable[[], str] = str,
        watch: Any = None,
    ) -> None:
        self.layer = layer
        self.changes: ChangeSet | None = None
        self.before: Before | None = None
        self.attached = False
        self._deployment = deployment
        self._stack = deployment.stack(layer)
        self._name = stack_name(self._stack)
        self._client = client
        self._output = output
        self._sleep = sleep
        self._terms = terms
        self._role = role
        self._watch = watch
        self._undrifted = False

    def deploy(self) -> Iterator[Event]:
        """Create the stack, or update it where it stands; nothing happens where nothing changes.

        Raises:
            DeployError: CloudFormation, or what guards the environment, refuses the change, or it was rolled back.
        """
        found = yield from self._ready()
        change_set = self._ask(lambda: self._change_set(self._standing()))
        if change_set.failure:
            raise self._error(change_set.failure)
        if change_set.empty:
            # Whoever was interrupted between a change and its protection comes by here again.
            if self._terms.guarded:
                self._protect()
            return
        self.check(found, change_set)
        yield from self._change(found, change_set)

    def _change(self, found: Found | None, change_set: ChangeSet) -> Iterator[Event]:
        """Execute a change set, and follow it to its end."""
        standing = found if found is not None and found.status != REVIEWED else None
        if standing is not None:
            self.before = self._ask(lambda: self._remember(standing))
        last = "" if found is None else self._ask(lambda: newest_event(self._client, change_set.stack_id))
        if self._terms.guarded and standing is not None:
            self._set_policy(change_set, self._terms.accepted)
        if not change_set.begun:
            self._ask(lambda: self._execute(change_set))
        self.changes = change_set
        action = Action.UPDATE if standing is not None else Action.CREATE
        try:
            yield from self._follow(action, change_set.stack_id, last, change_set=change_set.id)
        except DeployError:
            if self._terms.guarded and standing is not None:
                with suppress(DeployError):
                    self._set_policy(change_set)
            raise
        if self._terms.guarded:
            self._protect()

    def remove(self) -> Iterator[Event]:
        """Delete the stack; one that is not there is gone.

        Raises:
            DeployError: CloudFormation could not delete it.
        """
        found = yield from self._settled(Action.DELETE)
        if found is not None:
            yield from self._delete(found)

    def state(self) -> Found | None:
        """Return the stack as it stands."""
        return self._ask(lambda: find(self._client, self._name))

    def planned(self) -> ChangeSet | None:
        """Make the change set without executing it; None where the stack is busy or must be recovered first."""
        found = self.state()
        if found is not None and (found.busy or found.status in (*_NEVER_STOOD, *_STUCK)):
            return None
        return self._ask(lambda: made(self._client, self._request(found), found, self._sleep))

    def rehearsed(self) -> tuple[Found | None, ChangeSet | None]:
        """Return the stack and the change set that `deploy` would execute now; no change set where that must wait.

        That is so where the stack does not stand, is busy, or must be recovered first.

        Raises:
            DeployError: CloudFormation refuses the change set.
        """
        found = self.state()
        waits = found is None or found.busy or found.status in (*_NEVER_STOOD, *_STUCK)
        if waits or (found is not None and found.status == REVIEWED and not self._terms.reviewed.get(self.layer)):
            return found, None
        return found, self._ask(lambda: self._change_set(found))

    # --- Before a change. ---

    def _settled(self, action: Action) -> _Finding:
        """Wait until nothing is under way; return the stack."""
        found = self.state()
        if found is not None and found.busy:
            self.attached = True
            stack_id = found.id
            last = self._ask(lambda: operation_began(self._client, stack_id))
            yield from self._follow(action, stack_id, last, whatever=True)
            found = self.state()
        return found

    def _ready(self) -> _Finding:
        """Bring the stack into a state from which it can be changed; return it, or None where there is none."""
        found = yield from self._settled(Action.UPDATE)
        self.check(found, None)
        if found is None:
            return None
        if found.status in (*_NEVER_STOOD, *_STUCK) and not self.attached:
            yield from self._failures(found)
        if found.status in _NEVER_STOOD:
            yield from self._delete(found)
            return None
        if found.status == "UPDATE_ROLLBACK_FAILED":
            yield from self._recover(found, self._client.continue_update_rollback)
        elif found.status == "UPDATE_FAILED":
            yield from self._recover(found, self._client.rollback_stack)
        return self.state()

    def _failures(self, found: Found) -> Iterator[Event]:
        """Yield what failed in the last operation: perhaps nobody was there to hear of it."""
        last = self._ask(lambda: operation_began(self._client, found.id))
        for raw in self._ask(lambda: events_after(self._client, found.id, last)):
            event = self._event(Action.UPDATE, raw)
            if event.failed and event.logical_id:
                yield event

    def _recover(self, found: Found, call: Callable[..., Any]) -> Iterator[Event]:
        """Bring a stack whose update failed back to what it was before."""
        last = self._ask(lambda: newest_event(self._client, found.id))
        token = f"stackproof-{hashlib.sha256(last.encode()).hexdigest()[:32]}"
        self._ask(lambda: call(StackName=found.id, ClientRequestToken=token))
        yield from self._follow(Action.UPDATE, found.id, last, good=("UPDATE_ROLLBACK_COMPLETE",))

    def _standing(self) -> Found | None:
        return find(self._client, self._name)

    def _request(self, found: Found | None) -> dict[str, Any]:
        request = create_request(self._deployment, self.layer, self._output, self._role())
        if self._watch is not None and found is not None and found.status != REVIEWED:
            minutes = MONITORING_MINUTES if self._terms.guarded else 0
            request["RollbackConfiguration"] = rollback_configuration(
                self._deployment, self.layer, found.id, self._client, self._watch, minutes
            )
        return request

    def _change_set(self, found: Found | None) -> ChangeSet:
        reviewed = self._terms.reviewed.get(self.layer)
        if reviewed is None:
            return made(self._client, self._request(found), found, self._sleep)
        if not reviewed:
            return self._unchanged(found)
        if found is not None and found.change_set == reviewed:
            if found.status not in _GOOD:
                raise self._error(f"the reviewed change set was executed, and ended in {found.status}; preview again")
            return ChangeSet("", found.id, "UPDATE", ())
        try:
            change_set = described(self._client, reviewed, self._sleep)
        except self._client.exceptions.ClientError as error:
            if error_code(error) != "ChangeSetNotFound":
                raise
            raise self._error("the reviewed change set is gone; preview again") from None
        if not (change_set.executable or change_set.begun):
            raise self._error("the reviewed change set can no longer be executed; preview again")
        return change_set

    def _unchanged(self, found: Found | None) -> ChangeSet:
        """Return the empty change set of a layer about which the review found nothing to change."""
        change_set = made(self._client, self._request(found), found, self._sleep)
        if not change_set.empty:
            raise self._error("it has changes that nobody reviewed; preview again")
        return change_set

    def check(self, found: Found | None, change_set: ChangeSet | None) -> None:
        """Refuse what must not be done to the stack, whatever happens to other layers before.

        Raises:
            DeployError: it is half deleted; or the environment is protected, and a change is dangerous and nobody
                accepted it, or the stack drifted. A stack that does not stand has nothing to lose.
        """
        if found is not None and found.status == "DELETE_FAILED":
            raise self._error(f"DELETE_FAILED: {found.reason or 'an earlier deletion failed'}; delete the stack first")
        if not self._terms.guarded or found is None or found.status == REVIEWED:
            return
        if change_set is None or not change_set.changes:
            return
        region = self._stack.context.region or ""
        open_risks = unaccepted(risks(self.layer, change_set.changes, region), self._terms.accepted)
        if open_risks:
            names = " ".join(f"--accept {self.layer}/{risk.change.logical_id}" for risk in open_risks)
            told = "; ".join(str(risk) for risk in open_risks)
            raise self._error(f"{told}. To go on, name it: {names}", open_risks[0].change.logical_id)
        if not (self._terms.drift_accepted or self._undrifted):
            self._look_for_drift(found)
            self._undrifted = True

    def _look_for_drift(self, found: Found) -> None:
        try:
            differing = self._ask(lambda: drifted(self._client, found.id, self._sleep))
        except DriftUnknownError as error:
            raise self._error(f"nobody knows whether it drifted: {error}; go on with --accept-drift") from None
        if differing:
            told = ", ".join(differing)
            raise self._error(
                f"changed outside of CloudFormation: {told}; bring it back, or go on with --accept-drift",
                differing[0].partition(" ")[0],
            )

    def _remember(self, found: Found) -> Before:
        body = self._client.get_template(StackName=found.id, TemplateStage="Original")["TemplateBody"]
        text = body if isinstance(body, str) else json.dumps(body)
        return Before(text, found.parameters)

    # --- The change. ---

    def _execute(self, change_set: ChangeSet) -> None:
        token = change_set.id.rpartition("/")[2]
        try:
            self._client.execute_change_set(ChangeSetName=change_set.id, ClientRequestToken=f"stackproof-{token}")
        except self._client.exceptions.ClientError as error:
            # The answer to an earlier attempt was lost: it is what this stack is doing, or did last.
            found = self._standing() if error_code(error) == "InvalidChangeSetStatus" else None
            if found is None or found.change_set != change_set.id:
                raise
        except Exception:
            # Without an answer nobody knows: it counts as changed.
            self.changes = self.changes or change_set
            raise

    def _delete(self, found: Found) -> Iterator[Event]:
        last = self._ask(lambda: newest_event(self._client, found.id))
        self._ask(lambda: self._client.delete_stack(StackName=found.id))
        yield from self._follow(Action.DELETE, found.id, last, good=(GONE,))

    def bring_back(self) -> Iterator[Event]:
        """Update the stack to what it was before this run; a stack that was created stays.

        What this run added goes again, also where it holds data: that is younger than the run.

        Raises:
            DeployError: CloudFormation refuses that, or rolls it back.
        """
        before, found, changes = self.before, self.state(), self.changes
        if before is None or found is None or changes is None:
            return
        # The alarms that this deployment has set off must not roll its end back.
        request = {
            **create_request(self._deployment, self.layer, self._output, self._role()),
            "TemplateBody": before.template,
            "Parameters": _as_before(before),
            "RollbackConfiguration": NO_TRIGGERS,
        }
        change_set = self._ask(lambda: made(self._client, request, self._standing(), self._sleep))
        if change_set.failure:
            raise self._error(change_set.failure)
        if change_set.empty:
            return
        if self._terms.guarded:
            added = {change.logical_id for change in changes.changes if change.action == "Add"}
            self._set_policy(changes, self._terms.accepted | added)
        last = self._ask(lambda: newest_event(self._client, found.id))
        self._ask(lambda: self._execute(change_set))
        try:
            yield from self._follow(Action.UPDATE, found.id, last)
        finally:
            if self._terms.guarded:
                self._set_policy(changes)

    def _set_policy(self, change_set: ChangeSet | None, accepted: frozenset[str] = frozenset()) -> None:
        """Let the stack's data be replaced or removed only where that was accepted.

        A policy may name what the stack has, and nothing that a change set would add to it.
        """
        changes = change_set.changes if change_set is not None else ()
        types = {name: resource.type for name, resource in self._stack.resources.items()}
        types |= {change.logical_id: change.type for change in changes if change.action == "Remove"}
        for change in changes:
            if change.action in ("Add", "Import"):
                types.pop(change.logical_id, None)
        free = {name.rpartition("/")[2] for name in accepted if name.rpartition("/")[0] in ("", self.layer)}
        body = stack_policy(types, free)
        self._ask(lambda: self._client.set_stack_policy(StackName=self._name, StackPolicyBody=body))

    def _protect(self) -> None:
        """Guard the stack as it stands: its data by a policy, itself against deletion."""
        self._set_policy(None)
        self._ask(
            lambda: self._client.update_termination_protection(StackName=self._name, EnableTerminationProtection=True)
        )

    # --- Following. ---

    def _follow(
        self,
        action: Action,
        stack_id: str,
        last: str,
        *,
        good: tuple[str, ...] = _GOOD,
        whatever: bool = False,
        change_set: str = "",
    ) -> Iterator[Event]:
        """Yield the events of an operation until it is finished.

        Parameters:
            last: id of the newest event before it.
            good: the statuses that are a success.
            whatever: whether any end is accepted: it is somebody else's operation.
            change_set: id of the change set that it executes; empty for another operation.
        """
        first_failure: Event | None = None
        said, waited, lagging = "", 0.0, 0.0
        while True:
            # The status first: events that come after it are read in the next round or belong to a finished stack.
            found = self._ask(lambda: find(self._client, stack_id))
            status = found.status if found is not None else GONE
            for raw in self._ask(partial(events_after, self._client, stack_id, last)):
                last = str(raw["EventId"])
                event = self._event(action, raw)
                first_failure = first_failure or (event if event.failed and event.logical_id else None)
                said = said if event.logical_id else event.status
                yield event
            if not status.endswith(BUSY) or status == REVIEWED:
                # Status and events are told by different parts of CloudFormation: either may be late.
                if said == status != REVIEWED or status == GONE or whatever:
                    break
                if lagging >= MAX_LAG_SECONDS:
                    began = bool(said) or (found is not None and found.change_set == change_set)
                    if began and status != REVIEWED:
                        break
                    raise self._error(f"CloudFormation shows nothing of it yet ({status}): run the same command again")
                lagging += POLL_SECONDS
            if waited >= MAX_WAIT_SECONDS:
                raise self._error(
                    f"still {status} after {MAX_WAIT_SECONDS // 3600} hours; CloudFormation goes on: run the same "
                    "command again"
                )
            self._sleep(POLL_SECONDS)
            waited += POLL_SECONDS
        if status not in good and not whatever:
            failed = first_failure or Event(action, self._name, "", STACK, status)
            reason = failed.reason or (found.reason if found is not None else "") or failed.status
            raise self._error(f"{status}: {reason}", failed.logical_id)

    def _event(self, action: Action, raw: dict[str, Any]) -> Event:
        whole = raw["ResourceType"] == STACK and raw["LogicalResourceId"] == self._name
        return Event(
            action=action,
            stack=self._name,
            logical_id="" if whole else str(raw["LogicalResourceId"]),
            type=str(raw["ResourceType"]),
            status=str(raw["ResourceStatus"]),
            reason=str(raw.get("ResourceStatusReason") or ""),
        )

    def _ask(self, call: Callable[[], _T]) -> _T:
        """Make a call that may be repeated."""
        return self._guarded_call(lambda: patiently(self._sleep, call))

    def _guarded_call(self, call: Callable[[], _T]) -> _T:
        """Make a call; whatever AWS says against it stops this layer with one line."""
        try:
            return call()
        except ExpiredError:
            raise self._error(
                "the credentials have expired; what CloudFormation has begun goes on: run the same command again"
            ) from None
        except DeployError:
            raise
        except Exception as error:
            response = getattr(error, "response", None)
            if not isinstance(response, dict):
                if type(error).__module__.startswith("botocore"):
                    raise self._error(str(error)) from None
                raise
            raise self._error(str(response.get("Error", {}).get("Message") or error)) from None

    def _error(self, reason: str, logical_id: str = "") -> DeployError:
        return DeployError(self._name, self.layer, reason, logical_id)


_MASK = "****"


def _as_before(before: Before) -> list[dict[str, Any]]:
    """Return the parameters of a request that brings a stack back; what is masked keeps its value."""
    return [
        {"ParameterKey": name, "UsePreviousValue": True}
        if value == _MASK
        else {"ParameterKey": name, "ParameterValue": value}
        for name, value in before.parameters.items()
    ]
