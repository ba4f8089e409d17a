"""``pytest --live``: the promise tests ask what stands, here in the account of the server."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial

import pytest

from stackproof import load_system
from stackproof.deploy import Deployer
from tests.integration.conftest import ROOT, Ran, Served


def _asked(served: Served, *options: str) -> Ran:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/integration/simulation", "--live"]
    done = subprocess.run(
        [*command, *options],
        cwd=ROOT,
        env=os.environ | {"AWS_ENDPOINT_URL": served.endpoint},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def test_what_stands_is_asked(served: Served) -> None:
    """Each layer is a stack of its own, as the deployer leaves them; all but the tests of the simulation are asked."""
    deployment = load_system("maticko").deployment("dev")
    for _ in Deployer(deployment, partial(served.client, "cloudformation")).create():
        pass
    ran = _asked(served, "--live-systems=maticko")
    assert (ran.code, " passed, " in ran.out, " failed" in ran.out) == (0, True, False), ran
    assert "not asked live: 1 (would delete a database if the protection were off)" in ran.out


def test_promise_that_is_not_kept_fails(served: Served) -> None:
    deployment = load_system("maticko").deployment("dev")
    for _ in Deployer(deployment, partial(served.client, "cloudformation")).create():
        pass
    ec2 = served.client("ec2")
    (vpc,) = [one["VpcId"] for one in ec2.describe_vpcs()["Vpcs"] if one["CidrBlock"] == "10.0.0.0/16"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": False})
    ran = _asked(served, "--live-systems=maticko", "-k", "test_network")
    assert (ran.code, "1 failed" in ran.out) == (1, True), ran


@pytest.mark.parametrize(
    ("systems", "message"),
    [
        ("maticko", "--live: maticko stands in no environment here"),
        ("nobody", "no system 'nobody'"),
    ],
)
def test_system_that_does_not_stand_is_no_success(served: Served, systems: str, message: str) -> None:
    ran = _asked(served, f"--live-systems={systems}")
    assert (ran.code, message in ran.err + ran.out) == (4, True), ran
