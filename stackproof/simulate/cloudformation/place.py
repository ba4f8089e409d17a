"""Where a stack stands: the account, what it already holds, and how its resources are made."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stackproof.errors import InputError
from stackproof.simulate.cloudformation.record import Clock, StackRecord
from stackproof.simulate.handlers import Handler
from stackproof.simulate.record import Record


@dataclass(frozen=True, slots=True)
class Export:
    """One export: who exports it, and its value."""

    stack_id: str
    name: str
    value: str


@dataclass(slots=True)
class Options:
    """What a simulation may, notes and is told to let go wrong; the same for all of its regions.

    Attributes:
        record: notes what could not be simulated, and what outlives its stack.
        allowed: types that may stay unsimulated; any other fails its stack.
        fault: hears of each resource before it is made or changed (stack name, logical id), and raises what shall go
            wrong.
        clock: virtual time.
    """

    record: Record = field(default_factory=Record)
    allowed: frozenset[str] = frozenset()
    fault: Callable[[str, str], None] = lambda _stack, _logical_id: None
    clock: Clock = field(default_factory=Clock)


@dataclass(slots=True)
class Place:
    """One account in one region.

    Attributes:
        partition: ``aws`` …
        client: gives a boto3 client of this region by its service.
        handler: gives what makes a type, or None where nothing does.
        random: gives a random suffix of upper-case letters and digits.
        options: what the simulation may and notes.
        exports: all exports of the region by name.
        zones: names of availability zones by region, as far as they were asked for.
        stacks: all stacks of the region, in the order of their creation, deleted ones included.
    """

    account: str
    region: str
    partition: str
    client: Callable[[str], Any]
    handler: Callable[[str], Handler | None]
    random: Callable[[], str]
    options: Options
    exports: dict[str, Export] = field(default_factory=dict)
    stacks: list[StackRecord] = field(default_factory=list)
    zones: dict[str, list[str]] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        """Virtual time."""
        return self.options.clock

    @property
    def record(self) -> Record:
        """What is noted."""
        return self.options.record

    def users_of(self, export: str) -> list[str]:
        """Return the names of the stacks that import an export."""
        return [stack.name for stack in self.stacks if export in stack.imports and not stack.gone]


class Known:
    """What a stack in the making can ask: its own resources, other stacks' exports, the account.

    Parameters:
        stack: the stack; its resources answer ``Ref`` and ``Fn::GetAtt``.
        place: where it stands.
        options: what the request says about the stack, for ``AWS::NotificationARNs``.

    Attributes:
        imports: names of the exports that were asked for.
    """

    def __init__(self, stack: StackRecord, place: Place, options: Mapping[str, Any]) -> None:
        self._stack = stack
        self._place = place
        self._options = options
        self.imports: set[str] = set()

    def attribute(self, logical_id: str, attribute: str) -> Any:
        """Return ``Ref`` (empty attribute) or ``Fn::GetAtt`` of a resource that exists."""
        standing = self._stack.standing[logical_id]
        if standing.made is None:
            return f"{standing.physical_id}{'-' if attribute else ''}{attribute}"
        if not attribute:
            return standing.made.physical_id
        try:
            return standing.made.attribute(attribute)
        except KeyError:
            raise InputError(
                f"Resource type {standing.type} does not support attribute {{{attribute}}} (as simulated)"
            ) from None

    def export(self, name: str) -> str:
        """Return another stack's export."""
        self.imports.add(name)
        if name not in self._place.exports:
            raise InputError(f"No export named {name} found")
        return self._place.exports[name].value

    def pseudo(self, name: str) -> Any:
        """Return a pseudo parameter that is not known before deployment."""
        return {
            "AWS::StackId": self._stack.id,
            "AWS::NotificationARNs": list(self._options.get("NotificationARNs") or ()),
        }[name]

    def ssm_parameter(self, name: str) -> str:
        """Return the value of a Parameter Store key, of a version where the name ends with one."""
        return str(self._stored(name)["Value"])

    def _stored(self, name: str) -> Mapping[str, Any]:
        try:
            answer = self._place.client("ssm").get_parameter(Name=name, WithDecryption=True)
        except Exception as error:
            if "ParameterNotFound" not in str(error):
                raise
            raise InputError(
                f"Parameters: [{name}] could not be fetched from SSM: unable to find the parameter"
            ) from None
        found: Mapping[str, Any] = answer["Parameter"]
        return found

    def secret(self, reference: str) -> str:
        """Return the value of ``secret-id:SecretString:json-key:stage:version``."""
        secret_id, _, rest = reference.partition(":SecretString")
        _, key, stage, version = (*rest.split(":"), "", "", "", "")[:4]
        given = {name: value for name, value in (("VersionStage", stage), ("VersionId", version)) if value}
        text = self._place.client("secretsmanager").get_secret_value(SecretId=secret_id, **given)["SecretString"]
        if not key:
            return str(text)
        try:
            return str(json.loads(text)[key])
        except (ValueError, KeyError, TypeError):
            raise InputError(f"Could not find a value associated with JSONKey in SecretString ({reference})") from None

    def zones(self, region: str) -> list[str]:
        """Return the names of a region's availability zones."""
        if region in self._place.zones:
            return list(self._place.zones[region])
        filters = [{"Name": "region-name", "Values": [region]}]
        client = self._place.client("ec2")
        if region != self._place.region:
            from stackproof.simulate.clients import simulated_client

            client = simulated_client(region, "ec2")
        answer = client.describe_availability_zones(Filters=filters)
        self._place.zones[region] = sorted(zone["ZoneName"] for zone in answer["AvailabilityZones"])
        return list(self._place.zones[region])


class Untold(Known):
    """Answers as `Known` does, but a secret that another service keeps is left as the template refers to it."""

    def secret(self, reference: str) -> str:
        """Return a dynamic reference to Secrets Manager."""
        return f"{{{{resolve:secretsmanager:{reference}}}}}"

    def ssm_parameter(self, name: str) -> str:
        """Return the value of a Parameter Store key, or the dynamic reference to it where it is encrypted."""
        found = self._stored(name)
        secure = found["Type"] == "SecureString"
        return f"{{{{resolve:ssm-secure:{name}}}}}" if secure else str(found["Value"])
