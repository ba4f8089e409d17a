"""What moto does over and over although the answer is known: an attribute of moto each, and what stands there instead.

None of it changes an answer.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from moto.core import responses as _responses
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix
from moto.kms import models as _kms

from stackproof.simulate.clients import session

# moto is typed in parts; its internals are what the contract test says, not what its annotations say.
responses: Any = _responses
kms: Any = _kms

_MATERIAL = ("RSA_", "ECC_", "SM2")
"""What the specifications of keys begin with that have a private key; those of others are never asked for one."""

_method_names = cache(responses.method_names_from_class)
_generate = kms.generate_private_key


@cache
def _never_used() -> Any:
    return _generate("SYMMETRIC_DEFAULT")


def _private_key(specification: str) -> Any:
    """Return the private key of a new key; making one takes longer than anything else that a stack does."""
    return _generate(specification) if specification.startswith(_MATERIAL) else _never_used()


def _tags(resource: Any) -> list[dict[str, str]]:
    """Return the tags of one resource; moto goes through those of all."""
    if not resource.id:
        return []
    kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(resource.id), "")
    found = resource.ec2_backend.tags.get(resource.id, {})
    return [
        {"resource_id": resource.id, "key": key, "value": value, "resource_type": kind} for key, value in found.items()
    ]


@cache
def _regions_of(service: str) -> tuple[str, ...]:
    found = session()
    partitions = found.get_available_partitions()
    return tuple(
        region for partition in partitions for region in found.get_available_regions(service, partition_name=partition)
    )


def regions(_backend: Any, service: str) -> list[str]:
    """Return the regions that a service has; moto reads each model anew for it, and never forgets who asked.

    Unlike the patches it is asked before the simulation begins and after it ends, when moto makes its backends.
    """
    return list(_regions_of(service))


PATCHES = (
    (responses, "method_names_from_class", _method_names),
    (kms, "generate_private_key", _private_key),
    (TaggedEC2Resource, "get_tags", _tags),
)
