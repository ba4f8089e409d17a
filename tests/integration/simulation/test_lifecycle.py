"""Create, delete, look for leftovers: what `stackproof simulate` does with every system, and that it can fail."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from stackproof import Deployment, System, load_system
from stackproof.deploy import Action, Deployer, DeployError, Event
from stackproof.deploy.request import stack_name
from stackproof.errors import InputError
from stackproof.findings import Report
from stackproof.simulate import Wishes, resources, simulate, simulate_all, simulated_account

MANIFEST = """
system: small
description: One layer.
region: eu-west-1
environments:
  dev: {branch: dev}
layers:
  only:
    template: only.yaml
"""


def _system(folder: Path, resources: str, manifest: str = MANIFEST, **templates: str) -> System:
    """Return a system made of templates that hold the given resources."""
    systems = folder / "systems"
    systems.mkdir(exist_ok=True)
    for name, text in {"only": resources, **templates}.items():
        (folder / f"{name}.yaml").write_text(f"AWSTemplateFormatVersion: '2010-09-09'\nResources:\n{text}")
    (systems / "small.yaml").write_text(manifest)
    return load_system(systems / "small.yaml")


@dataclass(frozen=True)
class Run:
    """A simulation of one system in one environment: what it reported, and what it told on the way."""

    deployment: Deployment
    report: Report
    events: list[Event]

    def stacks(self, action: Action, status: str) -> list[str]:
        """Return the names of the stacks in the order in which they came to a status."""
        reached = (event for event in self.events if event.action is action and event.status == status)
        return [event.stack for event in reached if not event.logical_id]


@pytest.fixture(scope="module")
def run(deployment: Deployment) -> Run:
    """The simulation of a deployment, once for all questions."""
    events: list[Event] = []
    report = simulate(load_system(deployment.system), deployment.environment.name, events.append)
    return Run(deployment, report, events)


@pytest.fixture
def report(run: Run) -> Report:
    """What the simulation reported."""
    return run.report


@pytest.mark.promise("MT-20")
def test_system_is_created_and_deleted_without_a_finding(report: Report) -> None:
    """Each environment of each system can be created and deleted, and leaves nothing but what its templates keep."""
    assert [finding.message for finding in report.findings] == []


@pytest.mark.promise("MT-20")
def test_stacks_are_created_in_order_and_deleted_in_reverse_order(run: Run) -> None:
    """Every layer is created once, networking before application and database, and the last is deleted first."""
    created = run.stacks(Action.CREATE, "CREATE_COMPLETE")
    place = {name: created.index(stack_name(stack)) for name, stack in run.deployment.stacks.items()}
    assert sorted(created) == sorted(stack_name(stack) for stack in run.deployment.stacks.values())
    assert all(place["networking"] < place[layer] for layer in ("application", "database"))
    assert run.stacks(Action.DELETE, "DELETE_COMPLETE") == created[::-1]


def test_every_resource_is_created_and_deleted(run: Run) -> None:
    """The callback's count rises to twice the number of resources: created and deleted."""
    counts = [event.done for event in run.events]
    resources = sum(len(stack.resources) for stack in run.deployment.stacks.values())
    assert counts == sorted(counts)
    assert (counts[-1], {event.total for event in run.events}) == (2 * resources, {2 * resources})


_KEPT = re.compile(r"\((\w+/\w+)\): the [a-z ]+ stays, DeletionPolicy is (\w+)")


def test_what_stays_is_what_the_templates_keep(run: Run) -> None:
    """The notes name every resource whose template says that it is retained, and no other."""
    found = {match.groups() for note in run.report.notes if (match := _KEPT.search(note))}
    assert {(name, policy) for name, policy in found if policy.startswith("Retain")} == {
        (f"{layer}/{name}", policy)
        for layer, stack in run.deployment.stacks.items()
        for name, resource in stack.resources.items()
        if (policy := str(resource.attributes.get("DeletionPolicy", ""))).startswith("Retain")
    }


def test_what_an_account_must_hold_before_is_listed(report: Report) -> None:
    """Systems with a domain name need the id of its zone, those that escalate the secret with the endpoint."""
    (subject,) = report.subjects
    needed = {
        found[1] for note in report.notes if (found := re.match(r"the \w+ (\S+) must stand in the account", note))
    }
    path = f"{subject.system}/{subject.environment}"
    expected = set() if subject.system == "maticko" else {f"/{path}/hosted-zone-id"}
    assert needed == expected | ({f"{path}/escalation"} if path in ("caja/staging", "caja/prod") else set())


def test_everything_is_made(report: Report) -> None:
    """No type and no property of the systems' templates is beyond the simulation."""
    assert [note for note in report.notes if "not made" in note or "not read" in note or "not shown" in note] == []


