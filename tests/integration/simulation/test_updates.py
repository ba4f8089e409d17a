"""`stackproof simulate --from`: what becomes of resources on the way from a git reference to the working tree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stackproof.deploy import Action, Event
from stackproof.errors import InputError
from stackproof.findings import Finding, Report
from stackproof.report import FORMATS
from stackproof.simulate import Wishes, simulate, simulate_all
from tests.integration.simulation.repository import Repository

TABLE = """\
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: {deletion}
    UpdateReplacePolicy: {replacement}
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{{AttributeName: {key}, AttributeType: S}}]
      KeySchema:
        - {{AttributeName: {key}, KeyType: HASH}}
"""
DATABASE = """\
Resources:
  Database:
    Type: AWS::RDS::DBInstance
    DeletionPolicy: {policy}
    UpdateReplacePolicy: {policy}
    Properties:
      Engine: {engine}
      DBInstanceClass: {size}
      AllocatedStorage: '20'
      MasterUsername: someone
      MasterUserPassword: not-a-secret
"""
QUEUE = "Resources: {Queue: {Type: AWS::SQS::Queue}}\n"


def _table(key: str = "id", deletion: str = "Delete", replacement: str = "Delete") -> str:
    return TABLE.format(key=key, deletion=deletion, replacement=replacement)


def _database(engine: str = "postgres", size: str = "db.t4g.micro", policy: str = "Delete") -> str:
    return DATABASE.format(engine=engine, size=size, policy=policy)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty repository."""
    root = tmp_path / "repository"
    root.mkdir()
    return Repository(root)


def _updated(repository: Repository, before: str, after: str) -> Report:
    """Return the report of an update of a system of one layer."""
    repository.write({"only": before})
    repository.commit()
    repository.write({"only": after})
    return repository.update()


def _told(report: Report) -> list[str]:
    """Return the notes about what the update did."""
    return [note for note in report.notes if "by the update" in note]


def _place(finding: Finding) -> tuple[str, str, int]:
    return finding.rule.id, Path(finding.mark.file).name, finding.mark.line


def test_nothing_is_told_where_nothing_changes(repository: Repository) -> None:
    report = _updated(repository, QUEUE, QUEUE)
    assert (report.clean, report.notes) == (True, ())


def test_replaced_resource_is_told_with_the_property_that_asks_for_it(repository: Repository) -> None:
    """The change of a topic's display name is none, that of its name is."""
    topic = "Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: %s, DisplayName: %s}}}\n"
    report = _updated(repository, topic % ("one", "a"), topic % ("two", "b"))
    assert _told(report) == ["AWS::SNS::Topic (only/Topic): replaced by the update, because of TopicName"]
    assert report.clean


def test_interrupted_resource_is_told_with_the_property_that_asks_for_it(repository: Repository) -> None:
    report = _updated(repository, _database(), _database(size="db.t4g.small"))
    assert _told(report) == [
        "AWS::RDS::DBInstance (only/Database): interrupted by the update, because of DBInstanceClass"
    ]
    assert report.clean


def test_removed_resource_is_told(repository: Repository) -> None:
    both = "Resources: {Queue: {Type: AWS::SQS::Queue}, Topic: {Type: AWS::SNS::Topic}}\n"
    report = _updated(repository, both, QUEUE)
    assert _told(report) == ["AWS::SNS::Topic (only/Topic): removed by the update"]
    assert report.clean


def test_replaced_resource_that_holds_data_is_lost_at_the_line_of_the_property(repository: Repository) -> None:
    report = _updated(repository, _table("id"), _table("number"))
    (finding,) = report.findings
    assert _place(finding) == ("SIM-LOST", "only.yaml", 9)
    assert (finding.resource, finding.path, finding.environments) == ("Table", "KeySchema", ("dev",))
    assert finding.message == "Table is replaced by the update, and its data with it"


