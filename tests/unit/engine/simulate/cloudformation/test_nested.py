"""Nested stacks: a stack as a resource of another.

Each test names the page of the AWS CloudFormation user guide, or of its API reference, that it holds the simulation to.
"""

from __future__ import annotations

from typing import Any

import pytest

from .stage import SHOP, Stage, of

CHILD = """
Parameters: {Name: {Type: String, Default: inner}}
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref Name}}
Outputs:
  Address: {Value: !Ref Topic}
"""
PARENT = """
Parameters: {Url: {Type: String}, Name: {Type: String, Default: inner}}
Resources:
  Child:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: !Ref Url, Parameters: {Name: !Ref Name}}
  Note:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Value: !GetAtt Child.Outputs.Address}
Outputs:
  Address: {Value: !GetAtt Child.Outputs.Address}
"""
URLS = {
    "path": "https://s3.amazonaws.com/templates/child.yaml",
    "path with region": "https://s3.us-east-1.amazonaws.com/templates/child.yaml",
    "host": "https://templates.s3.amazonaws.com/child.yaml",
    "host with region": "https://templates.s3.us-east-1.amazonaws.com/child.yaml",
}
URL = URLS["host"]


def put(stage: Stage, body: str = CHILD, key: str = "child.yaml") -> None:
    """Put a template where the parent looks for it."""
    s3 = stage.client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key=key, Body=body.encode())


def create(stage: Stage, body: str = CHILD, **request: Any) -> str:
    """Create the parent with a child; return the child's id."""
    put(stage, body)
    stage.create(PARENT, Parameters={"Url": URL}, **request)
    return stage.physical("Child")


@pytest.mark.parametrize("style", URLS)
def test_a_nested_stack_is_found_by_any_address_in_s3(stage: Stage, style: str) -> None:
    """AWS::CloudFormation::Stack: TemplateURL; bucket addresses in path style and in virtual-hosted style."""
    put(stage)
    stage.create(PARENT, Parameters={"Url": URLS[style]})
    assert stage.status() == "CREATE_COMPLETE"
    assert stage.outputs() == {"Address": "arn:aws:sns:us-east-1:111111111111:inner"}


def test_a_nested_stack_knows_its_parent_and_its_root(stage: Stage) -> None:
    """DescribeStacks: ParentId, RootId."""
    child = stage.described(create(stage))
    parent = stage.described()["StackId"]
    assert (child["ParentId"], child["RootId"]) == (parent, parent)
    assert child["StackName"].startswith("shop-Child-")
    assert child["StackStatus"] == "CREATE_COMPLETE"


def test_the_parent_tells_of_its_child_as_of_any_resource(stage: Stage) -> None:
    """Working with nested stacks."""
    child = create(stage)
    assert of(stage.news(), "Child") == [
        "CREATE_IN_PROGRESS",
        "CREATE_IN_PROGRESS Resource creation Initiated",
        "CREATE_COMPLETE",
    ]
    name = stage.described(child)["StackName"]
    assert stage.news(child) == [
        f"{name} CREATE_IN_PROGRESS User Initiated",
        "Topic CREATE_IN_PROGRESS",
        "Topic CREATE_IN_PROGRESS Resource creation Initiated",
        "Topic CREATE_COMPLETE",
        f"{name} CREATE_COMPLETE",
    ]


def test_a_missing_template_fails_the_parent(stage: Stage) -> None:
    """AWS::CloudFormation::Stack: TemplateURL."""
    put(stage, key="other.yaml")
    stage.create(PARENT, Parameters={"Url": URL})
    assert of(stage.news(), "Child")[-2].startswith("CREATE_FAILED S3 error: ")
    assert stage.status() == "ROLLBACK_COMPLETE"


def test_a_child_that_fails_rolls_its_parent_back(stage: Stage) -> None:
    """Working with nested stacks: the reason names the child and what failed in it."""
    before = stage.things()
    put(stage)
    stage.fail("Topic")
    stage.create(PARENT, Parameters={"Url": URL})
    failed = next(line for line in of(stage.news(), "Child") if line.startswith("CREATE_FAILED"))
    child = failed.split()[3]
    assert failed == (
        f"CREATE_FAILED Embedded stack {child} was not successfully created: "
        "The following resource(s) failed to create: [Topic]."
    )
    assert stage.status(child) == "DELETE_COMPLETE"
    assert stage.status() == "ROLLBACK_COMPLETE"
    assert {thing for thing in stage.things() - before if "templates" not in thing.id} == set()