@pytest.mark.systems("maticko")
def test_what_stays_is_listed(report: Report) -> None:
    """Logs, images, their buckets, keys and the last snapshot stay by the templates' own wish; the notes say so."""
    assert {note for note in report.notes if " stays, " in note} == {
        "AWS::ECR::Repository (delivery/ImageRepository): the repository stays, DeletionPolicy is RetainExceptOnCreate",
        "AWS::KMS::Key (delivery/DeliveryKey): the key stays, DeletionPolicy is RetainExceptOnCreate",
        "AWS::KMS::Key (monitoring/TopicKey): the key stays, DeletionPolicy is RetainExceptOnCreate",
        "AWS::KMS::Key (networking/EncryptionKey): the key stays, DeletionPolicy is RetainExceptOnCreate",
        "AWS::Logs::LogGroup (networking/FlowLogGroup): the log group stays, DeletionPolicy is RetainExceptOnCreate",
        "AWS::Logs::LogGroup (application/ApplicationLogGroup): the log group stays, "
        "DeletionPolicy is RetainExceptOnCreate",
        "AWS::S3::Bucket (application/AccessLogsBucket): the bucket stays, DeletionPolicy is Retain",
        "AWS::S3::Bucket (delivery/AccessLogsBucket): the bucket stays, DeletionPolicy is Retain",
        "AWS::S3::Bucket (delivery/ArtifactBucket): the bucket stays, DeletionPolicy is RetainExceptOnCreate",
        "AWS::RDS::DBInstance (database/Database): the database snapshot stays, DeletionPolicy is Snapshot",
        "AWS::RDS::DBInstance (database/Database): the database snapshot stays, DeleteAutomatedBackups is false",
    }


@pytest.mark.systems("maticko")
def test_what_the_simulation_cannot_show_is_listed(report: Report) -> None:
    """The notes hold every declared thing that cannot be read back: there is none."""
    assert [note for note in report.notes if "not shown" in note or "not read" in note] == []


_UNSIMULATED = "  Ledger: {Type: 'AWS::QLDB::Ledger', Properties: {PermissionsMode: STANDARD}}\n"


def test_type_that_nothing_makes_fails_its_stack(tmp_path: Path) -> None:
    """A resource of a type that nothing makes is a finding at its line, with the option that lets it pass."""
    (finding,) = simulate(_system(tmp_path, _UNSIMULATED), "dev").findings
    assert (finding.rule.id, finding.resource, finding.mark.line) == ("SIM-CREATE", "Ledger", 3)
    assert finding.message == (
        "small-dev-only: Ledger: ROLLBACK_COMPLETE: AWS::QLDB::Ledger is not simulated; "
        "--allow-unsimulated AWS::QLDB::Ledger lets the stack go on without it"
    )


def test_type_that_may_stay_unsimulated_is_listed(tmp_path: Path) -> None:
    """Where it is allowed, a resource of such a type is passed over, and the notes say which."""
    wishes = Wishes(allowed=frozenset({"AWS::QLDB::Ledger"}))
    report = simulate(_system(tmp_path, _UNSIMULATED), "dev", wishes=wishes)
    assert report.clean
    assert report.notes == ("AWS::QLDB::Ledger (only/Ledger): not made: no simulation of this type",)


def test_property_that_nothing_takes_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A property that no call to the service takes is in the notes, with its resource."""
    system = _system(tmp_path, "  Vpc:\n    Type: AWS::EC2::VPC\n    Properties: {CidrBlock: 10.0.0.0/16}\n")
    recipes = resources.recipes()
    blind = replace(recipes["AWS::EC2::VPC"], make=_default_vpc)
    monkeypatch.setitem(recipes, "AWS::EC2::VPC", blind)
    assert "AWS::EC2::VPC.CidrBlock (only/Vpc): not read" in simulate(system, "dev").notes


def _default_vpc(job: Any) -> None:
    job.physical_id = job.client.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]


def test_property_that_the_service_forgets_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A property that the simulated service takes and does not show is in the notes."""
    system = _system(tmp_path, "  Vpc:\n    Type: AWS::EC2::VPC\n    Properties: {CidrBlock: 10.0.0.0/16}\n")
    recipes = resources.recipes()
    monkeypatch.setitem(recipes, "AWS::EC2::VPC", replace(recipes["AWS::EC2::VPC"], show=(_nothing_much,)))
    note = "AWS::EC2::VPC.CidrBlock (only/Vpc): taken, but not shown by the simulated service"
    assert note in simulate(system, "dev").notes


def _nothing_much(_job: Any) -> dict[str, str]:
    return {"State": "available"}


