"""A simulated account in which tests play the life of stacks, through plain boto3."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from stackproof.simulate import SimulatedAccount
from stackproof.simulate.inventory import Thing, inventory

ACCOUNT = "111111111111"
REGION = "us-east-1"
SHOP = "shop"
"""The stack that is meant where none is named."""

TOPIC = "Resources: {Topic: {Type: AWS::SNS::Topic}}\n"

Template = str | Mapping[str, Any]


class Stage:
    """An account, with short words for what tests do in it.

    Attributes:
        account: the account.
        cfn: CloudFormation's client.
    """

    def __init__(self, account: SimulatedAccount) -> None:
        self.account = account
        self.cfn = account.cloudformation()
        self._heard: dict[str, int] = {}

    def client(self, service: str) -> Any:
        """Return a client of a service."""
        return self.account.client(service)

    # --- What is asked of CloudFormation. ---

    def create(self, body: Template, stack: str = SHOP, **request: Any) -> str:
        """Create a stack; return its id."""
        return str(self.cfn.create_stack(StackName=stack, TemplateBody=text(body), **asked(request))["StackId"])

    def update(self, body: Template = "", stack: str = SHOP, **request: Any) -> None:
        """Update a stack, with its template of before where none is given."""
        template = {"TemplateBody": text(body)} if body else {"UsePreviousTemplate": True}
        self.cfn.update_stack(StackName=stack, **template, **asked(request))

    def delete(self, stack: str = SHOP, **request: Any) -> None:
        """Delete a stack."""
        self.cfn.delete_stack(StackName=stack, **request)

    def change_set(self, body: Template = "", stack: str = SHOP, name: str = "next", **request: Any) -> dict[str, Any]:
        """Create a change set, and return it as it is described."""
        template = {"TemplateBody": text(body)} if body else {"UsePreviousTemplate": True}
        self.cfn.create_change_set(StackName=stack, ChangeSetName=name, **template, **asked(request))
        found: dict[str, Any] = self.cfn.describe_change_set(StackName=stack, ChangeSetName=name)
        return found

    def execute(self, stack: str = SHOP, name: str = "next", **request: Any) -> None:
        """Execute a change set."""
        self.cfn.execute_change_set(StackName=stack, ChangeSetName=name, **request)

    def refusal(self, operation: str, **request: Any) -> str:
        """Return code and message with which a request is refused."""
        try:
            getattr(self.cfn, operation)(**request)
        except ClientError as error:
            return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
        raise AssertionError(f"{operation} was not refused")

    def refuses(self, body: Template, stack: str = SHOP, **request: Any) -> str:
        """Return with which words CreateStack is refused, without the code ValidationError."""
        said = self.refusal("create_stack", StackName=stack, TemplateBody=text(body), **asked(request))
        return said.removeprefix("ValidationError: ")

    # --- What it tells. ---

    def described(self, stack: str = SHOP) -> dict[str, Any]:
        """Return a stack as DescribeStacks tells it."""
        found: dict[str, Any] = self.cfn.describe_stacks(StackName=stack)["Stacks"][0]
        return found

    def status(self, stack: str = SHOP) -> str:
        """Return the status of a stack, with its reason if there is one."""
        found = self.described(stack)
        return f"{found['StackStatus']} {found.get('StackStatusReason', '')}".strip()

    def outputs(self, stack: str = SHOP) -> dict[str, str]:
        """Return the outputs of a stack."""
        return {one["OutputKey"]: one["OutputValue"] for one in self.described(stack).get("Outputs", ())}

    def resources(self, stack: str = SHOP) -> dict[str, str]:
        """Return the status of each resource of a stack."""
        found = self.cfn.describe_stack_resources(StackName=stack)["StackResources"]
        return {one["LogicalResourceId"]: one["ResourceStatus"] for one in found}

    def physical(self, logical_id: str, stack: str = SHOP) -> str:
        """Return the physical id of a resource."""
        found = self.cfn.describe_stack_resource(StackName=stack, LogicalResourceId=logical_id)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def events(self, stack: str = SHOP) -> list[dict[str, Any]]:
        """Return the events of a stack, the oldest first."""
        pages = self.cfn.get_paginator("describe_stack_events").paginate(StackName=stack)
        return [event for page in pages for event in page["StackEvents"]][::-1]

    def news(self, stack: str = SHOP) -> list[str]:
        """Return the events that nobody has asked for yet: logical id, status and reason, the oldest first."""
        found = self.events(stack)
        new = found[self._heard.get(stack, 0) :]
        self._heard[stack] = len(found)
        return [_line(event) for event in new]

    # --- What stands. ---

    def things(self) -> frozenset[Thing]:
        """Return everything that the account holds, but stacks."""
        return frozenset(thing for thing in inventory(self.account.client) if thing.kind != "stack")

    def fail(self, *logical_ids: str, stack: str = SHOP, times: int = 1_000) -> None:
        """Let resources fail whenever they are made or changed.

        Parameters:
            times: how often; then they succeed again.
        """
        left = dict.fromkeys(logical_ids, times)

        def fault(name: str, logical_id: str) -> None:
            if name.startswith(stack) and left.get(logical_id, 0) > 0:
                left[logical_id] -= 1
                raise RuntimeError(f"{logical_id} is at fault")

        self.account.options.fault = fault

    def heal(self) -> None:
        """Let nothing fail any more."""
        self.account.options.fault = lambda _stack, _logical_id: None


def text(body: Template) -> str:
    """Return a template as it is sent."""
    return body if isinstance(body, str) else json.dumps(body)


def asked(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return members of a request; a plain dict of parameters or tags becomes a list."""
    found = dict(request)
    if isinstance(found.get("Parameters"), dict):
        found["Parameters"] = parameters(found["Parameters"])
    if isinstance(found.get("Tags"), dict):
        found["Tags"] = [{"Key": key, "Value": value} for key, value in found["Tags"].items()]
    return found


def parameters(values: Mapping[str, str | None]) -> list[dict[str, Any]]:
    """Return parameters in the form of a request; None stands for the previous value."""
    return [
        {"ParameterKey": name, "UsePreviousValue": True}
        if value is None
        else {"ParameterKey": name, "ParameterValue": value}
        for name, value in values.items()
    ]


def of(lines: Iterable[str], logical_id: str) -> list[str]:
    """Return the statuses, with reasons, of one resource from lines of news."""
    return [line.partition(" ")[2] for line in lines if line.partition(" ")[0] == logical_id]


def _line(event: Mapping[str, Any]) -> str:
    told = f"{event['LogicalResourceId']} {event['ResourceStatus']} {event.get('ResourceStatusReason', '')}"
    return told.rstrip()
