"""`cloudformation/deploy-layered.sh`, as the document of Ma-Ticko shows it, against a server."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.integration.conftest import ROOT, STACKPROOF, Ran, Served
from tests.unit.engine.deploy.market import history

SCRIPT = ROOT / "cloudformation" / "deploy-layered.sh"
LAYERS = ("delivery", "monitoring", "networking", "application", "database")


def _run(*arguments: str, path: str = str(STACKPROOF.parent), cwd: Path = ROOT, **variables: str) -> Ran:
    done = subprocess.run(
        [SCRIPT, *arguments],
        cwd=cwd,
        env=os.environ | {"PATH": f"{path}:/usr/bin:/bin"} | variables,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def _stands(served: Served, *names: str) -> list[str]:
    stacks = served.client("cloudformation").describe_stacks()["Stacks"]
    return sorted(stack["StackName"] for stack in stacks if stack["StackName"].startswith(names))


@pytest.mark.promise("MT-21")
def test_all_layers_are_deployed_and_deleted_in_reverse_order(served: Served, tmp_path: Path) -> None:
    """From wherever it is called."""
    deployed = _run("dev", "--no-health-check", cwd=tmp_path, AWS_ENDPOINT_URL=served.endpoint)
    assert (deployed.code, deployed.out.splitlines()[0]) == (0, "maticko dev: deployed")
    assert _stands(served, "maticko") == sorted(f"maticko-dev-{layer}" for layer in LAYERS)
    client = served.client("cloudformation")
    assert history(client, "maticko-dev-database")[-1] == "CREATE_COMPLETE"

    deleted = _run("dev", "delete", AWS_ENDPOINT_URL=served.endpoint)
    assert (deleted.code, deleted.out.splitlines()[-1]) == (0, "Deleted 5 stacks of maticko dev")
    gone = [line.split()[0] for line in deleted.err.splitlines() if line.endswith("  DELETE_COMPLETE")]
    assert gone.index("maticko-dev-application") < gone.index("maticko-dev-networking")
    assert gone[-1] == "maticko-dev-delivery"
    assert _stands(served, "maticko") == []


@pytest.mark.promise("MT-21")
def test_production_is_deployed_with_its_protection_and_not_deleted(served: Served) -> None:
    deployed = _run("prod", "--no-health-check", AWS_ENDPOINT_URL=served.endpoint)
    assert deployed.code == 0, deployed
    stacks = served.client("cloudformation").describe_stacks()["Stacks"]
    assert {stack["EnableTerminationProtection"] for stack in stacks} == {True}
    deleted = _run("prod", "delete", AWS_ENDPOINT_URL=served.endpoint)
    assert (deleted.code, "maticko prod is protected" in deleted.err) == (2, True)
    assert _stands(served, "maticko") == sorted(f"maticko-prod-{layer}" for layer in LAYERS)


def test_another_system_can_be_chosen(served: Served) -> None:
    """What happens to it is for `stackproof` to say: here, that nothing of it stands."""
    ran = _run("dev", "delete", SYSTEM="caja", AWS_ENDPOINT_URL=served.endpoint)
    assert (ran.code, "no stack of caja dev" in ran.out) == (0, True)


@pytest.mark.parametrize(
    "arguments",
    [(), ("",), ("--help",), ("dev", "destroy"), ("dev", "delete", "now"), ("Dev",), ("dev; true",), ("delete", "dev")],
)
def test_wrong_arguments_are_answered_with_the_usage(arguments: tuple[str, ...]) -> None:
    ran = _run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"usage: [SYSTEM=maticko] {SCRIPT} ENVIRONMENT [delete] [OPTION...]\n"


def test_an_unknown_environment_is_said_by_the_command() -> None:
    ran = _run("nowhere")
    assert (ran.code, "maticko has no environment 'nowhere'" in ran.err) == (2, True)


def test_without_the_command_it_says_so(tmp_path: Path) -> None:
    ran = _run("dev", path=str(tmp_path))
    assert (ran.code, ran.err) == (2, f"{SCRIPT}: stackproof is not installed\n")


def test_the_script_stops_at_the_first_mistake() -> None:
    lines = SCRIPT.read_text().splitlines()
    assert lines[0] == "#!/usr/bin/env bash"
    assert "set -euo pipefail" in lines
    assert os.access(SCRIPT, os.X_OK)