def test_lost_data_stand_in_every_form_of_report(repository: Repository) -> None:
    report = _updated(repository, _table("id"), _table("number"))
    message = report.findings[0].message
    written = {form: write(report) for form, write in FORMATS.items()}
    assert [form for form, text in written.items() if "SIM-LOST" not in text or message not in text] == []
    (result,) = json.loads(written["sarif"])["runs"][0]["results"]
    assert (result["ruleId"], result["locations"][0]["physicalLocation"]["region"]["startLine"]) == ("SIM-LOST", 9)


def test_removed_resource_that_holds_data_is_lost(repository: Repository) -> None:
    """The line is the template's first: what is gone has none."""
    report = _updated(repository, _table() + "  Queue: {Type: AWS::SQS::Queue}\n", QUEUE)
    (finding,) = report.findings
    assert _place(finding) == ("SIM-LOST", "only.yaml", 1)
    assert (finding.resource, finding.message) == ("Table", "Table is removed by the update, and its data with it")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(_table("id", replacement="Retain"), _table("number", replacement="Retain"), id="replaced"),
        pytest.param(_table(deletion="Retain") + "  Queue: {Type: AWS::SQS::Queue}\n", QUEUE, id="removed"),
        pytest.param(
            _table(deletion="RetainExceptOnCreate") + "  Queue: {Type: AWS::SQS::Queue}\n", QUEUE, id="except-on-create"
        ),
    ],
)
def test_retained_resource_is_not_lost(repository: Repository, before: str, after: str) -> None:
    report = _updated(repository, before, after)
    policy = "RetainExceptOnCreate" if "Except" in before else "Retain"
    assert report.findings == ()
    assert f"AWS::DynamoDB::Table (only/Table): retained by the update, because of its policy {policy}" in report.notes


def test_the_policies_of_the_template_before_count(repository: Repository) -> None:
    """A resource that is removed together with its missing policy is lost; one that gets it too late is as well."""
    report = _updated(repository, _table("id"), _table("number", replacement="Retain"))
    assert [finding.rule.id for finding in report.findings] == ["SIM-LOST"]


def test_resource_with_a_snapshot_is_not_lost(repository: Repository) -> None:
    report = _updated(repository, _database(policy="Snapshot") + "  Queue: {Type: AWS::SQS::Queue}\n", QUEUE)
    assert report.findings == ()
    assert _told(report) == [
        "AWS::RDS::DBInstance (only/Database): kept as a snapshot by the update, because of its policy Snapshot"
    ]


def test_update_that_fails_is_a_finding_with_resource_reason_and_line(repository: Repository) -> None:
    """A subnet outside of its VPC cannot be made, so the update is rolled back."""
    vpc = "Resources:\n  Vpc:\n    Type: AWS::EC2::VPC\n    Properties: {CidrBlock: 10.0.0.0/16}\n"
    subnet = "  Subnet:\n    Type: AWS::EC2::Subnet\n    Properties: {VpcId: !Ref Vpc, CidrBlock: 192.168.0.0/24}\n"
    report = _updated(repository, vpc, vpc + subnet)
    (finding,) = report.findings
    assert _place(finding) == ("SIM-UPDATE", "only.yaml", 5)
    assert (finding.resource, finding.layer) == ("Subnet", "only")
    assert finding.message.startswith("small-dev-only: Subnet: UPDATE_ROLLBACK_COMPLETE: ")
    assert "The CIDR '192.168.0.0/24' is invalid" in finding.message