def test_property_that_no_type_has_fails_its_stack(tmp_path: Path) -> None:
    """What the schema of a type does not know is refused with CloudFormation's words."""
    properties = "{CidrBlock: 10.0.0.0/16, Colour: blue}"
    system = _system(tmp_path, f"  Vpc:\n    Type: AWS::EC2::VPC\n    Properties: {properties}\n")
    (finding,) = simulate(system, "dev").findings
    assert "Vpc: ROLLBACK_COMPLETE: Properties validation failed for resource Vpc" in finding.message
    assert "extraneous key [Colour] is not permitted" in finding.message


def test_resource_that_its_service_refuses_is_a_finding_with_its_line(tmp_path: Path) -> None:
    """A subnet outside of its VPC fails the stack; the finding names file, line, resource and environment."""
    system = _system(
        tmp_path,
        "  Vpc:\n    Type: AWS::EC2::VPC\n    Properties: {CidrBlock: 10.0.0.0/16}\n"
        "  Subnet:\n    Type: AWS::EC2::Subnet\n    Properties: {VpcId: !Ref Vpc, CidrBlock: 192.168.0.0/24}\n",
    )
    (finding,) = simulate(system, "dev").findings
    assert (finding.rule.id, finding.resource, finding.layer, finding.environments) == (
        "SIM-CREATE",
        "Subnet",
        "only",
        ("dev",),
    )
    assert (Path(finding.mark.file).name, finding.mark.line) == ("only.yaml", 6)
    assert "The CIDR '192.168.0.0/24' is invalid" in finding.message
    assert finding.fix


def test_failed_creation_leaves_nothing(tmp_path: Path) -> None:
    """What was made before the failure is removed again."""
    system = _system(
        tmp_path,
        "  Vpc:\n    Type: AWS::EC2::VPC\n    Properties: {CidrBlock: 10.0.0.0/16}\n"
        "  Subnet:\n    Type: AWS::EC2::Subnet\n    Properties: {VpcId: !Ref Vpc, CidrBlock: 192.168.0.0/24}\n",
    )
    with simulated_account("eu-west-1") as account:
        with pytest.raises(DeployError, match="small-dev-only: Subnet: ROLLBACK_COMPLETE"):
            list(Deployer(system.deployment("dev"), account.cloudformation).create())
        vpcs = account.client("ec2").describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.0.0.0/16"]}])["Vpcs"]
    assert vpcs == []


def test_leftover_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket that survives its stack without a DeletionPolicy is found, with its line."""
    system = _system(tmp_path, "  Bucket: {Type: 'AWS::S3::Bucket', Properties: {BucketName: forgotten}}\n")
    recipes = resources.recipes()
    monkeypatch.setitem(recipes, "AWS::S3::Bucket", _without_delete(recipes["AWS::S3::Bucket"]))
    (finding,) = simulate(system, "dev").findings
    assert (finding.rule.id, finding.resource, finding.mark.line) == ("SIM-LEFT", "Bucket", 3)
    assert finding.message == "bucket forgotten is left after all stacks were deleted"


def _without_delete(recipe: Any) -> Any:
    return replace(recipe, delete="")


def test_deletion_that_fails_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A resource that cannot be deleted is named."""
    system = _system(tmp_path, "  Bucket: {Type: 'AWS::S3::Bucket', Properties: {BucketName: stuck}}\n")
    recipes = resources.recipes()
    monkeypatch.setitem(recipes, "AWS::S3::Bucket", replace(recipes["AWS::S3::Bucket"], remove=_refuse))
    (finding,) = simulate(system, "dev").findings
    assert (finding.rule.id, finding.resource) == ("SIM-DELETE", "Bucket")
    assert finding.message == "small-dev-only: Bucket: DELETE_FAILED: it is not empty"


def _refuse(_job: Any, _snapshot: bool) -> None:
    raise RuntimeError("it is not empty")


@pytest.mark.promise("MT-20")
@pytest.mark.parametrize("other", ["application", "database"])
def test_application_and_database_do_not_need_each_other(maticko: System, other: str) -> None:
    """Once the rest stands, either of the two can be created and deleted without the other."""
    whole = maticko.deployment("dev")
    layers = [layer for layer in whole.stacks if layer != other]
    some = Deployment(
        whole.system,
        whole.environment,
        {layer: whole.stacks[layer] for layer in layers},
        {layer: whole.imports[layer] for layer in layers},
    )
    with simulated_account("us-east-1") as account:
        deployer = Deployer(some, account.cloudformation)
        events = [*deployer.create(), *deployer.delete()]
    assert [event for event in events if event.failed] == []


