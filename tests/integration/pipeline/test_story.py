"""The story of a pull request, from a branch to production and back, as developers' machines and GitHub play it.

The repository is a real one, with a system small enough to be read (`kiosk/`); the workflows are those of `.github/`,
the commands those of the console script. Each environment has an account of its own, a `stackproof serve` each, because
that is what the pipeline is made for: a job reaches the account to which its role leads, and no other.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from stackproof.findings import Report, Subject
from stackproof.report import record
from tests.integration.conftest import ROOT, STACKPROOF, Ran, serving
from tests.integration.pipeline.accounts import Account, Website, kiosk, website
from tests.integration.pipeline.hosting import Event, Hosting, Played, Repository
from tests.integration.pipeline.workflow import workflow

GATE, DEPLOY = workflow("gate"), workflow("deploy")
BRANCHES = {"dev": "dev", "test": "test", "prod": "main"}
MANIFEST, APPLICATION = "cloudformation/systems/kiosk.yaml", "cloudformation/02-application.yaml"
QUEUE = """
  Sales:
    Type: AWS::SQS::Queue
    Properties:
      SqsManagedSseEnabled: true
      Tags:
        - {Key: Name, Value: !Sub '${System}-${Environment}-sales'}
        - {Key: System, Value: !Ref System}
        - {Key: Environment, Value: !Ref Environment}
        - {Key: Layer, Value: application}
"""
QUEUE_POLICY = """
  SalesQueuePolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Sales]
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Sid: OnlyOverTls
            Effect: Deny
            Principal: '*'
            Action: sqs:*
            Resource: !GetAtt Sales.Arn
            Condition: {Bool: {'aws:SecureTransport': 'false'}}
