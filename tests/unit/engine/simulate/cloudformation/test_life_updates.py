"""Stacks are updated: in place, by replacement, back again when something fails.

Each test names the page of the AWS CloudFormation user guide, or of its API reference, that it holds the simulation to.
"""

from __future__ import annotations

from typing import Any

import pytest

from .stage import SHOP, TOPIC, Stage, of

REPLACING = "Requested update requires the creation of a new physical resource; hence creating one."


def values(**texts: str) -> str:
    """Return a template of parameters in Parameter Store with these values."""
    lines = [
        f"  {name}: {{Type: AWS::SSM::Parameter, Properties: {{Type: String, Value: '{text}'}}}}"
        for name, text in texts.items()
    ]
    return "\n".join(["Resources:", *lines])


def topics(display: str = "", **names: str) -> str:
    """Return a template of topics with names of their own."""
    shown = f", DisplayName: {display}" if display else ""
    lines = [
        f"  {logical}: {{Type: AWS::SNS::Topic, Properties: {{TopicName: {name}{shown}}}}}"
        for logical, name in names.items()
    ]
    return "\n".join(["Resources:", *lines])


def value_of(stage: Stage, logical_id: str) -> str:
    """Return what a parameter in Parameter Store holds."""
    found = stage.client("ssm").get_parameter(Name=stage.physical(logical_id))
    return str(found["Parameter"]["Value"])


def topic_names(stage: Stage) -> set[str]:
    """Return the names of all topics."""
    return {found["TopicArn"].rpartition(":")[2] for found in stage.client("sns").list_topics()["Topics"]}


# --- What an update does. ---


def test_a_property_is_changed_in_place(stage: Stage) -> None:
    """Update behaviors of stack resources: update with no interruption keeps the physical id."""
    stage.create(values(A="1"))
    before = stage.physical("A")
    stage.news()
    stage.update(values(A="2"))
    assert stage.news() == [
        "shop UPDATE_IN_PROGRESS User Initiated",
        "A UPDATE_IN_PROGRESS",
        "A UPDATE_COMPLETE",
        "shop UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "shop UPDATE_COMPLETE",
    ]
    assert stage.physical("A") == before
    assert value_of(stage, "A") == "2"


def test_only_what_changes_is_updated(stage: Stage) -> None:
    """Update behaviors of stack resources: resources that have not changed run without disruption."""
    stage.create(values(A="1", B="1"))
    stage.news()
    stage.update(values(A="1", B="2"))
    assert of(stage.news(), "A") == []


def test_a_replacement_is_created_before_the_old_resource_is_deleted(stage: Stage) -> None:
    """Update behaviors of stack resources: replacement."""
    stage.create(topics(Topic="old"))
    stage.news()
    stage.update(topics(Topic="new"))
    assert stage.news() == [
        "shop UPDATE_IN_PROGRESS User Initiated",
        f"Topic UPDATE_IN_PROGRESS {REPLACING}",
        "Topic UPDATE_IN_PROGRESS Resource creation Initiated",
        "Topic UPDATE_COMPLETE",
        "shop UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "Topic DELETE_IN_PROGRESS",
        "Topic DELETE_COMPLETE",
        "shop UPDATE_COMPLETE",
    ]
    assert topic_names(stage) == {"new"}
    assert stage.resources() == {"Topic": "UPDATE_COMPLETE"}


def test_the_clean_up_tells_the_physical_id_of_the_old_resource(stage: Stage) -> None:
    """Update behaviors of stack resources: the old resource is deleted."""
    stage.create(topics(Topic="old"))
    stage.update(topics(Topic="new"))
    deleted = [event for event in stage.events() if event["ResourceStatus"] == "DELETE_COMPLETE"]
    assert [event["PhysicalResourceId"].rpartition(":")[2] for event in deleted] == ["old"]


def test_who_refers_to_a_replaced_resource_is_pointed_to_the_new_one(stage: Stage) -> None:
    """Update behaviors of stack resources: references from dependent resources point to the new physical id."""
    body = """
    Resources:
      Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: %s}}
      Address: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref Topic}}
    """
    stage.create(body % "old")
    stage.update(body % "new")
    assert value_of(stage, "Address") == "arn:aws:sns:us-east-1:111111111111:new"


