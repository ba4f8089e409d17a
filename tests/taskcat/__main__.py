"""taskcat for every system, then the promise tests, then the clean-up: ``tox run -e taskcat``.

Each system is deployed twice, as ``stackproof taskcat`` wrote it down: at home, where the promise tests then ask it,
and in a second region. Whatever happens, its stacks are deleted at last, and what they leave.

This happens in simulated accounts, one for each system; with ``--live`` in the account of the ambient credentials,
which holds what docs/decisions/0050-taskcat-every-night.md says. There the steps may be jobs of their own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import boto3
import click

from stackproof import load_system
from stackproof.compose.system import system_paths
from stackproof.deploy.stacks import find
from stackproof.simulate.prerequisites import prerequisites, provide
from stackproof.taskcat.files import CONFIGURATION, files, stale
from stackproof.taskcat.roots import Root, roots
from tests.taskcat.remains import forget_log_groups, remove

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
OUTPUT = ROOT / "taskcat_outputs"
OFFLINE = Path(__file__).with_name("offline.py")

STEPS = ("deploy", "promises", "clean")

DELETION_MINUTES = 90
"""A distribution and a database take most of an hour."""


@dataclass(frozen=True)
class Place:
    """Where systems are deployed.

    Attributes:
        variables: what tells programs where it is; nothing where they know it themselves.
        simulated: True for an account of ``stackproof serve``.
    """

    variables: Mapping[str, str]
    simulated: bool

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the programs."""
        if not self.simulated:
            return dict(os.environ)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return kept | dict(self.variables)

    def client(self, service: str, region: str) -> Any:
        """Return a boto3 client."""
        own = {
            "endpoint_url": self.variables["AWS_ENDPOINT_URL"],
            "aws_access_key_id": self.variables["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": self.variables["AWS_SECRET_ACCESS_KEY"],
        }
        return boto3.client(service, region_name=region, **(own if self.simulated else {}))


@contextmanager
def simulated_place() -> Iterator[Place]:
    """Serve an account."""
    with subprocess.Popen([BIN / "stackproof", "serve", "--port", "0"], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            line = server.stdout.readline()
            if not line:
                raise SystemExit("stackproof serve does not start")
            endpoint = line.split()[-1]
            yield Place(simulated_variables(endpoint), simulated=True)
        finally:
            server.terminate()


def simulated_variables(endpoint: str) -> dict[str, str]:
    """Return what leads programs to a simulated account, and to no other."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "simulated",
        "AWS_SECRET_ACCESS_KEY": "simulated",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def main() -> int:
    """Run it; return 1 where anything failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.taskcat", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("systems", nargs="*", help="default: all")
    parser.add_argument("--live", action="store_true", help="in the account of the ambient credentials")
    parser.add_argument("--step", choices=STEPS, help="only one of them (with --live)")
    wishes = parser.parse_args()
    if wishes.step and not wishes.live:
        parser.error("a simulated account is gone after each run: --step needs --live")
    known = {root.system.name: root for root in roots(map(load_system, system_paths(ROOT)))}
    unknown = [name for name in wishes.systems if name not in known]
    if unknown:
        parser.error(f"no system '{unknown[0]}'; there are {', '.join(known)}")
    if stale(files(known.values()), ROOT):
        parser.error("the root templates are stale; run: stackproof taskcat")
    steps = (wishes.step,) if wishes.step else STEPS
    failed = [
        f"{name}: {what}" for name in wishes.systems or known for what in _system(known[name], steps, live=wishes.live)
    ]
    _say(f"FAILED: {'; '.join(failed)}" if failed else "PASSED taskcat")
    return 1 if failed else 0


def _system(root: Root, steps: Sequence[str], *, live: bool) -> list[str]:
    """Deploy a system, ask it, and delete it; return what failed."""
    if live:
        return tried(root, Place({}, simulated=False), steps)
    with simulated_place() as place:
        for system in (root.system.name, root.second_system):
            put_prerequisites(root, system, place)
        return tried(root, place, steps)


def put_prerequisites(root: Root, system: str, place: Place) -> None:
    """Put into a simulated account what a real one must hold, under the name of the system in one of the regions."""
    home = system == root.system.name
    for needed in prerequisites(root.system.deployment(root.environment.name)):
        # The zone of the second region is that of the first.
        parts = needed.name.split("/")
        name = "/".join(system if part == root.system.name else part for part in parts)
        if home:
            provide(needed, partial(place.client, region=needed.region))
        elif needed.service == "ssm":
            value = place.client("ssm", needed.region).get_parameter(Name=needed.name)["Parameter"]["Value"]
            place.client("ssm", root.second).put_parameter(Name=name, Value=value, Type="String")


def tried(root: Root, place: Place, steps: Sequence[str] = STEPS) -> list[str]:
    """Deploy a system, ask it, and delete it; return what failed.

    Parameters:
        root: the system.
        place: where.
        steps: what is done of that. What was deployed by this run is deleted in any case, if that is one of the steps.
    """
    began = time.monotonic()
    failed: list[str] = []

    def step(name: str, work: Callable[[], bool]) -> bool:
        _say(f"{root.name}: {name}")
        started = time.monotonic()
        try:
            good = work()
        except Exception as error:  # the clean-up must come in any case
            _say(f"{type(error).__name__}: {error}")
            good = False
        _say(f"{root.name}: {name}: {'passed' if good else 'FAILED'} ({time.monotonic() - started:.0f} s)")
        if not good:
            failed.append(name)
        return good

    try:
        stands = "deploy" not in steps or step("taskcat", lambda: _taskcat(root, place))
        if stands and "promises" in steps:
            step("promises", lambda: _promises(root, place))
    finally:
        for test in root.tests.values() if "clean" in steps else ():
            (region,) = test["regions"]
            system = test["parameters"]["System"]
            step(f"deletion in {region}", partial(_delete, place, test["stack_name"], region))
            step(f"remains in {region}", partial(_remains, root, place, system, region))
    _say(f"{root.name}: {time.monotonic() - began:.0f} s")
    return failed


def _taskcat(root: Root, place: Place) -> bool:
    """Let taskcat deploy a system in both regions, and leave it there."""
    program = Path(os.environ.get("STACKPROOF_TASKCAT", ROOT / ".tox/taskcat/taskcat/bin/taskcat"))
    # Its report wants a style sheet from the network, and it fails without.
    command = [program.with_name("python"), OFFLINE] if place.simulated else [program]
    output = OUTPUT / root.name
    shutil.rmtree(output, ignore_errors=True)
    output.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="stackproof-") as name:
        # taskcat uploads all that stands beside its configuration.
        folder = Path(name)
        shutil.copy(ROOT / CONFIGURATION, folder)
        for file in (root.file, *root.files.values()):
            copy = folder / file
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, copy)
        # The gate has linted all of it.
        options = ["--lint-disable", "--minimal-output", "--no-delete", "--output-directory", str(output)]
        arguments = ["test", "run", "--test-names", ",".join(root.tests), *options]
        variables = place.environment | ({"HOME": name} if place.simulated else {})
        done = subprocess.run([*command, *arguments], cwd=folder, env=variables, check=False)
    if done.returncode:
        for path in sorted(output.glob("*.txt")):
            _say(path.read_text(encoding="utf-8"))
    return done.returncode == 0


