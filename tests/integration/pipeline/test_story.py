"""The story of a pull request, from a branch to production and back, as developers' machines and GitHub play it.

The repository is a real one, with a system small enough to be read (`kiosk/`); the workflows are those of `.github/`,
the commands those of the console script. Each environment has an account of its own, a `stackproof serve` each, because
that is what the pipeline is made for: a job reaches the account to which its role leads, and no other.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from stackproof.findings import Report, Subject
from stackproof.report import record
from tests.integration.conftest import ROOT, STACKPROOF, Ran, serving
from tests.integration.pipeline.accounts import Account, Website, kiosk, website
from tests.integration.pipeline.hosting import Event, Hosting, Played, Repository, without_git
from tests.integration.pipeline.workflow import workflow

GATE, DEPLOY = workflow("gate"), workflow("deploy")
BRANCHES = {"dev": "dev", "test": "test", "prod": "main"}
MANIFEST, APPLICATION = "cloudformation/systems/kiosk.yaml", "cloudformation/02-application.yaml"
RUN = "https://github.example/example/stackproof/actions/runs/17"
SECRET = "secret-way"
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
            env=without_git() | signed_in,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def merged(self, head: str, base: str, number: int, approval: Callable[[], None] = lambda: None) -> Played:
        """Merge a branch into another, as a pull request; return the run that this starts."""
        before = self.repository.head(base)
        commit = self.repository.merge(base, head)
        return self.hosting.play(DEPLOY, pull_request(base, before, number, commit), commit, approval=approval)


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
            hosting.secrets[name] = {"SLACK_WEBHOOK_URL": f"{slack.address}/{SECRET}"}
        hosting.secrets["notify"] = {"SLACK_WEBHOOK_URL": f"{slack.address}/{SECRET}"}
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


@pytest.mark.promise("MT-22", "MT-23", "CJ-15", "MD-09")
def test_the_story_of_a_pull_request(world: World) -> None:
    the_kiosk_stands_in_every_environment(world)
    somebody_listens_in_every_environment(world)
    a_change_is_made_on_a_branch(world)
    the_developers_machine_refuses_it_until_it_is_mended(world)
    the_developers_machine_tries_the_update(world)
    the_gate_judges_it_and_comments(world)
    a_merge_deploys_it_to_dev(world)
    a_promotion_is_refused_when_test_is_not_what_was_reviewed(world)
    run_again_it_deploys_to_test(world)
    what_stood = world.accounts["prod"].what_stands()
    in_production_it_is_not_well(world)
    everybody_hears_of_it(world)
    assert world.accounts["prod"].what_stands() == what_stood
    production_is_what_its_branch_was_before(world)
    nothing_was_done_elsewhere(world)
    the_address_of_slack_was_shown_nowhere(world)


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


def somebody_listens_in_every_environment(world: World) -> None:
    for account in world.accounts.values():
        account.listen()


def a_change_is_made_on_a_branch(world: World) -> None:
    world.repository.git("switch", "--quiet", "--create", "keep-sales", "dev")
    world.repository.change(MANIFEST, "Version: 1", "Version: 2")
    world.repository.change(MANIFEST, "Watch: owner", "Watch: everybody")
    world.repository.change(APPLICATION, "\n\nOutputs:", f"{QUEUE}\nOutputs:")


def the_developers_machine_refuses_it_until_it_is_mended(world: World) -> None:
    refused = world.stackproof("check")
    assert refused.code == 1
    assert [line.strip() for line in refused.out.splitlines() if "FAIL " in line or "fix:" in line] == [
        "FAIL low SP543 cloudformation/02-application.yaml:61",
        "fix: Add a queue policy that denies sqs:* to everybody where aws:SecureTransport is false.",
    ]
    world.repository.change(APPLICATION, "\n\nOutputs:", f"{QUEUE_POLICY}\nOutputs:")
    assert world.stackproof("check").code == 0
    world.repository.commit("Keep sales for later")


def the_developers_machine_tries_the_update(world: World) -> None:
    ran = world.stackproof("simulate", "kiosk", "dev", "--from", "dev")
    assert (ran.code, re.sub(r"\d+ (checks|judgements)|[\d.]+ s$", "N", ran.out, flags=re.MULTILINE)) == (
        0,
        "PASSED simulation: N asked, N passed in kiosk (dev); N\n",
    )


def the_gate_judges_it_and_comments(world: World) -> None:
    for stage in ("lint", "checkov", "unit"):
        subjects = tuple(Subject("kiosk", name) for name in BRANCHES)
        report = Report(stage=stage, subjects=subjects, findings=(), rules=(), passed=1, seconds=1.0)
        record.write(report, world.hosting.records)
    base, head = world.repository.head("dev"), world.repository.head("keep-sales")
    tried = world.repository.rehearsed(base, head)
    before = world.accounts["dev"].what_stands()
    gate = world.hosting.play(GATE, pull_request("dev", base, 7), tried, stages=("policies", "simulation"))
    assert gate.results == dict.fromkeys(GATE.jobs, "success"), gate.logs
    assert gate.logs["table"].splitlines() == [
        "```",
        "system  environment  lint  policies  checkov  simulation  unit",
        "kiosk   dev          pass  pass      pass     pass        pass",
        "kiosk   test         pass  pass      pass     pass        pass",
        "kiosk   prod         pass  pass      pass     pass        pass",
        "",
        "gate passed",
        "```",
    ]
    marked = f"<!-- stackproof preview -->\n## What a merge would deploy\n\n{preview('dev', tried)}"
    assert world.hosting.comments == [("7", marked)]
    assert world.accounts["dev"].what_stands() == before


def a_merge_deploys_it_to_dev(world: World) -> None:
    it_is_deployed(world, "dev", world.merged("keep-sales", "dev", 7))
    assert [number for number, _ in world.hosting.comments] == ["7", "7"]


def a_promotion_is_refused_when_test_is_not_what_was_reviewed(world: World) -> None:
    account = world.accounts["test"]
    played = world.merged("dev", "test", 8, approval=lambda: account.set_version_by_hand("7"))
    assert played.results == dict.fromkeys(DEPLOY.jobs, "success") | {"deploy": "failure"}, played.logs
    number, text = world.hosting.comments[-1]
    assert (number, text.splitlines()[2:9]) == (
        "8",
        [
            "**kiosk test: refused, nothing was changed**",
            "",
            "| stack | | changes |",
            "| --- | --- | --- |",
            "| `kiosk-test-monitoring` | not begun |  |",
            "| `kiosk-test-networking` | not begun |  |",
            "| `kiosk-test-application` | refused |  |",
        ],
    )
    assert "- kiosk-test-application: the reviewed change set can no longer be executed; preview again" in text
    assert account.version == "7"
    assert account.heard() == [("information", "kiosk test: refused, nothing was changed")]
    assert slack_was_told(world) == ["*kiosk test: refused, nothing was changed*"]


def run_again_it_deploys_to_test(world: World) -> None:
    base, commit = world.repository.head("test^"), world.repository.head("test")
    again = world.hosting.play(DEPLOY, pull_request("test", base, 8, commit), commit)
    it_is_deployed(world, "test", again)
    assert [number for number, _ in world.hosting.comments] == ["7", "7", "8", "8"]


def it_is_deployed(world: World, environment: str, played: Played) -> None:
    """Each station of a deployment that goes well."""
    account, site = world.accounts[environment], world.kiosks[environment]
    commit = world.repository.head(BRANCHES[environment])
    assert played.results == dict.fromkeys(DEPLOY.jobs, "success"), played.logs
    # What was looked at is what was executed.
    reviewed = json.loads(played.artifact(f"reviewed-kiosk-{environment}/kiosk-{environment}.json"))
    assert (reviewed["commit"], list(reviewed["layers"])) == (commit, ["monitoring", "networking", "application"])
    assert {layer: reviewed["layers"][layer] for layer in ("monitoring", "application")} == {
        layer: account.executed(layer) for layer in ("monitoring", "application")
    }
    assert reviewed["layers"]["networking"] == ""
    outcome = [
        f"**kiosk {environment}: deployed**",
        "",
        "| stack | | changes |",
        "| --- | --- | --- |",
        f"| `kiosk-{environment}-monitoring` | updated | 1 modified |",
        f"| `kiosk-{environment}-networking` | unchanged |  |",
        f"| `kiosk-{environment}-application` | updated | 1 modified, 2 added |",
        "",
        f"- health: GET {site.address}/health: 200",
        f"- health: GET {site.address}: 200",
        f"- application.Url {site.address}",
    ]
    notice = [f"**Deployed `{BRANCHES[environment]}`**, commit {commit}, [run]({RUN})", "", *outcome]
    assert played.sandbox.summary.splitlines() == [*preview(environment, commit).splitlines(), *outcome, *notice]
    assert world.hosting.comments[-1][1].splitlines() == notice
    assert json.loads(world.hosting.posted["body"]) == {"text": f"Deployed `{BRANCHES[environment]}`: {RUN}"}
    assert statuses(played.logs["verify"]) == {
        "monitoring": "UPDATE_COMPLETE",
        "networking": "CREATE_COMPLETE",
        "application": "UPDATE_COMPLETE",
    }
    assert account.version == "2"
    assert account.heard() == [("information", f"kiosk {environment}: deployed")]
    assert slack_was_told(world) == [f"*kiosk {environment}: deployed*"]


def in_production_it_is_not_well(world: World) -> None:
    address = world.kiosks["prod"].address
    played = world.merged("test", "main", 9)
    assert played.results == dict.fromkeys(DEPLOY.jobs, "success") | {"deploy": "failure"}, played.logs
    assert played.logs["deploy"].splitlines() == [
        *went("kiosk-prod-monitoring"),
        *went("kiosk-prod-application"),
        f"Asking {address}/health for up to 2 s",
        f"GET {address}/health: 500, not 200; for 2 s",
        f"GET {address}: 500; for 2 s",
        "kiosk-prod-application: is rolled back",
        *went("kiosk-prod-application"),
        "kiosk-prod-monitoring: is rolled back",
        *went("kiosk-prod-monitoring"),
        "Asking again, after the roll back",
        f"GET {address}/health: 200",
        f"GET {address}: 200",
    ]
    found = json.loads(played.artifact("deployed-kiosk-prod/kiosk-prod.json"))
    assert [(layer["layer"], layer["end"]) for layer in found["layers"]] == [
        ("monitoring", "rolled back"),
        ("networking", "unchanged"),
        ("application", "rolled back"),
    ]
    assert (found["well"], found["health"]["well"], found["after"]["well"]) == (False, False, True)
    assert statuses(played.logs["verify"]) == {
        "monitoring": "UPDATE_COMPLETE",
        "networking": "CREATE_COMPLETE",
        "application": "UPDATE_COMPLETE",
    }


def everybody_hears_of_it(world: World) -> None:
    address, commit = world.kiosks["prod"].address, world.repository.head("main")
    title = "Deployment of `main` went wrong (deploy: failure)"
    number, text = world.hosting.comments[-1]
    assert (number, text.splitlines()) == (
        "9",
        [
            f"**{title}**, commit {commit}, [run]({RUN})",
            "",
            "**kiosk prod: not well after the deployment, rolled back**",
            "",
            "| stack | | changes |",
            "| --- | --- | --- |",
            "| `kiosk-prod-monitoring` | rolled back | 1 modified |",
            "| `kiosk-prod-networking` | unchanged |  |",
            "| `kiosk-prod-application` | rolled back | 1 modified, 2 added |",
            "",
            f"- health: GET {address}/health: 500, not 200; for 2 s",
            f"- health: GET {address}: 500; for 2 s",
            f"- after the roll back: GET {address}/health: 200",
            f"- after the roll back: GET {address}: 200",
            f"- application.Url {address}",
        ],
    )
    assert json.loads(world.hosting.posted["body"]) == {"text": f"{title}: {RUN}"}
    assert world.accounts["prod"].heard() == [("critical", "kiosk prod: not well after the deployment, rolled back")]
    assert slack_was_told(world) == ["*kiosk prod: not well after the deployment, rolled back*"]


def production_is_what_its_branch_was_before(world: World) -> None:
    ran = world.stackproof("status", "kiosk", "prod", "--drift", environment="prod")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "3 layers: 3 complete")
    world.repository.git("revert", "--no-edit", "--mainline", "1", "HEAD")
    ran = world.stackproof("preview", "kiosk", "prod", environment="prod")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "3 layers: 3 unchanged")


def nothing_was_done_elsewhere(world: World) -> None:
    assert {name: account.version for name, account in world.accounts.items()} == {"dev": "2", "test": "2", "prod": "1"}
    assert {name: account.stacks() for name, account in world.accounts.items()} == {
        name: [f"kiosk-{name}-{layer}" for layer in ("application", "monitoring", "networking")] for name in BRANCHES
    }
    assert [account.heard() for account in world.accounts.values()] == [[], [], []]


def the_address_of_slack_was_shown_nowhere(world: World) -> None:
    assert world.hosting.posted["config"] == f'url = "{world.slack.address}/{SECRET}"\n'
    assert SECRET not in world.hosting.shown


def preview(environment: str, commit: str) -> str:
    """What is shown of the change before it is deployed."""
    protected = ", protected" if environment == "prod" else ""
    return f"""\