def test_a_named_resource_cannot_be_replaced(stage: Stage) -> None:
    """Name type: you can't perform updates that require replacement of a custom-named resource."""
    table = """
    Resources:
      Table:
        Type: AWS::DynamoDB::Table
        Properties:
          TableName: orders
          BillingMode: PAY_PER_REQUEST
          AttributeDefinitions: [{AttributeName: %s, AttributeType: S}]
          KeySchema: [{AttributeName: %s, KeyType: HASH}]
    """
    stage.create(table % ("id", "id"))
    stage.news()
    stage.update(table % ("key", "key"))
    assert of(stage.news(), "Table")[1] == (
        "UPDATE_FAILED CloudFormation cannot update a stack when a custom-named resource requires replacing. "
        "Rename orders and update the stack again."
    )
    assert stage.status() == "UPDATE_ROLLBACK_COMPLETE"


def test_an_added_resource_is_created_and_a_removed_one_deleted_at_the_end(stage: Stage) -> None:
    """Stack status codes: UPDATE_COMPLETE_CLEANUP_IN_PROGRESS removes what the template no longer has."""
    stage.create(values(A="1"))
    stage.news()
    stage.update(values(B="1"))
    assert stage.news() == [
        "shop UPDATE_IN_PROGRESS User Initiated",
        "B CREATE_IN_PROGRESS",
        "B CREATE_IN_PROGRESS Resource creation Initiated",
        "B CREATE_COMPLETE",
        "shop UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "A DELETE_IN_PROGRESS",
        "A DELETE_COMPLETE",
        "shop UPDATE_COMPLETE",
    ]
    assert stage.resources() == {"B": "CREATE_COMPLETE"}


def test_removed_resources_go_in_reverse_order(stage: Stage) -> None:
    """DependsOn attribute."""
    stage.create("""
    Resources:
      Base: {Type: AWS::SNS::Topic}
      Middle: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref Base}}
      Top: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref Middle}}
      Stays: {Type: AWS::SNS::Topic}
    """)
    stage.news()
    stage.update("Resources: {Stays: {Type: AWS::SNS::Topic}}")
    gone = [line.split()[0] for line in stage.news() if "DELETE_COMPLETE" in line]
    assert gone == ["Top", "Middle", "Base"]


def test_a_clean_up_that_fails_does_not_fail_the_update(stage: Stage) -> None:
    """Stack status codes: UPDATE_COMPLETE, although what was to be removed is still there."""
    stage.create("""
    Resources:
      Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: full}}
      Topic: {Type: AWS::SNS::Topic}
    """)
    stage.client("s3").put_object(Bucket="full", Key="thing", Body=b"")
    stage.news()
    stage.update(TOPIC)
    assert "DELETE_FAILED" in of(stage.news(), "Bucket")[-1]
    assert stage.status() == "UPDATE_COMPLETE"
    assert stage.resources() == {"Topic": "CREATE_COMPLETE"}


CONDITIONAL = """
Parameters: {Extra: {Type: String, Default: 'no'}}
Conditions: {HasExtra: !Equals [!Ref Extra, 'yes']}
Resources:
  Always: {Type: AWS::SNS::Topic}
  Sometimes: {Type: AWS::SNS::Topic, Condition: HasExtra}
Outputs:
  Address: {Condition: HasExtra, Value: !Ref Sometimes}
"""


def test_a_condition_that_flips_creates_and_deletes_resources(stage: Stage) -> None:
    """Conditions: at an update conditions are evaluated again, before anything is changed."""
    stage.create(CONDITIONAL)
    assert stage.resources() == {"Always": "CREATE_COMPLETE"}
    stage.update(Parameters={"Extra": "yes"})
    assert stage.resources() == {"Always": "CREATE_COMPLETE", "Sometimes": "CREATE_COMPLETE"}
    assert stage.outputs() == {"Address": stage.physical("Sometimes")}
    stage.update(Parameters={"Extra": "no"})
    assert stage.resources() == {"Always": "CREATE_COMPLETE"}
    assert stage.outputs() == {}
    assert len(topic_names(stage)) == 1


