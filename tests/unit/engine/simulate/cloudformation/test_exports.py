"""Exports: what other stacks use can neither change nor go.

Each test names the page of the AWS CloudFormation user guide, or of its API reference, that it holds the simulation to;
the words are those that users quote of events.
"""

from __future__ import annotations

import pytest

from .stage import SHOP, Stage, of

EXPORTING = """
Parameters: {Name: {Type: String, Default: orders}, Export: {Type: String, Default: queue}}
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref Name}}
Outputs:
  Address: {Value: !Ref Topic, Export: {Name: !Ref Export}}
"""
IMPORTING = """
Resources:
  Address: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !ImportValue queue}}
"""
PLAIN = EXPORTING.replace(", Export: {Name: !Ref Export}", "")


def exported(stage: Stage) -> dict[str, str]:
    """Return the exports of the region."""
    return {found["Name"]: found["Value"] for found in stage.cfn.list_exports()["Exports"]}


def test_an_export_is_listed_with_its_stack(stage: Stage) -> None:
    """ListExports."""
    stack_id = stage.create(EXPORTING)
    assert stage.cfn.list_exports()["Exports"] == [
        {"ExportingStackId": stack_id, "Name": "queue", "Value": stage.physical("Topic")}
    ]


def test_an_export_is_used_by_another_stack(stage: Stage) -> None:
    """Get exported outputs from a deployed CloudFormation stack."""
    stage.create(EXPORTING)
    stage.create(IMPORTING, "till")
    found = stage.client("ssm").get_parameter(Name=stage.physical("Address", "till"))
    assert found["Parameter"]["Value"] == stage.physical("Topic")
    assert stage.cfn.list_imports(ExportName="queue")["Imports"] == ["till"]


def test_an_export_that_nobody_uses_has_no_imports(stage: Stage) -> None:
    """ListImports."""
    stage.create(EXPORTING)
    assert stage.refusal("list_imports", ExportName="queue") == (
        "ValidationError: Export 'queue' is not imported by any stack."
    )


def test_a_missing_export_fails_the_stack_before_any_resource(stage: Stage) -> None:
    """Fn::ImportValue: the stack fails as a whole, no resource is touched."""
    stage.create(IMPORTING)
    assert stage.news() == [
        "shop CREATE_IN_PROGRESS User Initiated",
        "shop ROLLBACK_IN_PROGRESS No export named queue found. Rollback requested by user.",
        "shop ROLLBACK_COMPLETE",
    ]


def test_a_missing_export_fails_an_update(stage: Stage) -> None:
    """Fn::ImportValue."""
    stage.create(PLAIN)
    stage.news()
    stage.update(IMPORTING)
    assert of(stage.news(), SHOP)[1] == "UPDATE_ROLLBACK_IN_PROGRESS No export named queue found"
    assert stage.status() == "UPDATE_ROLLBACK_COMPLETE"


def test_a_stack_whose_export_is_in_use_cannot_be_deleted(stage: Stage) -> None:
    """Exports: you can't delete a stack if another stack references one of its outputs; its status stays."""
    stage.create(EXPORTING)
    stage.create(IMPORTING, "till")
    stage.news()
    stage.delete()
    reason = "Delete canceled. Cannot delete export queue as it is in use by till."
    assert stage.news() == ["shop DELETE_IN_PROGRESS User Initiated", f"shop CREATE_COMPLETE {reason}"]
    assert stage.status() == f"CREATE_COMPLETE {reason}"
    assert stage.resources() == {"Topic": "CREATE_COMPLETE"}
    stage.delete("till")
    stage.delete()
    assert exported(stage) == {}


def test_an_export_that_is_in_use_cannot_be_removed(stage: Stage) -> None:
    """Exports: you can't modify or remove an output value that is referenced by another stack."""
    stage.create(EXPORTING)
    stage.create(IMPORTING, "till")
    stage.news()
    stage.update(PLAIN)
    assert of(stage.news(), SHOP)[1:] == [
        "UPDATE_ROLLBACK_IN_PROGRESS Delete canceled. Cannot delete export queue as it is in use by till.",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE",
    ]
    assert exported(stage) == {"queue": stage.physical("Topic")}


