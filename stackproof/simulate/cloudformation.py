"""A small CloudFormation: makes the resources of one stack in dependency order, and unmakes them in reverse.

It resolves with the project's own engine, so parameters, rules, conditions and functions behave as they are judged.
What it does not do yet: updates, change sets, signals, nested stacks. It knows nothing of moto.
"""

from __future__ import annotations

import graphlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stackproof.bind.values import bind
from stackproof.errors import InputError
from stackproof.load.template import parse_template
from stackproof.resolve.context import Context
from stackproof.resolve.stack import Resource, Stack
from stackproof.resolve.values import plain_value
from stackproof.simulate.fill import Filler
from stackproof.simulate.handlers import Handler, Made, Wanted
from stackproof.simulate.record import Gap, Kept, Record

NOT_MADE = "not made: no simulation of this type"
NOT_READ = "not read"
NOT_ACTED_ON = "not acted on: nothing signals or is updated in this simulation"
NOT_SHOWN = "taken, but not shown by the simulated service"

Tell = Callable[[str, str, str, str, str], None]
"""Hears of each step: logical id, physical id, type, status, reason."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stack is made: account, region and what the account already holds.

    Attributes:
        exports: the exports of all stacks, by name.
        client: gives a boto3 client by its service.
        handler: gives what makes a type, or None where nothing does.
        random: gives a random suffix of upper-case letters and digits.
    """

    account: str
    region: str
    exports: Mapping[str, str]
    client: Callable[[str], Any]
    handler: Callable[[str], Handler | None]
    random: Callable[[], str]
    record: Record


class StackError(Exception):
    """A resource could not be made or removed; the events say which one and why."""


