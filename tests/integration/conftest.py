"""A server of one's own, and the programs that talk to it as they do to AWS."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

ROOT = Path(__file__).parents[2]
STACKPROOF = Path(sys.executable).with_name("stackproof")


@dataclass(frozen=True)
class Ran:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The answer as data."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Served:
    """A server that runs.

    Attributes:
        endpoint: what it says in its first line.
        process: it.
    """

    endpoint: str
    process: subprocess.Popen[str]

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.endpoint.rpartition(":")[2])

    def client(self, service: str, region: str = "us-east-1") -> Any:
        """Return a plain boto3 client that talks to it."""
        return boto3.client(service, region_name=region, endpoint_url=self.endpoint)

    def reset(self) -> None:
        """Have an empty account."""
        urllib.request.urlopen(f"{self.endpoint}/moto-api/reset", data=b"", timeout=30).close()  # noqa: S310 - our own

    def stop(self, number: int = signal.SIGTERM) -> Ran:
        """End it, and return what it had still to say."""
        self.process.send_signal(number)
        code = self.process.wait(timeout=20)
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        # Not communicate(): what stands behind the first line is read already.
        return Ran(code, self.process.stdout.read(), self.process.stderr.read())


@contextmanager
def serving(*options: str, **variables: str) -> Iterator[Served]:
    """Start a server on a free port; it has answered nothing yet, but listens."""
    process = subprocess.Popen(
        [STACKPROOF, "serve", "--port", "0", *options],
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Serving a simulated AWS account at "), (line, process.poll())
        yield Served(line.split()[-1], process)
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    """One server for the tests of a module."""
    with serving() as running:
        yield running


@pytest.fixture
def served(server: Served) -> Served:
    """The module's server with an empty account."""
    server.reset()
    return server


Aws = Callable[..., Ran]


@pytest.fixture
def aws_program() -> Path:
    """The AWS CLI, which lives in an environment of its own; `make test` makes it and says where it is."""
    program = Path(os.environ.get("STACKPROOF_AWSCLI", ROOT / ".tox/awscli/bin/aws"))
    if not program.is_file():
        pytest.fail(f"no AWS CLI at {program}; make it with: tox run --notest -e awscli", pytrace=False)
    return program


@pytest.fixture
def aws(served: Served, tmp_path: Path, aws_program: Path) -> Aws:
    """Runs the AWS CLI."""

    def run(*arguments: str | Path, check: bool = True) -> Ran:
        done = subprocess.run(
            [aws_program, *arguments],
            cwd=tmp_path,
            env=os.environ | {"AWS_ENDPOINT_URL": served.endpoint, "HOME": str(tmp_path), "AWS_PAGER": ""},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        ran = Ran(done.returncode, done.stdout, done.stderr)
        assert not check or ran.code == 0, ran
        return ran

    return run