def test_an_export_that_is_in_use_cannot_be_changed(stage: Stage) -> None:
    """Exports: you can't modify or remove an output value that is referenced by another stack."""
    stage.create(EXPORTING)
    before = exported(stage)
    stage.create(IMPORTING, "till")
    stage.news()
    stage.update(Parameters={"Name": "others"})
    assert of(stage.news(), SHOP)[1] == (
        "UPDATE_ROLLBACK_IN_PROGRESS Cannot update export queue as it is in use by till."
    )
    assert exported(stage) == before
    topics = stage.client("sns").list_topics()["Topics"]
    assert [found["TopicArn"] for found in topics] == [before["queue"]]


def test_an_export_that_nobody_uses_may_change_and_go(stage: Stage) -> None:
    """Exports."""
    stage.create(EXPORTING)
    stage.update(Parameters={"Name": "others"})
    assert exported(stage) == {"queue": stage.physical("Topic")}
    stage.update(Parameters={"Name": None, "Export": "line"})
    assert exported(stage) == {"line": stage.physical("Topic")}
    stage.update(PLAIN)
    assert exported(stage) == {}


def test_an_import_ends_when_the_template_no_longer_uses_it(stage: Stage) -> None:
    """ListImports."""
    stage.create(EXPORTING)
    stage.create(IMPORTING, "till")
    stage.update(IMPORTING.replace("!ImportValue queue", "none"), "till")
    stage.update(PLAIN)
    assert stage.status() == "UPDATE_COMPLETE"


def test_a_name_is_exported_once_in_a_region(stage: Stage) -> None:
    """Exports: for each AWS account, export names must be unique within a Region."""
    stage.create(EXPORTING)
    stage.create(EXPORTING, "twin", Parameters={"Name": "twins"})
    assert of(stage.news("twin"), "twin")[1:] == [
        "ROLLBACK_IN_PROGRESS Export with name queue is already exported by stack shop. Rollback requested by user.",
        "ROLLBACK_COMPLETE",
    ]


def test_another_region_has_exports_of_its_own(stage: Stage) -> None:
    """Exports: they are per Region."""
    stage.create(EXPORTING)
    other = stage.account.cloudformation("eu-west-1")
    other.create_stack(StackName=SHOP, TemplateBody=EXPORTING)
    assert other.describe_stacks(StackName=SHOP)["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
    other.create_stack(StackName="till", TemplateBody=IMPORTING.replace("queue", "nothing"))
    assert other.describe_stacks(StackName="till")["Stacks"][0]["StackStatus"] == "ROLLBACK_COMPLETE"


def test_the_exports_of_a_failed_stack_are_free_again(stage: Stage) -> None:
    """Stack status codes: ROLLBACK_COMPLETE."""
    body = EXPORTING + "  Wrong: {Value: !ImportValue nothing}\n"
    stage.create(body)
    assert exported(stage) == {}
    stage.create(EXPORTING, "other")
    assert stage.status("other") == "CREATE_COMPLETE"


def test_a_stack_that_failed_holds_on_to_what_it_imports(stage: Stage) -> None:
    """Exports: a stack whose failure was left as it is still refers to them."""
    stage.create(EXPORTING)
    stage.fail("Last", stack="till")
    last = "  Last: {Type: AWS::SNS::Topic, DependsOn: Address}\n"
    stage.create(IMPORTING + last, "till", DisableRollback=True)
    assert stage.cfn.list_imports(ExportName="queue")["Imports"] == ["till"]
    stage.delete()
    assert stage.status().startswith("CREATE_COMPLETE Delete canceled.")


@pytest.mark.parametrize("count", [1, 100, 101])
def test_lists_of_exports_come_in_pages(stage: Stage, count: int) -> None:
    """ListExports: NextToken."""
    outputs = {f"Out{n}": {"Value": str(n), "Export": {"Name": f"out-{n}"}} for n in range(count)}
    stage.create({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": outputs})
    pages = [len(page["Exports"]) for page in stage.cfn.get_paginator("list_exports").paginate()]
    assert pages == [min(count, 100)] + [count - 100] * (count > 100)
