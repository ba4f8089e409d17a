"""Stacks are created and deleted: what is told on the way, what is left when something fails.

Each test names the page of the AWS CloudFormation user guide, or of its API reference, that it holds the simulation to.
"""

from __future__ import annotations

from typing import Any

import pytest

from .stage import SHOP, TOPIC, Stage, of

THREE = """
Resources:
  First: {Type: AWS::SNS::Topic}
  Second:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Value: !Ref First}
  Third:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Value: !Ref Second}
"""


def test_a_stack_is_created_with_events_for_each_resource(stage: Stage) -> None:
    """Stack creation events: a resource is in progress twice, the second time with its physical id."""
    stage.create(TOPIC)
    assert stage.news() == [
        "shop CREATE_IN_PROGRESS User Initiated",
        "Topic CREATE_IN_PROGRESS",
        "Topic CREATE_IN_PROGRESS Resource creation Initiated",
        "Topic CREATE_COMPLETE",
        "shop CREATE_COMPLETE",
    ]


def test_a_resource_gets_its_physical_id_when_its_creation_begins(stage: Stage) -> None:
    """Stack creation events."""
    stage.create(TOPIC)
    found = [event["PhysicalResourceId"] for event in stage.events() if event["LogicalResourceId"] == "Topic"]
    assert found == ["", stage.physical("Topic"), stage.physical("Topic")]


def test_physical_ids_are_made_of_stack_logical_id_and_a_random_suffix(stage: Stage) -> None:
    """Name type: CloudFormation generates a unique physical ID."""
    stage.create("Resources: {Table: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: '1'}}}")
    assert stage.physical("Table").startswith("CFN-Table-")
    stage.create(TOPIC, "other")
    prefix, _, suffix = stage.physical("Topic", "other").rpartition("-")
    assert prefix == "arn:aws:sns:us-east-1:111111111111:other-Topic"
    assert len(suffix) == 12


def test_a_failed_creation_is_rolled_back(stage: Stage) -> None:
    """Choose how to handle failures when provisioning resources: ROLLBACK is the default of CreateStack."""
    stage.fail("Third")
    stage.create(THREE)
    assert stage.news() == [
        "shop CREATE_IN_PROGRESS User Initiated",
        "First CREATE_IN_PROGRESS",
        "First CREATE_IN_PROGRESS Resource creation Initiated",
        "First CREATE_COMPLETE",
        "Second CREATE_IN_PROGRESS",
        "Second CREATE_IN_PROGRESS Resource creation Initiated",
        "Second CREATE_COMPLETE",
        "Third CREATE_IN_PROGRESS",
        "Third CREATE_FAILED Third is at fault",
        "shop ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [Third]. Rollback requested by user.",
        "Third DELETE_COMPLETE",
        "Second DELETE_IN_PROGRESS",
        "Second DELETE_COMPLETE",
        "First DELETE_IN_PROGRESS",
        "First DELETE_COMPLETE",
        "shop ROLLBACK_COMPLETE",
    ]


def test_a_rolled_back_creation_leaves_nothing(stage: Stage) -> None:
    """Stack status codes: ROLLBACK_COMPLETE."""
    before = stage.things()
    stage.fail("Third")
    stage.create(THREE)
    assert stage.things() == before
    assert set(stage.resources().values()) == {"DELETE_COMPLETE"}


def test_a_rolled_back_stack_can_only_be_deleted(stage: Stage) -> None:
    """Stack status codes: with ROLLBACK_COMPLETE only a delete operation can be performed."""
    stage.fail("Third")
    stack_id = stage.create(THREE)
    stage.heal()
    assert stage.refusal("update_stack", StackName=SHOP, TemplateBody=TOPIC) == (
        f"ValidationError: Stack:{stack_id} is in ROLLBACK_COMPLETE state and can not be updated."
    )
    assert stage.refuses(TOPIC) == "AlreadyExistsException: Stack [shop] already exists"
    stage.delete()
    stage.create(TOPIC)
    assert stage.status() == "CREATE_COMPLETE"