def test_layers_come_and_go_in_their_order(repository: Repository) -> None:
    """A new layer is created after the one that it imports from; one that is gone is deleted after its user let go."""
    export = "Resources: {Topic: {Type: AWS::SNS::Topic}}\nOutputs: {Arn: {Value: !Ref Topic, Export: {Name: %s}}}\n"
    user = "Resources: {Name: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !ImportValue %s}}}\n"
    repository.write({"old": export % "old", "user": user % "old"})
    repository.commit()
    repository.write({"user": user % "fresh", "fresh": export % "fresh"})
    events: list[Event] = []
    report = repository.update(progress=events.append)
    ends = [(event.stack, event.status) for event in events if not event.logical_id and event.status]
    assert [end for end in ends if end[1].endswith("COMPLETE")][2:] == [
        ("small-dev-fresh", "CREATE_COMPLETE"),
        ("small-dev-user", "UPDATE_COMPLETE"),
        ("small-dev-old", "DELETE_COMPLETE"),
        ("small-dev-user", "DELETE_COMPLETE"),
        ("small-dev-fresh", "DELETE_COMPLETE"),
    ]
    assert report.clean
    assert _told(report) == ["AWS::SNS::Topic (old/Topic): removed by the update"]


def test_data_of_a_layer_that_is_gone_are_lost_at_the_manifest(repository: Repository) -> None:
    repository.write({"data": _table(), "only": QUEUE})
    repository.commit()
    repository.write({"only": QUEUE})
    (finding,) = repository.update().findings
    assert (_place(finding), finding.layer, finding.resource) == (("SIM-LOST", "small.yaml", 1), "data", "Table")


def test_layer_that_moves_to_another_region_is_made_there_and_removed_here(repository: Repository) -> None:
    repository.write({"only": _table()})
    repository.commit()
    repository.write({"only": _table()}, only=", region: us-west-2")
    report = repository.update()
    assert [(finding.rule.id, finding.resource) for finding in report.findings] == [("SIM-LOST", "Table")]
    assert _told(report) == ["AWS::DynamoDB::Table (only/Table): replaced by the update"]


def test_layer_that_others_still_import_from_cannot_go(repository: Repository) -> None:
    """What the working tree has forgotten to hand over is refused before anything is deployed."""
    export = "Resources: {Topic: {Type: AWS::SNS::Topic}}\nOutputs: {Arn: {Value: !Ref Topic, Export: {Name: arn}}}\n"
    user = "Resources: {Name: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !ImportValue arn}}}\n"
    repository.write({"old": export, "user": user})
    repository.commit()
    repository.write({"user": user})
    with pytest.raises(InputError, match="arn"):
        repository.update()


def test_outputs_are_handed_over_before_and_after(repository: Repository) -> None:
    """A parameter that is another layer's output follows it when the update replaces what it names."""
    source = (
        "Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: %s}}}\n"
        "Outputs: {Name: {Value: !GetAtt Topic.TopicName}}\n"
    )
    user = (
        "Parameters: {Name: {Type: String}}\n"
        "Resources: {Copy: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref Name}}}\n"
    )
    handed = ", parameters: {Name: {output: source.Name}}"
    repository.write({"user": user, "source": source % "one"}, user=handed)
    repository.commit()
    repository.write({"user": user, "source": source % "two"}, user=handed)
    events: list[Event] = []
    report = repository.update(progress=events.append)
    updated = [event.stack for event in events if event.status == "UPDATE_COMPLETE" and not event.logical_id]
    assert (report.findings, updated) == ((), ["small-dev-source", "small-dev-user"])


def test_system_that_the_reference_lacks_is_created(repository: Repository) -> None:
    (repository.root / "README").write_text("Nothing yet.\n")
    repository.commit()
    repository.write({"only": QUEUE})
    report = repository.update()
    assert (report.clean, report.notes) == (True, ("HEAD has no small dev: it is created",))


def test_environment_that_the_reference_lacks_is_created(repository: Repository) -> None:
    repository.write({"only": QUEUE}, environments="{prod: {branch: main}}")
    repository.commit()
    repository.write({"only": QUEUE}, environments="{prod: {branch: main}, dev: {branch: dev}}")
    assert repository.update().notes == ("HEAD has no small dev: it is created",)


