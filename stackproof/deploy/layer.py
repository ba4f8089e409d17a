"""One layer: its stack is brought to what the deployment says, from whatever state it is found in.

CloudFormation is the only memory: a deployer that was killed finds what is under way, or a change set that was not
executed yet, and goes on from there.

Source: "Stack status codes", "Troubleshooting CloudFormation" in the AWS CloudFormation user guide.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from stackproof.compose.deployment import Deployment
from stackproof.deploy.change_sets import ChangeSet, described, made
from stackproof.deploy.drift import drifted
from stackproof.deploy.event import Action, DeployError, Event
from stackproof.deploy.guard import risks, stack_policy, unaccepted
from stackproof.deploy.patience import ExpiredError, patiently
from stackproof.deploy.request import create_request, stack_name
from stackproof.deploy.stacks import GONE, REVIEWED, STACK, Found, events_after, find, newest_event, operation_began

_T = TypeVar("_T")
_Finding = Generator[Event, None, Found | None]
"""Yields what happens meanwhile, and returns the stack as it stands then."""

POLL_SECONDS = 5.0
MAX_WAIT_SECONDS = 3 * 60 * 60
"""A stack that takes longer than this is given up on; CloudFormation itself goes on."""

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

    Attributes:
        changes: what was changed; None where nothing was.
        before: what the stack was before; None where it was created.
    """

    def __init__(
        self,
        deployment: Deployment,
        layer: str,
        client: Any,
        output: Callable[[str, str], str],
        sleep: Callable[[float], None],
        terms: Terms,
    ) -> None:
        self.layer = layer
        self.changes: ChangeSet | None = None
        self.before: Before | None = None
        self._deployment = deployment
        self._stack = deployment.stack(layer)
        self._name = stack_name(self._stack)
        self._client = client
        self._output = output
        self._sleep = sleep
        self._terms = terms

    def deploy(self) -> Iterator[Event]:
        """Create the stack, or update it where it stands; nothing happens where nothing changes.

        Raises:
            DeployError: CloudFormation, or what guards the environment, refuses the change, or it was rolled back.
        """
        found = yield from self._ready()
        change_set = self._guarded_call(lambda: self._change_set(found))
        if change_set.failure:
            raise self._error(change_set.failure)
        if change_set.empty:
            return
        self._check(found, change_set)
        standing = found if found is not None and found.status != REVIEWED else None
        if standing is not None:
            self.before = self._guarded_call(lambda: self._remember(standing))
        last = "" if found is None else self._ask(lambda: newest_event(self._client, change_set.stack_id))
        if self._terms.guarded and standing is not None:
            self._set_policy(self._terms.accepted)
        self._guarded_call(lambda: self._execute(change_set))
        self.changes = change_set
        action = Action.UPDATE if standing is not None else Action.CREATE
        yield from self._follow(action, change_set.stack_id, last)
        if self._terms.guarded:
            self._set_policy(frozenset())
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
        return self._guarded_call(lambda: made(self._client, self._request(), found, self._sleep))

    # --- Before a change. ---

    def _settled(self, action: Action) -> _Finding:
        """Wait until nothing is under way; return the stack."""
        found = self.state()
        if found is not None and found.busy:
            stack_id = found.id
            last = self._ask(lambda: operation_began(self._client, stack_id))
            yield from self._follow(action, stack_id, last, whatever=True)
            found = self.state()
        return found

    def _ready(self) -> _Finding:
        """Bring the stack into a state from which it can be changed; return it, or None where there is none."""
        found = yield from self._settled(Action.UPDATE)
        if found is None:
            return None
        if found.status in _NEVER_STOOD:
            yield from self._delete(found)
            return None
        if found.status == "UPDATE_ROLLBACK_FAILED":
            last = self._ask(lambda: newest_event(self._client, found.id))
            self._guarded_call(lambda: self._client.continue_update_rollback(StackName=found.id))
            yield from self._follow(Action.UPDATE, found.id, last, good=("UPDATE_ROLLBACK_COMPLETE",))
        elif found.status == "UPDATE_FAILED":
            last = self._ask(lambda: newest_event(self._client, found.id))
            self._guarded_call(lambda: self._client.rollback_stack(StackName=found.id))
            yield from self._follow(Action.UPDATE, found.id, last, good=("UPDATE_ROLLBACK_COMPLETE",))
        elif found.status == "DELETE_FAILED":
            raise self._error(f"DELETE_FAILED: {found.reason or 'an earlier deletion failed'}; delete the stack first")
        return self.state()

    def _request(self) -> dict[str, Any]:
        return create_request(self._deployment, self.layer, self._output)

    def _change_set(self, found: Found | None) -> ChangeSet:
        reviewed = self._terms.reviewed.get(self.layer)
        if reviewed is None:
            return made(self._client, self._request(), found, self._sleep)
        if not reviewed:
            return self._unchanged(found)
        change_set = described(self._client, reviewed, self._sleep)
        if not change_set.executable:
            raise self._error("the reviewed change set can no longer be executed; preview again")
        return change_set

    def _unchanged(self, found: Found | None) -> ChangeSet:
        """Return the empty change set of a layer about which the review found nothing to change."""
        change_set = made(self._client, self._request(), found, self._sleep)
        if not change_set.empty:
            raise self._error("it has changes that nobody reviewed; preview again")
        return change_set

    def _check(self, found: Found | None, change_set: ChangeSet) -> None:
        """Refuse what guards a protected environment forbid."""
        if not self._terms.guarded or found is None or found.status == REVIEWED:
            return
        region = self._stack.context.region or ""
        open_risks = unaccepted(risks(self.layer, change_set.changes, region), self._terms.accepted)
        if open_risks:
            names = " ".join(f"--accept {risk.change.logical_id}" for risk in open_risks)
            told = "; ".join(str(risk) for risk in open_risks)
            raise self._error(f"{told}. To go on, name it: {names}", open_risks[0].change.logical_id)
        if not self._terms.drift_accepted:
            differing = self._guarded_call(lambda: drifted(self._client, found.id, self._sleep))
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
        self._client.execute_change_set(ChangeSetName=change_set.id, ClientRequestToken=f"stackproof-{token}")

    def _delete(self, found: Found) -> Iterator[Event]:
        last = self._ask(lambda: newest_event(self._client, found.id))
        self._guarded_call(lambda: self._client.delete_stack(StackName=found.id))
        yield from self._follow(Action.DELETE, found.id, last)

    def bring_back(self) -> Iterator[Event]:
        """Update the stack to what it was before this run; a stack that was created stays.

        Raises:
            DeployError: CloudFormation refuses that, or rolls it back.
        """
        before, found = self.before, self.state()
        if before is None or found is None or self.changes is None:
            return
        request = {**self._request(), "TemplateBody": before.template, "Parameters": _as_before(before)}
        change_set = self._guarded_call(lambda: made(self._client, request, found, self._sleep))
        if change_set.failure:
            raise self._error(change_set.failure)
        if change_set.empty:
            return
        last = self._ask(lambda: newest_event(self._client, found.id))
        self._guarded_call(lambda: self._execute(change_set))
        yield from self._follow(Action.UPDATE, found.id, last)

    def _set_policy(self, accepted: frozenset[str]) -> None:
        types = {name: resource.type for name, resource in self._stack.resources.items()}
        free = {name.rpartition("/")[2] for name in accepted if name.rpartition("/")[0] in ("", self.layer)}
        body = stack_policy(types, free)
        self._guarded_call(lambda: self._client.set_stack_policy(StackName=self._name, StackPolicyBody=body))

    def _protect(self) -> None:
        self._guarded_call(
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
    ) -> Iterator[Event]:
        """Yield the events of an operation until it is finished.

        Parameters:
            last: id of the newest event before it.
            good: the statuses that are a success.
            whatever: whether any end is accepted: it is somebody else's operation.
        """
        first_failure: Event | None = None
        waited = 0.0
        while True:
            # The status first: events that come after it are read in the next round or belong to a finished stack.
            found = self._ask(lambda: find(self._client, stack_id))
            status = found.status if found is not None else GONE
            for raw in self._ask(partial(events_after, self._client, stack_id, last)):
                last = str(raw["EventId"])
                event = self._event(action, raw)
                first_failure = first_failure or (event if event.failed and event.logical_id else None)
                yield event
            if not status.endswith("_IN_PROGRESS") or status == REVIEWED:
                break
            if waited >= MAX_WAIT_SECONDS:
                raise self._error(f"still {status} after {MAX_WAIT_SECONDS // 3600} hours")
            self._sleep(POLL_SECONDS)
            waited += POLL_SECONDS
        if status not in good and not whatever:
            failed = first_failure or Event(action, self._name, "", STACK, status)
            raise self._error(f"{status}: {failed.reason or failed.status}", failed.logical_id)

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
