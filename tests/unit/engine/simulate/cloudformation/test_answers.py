"""What CloudFormation tells when it is asked about stacks, and the requests for which it has no answer."""

from __future__ import annotations

import json

from .stage import SHOP, TOPIC, Stage

_ALLOWED = {"Statement": [{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}
_RENAMED = TOPIC.replace("AWS::SNS::Topic}", "AWS::SNS::Topic, Properties: {DisplayName: Orders}}")


def test_the_parameters_of_a_stack_are_told_in_the_order_of_a_hash_map(stage: Stage) -> None:
    """As recorded of a template that declares them the other way round."""
    stage.create("Parameters: {Toggle: {Type: String}, ParameterValue: {Type: String}}\n" + TOPIC, Parameters=_GIVEN)
    assert [one["ParameterKey"] for one in stage.described()["Parameters"]] == ["ParameterValue", "Toggle"]


_GIVEN = {"Toggle": "yes", "ParameterValue": "one"}


def test_a_stack_tells_its_last_operation(stage: Stage) -> None:
    """API reference: Stack, LastOperations."""
    own = stage.create(TOPIC)
    found = [stage.described()["LastOperations"]]
    stage.update(_RENAMED)
    found.append(stage.described()["LastOperations"])
    stage.delete()
    found.append(stage.described(own)["LastOperations"])
    assert [[one["OperationType"] for one in told] for told in found] == [
        ["CREATE_STACK"],
        ["UPDATE_STACK"],
        ["DELETE_STACK"],
    ]
    assert len({told[0]["OperationId"] for told in found}) == 3


def test_the_template_of_a_change_set_is_asked_for_with_its_stack(stage: Stage) -> None:
    assert stage.refusal("get_template", ChangeSetName="next") == "ValidationError: StackName is a required parameter."


def test_the_policy_of_an_update_is_told_until_something_else_is_asked(stage: Stage) -> None:
    """Prevent updates to stack resources: a policy for an update holds during that update only."""
    stage.create(TOPIC)
    stage.update(_RENAMED, StackPolicyDuringUpdateBody=json.dumps(_ALLOWED))
    assert json.loads(stage.cfn.get_stack_policy(StackName=SHOP)["StackPolicyBody"]) == _ALLOWED
    assert stage.status() == "UPDATE_COMPLETE"
    assert "StackPolicyBody" not in stage.cfn.get_stack_policy(StackName=SHOP)


def test_a_change_of_the_rollback_configuration_alone_is_an_update(stage: Stage) -> None:
    """As recorded: the request is carried out although template and parameters are the same."""
    stage.create(TOPIC)
    stage.update(RollbackConfiguration={"MonitoringTimeInMinutes": 5})
    assert stage.described()["RollbackConfiguration"] == {"MonitoringTimeInMinutes": 5}
    assert stage.status() == "UPDATE_COMPLETE"


def test_resources_are_tagged_with_the_stack_that_they_are_of(stage: Stage) -> None:
    """Resource tags: CloudFormation adds three of its own, which no template may declare."""
    own = stage.create(TOPIC, Tags={"Team": "shop"})
    found = stage.client("sns").list_tags_for_resource(ResourceArn=stage.physical("Topic"))["Tags"]
    assert {one["Key"]: one["Value"] for one in found} == {
        "Team": "shop",
        "aws:cloudformation:stack-name": SHOP,
        "aws:cloudformation:stack-id": own,
        "aws:cloudformation:logical-id": "Topic",
    }
    assert stage.described()["Tags"] == [{"Key": "Team", "Value": "shop"}]