def test_manifest_that_was_called_otherwise_is_found(repository: Repository) -> None:
    """What counts is the system's name."""
    repository.write({"only": _table("id")})
    repository.commit()
    repository.manifest = repository.manifest.rename(repository.manifest.with_name("renamed.yaml"))
    repository.template("only").write_text(_table("number"))
    assert [finding.rule.id for finding in repository.update().findings] == ["SIM-LOST"]


def test_what_cannot_be_deployed_at_the_reference_is_a_finding(repository: Repository) -> None:
    """Nothing is then known of the update; the line is the resource's in the working tree."""
    bad = "Resources:\n  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/8}}\n"
    report = _updated(repository, bad, bad.replace("/8", "/16"))
    (finding,) = report.findings
    assert _place(finding) == ("SIM-UPDATE", "only.yaml", 2)
    assert finding.message.startswith(
        "what HEAD holds cannot be deployed, so nothing is known of the update: small-dev-only: Vpc: "
    )


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("nowhere", "git knows no commit 'nowhere'"),
        ("--all", "git knows no commit '--all'"),
        ("HEAD~7", "git knows no commit 'HEAD~7'"),
    ],
)
def test_unknown_reference_is_an_error(repository: Repository, reference: str, message: str) -> None:
    repository.write({"only": QUEUE})
    repository.commit()
    with pytest.raises(InputError) as caught:
        repository.update(reference)
    assert str(caught.value) == message


def test_folder_without_git_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    repository = Repository(tmp_path)
    repository.write({"only": QUEUE})
    (tmp_path / ".git").rename(tmp_path / "not-git")
    with pytest.raises(InputError, match=r"^git: fatal: not a git repository"):
        repository.update()


def test_missing_git_is_an_error(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.write({"only": QUEUE})
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match=r"^git is not installed; --from needs it$"):
        repository.update()


def test_broken_template_at_the_reference_is_an_error_named_as_git_names_files(repository: Repository) -> None:
    repository.write({"only": "Resources: {Queue: {Type: AWS::SQS::Queue, Colour: blue}}\n"})
    repository.commit()
    repository.write({"only": QUEUE})
    with pytest.raises(InputError, match=r"^HEAD:only\.yaml:1: ") as caught:
        repository.update()
    assert "Colour" in str(caught.value)


def test_template_that_the_reference_lacks_is_an_error(repository: Repository) -> None:
    repository.write({"only": QUEUE})
    repository.template("only").rename(repository.root / "moved")
    repository.commit()
    repository.write({"only": QUEUE})
    with pytest.raises(InputError) as caught:
        repository.update()
    assert str(caught.value) == "HEAD:systems/small.yaml:5: no template 'only.yaml' in the repository"


def test_template_outside_of_the_repository_is_an_error(repository: Repository) -> None:
    (repository.root.parent / "outside.yaml").write_text(QUEUE)
    repository.write({"only": QUEUE})
    text = repository.manifest.read_text()
    repository.manifest.write_text(text.replace("only.yaml", str(repository.root.parent / "outside.yaml")))
    repository.commit()
    with pytest.raises(InputError) as caught:
        repository.update()
    assert str(caught.value) == "HEAD:systems/small.yaml:5: the template of 'only' is not in the repository at HEAD"


def test_template_with_an_absolute_path_is_taken_from_the_reference(repository: Repository) -> None:
    repository.write({"only": _table("id")})
    text = repository.manifest.read_text()
    repository.manifest.write_text(text.replace("only.yaml", str(repository.template("only"))))
    repository.commit()
    repository.template("only").write_text(_table("number"))
    assert [finding.rule.id for finding in repository.update().findings] == ["SIM-LOST"]


def test_file_that_archives_leave_out_is_there(repository: Repository) -> None:
    (repository.root / ".gitattributes").write_text("*.yaml export-ignore\n")
    assert _updated(repository, QUEUE, QUEUE).clean


