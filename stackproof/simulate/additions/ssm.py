"""Systems Manager: what Parameter Store says of a parameter that is not there."""

from __future__ import annotations

from typing import Any

from moto.ssm import exceptions as _exceptions

# moto is typed in parts; its internals are what the contract test says, not what its annotations say.
exceptions: Any = _exceptions


def _not_found(self: Any, _message: str) -> None:
    """Say nothing: the service's error has a code and no message."""
    super(exceptions.ParameterNotFound, self).__init__("ParameterNotFound", "")


PATCHES = ((exceptions.ParameterNotFound, "__init__", _not_found),)