def test_an_update_without_changes_is_refused(stage: Stage) -> None:
    """UpdateStack: no updates are to be performed."""
    stage.create(TOPIC)
    assert stage.refusal("update_stack", StackName=SHOP, TemplateBody=TOPIC) == (
        "ValidationError: No updates are to be performed."
    )
    assert stage.status() == "CREATE_COMPLETE"


def test_an_update_of_metadata_alone_is_none(stage: Stage) -> None:
    """Metadata attribute: you cannot update the metadata section by itself; a change to resources is needed."""
    stage.create(TOPIC)
    assert stage.refusal("update_stack", StackName=SHOP, TemplateBody=f"{TOPIC}Description: more words\n") == (
        "ValidationError: No updates are to be performed."
    )


def test_an_update_may_change_outputs_alone(stage: Stage) -> None:
    """UpdateStack."""
    stage.create(TOPIC)
    stage.update(f"{TOPIC}Outputs: {{Address: {{Value: !Ref Topic}}}}\n")
    assert stage.status() == "UPDATE_COMPLETE"
    assert stage.outputs() == {"Address": stage.physical("Topic")}


def test_an_update_may_leave_parameters_as_they_are(stage: Stage) -> None:
    """Parameter: UsePreviousValue."""
    body = """
    Parameters: {One: {Type: String}, Two: {Type: String}}
    Resources:
      A: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Sub '${One} ${Two}'}}
    """
    stage.create(body, Parameters={"One": "1", "Two": "2"})
    stage.update(Parameters={"One": None, "Two": "3"})
    assert value_of(stage, "A") == "1 3"


def test_a_resource_cannot_become_one_of_another_type(stage: Stage) -> None:
    """Recorded in public issues: update of resource type is not permitted."""
    stage.create("Resources: {Thing: {Type: AWS::SNS::Topic}}")
    reason = (
        "Update of resource type is not permitted. The new template modifies resource type of the following "
        "resources: [Thing]"
    )
    body = "Resources: {Thing: {Type: AWS::SQS::Queue}}"
    assert stage.refusal("update_stack", StackName=SHOP, TemplateBody=body) == f"ValidationError: {reason}"
    found = stage.change_set(body)
    assert (found["Status"], found["StatusReason"], found["Changes"]) == ("FAILED", reason, [])


# --- What outlives an update. ---


@pytest.mark.parametrize(
    ("policy", "statuses", "left"),
    [
        ("Delete", ["DELETE_IN_PROGRESS", "DELETE_COMPLETE"], {"new"}),
        ("Retain", ["DELETE_SKIPPED"], {"new", "old"}),
    ],
)
def test_update_replace_policy(stage: Stage, policy: str, statuses: list[str], left: set[str]) -> None:
    """UpdateReplacePolicy attribute: what becomes of the old resource when it is replaced."""
    body = "Resources: {Topic: {Type: AWS::SNS::Topic, UpdateReplacePolicy: %s, Properties: {TopicName: %s}}}"
    stage.create(body % (policy, "old"))
    stage.news()
    stage.update(body % (policy, "new"))
    assert [line for line in of(stage.news(), "Topic") if line.startswith("DELETE")] == statuses
    assert topic_names(stage) == left


def test_deletion_policy_says_nothing_about_replacements(stage: Stage) -> None:
    """DeletionPolicy attribute: it does not apply to resources whose physical instance is replaced."""
    body = "Resources: {Topic: {Type: AWS::SNS::Topic, DeletionPolicy: Retain, Properties: {TopicName: %s}}}"
    stage.create(body % "old")
    stage.update(body % "new")
    assert stage.status() == "UPDATE_COMPLETE"
    assert topic_names(stage) == {"new"}


