"""Waiting for signals: from start scripts, from outside, at wait conditions, during rolling updates.

Each test names the page of the AWS CloudFormation user guide, or of its API reference, that it holds the simulation to.
"""

from __future__ import annotations

from typing import Any

import pytest

from .stage import SHOP, Stage, of

INSTANCE = """
Resources:
  Web:
    Type: AWS::EC2::Instance
    CreationPolicy: {ResourceSignal: {Count: %d, Timeout: PT10M}}
    Properties:
      ImageId: ami-12c6146b
      InstanceType: t3.micro
      UserData:
        Fn::Base64: !Sub |
          #!/bin/bash
          %s
"""
SIGNAL = "/opt/aws/bin/cfn-signal --success true --stack ${AWS::StackName} --resource Web --region ${AWS::Region}"
SILENT = INSTANCE % (1, "echo hello")


def minutes(stage: Stage, logical_id: str, stack: str = SHOP) -> int:
    """Return how many minutes the creation of a resource lasted."""
    times = [event["Timestamp"] for event in stage.events(stack) if event["LogicalResourceId"] == logical_id]
    made = [event for event in stage.events(stack) if event["LogicalResourceId"] == logical_id]
    end = next(event for event in made if event["ResourceStatus"] in ("CREATE_COMPLETE", "CREATE_FAILED"))
    return int((end["Timestamp"] - times[0]).total_seconds() // 60)


def test_a_start_script_that_signals_completes_its_instance(stage: Stage) -> None:
    """CreationPolicy attribute: cfn-signal."""
    stage.create(INSTANCE % (1, SIGNAL))
    web = stage.physical("Web")
    assert of(stage.news(), "Web") == [
        "CREATE_IN_PROGRESS",
        "CREATE_IN_PROGRESS Resource creation Initiated",
        f"CREATE_IN_PROGRESS Received SUCCESS signal with UniqueId {web}",
        "CREATE_COMPLETE",
    ]
    assert stage.status() == "CREATE_COMPLETE"


def test_an_instance_that_never_signals_fails_when_time_is_over(stage: Stage) -> None:
    """CreationPolicy attribute: if the timeout expires, creation fails and the stack is rolled back."""
    stage.create(SILENT)
    assert stage.status() == "ROLLBACK_COMPLETE"
    assert of(stage.news(), "Web")[2].startswith("CREATE_FAILED Failed to receive 1 resource signal(s)")
    assert minutes(stage, "Web") == 10


def test_a_script_that_signals_failure_fails_its_instance(stage: Stage) -> None:
    """cfn-signal: --success false."""
    stage.create(INSTANCE % (1, SIGNAL.replace("--success true", "--success false")))
    assert stage.status() == "ROLLBACK_COMPLETE"


@pytest.mark.parametrize(
    "wrong", [("--resource Web", "--resource Other"), ("${AWS::StackName}", "other"), ("${AWS::Region}", "eu-west-1")]
)
def test_a_signal_to_somebody_else_is_none(stage: Stage, wrong: tuple[str, str]) -> None:
    """cfn-signal: --stack, --resource, --region."""
    stage.create(INSTANCE % (1, SIGNAL.replace(*wrong)))
    assert stage.status() == "ROLLBACK_COMPLETE"


def test_a_stack_waits_for_signals_from_outside(stage: Stage) -> None:
    """SignalResource: sends a signal to the specified resource with a success or failure status."""
    stage.create(SILENT)
    stage.cfn.signal_resource(StackName=SHOP, LogicalResourceId="Web", UniqueId="operator", Status="SUCCESS")
    assert stage.status() == "CREATE_COMPLETE"
    assert "CREATE_IN_PROGRESS Received SUCCESS signal with UniqueId operator" in of(stage.news(), "Web")


def test_all_signals_from_outside_are_waited_for(stage: Stage) -> None:
    """CreationPolicy attribute: Count; SignalResource ignores a unique id that it has already had."""
    stage.create(INSTANCE % (2, "echo hello"))
    for sender in ("one", "one", "two"):
        stage.cfn.signal_resource(StackName=SHOP, LogicalResourceId="Web", UniqueId=sender, Status="SUCCESS")
    assert stage.status() == "CREATE_COMPLETE"


def test_one_signal_of_two_is_not_enough(stage: Stage) -> None:
    """CreationPolicy attribute: Count."""
    stage.create(INSTANCE % (2, "echo hello"))
    stage.cfn.signal_resource(StackName=SHOP, LogicalResourceId="Web", UniqueId="one", Status="SUCCESS")
    assert stage.status() == "ROLLBACK_COMPLETE"


def test_a_failure_from_outside_fails_the_resource_at_once(stage: Stage) -> None:
    """SignalResource: a resource fails as soon as it has a FAILURE signal."""
    stage.create(SILENT)
    stage.cfn.signal_resource(StackName=SHOP, LogicalResourceId="Web", UniqueId="one", Status="FAILURE")
    assert stage.status() == "ROLLBACK_COMPLETE"


@pytest.mark.parametrize("logical_id", ["Topic", "Nobody"])
def test_what_does_not_wait_cannot_be_signalled(stage: Stage, logical_id: str) -> None:
    """SignalResource."""
    stage.create("Resources: {Topic: {Type: AWS::SNS::Topic}}")
    request: dict[str, Any] = {"StackName": SHOP, "LogicalResourceId": logical_id, "UniqueId": "1", "Status": "SUCCESS"}
    assert "ValidationError" in stage.refusal("signal_resource", **request)


CONDITION = """
Resources:
  Handle: {Type: AWS::CloudFormation::WaitConditionHandle}
  Web:
    Type: AWS::EC2::Instance
    Properties:
      ImageId: ami-12c6146b
      InstanceType: t3.micro
      UserData:
        Fn::Base64: !Sub |
          #!/bin/bash
          %s
  Ready:
    Type: AWS::CloudFormation::WaitCondition
    DependsOn: Web
    Properties: {Handle: !Ref Handle, Timeout: '600', Count: 1}
Outputs: {Data: {Value: !GetAtt Ready.Data}}
"""


def test_a_wait_condition_is_met_through_its_handle(stage: Stage) -> None:
    """Wait condition: signals are sent to the presigned URL that Ref of the handle gives."""
    stage.create(CONDITION % "/opt/aws/bin/cfn-signal -s true -i web -d ready '${Handle}'")
    assert stage.status() == "CREATE_COMPLETE"
    assert stage.outputs() == {"Data": '{"web":"ready"}'}


def test_a_wait_condition_that_hears_nothing_fails(stage: Stage) -> None:
    """Wait condition: the stack fails when the timeout is over."""
    stage.create(CONDITION % "echo hello")
    assert stage.status() == "ROLLBACK_COMPLETE"
    assert minutes(stage, "Ready") == 10


def test_a_handle_is_a_presigned_address(stage: Stage) -> None:
    """AWS::CloudFormation::WaitConditionHandle: Ref returns a presigned URL."""
    stage.create("Resources: {Handle: {Type: AWS::CloudFormation::WaitConditionHandle}}")
    url = stage.physical("Handle")
    assert url.startswith("https://cloudformation-waitcondition-us-east-1.s3.amazonaws.com/arn%3Aaws%3Acloudformation")
    assert "Signature=" in url


GROUP = """
Parameters: {Size: {Type: String, Default: t3.micro}}
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}}
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        ImageId: ami-12c6146b
        InstanceType: !Ref Size
        UserData:
          Fn::Base64: !Sub |
            #!/bin/bash
            %s
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    CreationPolicy: {ResourceSignal: {Count: 2, Timeout: PT15M}}
    UpdatePolicy:
      AutoScalingRollingUpdate:
        {MinInstancesInService: 1, MaxBatchSize: 1, WaitOnResourceSignals: true, PauseTime: PT15M}
    Properties:
      MinSize: '2'
      MaxSize: '3'
      VPCZoneIdentifier: [!Ref Subnet]
      LaunchTemplate: {LaunchTemplateId: !Ref Template, Version: !GetAtt Template.LatestVersionNumber}
"""
GROUP_SIGNAL = SIGNAL.replace("--resource Web", "--resource Group")


def test_a_group_has_a_signal_of_each_instance(stage: Stage) -> None:
    """CreationPolicy attribute: Count for Auto Scaling groups."""
    stage.create(GROUP % GROUP_SIGNAL)
    told = of(stage.news(), "Group")
    assert len([line for line in told if "Received SUCCESS signal with UniqueId i-" in line]) == 2
    assert stage.status() == "CREATE_COMPLETE"


def instances(stage: Stage) -> set[str]:
    """Return the ids of the group's instances."""
    (group,) = stage.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    return {instance["InstanceId"] for instance in group["Instances"]}


def test_a_rolling_update_replaces_instances_that_then_signal(stage: Stage) -> None:
    """UpdatePolicy attribute: WaitOnResourceSignals waits for each new instance."""
    stage.create(GROUP % GROUP_SIGNAL)
    before = instances(stage)
    stage.news()
    stage.update(Parameters={"Size": "t3.small"})
    told = of(stage.news(), "Group")
    assert stage.status() == "UPDATE_COMPLETE"
    assert instances(stage).isdisjoint(before)
    assert len([line for line in told if "Received SUCCESS signal with UniqueId i-" in line]) == 2


def test_a_rolling_update_whose_instances_are_silent_is_rolled_back(stage: Stage) -> None:
    """UpdatePolicy attribute: without the signals within PauseTime the update fails."""
    stage.create(GROUP % GROUP_SIGNAL)
    stage.update(GROUP % "echo hello")
    assert stage.status() == "UPDATE_ROLLBACK_COMPLETE"
    assert any("UPDATE_FAILED" in line for line in of(stage.news(), "Group"))
