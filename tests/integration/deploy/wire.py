"""What stands between a program and its AWS: it counts requests, loses, delays and refuses them, and kills."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

Refusal = tuple[int, str, str]
"""HTTP status, error code, message."""


class Wire:
    """Passes requests on, except where a test wants otherwise.

    Attributes:
        endpoint: where it listens.
        actions: what was asked for so far, such as ``ExecuteChangeSet``; of other protocols the path.
        refuse: says, of an action and how often it was asked for before, with what it is refused; None passes it on.
        cut: says of the same whether the connection is cut, before or after the request was passed on.
    """

    def __init__(self, endpoint: str, server: str) -> None:
        self.endpoint = endpoint
        self._server = server
        self.actions: list[str] = []
        self.refuse: Callable[[str, int], Refusal | None] = lambda _action, _count: None
        self.cut: Callable[[str, int], str] = lambda _action, _count: ""
        self._victim: tuple[subprocess.Popen[str], int, str] | None = None
        self._lock = threading.Lock()

    def kill(self, process: subprocess.Popen[str], number: int, when: str) -> None:
        """Kill a process at its request of a number, ``before`` it is passed on or ``after``."""
        self._victim = (process, number, when)

    def reset(self) -> None:
        """Count from the beginning, and pass everything on."""
        self.__init__(self.endpoint, self._server)  # type: ignore[misc]

    def answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes] | None:
        """Return the answer to a request; None where there is none any more."""
        action = parse_qs(body.decode("utf-8", "replace")).get("Action", [path])[0]
        with self._lock:
            count = self.actions.count(action)
            self.actions.append(action)
            number = len(self.actions)
        struck = self._victim is not None and self._victim[1] == number
        if struck and self._strike("before"):
            return None
        refusal = self.refuse(action, count)
        if refusal is not None:
            status, code, message = refusal
            said = f"<Code>{code}</Code><Message>{message}</Message>"
            text = f"<ErrorResponse><Error><Type>Sender</Type>{said}</Error><RequestId>0</RequestId></ErrorResponse>"
            return status, [("Content-Type", "text/xml")], text.encode()
        cut = self.cut(action, count)
        if cut == "before":
            return None
        connection = http.client.HTTPConnection(self._server, timeout=60)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            found = answer.status, answer.getheaders(), answer.read()
        except OSError:
            return None
        finally:
            connection.close()
        return None if cut == "after" or (struck and self._strike("after")) else found

    def _strike(self, when: str) -> bool:
        assert self._victim is not None
        process, _, wanted = self._victim
        if when == wanted:
            os.kill(process.pid, signal.SIGKILL)
        return when == wanted


@contextmanager
def wired(server: str) -> Iterator[Wire]:
    """Stand before a server, ``host:port``."""

    class Requests(BaseHTTPRequestHandler):
        """Passes on."""

        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            self.close_connection = True
            if len(body) < length:  # whoever sent it was killed meanwhile
                return
            found = wire.answer(self.command, self.path, dict(self.headers), body)
            if found is None:
                return
            status, headers, text = found
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in ("content-length", "connection", "transfer-encoding", "date", "server"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer  # noqa: N815 - as the standard library has it

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
    listening.handle_error = lambda *_arguments: None  # type: ignore[method-assign]
    wire = Wire(f"http://127.0.0.1:{listening.server_port}", server)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()