@pytest.mark.parametrize("policy", ["Retain", "RetainExceptOnCreate"])
def test_a_resource_that_leaves_the_template_is_retained_if_it_says_so(stage: Stage, policy: str) -> None:
    """DeletionPolicy attribute: it also applies to updates that delete resources from the stack."""
    kept = f"  Kept: {{Type: AWS::SNS::Topic, DeletionPolicy: {policy}, Properties: {{TopicName: kept}}}}"
    stage.create(f"{topics(Topic='mine')}\n{kept}")
    stage.news()
    stage.update(topics(Topic="mine"))
    assert of(stage.news(), "Kept") == ["DELETE_SKIPPED"]
    assert topic_names(stage) == {"mine", "kept"}


def test_a_new_deletion_policy_alone_is_an_update(stage: Stage) -> None:
    """DeletionPolicy attribute: it can be added to a stack and holds from then on."""
    stack_id = stage.create(values(A="1"))
    stage.update(values(A="1").replace("::Parameter,", "::Parameter, DeletionPolicy: Retain,"))
    stage.delete()
    assert stage.resources(stack_id) == {"A": "DELETE_SKIPPED"}


# --- Failures. ---


def test_a_failed_update_is_rolled_back(stage: Stage) -> None:
    """Stack status codes: UPDATE_ROLLBACK_COMPLETE; the events as the console shows them."""
    body = """
    Resources:
      A: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: '%s'}}
      B: {Type: AWS::SSM::Parameter, DependsOn: A, Properties: {Type: String, Value: '%s'}}
      C: {Type: AWS::SSM::Parameter, DependsOn: B, Properties: {Type: String, Value: '%s'}}
    """
    stage.create(body % ("1", "1", "1"))
    stage.news()
    stage.fail("B", times=1)
    stage.update(body % ("2", "2", "2"))
    assert stage.news() == [
        "shop UPDATE_IN_PROGRESS User Initiated",
        "A UPDATE_IN_PROGRESS",
        "A UPDATE_COMPLETE",
        "B UPDATE_IN_PROGRESS",
        "B UPDATE_FAILED B is at fault",
        "shop UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to update: [B].",
        "A UPDATE_IN_PROGRESS",
        "A UPDATE_COMPLETE",
        "B UPDATE_IN_PROGRESS",
        "B UPDATE_COMPLETE",
        "shop UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "shop UPDATE_ROLLBACK_COMPLETE",
    ]
    assert [value_of(stage, name) for name in "ABC"] == ["1", "1", "1"]


def test_what_a_failed_update_created_is_removed(stage: Stage) -> None:
    """Stack status codes: UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS removes new resources."""
    stage.create(topics(Old="old"))
    before = stage.things()
    stage.news()
    stage.fail("Last")
    stage.update(topics(Old="newer", New="new") + "\n  Last: {Type: AWS::SNS::Topic, DependsOn: [Old, New]}")
    told = stage.news()
    assert [line for line in of(told, "Old") if line.startswith("DELETE")] == ["DELETE_IN_PROGRESS", "DELETE_COMPLETE"]
    assert [line for line in of(told, "New") if line.startswith("DELETE")] == ["DELETE_IN_PROGRESS", "DELETE_COMPLETE"]
    assert stage.things() == before
    assert stage.resources() == {"Old": "UPDATE_COMPLETE"}
    assert stage.physical("Old").endswith(":old")


