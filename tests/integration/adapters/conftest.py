"""Runs the real console scripts of cfn-lint and checkov, each in its own environment, with our adapters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
RULES = ROOT / "policies/adapters/cfnlint"
CHECKS = ROOT / "policies/adapters/checkov"

DATABASE = """\
Parameters:
  Encrypted:
    Type: String
    Default: 'true'
    AllowedValues: ['true', 'false']
  Open:
    Type: String
    Default: 'false'
    AllowedValues: ['true', 'false']
Conditions:
  IsOpen: !Equals [!Ref Open, 'true']
Resources:
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: postgres
      StorageEncrypted: !Ref Encrypted
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: of the database
      SecurityGroupIngress: !If
        - IsOpen
        - - IpProtocol: tcp
            FromPort: 5432
            ToPort: 5432
            CidrIp: 0.0.0.0/0
        - !Ref AWS::NoValue
"""
"""Safe by default, open by what it permits: neither tool sees anything in it on its own account."""

WAIVER = """\
Metadata:
  stackproof:
    waivers:
      - {policy: SP301, resource: Database, reason: a test, owner: somebody, expiry: YEAR-01-01}
"""
"""To be put before `DATABASE`."""

PARENT = """\
Resources:
  Inner:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: database.yaml
      Parameters: {Open: 'true'}
"""
"""Its nested stack is open to the world; to be put beside `DATABASE`."""

REFUSED = '{"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Propertys": {}}}}\n'


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


Tool = Callable[..., Ran]


def checkov_program() -> Path:
    """Return checkov, which lives in an environment of its own; `make test` makes it and says where it is."""
    program = Path(os.environ.get("STACKPROOF_CHECKOV", ROOT / ".tox/checkov/bin/checkov"))
    if not program.is_file():
        pytest.fail(f"no checkov at {program}; make it with: tox run --notest -e checkov", pytrace=False)
    return program


def command(tool: str, *arguments: str | Path) -> list[str | Path]:
    """Return the command line of a tool with its adapter."""
    if tool == "checkov":
        return [checkov_program(), "--framework", "cloudformation", "--external-checks-dir", CHECKS, *arguments]
    return [Path(sys.executable).with_name("cfn-lint"), *arguments, "--append-rules", RULES]


def environment(**variables: str) -> dict[str, str]:
    """Return the environment of a tool: nothing is asked from the network."""
    return os.environ | {"BC_SKIP_MAPPING": "TRUE", "LOG_LEVEL": "ERROR", "NO_COLOR": "1"} | variables


@pytest.fixture
def tool(tmp_path: Path) -> Tool:
    """Runs a tool with its adapter in a folder of its own."""

    def run(*arguments: str | Path, given: str | None = None, **variables: str) -> Ran:
        done = subprocess.run(
            command(str(arguments[0]), *arguments[1:]),
            cwd=tmp_path,
            env=environment(**variables),
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def broken(tmp_path: Path) -> str:
    """A path on which stackproof cannot be imported."""
    package = tmp_path / "broken/stackproof"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('stackproof lacks something')\n")
    return str(package.parent)
