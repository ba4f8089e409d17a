"""`stackproof simulate --faults`: every resource fails in turn, and what is left behind is looked at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stackproof import load_system
from stackproof.deploy import Event
from stackproof.findings import Finding, Report
from stackproof.simulate import Wishes, resources, simulate
from stackproof.simulate.account import simulated_account
from stackproof.simulate.cloudformation.place import Options
from tests.integration.simulation.repository import Repository

TWO = {
    "base": (
        "Resources:\n  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}\n"
        "  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}}\n"
        "Outputs: {Vpc: {Value: !Ref Vpc, Export: {Name: vpc}}}\n"
    ),
    "user": (
        "Resources:\n  Group:\n    Type: AWS::EC2::SecurityGroup\n"
        "    Properties: {GroupDescription: Of the user., VpcId: !ImportValue vpc}\n"
        "  Queue: {Type: AWS::SQS::Queue}\n"
    ),
}
BEFORE_A_QUEUE = """\
Resources:
  First:
    Type: {type}
    DeletionPolicy: {policy}
  Queue: {{Type: AWS::SQS::Queue, DependsOn: First}}
"""
AFTER_A_QUEUE = """\
Resources:
  Queue: {Type: AWS::SQS::Queue}
  Topic: {Type: AWS::SNS::Topic, DependsOn: Queue}
"""
TOPIC = """\
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: %s, DisplayName: %s}}
  Queue: {Type: AWS::SQS::Queue}
"""
TOO_LARGE = "Resources:\n  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/8}}\n"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty repository."""
    return Repository(tmp_path)


@pytest.fixture
def failed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The resources that were let fail, in their order."""
    told: list[tuple[str, str]] = []

    def hear(options: Options, name: str, value: Any) -> None:
        if name == "fault" and value is not None:
            original = value

            def fault(stack: str, logical_id: str) -> None:
                try:
                    original(stack, logical_id)
                except Exception:
                    told.append((stack, logical_id))
                    raise

            value = fault
        object.__setattr__(options, name, value)

    monkeypatch.setattr(Options, "__setattr__", hear)
    return told


def _faults(repository: Repository, layers: dict[str, str]) -> Report:
    """Return the report of faults while a system is created."""
    repository.write(layers)
    return simulate(repository.system(), "dev", wishes=Wishes(faults=True))


def _updated(repository: Repository, before: str, after: str) -> Report:
    """Return the report of faults while a system of one layer is created as before, and then updated."""
    repository.write({"only": before})
    repository.commit()
    repository.write({"only": after})
    return repository.update(faults=True)


def _place(finding: Finding) -> tuple[str, str, str, int]:
    return finding.rule.id, finding.resource, Path(finding.mark.file).name, finding.mark.line


def test_every_resource_of_every_layer_fails_once(repository: Repository, failed: list[tuple[str, str]]) -> None:
    report = _faults(repository, TWO)
    assert failed == [
        ("small-dev-base", "Vpc"),
        ("small-dev-base", "Subnet"),
        ("small-dev-user", "Group"),
        ("small-dev-user", "Queue"),
    ]
    assert (report.clean, report.notes) == (True, ())


def test_what_is_left_behind_is_a_finding_at_its_line(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue that its deletion forgets belongs to nobody."""
    recipes = resources.recipes()
    monkeypatch.setitem(recipes, "AWS::SQS::Queue", replace(recipes["AWS::SQS::Queue"], delete="", remove=None))
    repository.write({"only": AFTER_A_QUEUE})
    report = simulate(repository.system(), "dev", wishes=Wishes(faults=True))
    (finding,) = [finding for finding in report.findings if finding.rule.id == "SIM-FAULT"]
    assert _place(finding) == ("SIM-FAULT", "Queue", "only.yaml", 2)
    assert finding.message.startswith("queue ")
    assert finding.message.endswith(" is left after failed operations were rolled back")


def test_what_retain_leaves_behind_is_a_finding(repository: Repository) -> None:
    """A log group that is retained although nothing was ever written to it belongs to nobody."""
    report = _faults(repository, {"only": BEFORE_A_QUEUE.format(type="AWS::Logs::LogGroup", policy="Retain")})
    (finding,) = report.findings
    assert _place(finding) == ("SIM-FAULT", "First", "only.yaml", 2)
    assert finding.message.endswith("is left after failed operations were rolled back: DeletionPolicy is Retain")
    assert finding.fix.startswith("State DeletionPolicy: RetainExceptOnCreate instead of Retain")


def test_what_is_retained_except_on_create_is_not_left_behind(repository: Repository) -> None:
    report = _faults(
        repository, {"only": BEFORE_A_QUEUE.format(type="AWS::Logs::LogGroup", policy="RetainExceptOnCreate")}
    )
    assert (report.findings, [note for note in report.notes if "failed operation" in note]) == ((), [])


def test_bucket_may_be_retained_because_it_may_be_full(repository: Repository) -> None:
    """What a service has written to already cannot be deleted: the notes say that it stays."""
    report = _faults(repository, {"only": BEFORE_A_QUEUE.format(type="AWS::S3::Bucket", policy="Retain")})
    note = "AWS::S3::Bucket (only/First): the bucket stays after a failed operation too, DeletionPolicy is Retain"
    assert (report.findings, [found for found in report.notes if "failed operation" in found]) == ((), [note])