def test_several_simulations_are_one_report(tmp_path: Path) -> None:
    """Subjects and findings of all runs stand in one report."""
    system = _system(tmp_path, "  Queue: {Type: 'AWS::SQS::Queue'}\n")
    report = simulate_all([(system, "dev"), (system, "dev")])
    assert [str(subject) for subject in report.subjects] == ["small dev", "small dev"]
    assert (report.stage, report.clean) == ("simulation", True)


def test_dynamic_references_and_ssm_parameters_are_resolved(tmp_path: Path) -> None:
    """A secret's value and a public parameter reach the resources that name them."""
    system = _system(
        tmp_path,
        '  Secret:\n    Type: AWS::SecretsManager::Secret\n    Properties: {SecretString: \'{"word": "sesame"}\'}\n'
        "  Topic:\n    Type: AWS::SNS::Topic\n"
        "    Properties: {DisplayName: !Sub '{{resolve:secretsmanager:${Secret}:SecretString:word}}'}\n"
        "  Parameter:\n    Type: AWS::SSM::Parameter\n"
        "    Properties: {Name: /a, Type: String,\n"
        "      Value: '{{resolve:ssm:/aws/service/global-infrastructure/regions/eu-west-1/longName}}'}\n",
    )
    with simulated_account("eu-west-1") as account:
        list(Deployer(system.deployment("dev"), account.cloudformation).create())
        (topic,) = account.client("sns").list_topics()["Topics"]
        attributes = account.client("sns").get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"]
        parameter = account.client("ssm").get_parameter(Name="/a")["Parameter"]["Value"]
    assert (attributes["DisplayName"], parameter) == ("sesame", "Europe (Ireland)")


def test_layers_of_two_regions(tmp_path: Path) -> None:
    """A stack is made in its own region, what it puts out is handed over, and both are deleted again."""
    (tmp_path / "spare.yaml").write_text(
        "Resources: {Bucket: {Type: 'AWS::S3::Bucket'}}\nOutputs: {Name: {Value: !Ref Bucket}}\n"
    )
    (tmp_path / "main.yaml").write_text(
        "Parameters: {Replica: {Type: String}}\nResources:\n"
        "  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref Replica}}\n"
    )
    (tmp_path / "two.yaml").write_text(
        "system: two\nregion: eu-west-1\nenvironments: {dev: {branch: dev}}\nlayers:\n"
        "  main: {template: main.yaml, parameters: {Replica: {output: spare.Name}}}\n"
        "  spare: {template: spare.yaml, region: us-west-2}\n"
    )
    system = load_system(tmp_path / "two.yaml")
    with simulated_account("eu-west-1") as account:
        deployer = Deployer(system.deployment("dev"), account.cloudformation)
        list(deployer.create())
        (bucket,) = account.client("s3").list_buckets()["Buckets"]
        (topic,) = account.client("sns").list_topics()["Topics"]
        shown = account.client("sns").get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"]
        place = account.client("s3").get_bucket_location(Bucket=bucket["Name"])["LocationConstraint"]
        list(deployer.delete())
        left = account.client("s3").list_buckets()["Buckets"]
    assert (shown["DisplayName"], place, left) == (bucket["Name"], "us-west-2", [])
    report = simulate(system, "dev")
    assert (report.clean, report.notes) == (True, ())


def test_existing_stack_is_refused(tmp_path: Path) -> None:
    """Creating twice is an error that names the stack and CloudFormation's reason."""
    system = _system(tmp_path, "  Queue: {Type: 'AWS::SQS::Queue'}\n")
    with simulated_account("eu-west-1") as account:
        deployer = Deployer(system.deployment("dev"), account.cloudformation)
        list(deployer.create())
        with pytest.raises(DeployError, match=r"small-dev-only: Stack \[small-dev-only\] already exists"):
            list(deployer.create())


def test_deleting_what_does_not_exist_does_nothing(tmp_path: Path) -> None:
    """A stack that is not there is as good as deleted."""
    system = _system(tmp_path, "  Queue: {Type: 'AWS::SQS::Queue'}\n")
    with simulated_account("eu-west-1") as account:
        assert list(Deployer(system.deployment("dev"), account.cloudformation).delete()) == []


def test_missing_moto_names_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without moto the error is one line that says how to get it."""
    system = _system(tmp_path, "  Queue: {Type: 'AWS::SQS::Queue'}\n")
    monkeypatch.delitem(sys.modules, "stackproof.simulate.moto_internals", raising=False)
    monkeypatch.setitem(sys.modules, "moto", None)
    with pytest.raises(InputError, match=r"pip install 'stackproof\[simulate\]'"):
        simulate(system, "dev")
