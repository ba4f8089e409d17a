"""A server with the simulated account behind it: any AWS client whose endpoint it is talks to the simulation.

moto's own server finds the service of a request and answers it. Around it stands what makes the services behave as
they do in a simulation within one process, and it stands in the process of the server: the calls that CloudFormation
makes to other services never leave it.
"""

from __future__ import annotations

import json
import socket
import sys
import traceback
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from html import escape
from ipaddress import ip_address
from threading import Lock
from types import TracebackType
from typing import Any

from stackproof.errors import InputError
from stackproof.simulate.account import simulated_account

REGION = "us-east-1"
"""Where moto's server looks for a service whose region the request does not say."""

RESET = "/moto-api/reset"
"""What a client posts to, in moto's server, to have an empty account."""

_INSTALL = "the server needs flask: pip install 'stackproof[simulate]'"

_Start = Callable[..., Any]


class Server:
    """Listens from the moment it is made, and answers while it runs.

    Parameters:
        host: the address to listen on.
        port: the port; 0 takes a free one.
        allowed: resource types that may stay unsimulated; any other fails its stack.
        log: hears of each request that was answered, in one line; None for silence.

    Attributes:
        endpoint: where a client finds it, such as ``http://127.0.0.1:4566``.

    Raises:
        InputError: nothing can listen there, or what a server needs is not installed.
    """

    def __init__(
        self,
        host: str,
        port: int,
        allowed: frozenset[str] = frozenset(),
        log: Callable[[str], None] | None = None,
    ) -> None:
        with ExitStack() as kept:
            listening = kept.enter_context(_listening(host, port))
            account = kept.enter_context(_Account(partial(simulated_account, REGION, allowed=allowed)))
            self._server = _server(host, port, listening.fileno(), account, log)
            shown = f"[{host}]" if ":" in host else host
            self.endpoint = f"http://{shown}:{listening.getsockname()[1]}"
            self._kept = kept.pop_all()

    def run(self) -> None:
        """Answer requests until this is interrupted."""
        try:
            self._server.serve_forever()
        finally:
            self._kept.close()


class _Account:
    """The WSGI application: one request at a time, as moto's services expect it.

    Parameters:
        new: gives a new account.
    """

    _services: Callable[[dict[str, Any], _Start], Iterable[bytes]]

    def __init__(self, new: Callable[[], AbstractContextManager[Any]]) -> None:
        self._new = new
        self._lock = Lock()
        self._entered = ExitStack()

    def __enter__(self) -> _Account:
        self._entered.enter_context(self._new())
        # Not before: moto looks at the environment while it is imported, and the account has cleaned that.
        self._services = _services()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A request that is still being answered keeps its account for as long as somebody might wait for it.
        self._lock.acquire(timeout=2)
        self._entered.close()

    def __call__(self, environ: dict[str, Any], start: _Start) -> Iterable[bytes]:
        with self._lock:
            try:
                answer = self._services(environ, start)
            except Exception as error:
                return _failure(environ, start, error)
            if environ["PATH_INFO"] == RESET and environ["REQUEST_METHOD"] == "POST":
                self._entered.close()
                self._entered.enter_context(self._new())
            return answer


def _services() -> Callable[[dict[str, Any], _Start], Iterable[bytes]]:
    """Return moto's application, which finds the service of each request."""
    try:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    except ModuleNotFoundError as error:
        if error.name in ("flask", "flask_cors"):
            raise InputError(f"{_INSTALL} (no module '{error.name}')") from None
        raise
    return DomainDispatcherApplication(create_backend_app)


def _server(host: str, port: int, socket_number: int, account: _Account, log: Callable[[str], None] | None) -> Any:
    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from werkzeug.serving import make_server

    class Requests(MotoRequestHandler):
        """Reads requests, and logs where it is wished."""

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            if log is not None:
                log(f"{self.command} {self.path} {code}")

    return make_server(host, port, account, threaded=True, request_handler=Requests, fd=socket_number)


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches an address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise InputError(f"cannot listen on {host} port {port}: {error.strerror or error}") from None
    return listening


def _failure(environ: dict[str, Any], start: _Start, error: Exception) -> Iterable[bytes]:
    """Answer as a service does that cannot go on; what moto has not got is no failure of ours and has no trace."""
    missing = isinstance(error, NotImplementedError)
    if not missing:
        traceback.print_exception(error, file=sys.stderr)
    message = f"not simulated: {error}" if missing else f"the simulation failed: {type(error).__name__}: {error}"
    code = "NotImplemented" if missing else "InternalFailure"
    if "json" in environ.get("CONTENT_TYPE", ""):
        kind, body = "application/x-amz-json-1.1", json.dumps({"__type": code, "message": message})
    else:
        kind = "text/xml"
        text = f"<Error><Type>Receiver</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        body = f"<ErrorResponse>{text}<RequestId>0</RequestId></ErrorResponse>"
    data = body.encode()
    # Clients try again after a 500; this would fail again.
    start("501 Not Implemented", [("Content-Type", kind), ("Content-Length", str(len(data)))])
    return [data]