class StackRun:
    """One stack in a simulated account.

    Parameters:
        name: the stack's name.
        stack_id: its ARN.
        body: the template that was sent.
        parameters: the values that were sent.
        place: where it is made.
        tell: hears of each step.

    Attributes:
        made: the resources that exist, by logical id, in the order in which they were made.

    Raises:
        InputError: the template, a parameter or an import is wrong; CloudFormation refuses such a request.
    """

    def __init__(
        self, name: str, stack_id: str, body: str, parameters: Mapping[str, str], place: Place, tell: Tell
    ) -> None:
        template = parse_template(body, name)
        values = bind(template, parameters, {}, template.mark)
        context = Context(stack=name, stack_name=name, region=place.region, account=place.account)
        self.name = name
        self.stack = Stack(template, values, context)
        self.stack.check()
        self.made: dict[str, Made | None] = {}
        self._stack_id = stack_id
        self._place = place
        self._tell = tell
        self._filler = Filler(self.stack.scope, self)

    def create(self) -> None:
        """Make every resource; after a failure remove what was made.

        Raises:
            StackError: a resource could not be made.
        """
        for resource in self._in_order():
            self._tell(resource.logical_id, "", resource.type, "CREATE_IN_PROGRESS", "")
            try:
                made = self._make(resource)
            except Exception as error:
                # Whatever a service or a handler says is the reason of the failure, as in CloudFormation.
                self._tell(resource.logical_id, "", resource.type, "CREATE_FAILED", _reason(error))
                raise StackError(resource.logical_id) from error
            self.made[resource.logical_id] = made
            self._tell(resource.logical_id, self.physical_id(resource.logical_id), resource.type, "CREATE_COMPLETE", "")

    def _in_order(self) -> Iterator[Resource]:
        resources = self.stack.resources
        graph = {
            logical_id: {
                *(found.logical_id for found in resource.references() if found.logical_id in resources),
                *(name for name in resource.depends_on if name in resources),
            }
            - {logical_id}
            for logical_id, resource in resources.items()
        }
        for logical_id in graphlib.TopologicalSorter(graph).static_order():
            yield resources[logical_id]

    def _make(self, resource: Resource) -> Made | None:
        properties = self._filler.value(resource.properties)
        record = self._place.record
        handler = self._place.handler(resource.type)
        record.gaps += [
            Gap(resource.type, name, NOT_ACTED_ON, self.name, resource.logical_id)
            for name in ("CreationPolicy", "UpdatePolicy")
            if name in resource.attributes
        ]
        if handler is None:
            record.gaps.append(Gap(resource.type, "", NOT_MADE, self.name, resource.logical_id))
            return None
        name = f"{self.name}-{resource.logical_id}-{self._place.random()}"
        made = handler(Wanted(resource.type, resource.logical_id, self.name, self._stack_id, name, properties))
        record.gaps += [
            Gap(resource.type, path, why, self.name, resource.logical_id)
            for why, paths in ((NOT_READ, made.unread), (NOT_SHOWN, made.unshown))
            for path in paths
        ]
        return made

    def delete(self, *, keep: bool = True) -> None:
        """Remove the resources in reverse order, but those that the template keeps.

        Parameters:
            keep: False to roll back a creation, which keeps only what says ``Retain``.

        Raises:
            StackError: a resource could not be removed.
        """
        failures = []
        for logical_id, made in reversed(self.made.items()):
            resource = self.stack.resources[logical_id]
            policy = str(plain_value(resource.attributes.get("DeletionPolicy", "Delete")))
            physical_id = self.physical_id(logical_id)
            if policy == "Retain" or (keep and policy == "RetainExceptOnCreate"):
                self._place.record.kept.append(Kept(self.name, logical_id, resource.type, policy, physical_id))
                self._tell(logical_id, physical_id, resource.type, "DELETE_SKIPPED", f"DeletionPolicy is {policy}")
                continue
            self._tell(logical_id, physical_id, resource.type, "DELETE_IN_PROGRESS", "")
            snapshot = keep and policy == "Snapshot"
            try:
                if made is not None:
                    made.delete(snapshot)
            except Exception as error:
                self._tell(logical_id, physical_id, resource.type, "DELETE_FAILED", _reason(error))
                failures.append(logical_id)
                continue
            if snapshot:
                self._place.record.kept.append(Kept(self.name, logical_id, resource.type, policy, physical_id))
            self._tell(logical_id, physical_id, resource.type, "DELETE_COMPLETE", "")
        if failures:
            raise StackError(f"The following resource(s) failed to delete: [{', '.join(failures)}].")

    def physical_id(self, logical_id: str) -> str:
        """Return the physical id of a resource; a made-up one where its type is not simulated."""
        made = self.made.get(logical_id)
        return made.physical_id if made is not None else f"not-simulated-{logical_id}"

    def outputs(self) -> Iterator[tuple[str, str, str, str | None]]:
        """Iterate over name, value, description and export name of each output."""
        for output in self.stack.outputs.values():
            export = None if output.export is None else str(self._filler.value(output.export))
            yield output.name, str(self._filler.value(output.value)), output.description, export

    # --- What the filler asks (`stackproof.simulate.fill.Account`). ---

    def attribute(self, logical_id: str, attribute: str) -> Any:
        """Return ``Ref`` or ``Fn::GetAtt`` of a resource that was made before."""
        made = self.made.get(logical_id)
        if made is None:
            return f"not-simulated-{logical_id}{'-' if attribute else ''}{attribute}"
        if not attribute:
            return made.physical_id
        try:
            return made.attribute(attribute)
        except KeyError:
            kind = self.stack.resources[logical_id].type
            raise InputError(
                f"Template error: resource {logical_id} does not support attribute type {attribute} in Fn::GetAtt "
                f"({kind}, as simulated)"
            ) from None

    def export(self, name: str) -> str:
        """Return another stack's export."""
        if name not in self._place.exports:
            raise InputError(f"No export named {name} found")
        return self._place.exports[name]

    def pseudo(self, name: str) -> Any:
        """Return a pseudo parameter that is not known before deployment."""
        return {"AWS::StackId": self._stack_id, "AWS::NotificationARNs": []}[name]

    def ssm_parameter(self, name: str) -> str:
        """Return the value of a Parameter Store key."""
        answer = self._place.client("ssm").get_parameter(Name=name, WithDecryption=True)
        return str(answer["Parameter"]["Value"])

    def secret(self, reference: str) -> str:
        """Return the value of ``secret-id:SecretString:json-key:stage:version``."""
        secret_id, _, rest = reference.partition(":SecretString")
        key = rest.split(":")[1] if ":" in rest else ""
        text = self._place.client("secretsmanager").get_secret_value(SecretId=secret_id)["SecretString"]
        return str(json.loads(text)[key] if key else text)

    def zones(self, region: str) -> list[str]:
        """Return the names of a region's availability zones."""
        answer = self._place.client("ec2").describe_availability_zones(
            Filters=[{"Name": "region-name", "Values": [region]}]
        )
        return sorted(zone["ZoneName"] for zone in answer["AvailabilityZones"])


def _reason(error: Exception) -> str:
    message = getattr(error, "response", {}).get("Error", {}).get("Message") if hasattr(error, "response") else None
    return str(message or error) or type(error).__name__
