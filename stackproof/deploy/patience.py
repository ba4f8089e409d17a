"""Patience: a request that fails for the moment is sent again, with longer and longer pauses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

_T = TypeVar("_T")

ATTEMPTS = 6
FIRST_PAUSE = 1.0
_BUSY = frozenset(
    {
        "InternalFailure",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_TOO_NEW = "is invalid or cannot be assumed"
"""What is said of a role that was made a moment ago, before all of AWS knows it."""
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "RequestExpired"})
_UNREACHED = frozenset({"ConnectionError", "HTTPClientError"})
"""botocore's errors of everything that keeps a request or its answer from arriving."""
_SIGNED_OUT = frozenset({"CredentialRetrievalError", "SSOTokenLoadError", "TokenRetrievalError"})
"""botocore's errors where it cannot get new credentials for those that have expired."""


class ExpiredError(Exception):
    """The credentials do not hold any longer; whatever CloudFormation does goes on without them."""


def patiently(sleep: Callable[[float], None], call: Callable[[], _T]) -> _T:
    """Return what a call gives, asking again while the service is busy or not reached.

    Only for calls that may be repeated: those that read, and those whose second time does nothing more.

    Raises:
        ExpiredError: the credentials have expired.
        Exception: the call's own, when patience is at its end.
    """
    pause = FIRST_PAUSE
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return call()
        except Exception as error:
            code = error_code(error)
            names = {kind.__name__ for kind in type(error).__mro__}
            if code in _EXPIRED or names & _SIGNED_OUT:
                raise ExpiredError(str(error)) from None
            if attempt == ATTEMPTS or not (code in _BUSY or names & _UNREACHED or _TOO_NEW in str(error)):
                raise
        sleep(pause)
        pause *= 2
    raise AssertionError("unreachable")


def error_code(error: Exception) -> str:
    """Return the error code of a service's answer; empty where the error is none."""
    response: Any = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""