def test_working_tree_and_index_are_left_alone(repository: Repository) -> None:
    """What is changed, staged, new or ignored stays so."""
    repository.write({"only": QUEUE})
    repository.commit()
    repository.template("only").write_text("Resources: {Topic: {Type: AWS::SNS::Topic}}\n")
    (repository.root / "new").write_text("new\n")
    index = (repository.root / ".git" / "index").read_bytes()
    status = repository.status()
    repository.update()
    assert (repository.status(), (repository.root / ".git" / "index").read_bytes()) == (status, index)


def test_every_event_counts_towards_what_was_announced(repository: Repository) -> None:
    """Created, updated and deleted resources are counted once each, whatever an update does to them."""
    topics = "Resources: {One: {Type: AWS::SNS::Topic, Properties: {TopicName: %s}}, Two: {Type: AWS::SNS::Topic}}\n"
    repository.write({"only": topics % "one", "same": QUEUE, "gone": QUEUE})
    repository.commit()
    repository.write({"only": topics % "two", "same": QUEUE})
    events: list[Event] = []
    repository.update(progress=events.append)
    counts = [event.done for event in events]
    assert counts == sorted(counts)
    assert ({event.total for event in events}, counts[-1]) == ({4 + 3 + 3}, 10)


def test_several_simulations_count_on(repository: Repository) -> None:
    repository.write({"only": QUEUE}, environments="{dev: {branch: dev}, prod: {branch: main}}")
    events: list[Event] = []
    system = repository.system()
    simulate_all([(system, "dev"), (system, "prod")], events.append)
    counts = [event.done for event in events]
    assert counts == sorted(counts)
    assert ({event.total for event in events}, counts[-1]) == ({4}, 4)


def test_an_update_is_told_as_one(repository: Repository) -> None:
    """The events of a stack that stood before are those of an update."""
    repository.write({"only": QUEUE})
    repository.commit()
    repository.write({"only": "Resources: {Queue: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: 5}}}\n"})
    events: list[Event] = []
    repository.update(progress=events.append)
    told = [(event.action, event.status) for event in events if event.logical_id == "Queue"]
    assert told == [
        (Action.CREATE, "CREATE_IN_PROGRESS"),
        (Action.CREATE, "CREATE_IN_PROGRESS"),
        (Action.CREATE, "CREATE_COMPLETE"),
        (Action.UPDATE, "UPDATE_IN_PROGRESS"),
        (Action.UPDATE, "UPDATE_COMPLETE"),
        (Action.DELETE, "DELETE_IN_PROGRESS"),
        (Action.DELETE, "DELETE_COMPLETE"),
    ]


def test_what_an_update_retained_may_be_left_at_the_end(repository: Repository) -> None:
    """It is a note, as is what the deletion retains."""
    bucket = (
        "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n    DeletionPolicy: Retain\n"
        "    UpdateReplacePolicy: Retain\n    Properties: {BucketName: %s}\n"
    )
    report = _updated(repository, bucket % "one", bucket % "two")
    assert report.findings == ()
    stays = "AWS::S3::Bucket (only/Bucket): the bucket stays, DeletionPolicy is Retain"
    assert [note for note in report.notes if " stays, " in note] == [stays]


def test_prerequisites_of_both_are_put_there(repository: Repository) -> None:
    """What only the templates of before read must stand as well."""
    parameter = (
        "Resources:\n  Copy:\n    Type: AWS::SSM::Parameter\n"
        "    Properties: {Type: String, Value: '{{resolve:ssm:/%s}}'}\n"
    )
    report = _updated(repository, parameter % "before", parameter % "after")
    assert report.findings == ()
    assert [note.split()[2] for note in report.notes if "must stand" in note] == ["/before", "/after"]


def test_without_a_reference_git_is_not_asked(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.write({"only": QUEUE})
    assert simulate(repository.system(), "dev", wishes=Wishes()).clean