@pytest.mark.parametrize("request_", [{"OnFailure": "DO_NOTHING"}, {"DisableRollback": True}])
def test_with_do_nothing_what_was_created_stays(stage: Stage, request_: dict[str, Any]) -> None:
    """CreateStack: OnFailure DO_NOTHING, DisableRollback."""
    stage.fail("Third")
    stage.create(THREE, **request_)
    assert stage.status() == "CREATE_FAILED The following resource(s) failed to create: [Third]."
    assert stage.resources() == {"First": "CREATE_COMPLETE", "Second": "CREATE_COMPLETE", "Third": "CREATE_FAILED"}


def test_with_on_failure_delete_the_stack_goes(stage: Stage) -> None:
    """CreateStack: OnFailure DELETE."""
    stage.fail("Third")
    stack_id = stage.create(THREE, OnFailure="DELETE")
    assert stage.status(stack_id) == "DELETE_COMPLETE"
    assert of(stage.news(stack_id), SHOP)[1:] == [
        "DELETE_IN_PROGRESS The following resource(s) failed to create: [Third]. Delete requested by user.",
        "DELETE_COMPLETE",
    ]


def test_on_failure_and_disable_rollback_exclude_each_other(stage: Stage) -> None:
    """CreateStack: either of the two."""
    said = stage.refuses(TOPIC, OnFailure="DELETE", DisableRollback=True)
    assert said == "Either DisableRollback or OnFailure can be specified, not both."


def test_a_rollback_that_cannot_delete_ends_in_rollback_failed(stage: Stage) -> None:
    """Stack status codes: ROLLBACK_FAILED."""
    body = """
    Resources:
      Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: full}}
      Last: {Type: AWS::SNS::Topic, DependsOn: Bucket}
    """

    def fault(_stack: str, logical_id: str) -> None:
        if logical_id == "Last":
            stage.client("s3").put_object(Bucket="full", Key="thing", Body=b"")
            raise RuntimeError("too late")

    stage.account.options.fault = fault
    stage.create(body)
    assert stage.status() == "ROLLBACK_FAILED The following resource(s) failed to delete: [Bucket]."
    assert stage.resources()["Bucket"] == "DELETE_FAILED"
    stage.delete(RetainResources=["Bucket"])
    assert stage.refusal("describe_stacks", StackName=SHOP) == ("ValidationError: Stack with id shop does not exist")


# --- Deleting. ---


def test_a_stack_is_deleted_in_reverse_order(stage: Stage) -> None:
    """DependsOn attribute: on delete, dependents go first."""
    stack_id = stage.create(THREE)
    stage.news(stack_id)
    stage.delete()
    assert stage.news(stack_id) == [
        "shop DELETE_IN_PROGRESS User Initiated",
        "Third DELETE_IN_PROGRESS",
        "Third DELETE_COMPLETE",
        "Second DELETE_IN_PROGRESS",
        "Second DELETE_COMPLETE",
        "First DELETE_IN_PROGRESS",
        "First DELETE_COMPLETE",
        "shop DELETE_COMPLETE",
    ]


def test_a_deleted_stack_is_found_by_its_id_only(stage: Stage) -> None:
    """DescribeStacks: deleted stacks are described when their unique id is given."""
    stack_id = stage.create(TOPIC)
    stage.delete()
    assert stage.status(stack_id) == "DELETE_COMPLETE"
    assert stage.refusal("describe_stacks", StackName=SHOP) == "ValidationError: Stack with id shop does not exist"
    listed = stage.cfn.list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
    assert [found["StackId"] for found in listed] == [stack_id]


def test_deleting_what_is_not_there_is_no_error(stage: Stage) -> None:
    """DeleteStack."""
    stage.delete("nothing")


def test_a_deleted_name_can_be_used_again(stage: Stage) -> None:
    """DescribeStacks: the name means the stack that is running."""
    old = stage.create(TOPIC)
    stage.delete()
    new = stage.create(TOPIC)
    assert new != old
    assert stage.described()["StackId"] == new


def test_termination_protection_keeps_a_stack(stage: Stage) -> None:
    """Protect CloudFormation stacks from being deleted."""
    stage.create(TOPIC, EnableTerminationProtection=True)
    assert stage.refusal("delete_stack", StackName=SHOP) == (
        "ValidationError: Stack [shop] cannot be deleted while TerminationProtection is enabled"
    )
    assert stage.status() == "CREATE_COMPLETE"
    stage.cfn.update_termination_protection(StackName=SHOP, EnableTerminationProtection=False)
    stage.delete()
    assert stage.cfn.describe_stacks()["Stacks"] == []