"""


@dataclass
class World:
    """Everything that plays a part.

    Attributes:
        repository: of the kiosk, on the developer's machine; GitHub's is the same.
        hosting: GitHub.
        accounts: of each environment.
        kiosks: what users see in each environment.
        slack: where the team reads.
    """

    repository: Repository
    hosting: Hosting
    accounts: dict[str, Account]
    kiosks: dict[str, Website]
    slack: Website

    def stackproof(self, *arguments: str, environment: str = "") -> Ran:
        """Run a command on the developer's machine, signed in to the account of an environment, or to none."""
        signed_in = {"AWS_ENDPOINT_URL": self.accounts[environment].served.endpoint} if environment else {}
        done = subprocess.run(
            [STACKPROOF, *arguments],
            cwd=self.repository.folder,
            env=os.environ | signed_in,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def merged(self, head: str, base: str, number: int) -> Played:
        """Merge a branch into another, as a pull request; return the run that this starts."""
        before = self.repository.head(base)
        commit = self.repository.merge(base, head)
        return self.hosting.play(DEPLOY, pull_request(base, before, number, commit), commit)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Three accounts with nothing in them."""
    with ExitStack() as kept:
        with ThreadPoolExecutor() as pool:
            served = list(pool.map(kept.enter_context, [serving() for _ in BRANCHES]))
        accounts = {name: Account(name, each) for name, each in zip(BRANCHES, served, strict=True)}
        kiosks = {name: kept.enter_context(website(kiosk(account))) for name, account in accounts.items()}
        slack = kept.enter_context(website(lambda _path: (200, "ok")))
        repository = Repository(tmp_path / "repository")
        roles = {f"arn:aws:iam::123456789012:role/{name}": each.served.endpoint for name, each in accounts.items()}
        hosting = Hosting(tmp_path / "hosting", repository, roles, patience=2)
        for name, role in zip(BRANCHES, roles, strict=True):
            hosting.variables[name] = hosting.variables[f"{name}-review"] = {"AWS_ROLES": json.dumps({"kiosk": role})}
            hosting.secrets[name] = {"SLACK_WEBHOOK_URL": f"{slack.address}/secret-way"}
        hosting.secrets["notify"] = {"SLACK_WEBHOOK_URL": f"{slack.address}/secret-way"}
        yield World(repository, hosting, accounts, kiosks, slack)


def pull_request(base: str, commit: str, number: int, merged: str = "") -> Event:
    """What GitHub says of a pull request: that it is open, or that it was merged as a commit."""
    return {
        "name": "pull_request",
        "ref": base if merged else f"{number}/merge",
        "pull_request": {
            "number": number,
            "merged": bool(merged),
            "merge_commit_sha": merged or None,
            "base": {"ref": base, "sha": commit},
            "head": {"repo": {"full_name": "example/stackproof"}},
        },
    }


def test_the_story_of_a_pull_request(world: World) -> None:
    the_kiosk_stands_in_every_environment(world)
    its_topics_are_listened_to(world)
    a_change_is_made_on_a_branch(world)
    the_developers_machine_refuses_it_until_it_is_mended(world)
    a_simulation_says_what_it_does(world)
    the_gate_judges_it_and_comments(world)
    a_merge_deploys_it_to_dev(world)
    a_promotion_deploys_it_to_test(world)
    what_stood = world.accounts["prod"].what_stands()
    in_production_it_is_not_well_and_rolled_back(world)
    assert world.accounts["prod"].what_stands() == what_stood


def the_kiosk_stands_in_every_environment(world: World) -> None:
    folder = world.repository.folder
    for name in (".github", "requirements"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "tox.ini", folder)
    shutil.copytree(Path(__file__).parent / "kiosk", folder, dirs_exist_ok=True)
    for name, site in world.kiosks.items():
        world.repository.change(MANIFEST, f"http://{name}.example", site.address)
    world.repository.commit("Sell what fits into a hand")
    for branch in ("dev", "test"):
        world.repository.git("branch", branch)
    with ThreadPoolExecutor() as pool:
        ran = list(pool.map(lambda name: world.stackproof("deploy", "kiosk", name, environment=name), BRANCHES))
    for name, each in zip(BRANCHES, ran, strict=True):
        address = world.kiosks[name].address
        assert (each.code, each.out.splitlines()) == (
            0,
            [
                f"kiosk {name}: deployed",
                f"  kiosk-{name}-monitoring   created (2 added)",
                f"  kiosk-{name}-networking   created (1 added)",
                f"  kiosk-{name}-application  created (2 added)",
                f"  health: GET {address}/health: 200",
                f"  health: GET {address}: 200",
                f"  application.Url {address}",
            ],
        )


def its_topics_are_listened_to(world: World) -> None:
    for account in world.accounts.values():
        account.listen()


def a_change_is_made_on_a_branch(world: World) -> None:
    world.repository.git("switch", "--quiet", "--create", "keep-sales", "dev")
    world.repository.change(MANIFEST, "Version: 1", "Version: 2")
    world.repository.change(MANIFEST, "Watch: owner", "Watch: everybody")
    world.repository.change(APPLICATION, "\n\nOutputs:", f"{QUEUE}\nOutputs:")


def the_developers_machine_refuses_it_until_it_is_mended(world: World) -> None:
    refused = world.stackproof("check")
    print(refused)
    world.repository.change(APPLICATION, "\n\nOutputs:", f"{QUEUE_POLICY}\nOutputs:")
    print(world.stackproof("check"))
    world.repository.commit("Keep sales for later")


def a_simulation_says_what_it_does(world: World) -> None:
    ran = world.stackproof("simulate", "kiosk", "dev", "--from", "dev")
    print(ran.out, ran.err)


def the_gate_judges_it_and_comments(world: World) -> None:
    for stage in ("lint", "checkov", "unit"):
        subjects = tuple(Subject("kiosk", name) for name in BRANCHES)
        report = Report(stage=stage, subjects=subjects, findings=(), rules=(), passed=1, seconds=1.0)
        record.write(report, world.hosting.records)
    base, head = world.repository.head("dev"), world.repository.head("keep-sales")
    commit = world.repository.rehearsed(base, head)
    played = world.hosting.play(GATE, pull_request("dev", base, 7), commit, stages=("policies", "simulation"))
    print(played.results)
    for j, l in played.logs.items():
        print("==", j)
        print(l)
    print(world.hosting.comments)
    print(played.sandbox.summary)


def _show(world, played):
    print(played.results)
    for j, l in played.logs.items():
        print("==", j)
        print(l)
    print(played.sandbox.summary)
    print(world.hosting.posted)
    print(world.slack.received)
    for a in world.accounts.values():
        for m in a.heard():
            print(a.environment, m)


def a_merge_deploys_it_to_dev(world: World) -> None:
    _show(world, world.merged("keep-sales", "dev", 7))


def a_promotion_deploys_it_to_test(world: World) -> None:
    _show(world, world.merged("dev", "test", 8))


def in_production_it_is_not_well_and_rolled_back(world: World) -> None:
    played = world.merged("test", "main", 9)
    _show(world, played)
    print(played.artifact("deployed-kiosk-prod/kiosk-prod.json"))
    print(world.stackproof("status", "kiosk", "prod", environment="prod"))
    print(world.stackproof("status", "kiosk", "test", environment="test"))
