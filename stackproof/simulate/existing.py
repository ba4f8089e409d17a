"""What CloudFormation says where a resource that it is to make exists already."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError


class AlreadyExistsError(Exception):
    """A name is taken; most services would overwrite what has it, or give it back as if it were new."""

    def __init__(self, kind: str, **identifier: str) -> None:
        names = json.dumps({f"/properties/{name}": value for name, value in identifier.items()}, separators=(",", ":"))
        super().__init__(f"Resource of type '{kind}' with identifier '{names}' already exists.")


def exists(ask: Callable[[], Any]) -> bool:
    """Return whether a service finds what it is asked for."""
    try:
        return bool(ask())
    except ClientError:
        return False
