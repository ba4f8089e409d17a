"""The AWS account that the commands work in: ambient credentials, plain boto3, and one line where that fails.

Credentials, profile and endpoint come from where every AWS tool takes them (environment, files, role), so that
AWS_ENDPOINT_URL leads the same commands to `stackproof serve`. The region does not: each layer has its own.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stackproof.bind.manifest import Environment
from stackproof.errors import InputError

ATTEMPTS = 5
"""How often boto3 itself sends a request; the deployer's own patience begins after it."""
CONNECT_SECONDS = 10
READ_SECONDS = 60
WORKERS = 8
"""Layers that are looked at, or under way, at the same time: enough for the widest of the systems."""

_INSTALL = "real accounts need boto3: pip install 'stackproof[aws]'"
_MISSING = ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "NoAuthTokenError")
_EXPIRED = (
    *("ExpiredToken", "ExpiredTokenException", "RequestExpired"),
    *("SSOTokenLoadError", "TokenRetrievalError", "UnauthorizedSSOTokenError", "LoginRefreshTokenExpired"),
)
_WRONG = (
    *("InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch"),
    *("AuthFailure", "InvalidSignatureException", "IncompleteSignature", "MissingAuthenticationToken"),
)


class Session:
    """One account, reached with the ambient credentials; safe to use from several threads.

    Attributes:
        account: the id of the account.
    """

    def __init__(self, boto: Any, account: str) -> None:
        self.account = account
        self._boto = boto
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    def cloudformation(self, region: str) -> Any:
        """Return CloudFormation's client in a region, as a `stackproof.deploy.Deployer` asks for it."""
        # boto3 can make one client at a time; the clients themselves may be shared.
        with self._lock:
            if region not in self._clients:
                self._clients[region] = self._boto.client("cloudformation", region_name=region, config=_config())
            return self._clients[region]

    def client(self, service: str, region: str) -> Any:
        """Return a new client of a service in a region."""
        with self._lock:
            return self._boto.client(service, region_name=region, config=_config())


@contextmanager
def session(environment: Environment) -> Iterator[Session]:
    """Give the account of an environment; whatever boto3 has against it inside is one line.

    Parameters:
        environment: where the account is asked who it is, and which account the manifest names.

    Raises:
        InputError: boto3 is not installed; there are no credentials, they have expired or are refused; there is no
            such profile; nothing answers; or it is another account than the manifest names.
    """
    try:
        import boto3
    except ModuleNotFoundError as error:
        if error.name in ("boto3", "botocore"):
            raise InputError(f"{_INSTALL} (no module '{error.name}')") from None
        raise
    with one_line():
        boto = boto3.Session()
        account = str(_identity(boto, environment.region)["Account"])
        if environment.account not in (None, account):
            raise InputError(
                f"these credentials are for account {account}; {environment.name} is in {environment.account}"
            )
        yield Session(boto, account)


def _identity(boto: Any, region: str) -> Any:
    """Ask who we are: it costs nothing, needs no permission, and finds out at once whether anything works."""
    return boto.client("sts", region_name=region, config=_config(attempts=3)).get_caller_identity()


def _config(attempts: int = ATTEMPTS) -> Any:
    from botocore.config import Config

    from stackproof import __version__

    return Config(
        retries={"mode": "standard", "total_max_attempts": attempts},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        user_agent_extra=f"stackproof/{__version__}",
    )


@contextmanager
def one_line() -> Iterator[None]:
    """Turn what boto3 raises, and what the deployer says it cannot do, into one line for the command line."""
    from stackproof.deploy.event import DeployError

    try:
        yield
    except DeployError as error:
        raise InputError(str(error)) from None
    except Exception as error:
        told = _told(error)
        if told is None:
            raise
        raise InputError(told) from None


def _told(error: Exception) -> str | None:
    """Return what is said of an error of boto3's; None where it is none."""
    name = type(error).__name__
    response: Any = getattr(error, "response", None)
    code = str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""
    if name in _MISSING:
        return f"no AWS credentials: {error}"
    if name in _EXPIRED or code in _EXPIRED:
        return "the AWS credentials have expired; sign in again"
    if code in _WRONG:
        return f"AWS does not accept these credentials ({code})"
    if name == "ProfileNotFound":
        return f"{str(error)[:1].lower()}{str(error)[1:]}; see AWS_PROFILE"
    if code:
        return f"{getattr(error, 'operation_name', 'AWS')}: {response['Error'].get('Message') or code} ({code})"
    if isinstance(error, ValueError) and str(error).startswith("Invalid endpoint"):
        return f"{error}; see AWS_ENDPOINT_URL"
    return str(error) if type(error).__module__.partition(".")[0] in ("boto3", "botocore") else None
