"""What is asked again, for how long, and what is not."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, ParamValidationError, TokenRetrievalError

from stackproof.deploy.patience import ATTEMPTS, ExpiredError, error_code, patiently
from tests.unit.engine.deploy.clients import CUT, NO_ENDPOINT, TIMEOUT, refusal


class _Call:
    """Fails with one error after the other, then answers."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.made = 0

    def __call__(self) -> str:
        self.made += 1
        if self._errors:
            raise self._errors.pop(0)
        return "answer"


@pytest.mark.parametrize(
    "error",
    [
        refusal("Throttling", "Rate exceeded"),
        refusal("ThrottlingException"),
        refusal("RequestLimitExceeded"),
        refusal("ServiceUnavailable"),
        refusal("InternalFailure"),
        refusal("ValidationError", "Role arn:aws:iam::1:role/stacks is invalid or cannot be assumed"),
        CUT,
        TIMEOUT,
        NO_ENDPOINT,
    ],
    ids=lambda error: error_code(error) or type(error).__name__,
)
def test_what_passes_is_asked_again_with_longer_and_longer_pauses(error: Exception) -> None:
    pauses: list[float] = []
    call = _Call(*[error] * (ATTEMPTS - 1))
    assert patiently(pauses.append, call) == "answer"
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0]


def test_patience_ends() -> None:
    """The service's own error is what is raised in the end."""
    call = _Call(*[refusal("Throttling", "Rate exceeded")] * ATTEMPTS)
    with pytest.raises(ClientError, match="Rate exceeded"):
        patiently(lambda _seconds: None, call)
    assert call.made == ATTEMPTS


@pytest.mark.parametrize(
    "error",
    [refusal("ValidationError"), refusal("AccessDenied"), ParamValidationError(report="wrong"), ValueError("own")],
    ids=lambda error: error_code(error) or type(error).__name__,
)
def test_what_does_not_pass_is_not_asked_again(error: Exception) -> None:
    call = _Call(error)
    with pytest.raises(type(error)):
        patiently(lambda _seconds: None, call)
    assert call.made == 1


@pytest.mark.parametrize(
    "error",
    [
        refusal("ExpiredToken", "The security token included in the request is expired"),
        refusal("ExpiredTokenException"),
        refusal("RequestExpired"),
        TokenRetrievalError(provider="sso", error_msg="gone"),
    ],
    ids=lambda error: error_code(error) or type(error).__name__,
)
def test_expired_credentials_are_not_asked_again(error: Exception) -> None:
    call = _Call(error)
    with pytest.raises(ExpiredError):
        patiently(lambda _seconds: None, call)
    assert call.made == 1