FULL_BUCKET = """
Resources:
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: full}}
  Topic: {Type: AWS::SNS::Topic}
"""


def test_a_bucket_that_is_not_empty_blocks_its_deletion(stage: Stage) -> None:
    """AWS::S3::Bucket: you can only delete empty buckets; deletion fails for buckets that have contents."""
    stage.create(FULL_BUCKET)
    stage.client("s3").put_object(Bucket="full", Key="thing", Body=b"")
    stage.delete()
    assert stage.status() == "DELETE_FAILED The following resource(s) failed to delete: [Bucket]."
    assert stage.resources() == {"Bucket": "DELETE_FAILED", "Topic": "DELETE_COMPLETE"}


def test_a_deletion_that_failed_can_be_repeated(stage: Stage) -> None:
    """Stack status codes: DELETE_FAILED."""
    stack_id = stage.create(FULL_BUCKET)
    s3 = stage.client("s3")
    s3.put_object(Bucket="full", Key="thing", Body=b"")
    stage.delete()
    s3.delete_object(Bucket="full", Key="thing")
    stage.delete()
    assert stage.status(stack_id) == "DELETE_COMPLETE"
    assert s3.list_buckets()["Buckets"] == []


def test_resources_that_cannot_be_deleted_can_be_retained(stage: Stage) -> None:
    """DeleteStack: RetainResources, for stacks in the DELETE_FAILED state."""
    stack_id = stage.create(FULL_BUCKET)
    stage.client("s3").put_object(Bucket="full", Key="thing", Body=b"")
    assert stage.refusal("delete_stack", StackName=SHOP, RetainResources=["Bucket"]) == (
        f"ValidationError: Invalid operation on stack [{stack_id}]. When you delete a stack, specify which resources "
        "to retain only when the stack is in the DELETE_FAILED state."
    )
    stage.delete()
    stage.news(stack_id)
    stage.delete(RetainResources=["Bucket"])
    assert stage.news(stack_id) == [
        "shop DELETE_IN_PROGRESS User Initiated",
        "Bucket DELETE_SKIPPED",
        "shop DELETE_COMPLETE",
    ]
    assert [found["Name"] for found in stage.client("s3").list_buckets()["Buckets"]] == ["full"]


def test_a_deletion_can_be_forced(stage: Stage) -> None:
    """DeleteStack: FORCE_DELETE_STACK deletes the stack and skips what fails."""
    stack_id = stage.create(FULL_BUCKET)
    stage.client("s3").put_object(Bucket="full", Key="thing", Body=b"")
    stage.delete()
    stage.delete(DeletionMode="FORCE_DELETE_STACK")
    assert stage.status(stack_id) == "DELETE_COMPLETE"
    assert [found["Name"] for found in stage.client("s3").list_buckets()["Buckets"]] == ["full"]


def test_a_deletion_is_forced_only_after_one_failed(stage: Stage) -> None:
    """DeleteStack: FORCE_DELETE_STACK is for stacks in the DELETE_FAILED state."""
    stage.create(TOPIC)
    stage.refusal("delete_stack", StackName=SHOP, DeletionMode="FORCE_DELETE_STACK")
    assert stage.status() == "CREATE_COMPLETE"


PROTECTED = """
Resources:
  Database:
    Type: AWS::RDS::DBInstance
    DeletionPolicy: Delete
    Properties:
      Engine: postgres
      DBInstanceClass: db.t3.micro
      AllocatedStorage: '20'
      MasterUsername: master
      MasterUserPassword: correct-horse
      DeletionProtection: true
"""


def test_a_protected_database_blocks_its_deletion(stage: Stage) -> None:
    """AWS::RDS::DBInstance: DeletionProtection prevents the instance from being deleted."""
    stage.create(PROTECTED)
    stage.delete()
    assert stage.status() == "DELETE_FAILED The following resource(s) failed to delete: [Database]."


def test_what_another_resource_needed_is_left_where_that_could_not_be_deleted(stage: Stage) -> None:
    """DependsOn attribute: a resource goes after those that depend on it."""
    stage.create("""
    Resources:
      Key: {Type: AWS::SNS::Topic}
      Bucket: {Type: AWS::S3::Bucket, DependsOn: Key, Properties: {BucketName: full}}
    """)
    stage.client("s3").put_object(Bucket="full", Key="thing", Body=b"")
    stage.delete()
    assert stage.resources() == {"Bucket": "DELETE_FAILED", "Key": "CREATE_COMPLETE"}