def test_protected_resource_is_told_to_stand_in_the_way(repository: Repository) -> None:
    """A failed creation cannot delete a protected database; an operator must lift that first."""
    database = (
        "Resources:\n  Database:\n    Type: AWS::RDS::DBInstance\n    DeletionPolicy: Delete\n    Properties:\n"
        "      {Engine: postgres, DBInstanceClass: db.t4g.micro, AllocatedStorage: '20', MasterUsername: someone,\n"
        "       MasterUserPassword: not-a-secret, DeletionProtection: true}\n"
        "  Queue: {Type: AWS::SQS::Queue, DependsOn: Database}\n"
    )
    report = _faults(repository, {"only": database})
    note = (
        "AWS::RDS::DBInstance (only/Database): its deletion protection keeps a failed first creation from being rolled "
        "back; it was switched off, as an operator must"
    )
    assert (report.findings, note in report.notes) == ((), True)


def test_stack_that_cannot_be_deleted_after_a_fault_is_a_finding(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stack's status and reason are told, and nothing else is tried."""
    failing: list[bool] = []

    def refuse(job: Any, _snapshot: bool) -> None:
        if failing:
            raise RuntimeError("it is stuck")
        job.client.delete_queue(QueueUrl=job.physical_id)

    recipes = resources.recipes()
    monkeypatch.setitem(recipes, "AWS::SQS::Queue", replace(recipes["AWS::SQS::Queue"], remove=refuse))
    repository.write({"only": AFTER_A_QUEUE})

    def hear(event: Event) -> None:
        if event.status == "DELETE_COMPLETE" and not event.logical_id:
            failing.append(True)

    (finding,) = simulate(repository.system(), "dev", hear, Wishes(faults=True)).findings
    assert _place(finding) == ("SIM-FAULT", "Topic", "only.yaml", 3)
    assert finding.message == (
        "the stack ends in ROLLBACK_FAILED: The following resource(s) failed to delete: [Queue], and cannot be deleted"
    )


def test_only_what_an_update_touches_fails_in_it(repository: Repository, failed: list[tuple[str, str]]) -> None:
    """First everything fails while it is created as before, then what changes, then nothing is left to do."""
    report = _updated(repository, TOPIC % ("one", "a"), TOPIC % ("one", "b"))
    assert [logical_id for _, logical_id in failed] == ["Topic", "Queue", "Topic"]
    assert report.findings == ()


def test_failed_replacement_leaves_the_stack_as_it_was(repository: Repository, failed: list[tuple[str, str]]) -> None:
    report = _updated(repository, TOPIC % ("one", "a"), TOPIC % ("two", "a"))
    assert [logical_id for _, logical_id in failed] == ["Topic", "Queue", "Topic"]
    assert report.findings == ()


def test_change_that_is_not_taken_back_is_a_finding(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the roll back the queue is not what the template of before says."""

    def change(job: Any) -> None:
        if job.touched("DelaySeconds") and job.wanted.properties.get("DelaySeconds") == 5:
            job.client.set_queue_attributes(QueueUrl=job.physical_id, Attributes={"DelaySeconds": "5"})

    recipes = resources.recipes()
    blind = replace(recipes["AWS::SQS::Queue"], update="", put=False, late=(), change=change)
    monkeypatch.setitem(recipes, "AWS::SQS::Queue", blind)
    queue = (
        "Resources:\n  Queue: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: %s}}\n"
        "  Topic: {Type: AWS::SNS::Topic, DependsOn: Queue, Properties: {DisplayName: %s}}\n"
    )
    report = _updated(repository, queue % (1, "a"), queue % (5, "b"))
    found = [finding for finding in report.findings if finding.rule.id == "SIM-FAULT"]
    assert [(finding.resource, finding.message) for finding in found] == [
        ("Topic", "the stack is not what it was before: its properties differ (Queue (DelaySeconds))")
    ]


def test_nothing_is_let_fail_where_not_everything_can_be_deployed(repository: Repository) -> None:
    report = _faults(repository, {"only": TOO_LARGE})
    assert [finding.rule.id for finding in report.findings] == ["SIM-CREATE"]
    assert "nothing was let fail, because not everything can be deployed as it is" in report.notes


def test_faults_count_towards_what_was_announced(repository: Repository) -> None:
    """With an update: created, updated, deleted; then each let fail while it is created, and while it is updated."""
    repository.write({"only": TOPIC % ("one", "a")})
    repository.commit()
    repository.write({"only": TOPIC % ("two", "a")})
    events: list[Event] = []
    repository.update(progress=events.append, faults=True)
    counts = [event.done for event in events]
    assert counts == sorted(counts)
    assert ({event.total for event in events}, counts[-1]) == ({10}, 10)


def test_no_fault_outlives_its_run(repository: Repository) -> None:
    """What is simulated afterwards succeeds."""
    _faults(repository, TWO)
    with simulated_account("eu-west-1") as account:
        account.options.fault("small-dev-base", "Vpc")
    assert simulate(repository.system(), "dev").clean


@pytest.mark.promise("MT-20")
def test_nothing_of_maticko_is_orphaned() -> None:
    """Every resource of Ma-Ticko in prod fails in turn: what stays is named in the notes, for the template wants it."""
    report = simulate(load_system("maticko"), "prod", wishes=Wishes(faults=True))
    assert report.findings == ()
    assert {note.partition(")")[0] for note in report.notes if "failed operation" in note} == {
        "AWS::S3::Bucket (application/AccessLogsBucket",
        "AWS::S3::Bucket (delivery/AccessLogsBucket",
        "AWS::RDS::DBInstance (database/Database",
    }
