"""What an account must hold before a system is deployed: the secrets and parameters that no stack of it makes.

A dynamic reference to a name that none of the stacks declares can only be answered by the account. A simulated
account is given a stand-in for each, and the run says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.resolve.stack import Resource
from stackproof.resolve.values import Block, Items
from stackproof.symbols import Dynamic, Symbol, Text

_MAKERS = {"AWS::SSM::Parameter": "ssm", "AWS::SecretsManager::Secret": "secretsmanager"}
# What another account owns, and AWS's public parameters.
_ELSEWHERE = ("arn:", "/aws/")
_ADDRESS = "https://stand-in.example.com/"
_TEXT = "stand-in"


@dataclass(frozen=True, slots=True)
class Use:
    """One place that reads a prerequisite.

    Attributes:
        resource: the resource.
        property: the property that holds the reference, such as ``HostedZoneId``.
        key: the key of a secret's JSON that is read; empty for all of it.
    """

    resource: Resource
    property: str
    key: str


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """Something that an account must hold.

    Attributes:
        service: ``ssm`` or ``secretsmanager``.
        name: its name there.
        region: where it is looked for.
        uses: what reads it.
    """

    service: str
    name: str
    region: str
    uses: tuple[Use, ...]

    def __str__(self) -> str:
        kind = "the secret" if self.service == "secretsmanager" else "the parameter"
        places = ", ".join(dict.fromkeys(f"{use.resource.stack}/{use.resource.logical_id}" for use in self.uses))
        return f"{kind} {self.name} must stand in the account before ({places}); a stand-in was put there"


def joined(several: Iterable[Iterable[Prerequisite]]) -> tuple[Prerequisite, ...]:
    """Return what several deployments need, each thing once with all of its uses."""
    uses: dict[tuple[str, str, str], list[Use]] = {}
    for found in several:
        for needed in found:
            known = uses.setdefault((needed.service, needed.name, needed.region), [])
            told = {(use.resource.stack, use.resource.logical_id, use.property, use.key) for use in known}
            known += [
                use
                for use in needed.uses
                if (use.resource.stack, use.resource.logical_id, use.property, use.key) not in told
            ]
    return tuple(Prerequisite(*key, uses=tuple(found)) for key, found in uses.items())


def prerequisites(deployment: Deployment) -> tuple[Prerequisite, ...]:
    """Return what the account must hold before a deployment, by name."""
    made = {
        (_MAKERS[resource.type], resource.get("Name"))
        for resource in deployment.of_type(*_MAKERS)
        if isinstance(resource.get("Name"), str)
    }
    found: dict[tuple[str, str, str], list[Use]] = {}
    for stack in deployment.stacks.values():
        for resource in stack.resources.values():
            for name, symbol in _dynamic(resource.properties, ""):
                service = "secretsmanager" if symbol.service == "secretsmanager" else "ssm"
                source = symbol.source
                if isinstance(source, str) and not source.startswith(_ELSEWHERE) and (service, source) not in made:
                    place = (service, source, stack.context.region or "")
                    found.setdefault(place, []).append(Use(resource, name, _key(symbol)))
    return tuple(Prerequisite(*place, tuple(uses)) for place, uses in sorted(found.items(), key=lambda item: item[0]))


def _dynamic(value: Any, name: str) -> Iterator[tuple[str, Dynamic]]:
    """Iterate over the dynamic references inside of a value, each with the property that holds it."""
    if isinstance(value, Block):
        for key, child in value.items():
            yield from _dynamic(child, key)
    elif isinstance(value, Items | tuple | list):
        for child in value:
            yield from _dynamic(child, name)
    elif isinstance(value, Dynamic):
        yield name, value
    elif isinstance(value, Text):
        for part in value.parts:
            yield from _dynamic(part, name)


def _key(symbol: Dynamic) -> str:
    body = symbol.body
    last = body if isinstance(body, str) else body.parts[-1] if isinstance(body, Text) else ""
    _, found, rest = str(last).partition(":SecretString:")
    return rest.partition(":")[0] if found else ""


def provide(needed: Prerequisite, client: Callable[[str], Any]) -> None:
    """Put a stand-in into an account.

    Parameters:
        needed: what is missing.
        client: gives a boto3 client of a service in the region of the prerequisite.
    """
    if needed.service == "ssm":
        client("ssm").put_parameter(Name=needed.name, Value=_value(needed, client), Type="String")
        return
    keys = {use.key: _stand_in(use.property) for use in needed.uses}
    whole = keys.get("") or json.dumps(keys)
    client("secretsmanager").create_secret(Name=needed.name, SecretString=whole)


def _value(needed: Prerequisite, client: Callable[[str], Any]) -> str:
    zones = [use for use in needed.uses if use.property == "HostedZoneId"]
    if not zones:
        return _stand_in(needed.uses[0].property)
    zone = client("route53").create_hosted_zone(Name=_zone_of(zones), CallerReference=needed.name)
    return str(zone["HostedZone"]["Id"]).rpartition("/")[2]


def _stand_in(name: str) -> str:
    return _ADDRESS if name in ("Endpoint", "Url") else _TEXT


def _zone_of(uses: list[Use]) -> str:
    """Return the name of a zone that can hold the records of all uses: what their names end with."""
    names = [
        str(name)
        for use in uses
        for name in (use.resource.get("Name"), use.resource.get("DomainName"))
        if name is not None and not isinstance(name, Symbol)
    ]
    labels = [name.rstrip(".").split(".")[::-1] for name in names]
    common = takewhile(lambda column: len(set(column)) == 1, zip(*labels, strict=False))
    return ".".join(reversed([column[0] for column in common])) or "example.com"