# --- What outlives its stack. ---


@pytest.mark.parametrize(
    ("policy", "status"),
    [("Delete", "DELETE_COMPLETE"), ("Retain", "DELETE_SKIPPED"), ("RetainExceptOnCreate", "DELETE_SKIPPED")],
)
def test_deletion_policy_on_deletion(stage: Stage, policy: str, status: str) -> None:
    """DeletionPolicy attribute."""
    stack_id = stage.create(f"Resources: {{Topic: {{Type: AWS::SNS::Topic, DeletionPolicy: {policy}}}}}")
    stage.delete()
    assert stage.resources(stack_id) == {"Topic": status}
    assert len(stage.client("sns").list_topics()["Topics"]) == (status == "DELETE_SKIPPED")


@pytest.mark.parametrize(
    ("policy", "status"),
    [("Delete", "DELETE_COMPLETE"), ("Retain", "DELETE_SKIPPED"), ("RetainExceptOnCreate", "DELETE_COMPLETE")],
)
def test_deletion_policy_on_a_rolled_back_creation(stage: Stage, policy: str, status: str) -> None:
    """DeletionPolicy attribute: RetainExceptOnCreate deletes what a rolled back operation created."""
    stage.fail("Second")
    stage.create(f"""
    Resources:
      First: {{Type: AWS::SNS::Topic, DeletionPolicy: {policy}}}
      Second: {{Type: AWS::SNS::Topic, DependsOn: First}}
    """)
    assert stage.resources()["First"] == status


def test_retain_except_on_create_can_be_asked_for_the_whole_operation(stage: Stage) -> None:
    """CreateStack: RetainExceptOnCreate deletes newly created resources marked with a deletion policy of Retain."""
    stage.fail("Second")
    stage.create(
        """
        Resources:
          First: {Type: AWS::SNS::Topic, DeletionPolicy: Retain}
          Second: {Type: AWS::SNS::Topic, DependsOn: First}
        """,
        RetainExceptOnCreate=True,
    )
    assert stage.resources()["First"] == "DELETE_COMPLETE"


@pytest.mark.parametrize("policy", ["DeletionPolicy: Snapshot", ""])
def test_a_snapshot_is_taken_of_a_database(stage: Stage, policy: str) -> None:
    """DeletionPolicy attribute: Snapshot, which is the default of databases that belong to no cluster."""
    body = PROTECTED.replace("DeletionPolicy: Delete", policy).replace("true", "false")
    stack_id = stage.create(body)
    database = stage.physical("Database")
    stage.delete()
    assert stage.status(stack_id) == "DELETE_COMPLETE"
    rds = stage.client("rds")
    assert rds.describe_db_instances()["DBInstances"] == []
    (snapshot,) = rds.describe_db_snapshots()["DBSnapshots"]
    assert snapshot["DBInstanceIdentifier"] == database


def test_snapshot_is_refused_where_a_type_has_none(stage: Stage) -> None:
    """DeletionPolicy attribute: resources that support snapshots."""
    said = stage.refuses("Resources: {Topic: {Type: AWS::SNS::Topic, DeletionPolicy: Snapshot}}")
    assert said == "Template error: resource type AWS::SNS::Topic does not support deletion policy Snapshot"


# --- Time, triggers, tags. ---


def test_creation_that_takes_too_long_fails(stage: Stage) -> None:
    """CreateStack: TimeoutInMinutes, after which the stack is CREATE_FAILED or rolled back."""
    body = """
    Resources:
      Instance:
        Type: AWS::EC2::Instance
        CreationPolicy: {ResourceSignal: {Timeout: PT10M}}
        Properties: {ImageId: ami-12c6146b, InstanceType: t3.micro, UserData: ''}
      Topic: {Type: AWS::SNS::Topic}
    """
    stage.create(body, TimeoutInMinutes=5)
    assert stage.status() == "ROLLBACK_COMPLETE"
    assert "ROLLBACK_IN_PROGRESS Stack creation time exceeded the specified timeout. Rollback requested by user." in of(
        stage.news(), SHOP
    )


