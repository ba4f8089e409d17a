"""What the commands say of an account that they cannot use: one line, and exit code 2."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.integration.deploy.conftest import Stackproof
from tests.unit.engine.deploy.shop import Shop

NOBODY = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": ""}


@pytest.fixture(params=["ExpiredToken", "InvalidClientTokenId"])
def refusing(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """A service that does not accept any credentials; gives its address and the error's code."""

    class Handler(BaseHTTPRequestHandler):
        """Answers as STS does."""

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            error = f"<Error><Type>Sender</Type><Code>{request.param}</Code><Message>The token</Message></Error>"
            body = f"<ErrorResponse>{error}</ErrorResponse>".encode()
            self.send_response(403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", request.param
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_credentials_that_are_refused(stackproof: Stackproof, shop: Shop, refusing: tuple[str, str]) -> None:
    endpoint, code = refusing
    told = {
        "ExpiredToken": "the AWS credentials have expired; sign in again",
        "InvalidClientTokenId": "AWS does not accept these credentials (InvalidClientTokenId)",
    }[code]
    ran = stackproof("status", shop.manifest, "dev", AWS_ENDPOINT_URL=endpoint)
    assert (ran.code, ran.out, ran.err) == (2, "", f"stackproof: {told}\n")


@pytest.mark.parametrize("command", [("preview",), ("status",), ("delete", "--yes")])
def test_no_credentials(stackproof: Stackproof, shop: Shop, command: tuple[str, ...]) -> None:
    name, *options = command
    ran = stackproof(name, shop.manifest, "dev", *options, **NOBODY)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "stackproof: no AWS credentials: Unable to locate credentials\n"


def test_half_of_the_credentials(stackproof: Stackproof, shop: Shop) -> None:
    ran = stackproof("status", shop.manifest, "dev", AWS_SECRET_ACCESS_KEY="")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "stackproof: no AWS credentials: Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY\n"
    )


def test_a_profile_that_is_not_there(stackproof: Stackproof, shop: Shop) -> None:
    ran = stackproof("status", shop.manifest, "dev", AWS_PROFILE="nobody")
    told = "stackproof: the config profile (nobody) could not be found; see AWS_PROFILE\n"
    assert (ran.code, ran.out, ran.err) == (2, "", told)


def test_nothing_answers(stackproof: Stackproof, shop: Shop) -> None:
    ran = stackproof("status", shop.manifest, "dev", AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == 'stackproof: Could not connect to the endpoint URL: "http://127.0.0.1:9/"\n'


def test_an_endpoint_that_is_none(stackproof: Stackproof, shop: Shop) -> None:
    ran = stackproof("status", shop.manifest, "dev", AWS_ENDPOINT_URL="localhost")
    assert (ran.code, ran.out, ran.err) == (2, "", "stackproof: Invalid endpoint: localhost; see AWS_ENDPOINT_URL\n")


def test_another_account_than_the_manifest_names(stackproof: Stackproof, shop: Shop) -> None:
    shop.change("shop", "dev:  {branch: dev}", "dev:  {branch: dev, account: '111122223333'}")
    ran = stackproof("preview", shop.manifest, "dev")
    told = "stackproof: these credentials are for account 123456789012; dev is in 111122223333\n"
    assert (ran.code, ran.out, ran.err) == (2, "", told)


def test_an_environment_that_is_not_there(stackproof: Stackproof, shop: Shop) -> None:
    ran = stackproof("preview", shop.manifest, "pord")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.endswith("shop has no environment 'pord'; did you mean 'prod'?\n")


def test_a_file_that_cannot_be_written(stackproof: Stackproof, shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    ran = stackproof("preview", shop.manifest, "dev", "--output", "taken/comment.md")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "stackproof: cannot write taken/comment.md: File exists\n"