def test_a_child_that_failed_goes_with_its_parent(stage: Stage) -> None:
    """Working with nested stacks: deleting the root deletes all of them, the failed ones too."""
    put(stage)
    stage.fail("Topic")
    stack_id = stage.create(PARENT, Parameters={"Url": URL}, DisableRollback=True)
    child = stage.physical("Child")
    assert stage.status(child).startswith("CREATE_FAILED")
    stage.heal()
    stage.delete()
    assert stage.status(stack_id) == "DELETE_COMPLETE"
    assert stage.status(child) == "DELETE_COMPLETE"


def test_an_update_of_the_childs_parameters_updates_the_child(stage: Stage) -> None:
    """Working with nested stacks: parameters flow from parent to child, outputs back."""
    child = create(stage)
    stage.update(Parameters={"Url": None, "Name": "outer"})
    assert stage.status(child) == "UPDATE_COMPLETE"
    assert stage.physical("Child") == child
    assert stage.outputs() == {"Address": "arn:aws:sns:us-east-1:111111111111:outer"}


def test_a_changed_template_at_the_same_address_updates_the_child(stage: Stage) -> None:
    """Update behaviors: CloudFormation always starts an update of nested stacks."""
    child = create(stage)
    put(stage, CHILD + "  More: {Value: '1'}\n")
    stage.update(PARENT + "  More: {Value: !GetAtt Child.Outputs.More}\n", Parameters={"Url": None})
    assert stage.outputs()["More"] == "1"
    assert stage.status(child) == "UPDATE_COMPLETE"


def test_a_child_that_fails_to_update_rolls_all_back(stage: Stage) -> None:
    """Working with nested stacks: roll back."""
    child = create(stage)
    before = stage.things()
    stage.news()
    stage.fail("Topic", times=1)
    stage.update(Parameters={"Url": None, "Name": "outer"})
    failed = next(line for line in of(stage.news(), "Child") if line.startswith("UPDATE_FAILED"))
    assert failed == (
        f"UPDATE_FAILED Embedded stack {child} was not successfully updated: "
        "The following resource(s) failed to update: [Topic]."
    )
    assert stage.status() == "UPDATE_ROLLBACK_COMPLETE"
    assert stage.status(child) == "UPDATE_ROLLBACK_COMPLETE"
    assert stage.things() == before


def test_a_parent_that_fails_takes_its_child_back(stage: Stage) -> None:
    """Working with nested stacks: a failure beside a child that was updated."""
    child = create(stage)
    stage.fail("Note", times=1)
    stage.update(Parameters={"Url": None, "Name": "outer"})
    assert stage.status() == "UPDATE_ROLLBACK_COMPLETE"
    assert stage.status(child) == "UPDATE_ROLLBACK_COMPLETE"
    assert stage.outputs() == {"Address": "arn:aws:sns:us-east-1:111111111111:inner"}
    assert [found["TopicArn"][-5:] for found in stage.client("sns").list_topics()["Topics"]] == ["inner"]


VALUE_CHILD = """
Parameters: {Name: {Type: String, Default: inner}}
Resources:
  A: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref Name}}
Outputs:
  Address: {Value: !Ref A}
"""


def test_the_roll_back_of_a_child_goes_on_with_that_of_its_parent(stage: Stage) -> None:
    """Continue rolling back from failed nested stack updates."""
    child = create(stage, VALUE_CHILD)
    stage.fail("A")
    stage.update(Parameters={"Url": None, "Name": "outer"})
    assert stage.status(child).startswith("UPDATE_ROLLBACK_FAILED")
    assert stage.status().startswith("UPDATE_ROLLBACK_FAILED")
    stage.heal()
    stage.cfn.continue_update_rollback(StackName=SHOP)
    assert (stage.status(child), stage.status()) == ("UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")


def test_a_resource_of_a_child_can_be_skipped(stage: Stage) -> None:
    """ContinueUpdateRollback: to skip resources of nested stacks, NestedStackName.ResourceLogicalID."""
    child = create(stage, VALUE_CHILD)
    stage.fail("A")
    stage.update(Parameters={"Url": None, "Name": "outer"})
    stage.cfn.continue_update_rollback(StackName=SHOP, ResourcesToSkip=["Child.A"])
    assert (stage.status(child), stage.status()) == ("UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")


