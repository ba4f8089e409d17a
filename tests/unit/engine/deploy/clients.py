"""Clients of CloudFormation that are slow, late, broken or cut off; behind them stands the simulated one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

_ENDS = {"CREATE": "CREATE_IN_PROGRESS", "UPDATE": "UPDATE_IN_PROGRESS", "DELETE": "DELETE_IN_PROGRESS"}


class Slow:
    """Lets every operation take its time: it is done at once, and shown bit by bit.

    Parameters:
        client: the one that does the work.
        polls: how many looks at a stack an operation lasts.
        lag: how many looks it takes until an operation is seen at all.

    Attributes:
        executed: names of stacks whose change sets were executed, in order.
        looks: how often each stack was looked at.
    """

    def __init__(self, client: Any, polls: int = 3, lag: int = 0) -> None:
        self._client = client
        self._polls = polls
        self._lag = lag
        self._running: dict[str, dict[str, Any]] = {}
        self.executed: list[str] = []
        self.looks: dict[str, int] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def _begin(self, stack: dict[str, Any]) -> None:
        events = self._client.describe_stack_events(StackName=stack["StackId"])["StackEvents"]
        self._running[stack["StackId"]] = {
            "before": {event["EventId"] for event in events},
            "status": stack["StackStatus"],
            "left": self._polls,
            "lag": self._lag,
        }

    def execute_change_set(self, **request: Any) -> Any:
        """Execute it, and begin to show that."""
        found = self._client.describe_change_set(ChangeSetName=request["ChangeSetName"])
        (stack,) = self._client.describe_stacks(StackName=found["StackId"])["Stacks"]
        self._begin(stack)
        self.executed.append(stack["StackName"])
        return self._client.execute_change_set(**request)

    def delete_stack(self, **request: Any) -> Any:
        """Delete it, and begin to show that."""
        (stack,) = self._client.describe_stacks(StackName=request["StackName"])["Stacks"]
        self._begin(stack)
        return self._client.delete_stack(**request)

    def describe_stacks(self, **request: Any) -> Any:
        """Show a stack as it would be by now."""
        answer = self._client.describe_stacks(**request)
        for stack in answer["Stacks"]:
            self.looks[stack["StackName"]] = self.looks.get(stack["StackName"], 0) + 1
            running = self._running.get(stack["StackId"])
            if running is None:
                continue
            if running["lag"]:
                running["lag"] -= 1
                stack["StackStatus"] = running["status"]
            elif running["left"]:
                running["left"] -= 1
                new = [event for event in self._events(stack["StackId"]) if event["EventId"] not in running["before"]]
                stack["StackStatus"] = _ENDS[new[-1]["ResourceStatus"].partition("_")[0]]
            else:
                del self._running[stack["StackId"]]
        return answer

    def _events(self, stack_id: str) -> list[dict[str, Any]]:
        return [
            event
            for page in self._client.get_paginator("describe_stack_events").paginate(StackName=stack_id)
            for event in page["StackEvents"]
        ]

    def describe_stack_events(self, **request: Any) -> Any:
        """Show the events so far."""
        (page,) = self.get_paginator("describe_stack_events").paginate(**request)
        return page

    def get_paginator(self, operation: str) -> Any:
        """Show the events so far."""
        if operation != "describe_stack_events":
            return self._client.get_paginator(operation)
        slow = self

        class Pages:
            def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
                events = slow._events(request["StackName"])
                running = slow._running.get(events[0]["StackId"]) if events else None
                if running is not None:
                    new = [event for event in events if event["EventId"] not in running["before"]]
                    old = [event for event in events if event["EventId"] in running["before"]]
                    shown = 0 if running["lag"] else 1 + (slow._polls - running["left"]) * (len(new) - 2) // slow._polls
                    events = [*new[len(new) - shown :], *old]
                yield {"StackEvents": events}

        return Pages()


def refusal(code: str, message: str = "", operation: str = "Operation") -> ClientError:
    """Return what boto3 raises where a service refuses."""
    return ClientError({"Error": {"Code": code, "Message": message or code}}, operation)


CUT = ConnectionClosedError(endpoint_url="https://cloudformation")
TIMEOUT = ReadTimeoutError(endpoint_url="https://cloudformation")
NO_ENDPOINT = EndpointConnectionError(endpoint_url="https://cloudformation")


class Broken:
    """Raises at some calls, before or after they are made.

    Parameters:
        client: the one that does the work.
        plan: by operation, what to raise at its first, second … call; None for a call that goes well.
        after: whether the call is made nevertheless, and only its answer is lost.
    """

    def __init__(self, client: Any, plan: dict[str, list[Exception | None]], *, after: bool = False) -> None:
        self._client = client
        self._plan = plan
        self._after = after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if name not in self._plan:
            return found
        return self._breaking(name, found)

    def _breaking(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(**request: Any) -> Any:
            error = self._plan[name].pop(0) if self._plan[name] else None
            if error is None:
                return call(**request)
            if self._after:
                call(**request)
            raise error

        return called