def test_the_tags_of_a_stack_reach_its_resources(stage: Stage) -> None:
    """Resource tags: stack-level tags are propagated, a resource's own tag stays."""
    stage.create(
        """
        Resources:
          Topic:
            Type: AWS::SNS::Topic
            Properties: {Tags: [{Key: Team, Value: own}]}
        """,
        Tags={"Team": "shop", "Cost": "7"},
    )
    found = stage.client("sns").list_tags_for_resource(ResourceArn=stage.physical("Topic"))["Tags"]
    own = {tag["Key"]: tag["Value"] for tag in found if not tag["Key"].startswith("aws:")}
    assert own == {"Team": "own", "Cost": "7"}


def test_an_update_of_the_stacks_tags_reaches_its_resources(stage: Stage) -> None:
    """Resource tags: an update of a stack's tags updates the resources."""
    stage.create(TOPIC, Tags={"Team": "shop"})
    stage.update(Tags={"Team": "till"})
    found = stage.client("sns").list_tags_for_resource(ResourceArn=stage.physical("Topic"))["Tags"]
    assert {"Key": "Team", "Value": "till"} in found
    assert stage.described()["Tags"] == [{"Key": "Team", "Value": "till"}]


def alarm(stage: Stage, state: str) -> dict[str, object]:
    """Make an alarm, and return a configuration that watches it."""
    cloudwatch = stage.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="errors",
        MetricName="Errors",
        Namespace="Shop",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue=state, StateReason="a test")
    arn = "arn:aws:cloudwatch:us-east-1:111111111111:alarm:errors"
    return {
        "RollbackTriggers": [{"Arn": arn, "Type": "AWS::CloudWatch::Alarm"}],
        "MonitoringTimeInMinutes": 5,
    }


def test_an_alarm_rolls_a_creation_back(stage: Stage) -> None:
    """Roll back your CloudFormation stack on alarm breach."""
    stage.create(TOPIC, RollbackConfiguration=alarm(stage, "ALARM"))
    assert stage.status() == "ROLLBACK_COMPLETE"


def test_an_alarm_that_is_quiet_rolls_nothing_back(stage: Stage) -> None:
    """Roll back your CloudFormation stack on alarm breach."""
    configuration = alarm(stage, "OK")
    stage.create(TOPIC, RollbackConfiguration=configuration)
    assert stage.status() == "CREATE_COMPLETE"
    assert stage.described()["RollbackConfiguration"] == configuration


def test_a_trigger_that_does_not_exist_fails_the_operation(stage: Stage) -> None:
    """RollbackTrigger: if a given alarm isn't available, the whole stack operation fails and rolls back."""
    arn = "arn:aws:cloudwatch:us-east-1:111111111111:alarm:nobody"
    stage.create(TOPIC, RollbackConfiguration={"RollbackTriggers": [{"Arn": arn, "Type": "AWS::CloudWatch::Alarm"}]})
    assert stage.status() == "ROLLBACK_COMPLETE"


# --- Lists. ---


def test_events_come_in_pages(stage: Stage) -> None:
    """DescribeStackEvents: NextToken."""
    stage.create({"Resources": {f"Topic{n}": {"Type": "AWS::SNS::Topic"} for n in range(40)}})
    first = stage.cfn.describe_stack_events(StackName=SHOP)
    assert len(first["StackEvents"]) == 100
    second = stage.cfn.describe_stack_events(StackName=SHOP, NextToken=first["NextToken"])
    assert len(second["StackEvents"]) == 2 + 3 * 40 - 100
    assert "NextToken" not in second


def test_lists_of_resources_come_in_pages(stage: Stage) -> None:
    """ListStackResources: NextToken."""
    stage.create({"Resources": {f"Topic{n}": {"Type": "AWS::SNS::Topic"} for n in range(120)}})
    pages = stage.cfn.get_paginator("list_stack_resources").paginate(StackName=SHOP)
    assert [len(page["StackResourceSummaries"]) for page in pages] == [100, 20]


def test_stacks_are_listed_by_status(stage: Stage) -> None:
    """ListStacks: StackStatusFilter."""
    stage.create(TOPIC, "one")
    stage.create(TOPIC, "two")
    stage.delete("one")
    found = stage.cfn.list_stacks(StackStatusFilter=["CREATE_COMPLETE"])["StackSummaries"]
    assert [one["StackName"] for one in found] == ["two"]
    assert {one["StackName"] for one in stage.cfn.list_stacks()["StackSummaries"]} == {"one", "two"}