def test_a_rolled_back_update_leaves_template_parameters_and_outputs_as_before(stage: Stage) -> None:
    """Stack status codes: UPDATE_ROLLBACK_COMPLETE."""
    body = """
    Parameters: {Text: {Type: String}}
    Resources:
      A: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref Text}}
    Outputs:
      Text: {Value: !GetAtt A.Value, Export: {Name: text}}
    """
    stage.create(body, Parameters={"Text": "one"})
    names = ("StackId", "Parameters", "Outputs", "Tags", "CreationTime")
    before = {name: stage.described()[name] for name in names}
    stage.fail("A", times=1)
    stage.update(f"{body}\n      More: {{Value: '1'}}\n", Parameters={"Text": "two"})
    after = stage.described()
    assert after["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert {name: after[name] for name in names} == before
    assert stage.cfn.get_template(StackName=SHOP)["TemplateBody"] == body
    assert [(one["Name"], one["Value"]) for one in stage.cfn.list_exports()["Exports"]] == [("text", "one")]


def test_after_a_roll_back_the_stack_can_be_updated(stage: Stage) -> None:
    """Stack status codes: UPDATE_ROLLBACK_COMPLETE."""
    stage.create(values(A="1"))
    stage.fail("A", times=1)
    stage.update(values(A="2"))
    stage.update(values(A="3"))
    assert (stage.status(), value_of(stage, "A")) == ("UPDATE_COMPLETE", "3")


def fails_to_roll_back(stage: Stage) -> None:
    """Update two values so that one can neither be changed nor changed back."""
    body = """
    Resources:
      A: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: '%s'}}
      B: {Type: AWS::SSM::Parameter, DependsOn: A, Properties: {Type: String, Value: '%s'}}
      New: {Type: AWS::SNS::Topic}
    """
    stage.create(body.replace("      New: {Type: AWS::SNS::Topic}\n", "") % ("1", "1"))
    stage.news()
    stage.fail("B")
    stage.update(body % ("2", "2"))


def test_a_roll_back_that_fails(stage: Stage) -> None:
    """Stack status codes: UPDATE_ROLLBACK_FAILED."""
    fails_to_roll_back(stage)
    assert stage.status() == "UPDATE_ROLLBACK_FAILED The following resource(s) failed to update: [B]."
    assert stage.resources()["B"] == "UPDATE_FAILED"
    stack_id = stage.described()["StackId"]
    assert stage.refusal("update_stack", StackName=SHOP, TemplateBody=TOPIC) == (
        f"ValidationError: Stack:{stack_id} is in UPDATE_ROLLBACK_FAILED state and can not be updated."
    )


def test_a_roll_back_is_continued(stage: Stage) -> None:
    """Continue rolling back an update."""
    fails_to_roll_back(stage)
    stage.heal()
    stage.news()
    stage.cfn.continue_update_rollback(StackName=SHOP)
    assert stage.news() == [
        "shop UPDATE_ROLLBACK_IN_PROGRESS User Initiated",
        "B UPDATE_IN_PROGRESS",
        "B UPDATE_COMPLETE",
        "shop UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "New DELETE_IN_PROGRESS",
        "New DELETE_COMPLETE",
        "shop UPDATE_ROLLBACK_COMPLETE",
    ]
    assert (value_of(stage, "A"), value_of(stage, "B")) == ("1", "1")


def test_a_roll_back_is_continued_without_what_cannot_be_rolled_back(stage: Stage) -> None:
    """ContinueUpdateRollback: ResourcesToSkip are taken to be UPDATE_COMPLETE."""
    fails_to_roll_back(stage)
    stage.news()
    stage.cfn.continue_update_rollback(StackName=SHOP, ResourcesToSkip=["B"])
    assert of(stage.news(), "B")[0].startswith("UPDATE_COMPLETE")
    assert stage.status() == "UPDATE_ROLLBACK_COMPLETE"
    assert stage.resources() == {"A": "UPDATE_COMPLETE", "B": "UPDATE_COMPLETE"}


def test_only_a_failed_roll_back_is_continued(stage: Stage) -> None:
    """ContinueUpdateRollback: for stacks in the UPDATE_ROLLBACK_FAILED state."""
    stage.create(TOPIC)
    assert "ValidationError" in stage.refusal("continue_update_rollback", StackName=SHOP)


def test_a_stack_whose_roll_back_failed_can_be_deleted(stage: Stage) -> None:
    """Stack status codes: with UPDATE_ROLLBACK_FAILED delete the stack or continue rolling back."""
    before = stage.things()
    body = """
    Resources:
      Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: %s}}
      A: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref Topic}}
    """
    stage.create(body % "old")
    stage.fail("A")
    stage.update(body % "new")
    assert topic_names(stage) == {"old", "new"}
    stage.heal()
    stage.delete()
    assert stage.things() == before


def test_an_update_can_be_cancelled(stage: Stage) -> None:
    """CancelUpdateStack: the stack rolls the update back."""
    stage.create(topics(Topic="old"))
    stage.news()
    stage.update(topics(Topic="new"))
    stage.cfn.cancel_update_stack(StackName=SHOP)
    told = of(stage.news(), SHOP)
    assert told == [
        "UPDATE_IN_PROGRESS User Initiated",
        "UPDATE_ROLLBACK_IN_PROGRESS User Initiated",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE",
    ]
    assert topic_names(stage) == {"old"}


def test_only_an_update_in_progress_is_cancelled(stage: Stage) -> None:
    """CancelUpdateStack: for stacks in the UPDATE_IN_PROGRESS state."""
    stage.create(TOPIC)
    assert stage.refusal("cancel_update_stack", StackName=SHOP) == (
        "ValidationError: CancelUpdateStack cannot be called from current stack status"
    )


# --- Failures that are left as they are. ---


def test_with_disabled_rollback_a_failed_update_stays(stage: Stage) -> None:
    """Choose how to handle failures: what succeeded stays, what failed goes back to its last stable state."""
    stage.create(values(A="1", B="1"))
    stage.fail("B")
    stage.update(values(A="2", B="2"), DisableRollback=True)
    assert stage.status() == "UPDATE_FAILED The following resource(s) failed to update: [B]."
    assert stage.resources() == {"A": "UPDATE_COMPLETE", "B": "UPDATE_FAILED"}
    assert (value_of(stage, "A"), value_of(stage, "B")) == ("2", "1")


def test_with_disabled_rollback_independent_paths_go_on(stage: Stage) -> None:
    """Choose how to handle failures: a failure in one path does not affect other provisioning paths."""
    stage.fail("A")
    body = """
    Resources:
      A: {Type: AWS::SNS::Topic}
      NeedsA: {Type: AWS::SNS::Topic, DependsOn: A}
      B: {Type: AWS::SNS::Topic}
      NeedsB: {Type: AWS::SNS::Topic, DependsOn: B}
    """
    stage.create(body, DisableRollback=True)
    assert stage.resources() == {"A": "CREATE_FAILED", "B": "CREATE_COMPLETE", "NeedsB": "CREATE_COMPLETE"}


def test_a_stack_that_failed_is_updated_only_with_disabled_rollback(stage: Stage) -> None:
    """Choose how to handle failures: to update a stack in a FAILED state, preserve provisioned resources again."""
    stage.fail("Topic")
    stage.create(TOPIC, DisableRollback=True)
    stage.heal()
    assert stage.refusal("update_stack", StackName=SHOP, UsePreviousTemplate=True) == (
        "ValidationError: This stack is currently in a non-terminal [CREATE_FAILED] state. To update the stack from "
        "this state, please use the disable-rollback parameter with update-stack API. To rollback to the last known "
        "good state, use the rollback-stack API"
    )
    stage.update(DisableRollback=True)
    assert stage.status() == "UPDATE_COMPLETE"
    assert stage.resources() == {"Topic": "CREATE_COMPLETE"}


def test_what_could_not_be_created_is_deleted_and_created_anew(stage: Stage) -> None:
    """Choose how to handle failures: resources without a last known stable state are deleted on the next operation."""
    body = """
    Resources:
      Wait: {Type: AWS::EC2::Instance, CreationPolicy: {ResourceSignal: {Timeout: PT5M}},
             Properties: {ImageId: ami-12c6146b, InstanceType: t3.micro}}
    """
    stage.create(body, DisableRollback=True)
    failed = stage.physical("Wait")
    stage.update(body.replace("CreationPolicy: {ResourceSignal: {Timeout: PT5M}},", ""), DisableRollback=True)
    assert stage.status() == "UPDATE_COMPLETE"
    assert stage.physical("Wait") != failed
    instances = stage.client("ec2").describe_instances(
        Filters=[{"Name": "instance-state-name", "Values": ["pending", "running"]}]
    )["Reservations"]
    assert [found["Instances"][0]["InstanceId"] for found in instances] == [stage.physical("Wait")]


def test_nothing_is_replaced_while_rollback_is_disabled(stage: Stage) -> None:
    """Choose how to handle failures: immutable update types are not supported."""
    stage.create(topics(Topic="old"))
    stage.news()
    stage.update(topics(Topic="new"), DisableRollback=True)
    assert of(stage.news(), "Topic")[-1] == (
        "UPDATE_FAILED Replacement type updates not supported on stack with disable-rollback."
    )
    assert topic_names(stage) == {"old"}


def test_a_failed_update_is_rolled_back_on_request(stage: Stage) -> None:
    """RollbackStack: back to the last known stable state."""
    stage.create(values(A="1", B="1"))
    before = stage.things()
    stage.fail("B", times=1)
    stage.update(values(A="2", B="2", C="2"), DisableRollback=True)
    stage.cfn.rollback_stack(StackName=SHOP)
    assert stage.status() == "UPDATE_ROLLBACK_COMPLETE"
    assert (value_of(stage, "A"), value_of(stage, "B")) == ("1", "1")
    assert stage.things() == before


def test_several_failed_updates_are_rolled_back_to_the_last_stable_state(stage: Stage) -> None:
    """RollbackStack: a last known stable state is any status in *_COMPLETE."""
    stage.create(values(A="1", B="1"))
    before = stage.things()
    template = stage.cfn.get_template(StackName=SHOP)["TemplateBody"]
    stage.fail("B")
    stage.update(values(A="2", B="2", C="2"), DisableRollback=True)
    stage.update(values(A="3", B="3", C="3", D="3"), DisableRollback=True)
    stage.heal()
    stage.cfn.rollback_stack(StackName=SHOP)
    assert stage.status() == "UPDATE_ROLLBACK_COMPLETE"
    assert set(stage.resources()) == {"A", "B"}
    assert (value_of(stage, "A"), value_of(stage, "B")) == ("1", "1")
    assert stage.things() == before
    assert stage.cfn.get_template(StackName=SHOP)["TemplateBody"] == template


def test_a_failed_creation_is_rolled_back_on_request(stage: Stage) -> None:
    """RollbackStack: without a last known stable state everything is deleted."""
    before = stage.things()
    stage.fail("B", times=1)
    stage.create(values(A="1", B="1"), DisableRollback=True)
    stage.cfn.rollback_stack(StackName=SHOP)
    assert stage.status() == "ROLLBACK_COMPLETE"
    assert stage.things() == before


def test_a_failed_update_that_is_mended_ends_well(stage: Stage) -> None:
    """Choose how to handle failures: retry."""
    stage.create(values(A="1", B="1"))
    stage.fail("B", times=1)
    stage.update(values(A="2", B="2"), DisableRollback=True)
    stage.update(DisableRollback=True)
    assert stage.status() == "UPDATE_COMPLETE"
    assert (value_of(stage, "A"), value_of(stage, "B")) == ("2", "2")
    assert "ValidationError" in stage.refusal("rollback_stack", StackName=SHOP)


# --- Refused updates. ---


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"StackName": "nobody", "TemplateBody": TOPIC}, "Stack [nobody] does not exist"),
        ({"StackName": SHOP}, "Either Template URL or Template Body must be specified."),
    ],
)
def test_updates_that_are_refused(stage: Stage, request_: dict[str, Any], said: str) -> None:
    """UpdateStack."""
    stage.create(TOPIC)
    assert stage.refusal("update_stack", **request_) == f"ValidationError: {said}"


def test_a_stack_policy_protects_resources(stage: Stage) -> None:
    """Prevent updates to stack resources."""
    policy = (
        '{"Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "LogicalResourceId/A"},'
        '{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}'
    )
    stage.create(values(A="1", B="1"), StackPolicyBody=policy)
    stage.news()
    stage.update(values(A="2", B="2"))
    assert of(stage.news(), "A")[1].startswith("UPDATE_FAILED Action denied by stack policy")
    assert stage.status() == "UPDATE_ROLLBACK_COMPLETE"
    stage.update(values(A="1", B="2"))
    assert stage.status() == "UPDATE_COMPLETE"
