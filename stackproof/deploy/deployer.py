"""The deployer: creates and updates the stacks of a deployment in their order, deletes them in reverse."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.deploy.event import Action, DeployError, Event
from stackproof.deploy.request import create_request, stack_name

POLL_SECONDS = 5.0
MAX_WAIT_SECONDS = 3 * 60 * 60
"""A stack that takes longer than this is given up on; CloudFormation itself goes on."""

_STACK = "AWS::CloudFormation::Stack"
_GONE = "DELETE_COMPLETE"
_GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE", _GONE)
_UNCHANGED = ("didn't contain changes", "No updates are to be performed")


class Deployer:
    """Creates, updates and deletes the stacks of one deployment.

    `create`, `update` and `delete` are lazy: nothing happens until their events are read, and each event is read as
    soon as CloudFormation has it.

    Parameters:
        deployment: what to deploy.
        client: gives a boto3 client of CloudFormation in a region.
        sleep: how to wait between two looks at a stack that is not finished; takes seconds.

    Attributes:
        changes: what `update` changed, by layer, as CloudFormation's change sets say it.
    """

    def __init__(
        self, deployment: Deployment, client: Callable[[str], Any], sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.deployment = deployment
        self._client_in = client
        self._sleep = sleep
        self._total = sum(len(stack.resources) for stack in deployment.stacks.values())
        self._done = 0
        self.changes: dict[str, list[dict[str, Any]]] = {}

    def create(self) -> Iterator[Event]:
        """Create every stack in deploy order, each after the one before is complete.

        Raises:
            DeployError: CloudFormation refused a stack or could not create it; the stacks before it stay.
            InputError: a stack cannot be sent.
        """
        self._done = 0
        for layer in self.deployment.stacks:
            yield from self._run(Action.CREATE, layer)

    def update(self) -> Iterator[Event]:
        """Bring every stack to what the deployment says, in deploy order; a stack that is missing is created.

        Each change goes through a change set. A stack about which nothing changes is left alone.

        Raises:
            DeployError: CloudFormation refused a change or rolled it back; the stacks before it are updated.
            InputError: a stack cannot be sent.
        """
        self._done = 0
        for layer in self.deployment.stacks:
            yield from self.deploy(layer)

    def deploy(self, layer: str) -> Iterator[Event]:
        """Create the stack of one layer, or update it where it stands; see `update`."""
        stands = _id_of(self._client(layer), stack_name(self.deployment.stack(layer)))
        yield from self._run(Action.UPDATE if stands else Action.CREATE, layer)

    def delete(self) -> Iterator[Event]:
        """Delete every stack in reverse order, each after the one that used it is gone; a missing stack is gone.

        Raises:
            DeployError: CloudFormation could not delete a stack.
        """
        self._done = 0
        for layer in reversed(self.deployment.stacks):
            yield from self.remove(layer)

    def remove(self, layer: str) -> Iterator[Event]:
        """Delete the stack of one layer; see `delete`."""
        yield from self._run(Action.DELETE, layer)

    def _client(self, layer: str) -> Any:
        """Return the client of the region that a layer is in."""
        return self._client_in(self.deployment.stack(layer).context.region or "")

    def _output(self, layer: str, name: str) -> str:
        """Return an output of a stack that is deployed already."""
        stack = stack_name(self.deployment.stack(layer))
        found = self._client(layer).describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", ())
        for output in found:
            if output["OutputKey"] == name:
                return str(output["OutputValue"])
        raise DeployError(stack, layer, f"the stack has no output {name} to hand over")

    def _run(self, action: Action, layer: str) -> Iterator[Event]:
        done = self._done
        stack_id, seen = self._start(action, layer)
        if stack_id:
            yield from self._follow(action, layer, stack_id, seen)
        # Resources without an event of their own, such as retained ones, are finished with their stack.
        self._done = done + len(self.deployment.stack(layer).resources)

    def _start(self, action: Action, layer: str) -> tuple[str, set[str]]:
        """Ask for the change; return the stack's id, empty where there is nothing to do, and the events before it."""
        name = stack_name(self.deployment.stack(layer))
        client = self._client(layer)
        try:
            if action is Action.CREATE:
                created = client.create_stack(**create_request(self.deployment, layer, self._output))
                return str(created["StackId"]), set()
            if action is Action.UPDATE:
                return self._start_update(client, name, layer)
            stack_id = _id_of(client, name)
            seen = _newest(client, stack_id) if stack_id else set()
            if stack_id:
                client.delete_stack(StackName=stack_id)
            return stack_id, seen
        except client.exceptions.ClientError as error:
            raise DeployError(name, layer, _said(error)) from None

    def _start_update(self, client: Any, name: str, layer: str) -> tuple[str, set[str]]:
        """Make a change set and execute it; the stack's id is empty where nothing changes."""
        request = create_request(self.deployment, layer, self._output)
        made = client.create_change_set(ChangeSetName=f"stackproof-{uuid.uuid4().hex[:12]}", **request)
        found = self._change_set(client, made["Id"])
        if found["Status"] == "FAILED":
            client.delete_change_set(ChangeSetName=made["Id"])
            if _is_unchanged(str(found.get("StatusReason"))):
                return "", set()
            raise DeployError(name, layer, str(found.get("StatusReason")))
        self.changes[layer] = [change["ResourceChange"] for change in found["Changes"]]
        seen = _newest(client, made["StackId"])
        client.execute_change_set(ChangeSetName=made["Id"])
        return str(made["StackId"]), seen

    def _change_set(self, client: Any, change_set: str) -> dict[str, Any]:
        """Return a change set with all of its changes as soon as CloudFormation has worked it out."""
        found: dict[str, Any] = client.describe_change_set(ChangeSetName=change_set)
        while found["Status"] in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
            self._sleep(POLL_SECONDS)
            found = client.describe_change_set(ChangeSetName=change_set)
        page = found
        while "NextToken" in page:
            page = client.describe_change_set(ChangeSetName=change_set, NextToken=page["NextToken"])
            found["Changes"] += page["Changes"]
        return found

    def _follow(self, action: Action, layer: str, stack_id: str, seen: set[str]) -> Iterator[Event]:
        """Yield the events of one stack until it is finished."""
        name = stack_name(self.deployment.stack(layer))
        client = self._client(layer)
        first_failure: Event | None = None
        waited = 0.0
        while True:
            # The status first: events that come after it are read in the next round or belong to a finished stack.
            status = str(client.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"])
            for event in self._new_events(action, name, _raw_events(client, stack_id, seen), seen):
                first_failure = first_failure or (event if event.failed and event.logical_id else None)
                yield event
            if not status.endswith("_IN_PROGRESS"):
                break
            if waited >= MAX_WAIT_SECONDS:
                raise DeployError(name, layer, f"still {status} after {MAX_WAIT_SECONDS // 3600} hours")
            self._sleep(POLL_SECONDS)
            waited += POLL_SECONDS
        if status not in _GOOD:
            failed = first_failure or Event(action, name, "", _STACK, status)
            raise DeployError(name, layer, f"{status}: {failed.reason or failed.status}", failed.logical_id)

    def _new_events(self, action: Action, name: str, reported: list[dict[str, Any]], seen: set[str]) -> Iterator[Event]:
        """Yield what CloudFormation reports since the last look, oldest first."""
        for raw in reversed(reported):
            seen.add(raw["EventId"])
            whole = raw["ResourceType"] == _STACK and raw["LogicalResourceId"] == name
            finished = not whole and raw["ResourceStatus"] in (*_GOOD, "DELETE_SKIPPED")
            self._done += finished
            yield Event(
                action=action,
                stack=name,
                logical_id="" if whole else raw["LogicalResourceId"],
                type=raw["ResourceType"],
                status=raw["ResourceStatus"],
                reason=raw.get("ResourceStatusReason") or "",
                done=min(self._done, self._total),
                total=self._total,
            )


def _id_of(client: Any, name: str) -> str:
    """Return the id of a stack; empty where there is none of that name."""
    try:
        return str(client.describe_stacks(StackName=name)["Stacks"][0]["StackId"])
    except client.exceptions.ClientError as error:
        if "does not exist" in str(error):
            return ""
        raise


def _newest(client: Any, stack_id: str) -> set[str]:
    """Return the id of the newest event of a stack: what comes after it is new."""
    return {event["EventId"] for event in client.describe_stack_events(StackName=stack_id)["StackEvents"][:1]}


def _raw_events(client: Any, stack_id: str, seen: set[str]) -> list[dict[str, Any]]:
    """Return CloudFormation's events of one stack, newest first, down to the first one that was seen before."""
    found: list[dict[str, Any]] = []
    for page in client.get_paginator("describe_stack_events").paginate(StackName=stack_id):
        for event in page["StackEvents"]:
            if event["EventId"] in seen:
                return found
            found.append(event)
    return found


def _is_unchanged(reason: str) -> bool:
    """Return whether a change set failed because there is nothing to change."""
    return any(words in reason for words in _UNCHANGED)


def _said(error: Any) -> str:
    return str(error.response["Error"].get("Message") or error)