def _promises(root: Root, place: Place) -> bool:
    """Ask what stands at home."""
    tests = ["tests/integration/simulation", "--live", f"--live-systems={root.system.name}"]
    command = [sys.executable, "-m", "pytest", "-q", *tests]
    return subprocess.run(command, cwd=ROOT, env=place.environment, check=False).returncode == 0


def _delete(place: Place, name: str, region: str) -> bool:
    """Delete a root and what it nests, and wait for it."""
    client = place.client("cloudformation", region)
    stack = find(client, name)
    if stack is None:
        return True
    client.delete_stack(StackName=stack.id)
    until = time.monotonic() + 60 * DELETION_MINUTES
    while (found := find(client, stack.id)) is not None and found.busy and time.monotonic() < until:
        time.sleep(0.1 if place.simulated else 20)
    if found is None or found.status == "DELETE_COMPLETE":
        return True
    _say(f"{name}: {found.status} {found.reason}")
    return False


def _remains(root: Root, place: Place, system: str, region: str) -> bool:
    """Remove what the templates keep, by its tags."""
    tags = {"System": system, "Environment": root.environment.name}
    client = partial(place.client, region=region)
    good = True
    for what in chain(remove(client, tags), forget_log_groups(client)):
        _say(f"  {what}")
        good = good and not what.startswith("FAILED")
    return good


def _say(line: str) -> None:
    click.echo(line)


if __name__ == "__main__":
    sys.exit(main())