<!-- stackproof preview kiosk {environment} -->
## Preview of kiosk {environment}

3 layers: 2 to update, 1 unchanged.<br><sub>kiosk {environment} in account 123456789012, us-east-1{protected}, \
commit {commit[:12]}</sub>

| layer | what happens | added | modified | replaced | removed | interrupted | destructive |
| --- | --- | --: | --: | --: | --: | --- | --- |
| monitoring | update |  | 1 |  |  |  |  |
| networking | nothing to change |  |  |  |  |  |  |
| application | update | 2 | 1 |  |  |  |  |

<details>
<summary>monitoring: will be updated; 1 modified</summary>

|  | resource | type | what happens |
| --- | --- | --- | --- |
| `~` | `CriticalTopic` | `AWS::SNS::Topic` | modified because of DisplayName |

</details>

<details>
<summary>application: will be updated; 2 added, 1 modified</summary>

|  | resource | type | what happens |
| --- | --- | --- | --- |
| `~` | `RunningVersion` | `AWS::SSM::Parameter` | modified because of Value |
| `+` | `Sales` | `AWS::SQS::Queue` | added |
| `+` | `SalesQueuePolicy` | `AWS::SQS::QueuePolicy` | added |

</details>
"""


def went(stack: str) -> list[str]:
    """What is said of an update that goes its usual way."""
    return [f"{stack}  UPDATE_{step}" for step in ("IN_PROGRESS", "COMPLETE_CLEANUP_IN_PROGRESS", "COMPLETE")]


def statuses(told: str) -> dict[str, str]:
    """Return the status of each layer that `stackproof status` has told."""
    return dict(re.findall(r"^  (\w+) +([A-Z_]+) ", told, re.MULTILINE))


def slack_was_told(world: World) -> list[str]:
    """Return the first line of each message since somebody asked last."""
    told = [json.loads(each)["text"].splitlines()[0] for each in world.slack.received]
    world.slack.received.clear()
    return told
