"""Change sets: they are made, described, executed, and become obsolete.

What a change set shows of each change is in `test_changes`; here is how one lives. Each test names the page of the AWS
CloudFormation user guide, or of its API reference, that it holds the simulation to.
"""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from .stage import SHOP, TOPIC, Stage, of

BODY = """
Parameters: {Name: {Type: String, Default: one}}
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref Name}}
Outputs:
  Address: {Value: !Ref Topic}
"""


def test_a_change_set_of_type_create_leaves_a_stack_to_be_reviewed(stage: Stage) -> None:
    """CreateChangeSet: the stack has REVIEW_IN_PROGRESS and no resources."""
    found = stage.change_set(BODY, ChangeSetType="CREATE")
    assert (found["Status"], found["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert stage.status() == "REVIEW_IN_PROGRESS User Initiated"
    assert stage.resources() == {}
    assert stage.client("sns").list_topics()["Topics"] == []


def test_executing_it_creates_the_stack_with_its_outputs(stage: Stage) -> None:
    """ExecuteChangeSet."""
    stage.change_set(BODY, ChangeSetType="CREATE")
    stage.execute()
    assert stage.status() == "CREATE_COMPLETE"
    assert stage.outputs() == {"Address": "arn:aws:sns:us-east-1:111111111111:one"}


def test_the_type_is_update_where_none_is_given(stage: Stage) -> None:
    """CreateChangeSet: by default the type is UPDATE."""
    assert stage.refusal("create_change_set", StackName=SHOP, ChangeSetName="next", TemplateBody=BODY) == (
        "ValidationError: Stack [shop] does not exist"
    )
    stage.create(BODY)
    found = stage.change_set(Parameters={"Name": "two"})
    assert [change["ResourceChange"]["Action"] for change in found["Changes"]] == ["Modify"]


def test_a_replacement_is_announced_with_its_reason(stage: Stage) -> None:
    """DescribeChangeSet: Replacement, Scope, Details."""
    stage.create(BODY)
    (change,) = stage.change_set(Parameters={"Name": "two"})["Changes"]
    told: dict[str, Any] = change["ResourceChange"]
    assert (told["LogicalResourceId"], told["Replacement"], told["Scope"]) == ("Topic", "True", ["Properties"])
    assert told["PhysicalResourceId"] == stage.physical("Topic")
    targets = [detail["Target"] for detail in told["Details"]]
    assert {(one["Attribute"], one["Name"], one["RequiresRecreation"]) for one in targets} == {
        ("Properties", "TopicName", "Always")
    }


def test_a_change_set_changes_nothing_until_it_is_executed(stage: Stage) -> None:
    """Update stacks using change sets."""
    stage.create(BODY)
    before = stage.things()
    stage.change_set(Parameters={"Name": "two"})
    assert (stage.status(), stage.things()) == ("CREATE_COMPLETE", before)
    stage.execute()
    assert stage.status() == "UPDATE_COMPLETE"
    assert stage.outputs() == {"Address": "arn:aws:sns:us-east-1:111111111111:two"}


def test_a_change_set_without_changes_fails(stage: Stage) -> None:
    """DescribeChangeSet: the submitted information didn't contain changes."""
    stage.create(BODY)
    found = stage.change_set(BODY)
    assert (found["Status"], found["ExecutionStatus"], found["StatusReason"]) == (
        "FAILED",
        "UNAVAILABLE",
        "The submitted information didn't contain changes. Submit different information to create a change set.",
    )


def test_a_failed_execution_is_rolled_back(stage: Stage) -> None:
    """ExecuteChangeSet: like any update."""
    stage.create(BODY)
    stage.change_set(Parameters={"Name": "two"})
    stage.fail("Topic", times=1)
    stage.execute()
    assert stage.status() == "UPDATE_ROLLBACK_COMPLETE"
    assert stage.outputs() == {"Address": "arn:aws:sns:us-east-1:111111111111:one"}


@pytest.mark.parametrize(
    ("created", "executed", "status"),
    [
        ({}, {}, "ROLLBACK_COMPLETE"),
        ({"OnStackFailure": "ROLLBACK"}, {}, "ROLLBACK_COMPLETE"),
        ({"OnStackFailure": "DO_NOTHING"}, {}, "CREATE_FAILED"),
        ({"OnStackFailure": "DELETE"}, {}, "DELETE_COMPLETE"),
        ({}, {"DisableRollback": True}, "CREATE_FAILED"),
    ],
)
def test_what_becomes_of_a_stack_that_cannot_be_created(
    stage: Stage, created: dict[str, Any], executed: dict[str, Any], status: str
) -> None:
    """CreateChangeSet: OnStackFailure; ExecuteChangeSet: DisableRollback."""
    stack_id = stage.change_set(BODY, ChangeSetType="CREATE", **created)["StackId"]
    stage.fail("Topic")
    stage.execute(**executed)
    assert stage.described(stack_id)["StackStatus"] == status


def test_execution_makes_other_change_sets_obsolete(stage: Stage) -> None:
    """ExecuteChangeSet: all other change sets of the stack are no longer valid."""
    stage.create(BODY)
    stage.change_set(Parameters={"Name": "two"})
    stage.change_set(Parameters={"Name": "three"}, name="other")
    stage.execute()
    assert stage.status() == "UPDATE_COMPLETE"
    assert stage.cfn.list_change_sets(StackName=SHOP)["Summaries"] == []
    assert "InvalidChangeSetStatus" in stage.refusal("execute_change_set", StackName=SHOP, ChangeSetName="other")


def test_an_update_makes_change_sets_obsolete(stage: Stage) -> None:
    """ChangeSetSummary, ExecutionStatus: OBSOLETE because the stack was already updated."""
    stage.create(BODY)
    stage.change_set(Parameters={"Name": "two"}, name="executed")
    stage.execute(name="executed")
    stage.change_set(Parameters={"Name": "three"}, name="waiting")
    stage.change_set(Parameters={"Name": "two"}, name="failed")
    stage.update(Parameters={"Name": "four"})
    described = {
        name: stage.cfn.describe_change_set(StackName=SHOP, ChangeSetName=name)["ExecutionStatus"]
        for name in ("executed", "waiting", "failed")
    }
    assert described == {"executed": "EXECUTE_COMPLETE", "waiting": "OBSOLETE", "failed": "UNAVAILABLE"}
    assert "InvalidChangeSetStatus" in stage.refusal("execute_change_set", StackName=SHOP, ChangeSetName="waiting")
    assert stage.outputs() == {"Address": "arn:aws:sns:us-east-1:111111111111:four"}


def test_an_update_that_is_refused_leaves_change_sets_as_they_are(stage: Stage) -> None:
    """UpdateStack: without changes there is no update."""
    stage.create(BODY)
    stage.change_set(Parameters={"Name": "two"})
    with pytest.raises(ClientError, match="No updates are to be performed"):
        stage.update()
    stage.execute()
    assert stage.outputs() == {"Address": "arn:aws:sns:us-east-1:111111111111:two"}


def test_a_change_set_is_executed_once(stage: Stage) -> None:
    """ExecuteChangeSet."""
    stage.create(BODY)
    stage.change_set(Parameters={"Name": "two"})
    stage.execute()
    assert "InvalidChangeSet" in stage.refusal("execute_change_set", StackName=SHOP, ChangeSetName="next")


def test_change_sets_are_listed_and_deleted(stage: Stage) -> None:
    """ListChangeSets, DeleteChangeSet."""
    stage.create(BODY)
    stage.change_set(Parameters={"Name": "two"})
    listed = stage.cfn.list_change_sets(StackName=SHOP)["Summaries"]
    assert [found["ChangeSetName"] for found in listed] == ["next"]
    stage.cfn.delete_change_set(StackName=SHOP, ChangeSetName="next")
    assert stage.cfn.list_change_sets(StackName=SHOP)["Summaries"] == []
    assert "ChangeSetNotFound" in stage.refusal("describe_change_set", StackName=SHOP, ChangeSetName="next")


def test_a_stack_that_was_only_reviewed_can_be_deleted(stage: Stage) -> None:
    """Stack status codes: REVIEW_IN_PROGRESS."""
    stack_id = stage.change_set(BODY, ChangeSetType="CREATE")["StackId"]
    stage.delete()
    assert stage.status(stack_id) == "DELETE_COMPLETE"


def test_a_stack_that_failed_needs_disabled_rollback_to_execute(stage: Stage) -> None:
    """Choose how to handle failures: a change set can be started in CREATE_FAILED or UPDATE_FAILED."""
    stage.fail("Topic")
    stage.create(BODY, DisableRollback=True)
    stage.heal()
    stage.change_set(Parameters={"Name": "two"})
    assert stage.refusal("execute_change_set", StackName=SHOP, ChangeSetName="next").startswith(
        "ValidationError: This stack is currently in a non-terminal [CREATE_FAILED] state."
    )
    stage.execute(DisableRollback=True)
    assert stage.status() == "UPDATE_COMPLETE"


def test_stack_policies_hold_for_change_sets(stage: Stage) -> None:
    """Prevent updates to stack resources."""
    policy = '{"Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}'
    stage.create(BODY, StackPolicyBody=policy)
    stage.change_set(Parameters={"Name": "two"})
    stage.execute()
    assert stage.status() == "UPDATE_ROLLBACK_COMPLETE"


def test_capabilities_are_demanded(stage: Stage) -> None:
    """CreateChangeSet: Capabilities."""
    body = "Resources: {Group: {Type: AWS::IAM::Group}}"
    assert stage.refusal(
        "create_change_set", StackName=SHOP, ChangeSetName="next", ChangeSetType="CREATE", TemplateBody=body
    ) == ("InsufficientCapabilitiesException: Requires capabilities : [CAPABILITY_IAM]")


def test_a_stack_under_review_can_be_created_directly(stage: Stage) -> None:
    """CreateStack takes over a stack that is only reviewed."""
    stage.change_set(BODY, ChangeSetType="CREATE")
    stage.create(TOPIC)
    assert of(stage.news(), SHOP)[-1] == "CREATE_COMPLETE"


def test_it_has_the_template_it_was_made_with(stage: Stage) -> None:
    """GetTemplate: ChangeSetName."""
    stage.create(BODY)
    stage.change_set(TOPIC)
    assert stage.cfn.get_template(StackName=SHOP, ChangeSetName="next")["TemplateBody"] == TOPIC
    assert stage.cfn.get_template(StackName=SHOP)["TemplateBody"] == BODY
