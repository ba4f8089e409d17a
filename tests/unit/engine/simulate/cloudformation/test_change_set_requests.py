"""Change sets are created, executed once and deleted; what is refused on the way.

The wordings are those of recorded answers, and of messages quoted in public issues.
"""

from __future__ import annotations

from typing import Any

import pytest

from .stage import SHOP, TOPIC, Stage

VALUE = """
Parameters: {Value: {Type: String, Default: one}}
Resources:
  Setting: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref Value}}
"""
OTHER = [{"ParameterKey": "Value", "ParameterValue": "two"}]
SAME_NAME = {"StackName": SHOP, "ChangeSetName": "next"}


def test_a_change_set_without_changes_cannot_be_executed(stage: Stage) -> None:
    stage.create(TOPIC)
    made = stage.change_set(TOPIC)
    assert (made["Status"], made["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert stage.refusal("execute_change_set", **SAME_NAME) == (
        f"InvalidChangeSetStatus: ChangeSet [{made['ChangeSetId']}] cannot be executed in its current status of "
        "[FAILED]"
    )


def test_a_change_set_is_executed_once(stage: Stage) -> None:
    stage.create(VALUE)
    made = stage.change_set(VALUE, Parameters=OTHER)
    stage.execute()
    assert stage.refusal("execute_change_set", **SAME_NAME) == (
        f"InvalidChangeSetStatus: ChangeSet [{made['ChangeSetId']}] cannot be executed in its current execution status "
        "of [EXECUTE_COMPLETE]"
    )


def test_the_other_change_sets_of_an_updated_stack_are_obsolete(stage: Stage) -> None:
    stage.create(VALUE)
    made = stage.change_set(VALUE, name="first", Parameters=OTHER)
    stage.change_set(VALUE, name="second", Parameters=OTHER)
    stage.execute(name="second")
    assert stage.refusal("execute_change_set", StackName=SHOP, ChangeSetName="first") == (
        f"InvalidChangeSetStatus: ChangeSet [{made['ChangeSetId']}] cannot be executed in its current execution status "
        "of [OBSOLETE]"
    )


@pytest.mark.parametrize(
    ("request_", "attribute"),
    [
        ({"TemplateBody": TOPIC}, "Template"),
        ({"TemplateBody": VALUE, "Parameters": OTHER}, "Parameters"),
        ({"TemplateBody": VALUE, "ClientToken": "another"}, "ClientToken"),
    ],
)
def test_the_name_of_a_change_set_that_waits_is_taken(stage: Stage, request_: dict[str, Any], attribute: str) -> None:
    stage.change_set(VALUE, ChangeSetType="CREATE")
    assert stage.refusal("create_change_set", ChangeSetType="CREATE", **SAME_NAME, **request_) == (
        "AlreadyExistsException: ChangeSet next cannot be created due to a mismatch with existing attribute "
        f"{attribute}"
    )


def test_a_name_is_free_again_when_its_change_set_was_executed(stage: Stage) -> None:
    stage.change_set(VALUE, ChangeSetType="CREATE")
    stage.execute()
    assert stage.change_set(VALUE, Parameters=OTHER)["Status"] == "CREATE_COMPLETE"


def test_a_change_set_of_a_deleted_stack_is_told_by_its_id(stage: Stage) -> None:
    made = stage.change_set(TOPIC, ChangeSetType="CREATE")
    stage.execute()
    stage.delete()
    found = stage.cfn.describe_change_set(ChangeSetName=made["ChangeSetId"])
    assert found["ExecutionStatus"] == "EXECUTE_COMPLETE"


def test_a_stack_that_was_deleted_is_not_created_again_by_its_id(stage: Stage) -> None:
    own = stage.create(TOPIC)
    stage.delete()
    said = stage.refusal(
        "create_change_set", StackName=own, ChangeSetName="next", ChangeSetType="CREATE", TemplateBody=TOPIC
    )
    assert (
        said == f"ValidationError: Stack [{own}] already exists and cannot be created again with the changeSet [next]."
    )


def test_a_stack_of_the_same_name_is_another_stack(stage: Stage) -> None:
    first = stage.create(TOPIC)
    stage.delete()
    second = stage.create(TOPIC)
    assert (stage.described(first)["StackStatus"], stage.described(SHOP)["StackId"]) == ("DELETE_COMPLETE", second)