def test_a_child_is_deleted_with_its_parent(stage: Stage) -> None:
    """Working with nested stacks."""
    child = create(stage)
    stage.delete()
    assert stage.status(child) == "DELETE_COMPLETE"
    assert stage.client("sns").list_topics()["Topics"] == []


def test_a_child_that_cannot_be_deleted_keeps_its_parent(stage: Stage) -> None:
    """Stack status codes: DELETE_FAILED."""
    bucket = CHILD.replace("AWS::SNS::Topic, Properties: {TopicName", "AWS::S3::Bucket, Properties: {BucketName")
    child = create(stage, bucket)
    stage.client("s3").put_object(Bucket="inner", Key="thing", Body=b"")
    stage.delete()
    assert stage.status(child) == "DELETE_FAILED The following resource(s) failed to delete: [Topic]."
    assert stage.status() == "DELETE_FAILED The following resource(s) failed to delete: [Child]."


def test_the_protection_of_the_root_holds_for_its_children(stage: Stage) -> None:
    """Protect stacks from being deleted: nested stacks are protected with their root."""
    child = create(stage, EnableTerminationProtection=True)
    name = stage.described(child)["StackName"]
    assert stage.refusal("delete_stack", StackName=name) == (
        f"ValidationError: Stack [{name}] cannot be deleted while TerminationProtection is enabled"
    )
    assert "ValidationError" in stage.refusal(
        "update_termination_protection", StackName=name, EnableTerminationProtection=False
    )


def test_the_tags_of_the_root_reach_the_resources_of_its_children(stage: Stage) -> None:
    """Resource tags: stack-level tags propagate to nested stacks and their resources."""
    child = create(stage, Tags={"Team": "shop"})
    assert stage.described(child)["Tags"] == [{"Key": "Team", "Value": "shop"}]
    found = stage.client("sns").list_tags_for_resource(ResourceArn=stage.outputs()["Address"])["Tags"]
    assert {"Key": "Team", "Value": "shop"} in found


def test_a_nested_stack_has_its_time(stage: Stage) -> None:
    """AWS::CloudFormation::Stack: TimeoutInMinutes."""
    put(
        stage,
        """
    Resources:
      Wait: {Type: AWS::EC2::Instance, CreationPolicy: {ResourceSignal: {Timeout: PT30M}},
             Properties: {ImageId: ami-12c6146b, InstanceType: t3.micro}}
    Outputs: {Address: {Value: x}}
    """,
    )
    stage.create("""
    Resources:
      Child:
        Type: AWS::CloudFormation::Stack
        Properties: {TemplateURL: https://templates.s3.amazonaws.com/child.yaml, TimeoutInMinutes: 10}
    """)
    failed = next(line for line in of(stage.news(), "Child") if line.startswith("CREATE_FAILED"))
    assert failed.endswith("Stack creation time exceeded the specified timeout")


def test_an_output_that_a_child_lacks_fails_the_parent(stage: Stage) -> None:
    """Fn::GetAtt: outputs of nested stacks."""
    put(stage)
    stage.create(PARENT.replace("Outputs.Address", "Outputs.Nothing"), Parameters={"Url": URL})
    assert stage.status() == "ROLLBACK_COMPLETE"


def test_stacks_nest_deeper(stage: Stage) -> None:
    """Working with nested stacks: nested stacks can themselves contain nested stacks."""
    put(stage)
    put(stage, PARENT, "parent.yaml")
    stage.create(
        """
        Resources:
          Middle:
            Type: AWS::CloudFormation::Stack
            Properties:
              TemplateURL: https://templates.s3.amazonaws.com/parent.yaml
              Parameters: {Url: 'https://templates.s3.amazonaws.com/child.yaml'}
        Outputs: {Address: {Value: !GetAtt Middle.Outputs.Address}}
        """
    )
    assert stage.outputs() == {"Address": "arn:aws:sns:us-east-1:111111111111:inner"}
    inner = stage.physical("Child", stage.physical("Middle"))
    assert stage.described(inner)["RootId"] == stage.described()["StackId"]
    stage.delete(SHOP)
    assert stage.status(inner) == "DELETE_COMPLETE"
