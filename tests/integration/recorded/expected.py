"""What the recorded tests found on AWS besides what they recorded, and the cases that do not agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_STACKS = "api/test_stacks.py::"
_CHANGE_SETS = "api/test_changesets.py::"
_CONDITIONS = "engine/test_conditions.py::TestCloudFormationConditions::"
_ENGINE = "test_template_engine.py::"
_FUNCTIONS = f"{_ENGINE}TestIntrinsicFunctions::"

_GONE = "ValidationError"

REFUSED: Mapping[str, Mapping[int, str]] = {
    f"{_STACKS}test_notifications": {8: _GONE},
    f"{_STACKS}test_describe_stack_events_errors": {0: "ValidationError"},
    f"{_CHANGE_SETS}test_create_change_set_invalid_params": {0: "ValidationError"},
    f"{_CHANGE_SETS}test_execute_change_set": {7: "InvalidChangeSetStatus"},
    f"{_CHANGE_SETS}test_create_delete_create": {5: _GONE},
    f"{_CHANGE_SETS}test_autoexpand_capability_requirement": {0: "InsufficientCapabilitiesException"},
    f"{_CHANGE_SETS}test_describe_change_set_with_similarly_named_stacks": {2: _GONE},
    f"{_CHANGE_SETS}test_name_conflicts": {6: _GONE},
    f"{_CHANGE_SETS}test_create_changeset_with_stack_id": {6: _GONE},
    f"{_CONDITIONS}test_update_conditions": {11: "404"},
    "engine/test_deletion_policy.py::test_deletion_policy_with_deletion": {7: "ParameterNotFound"},
    "resources/test_dynamodb.py::test_global_table": {7: "ResourceNotFoundException"},
}
"""By case, the requests that AWS refuses although no answer to them was recorded, and the codes of the refusals.

Waiting until a stack is gone ends with one: its name is no longer known.
"""

ROLLED_BACK = frozenset(
    {
        "api/test_stack_policies.py::TestStackPolicy::test_prevent_modifying_with_policy_specifying_resource_id",
        "engine/test_attributes.py::TestResourceAttributes::test_invalid_getatt_fails",
        "resources/test_logs.py::test_handle_existing_log_group",
    }
)
"""Cases that are about stacks that fail."""

_SECRET = '{"password": "p\\\\\\\\30\\\\asw\\\\\\\\\\\\ord"}'

_BUS = "arn:aws:events:us-east-1:111111111111:event-bus/event-bus-9c54588e"
_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "pol1",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
            "Action": "events:PutEvents",
            "Resource": _BUS,
        },
        {"Sid": "pol2", "Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": _BUS},
    ],
}

FOUND: Mapping[str, Mapping[str, Any]] = {
    f"{_STACKS}TestStacksApi::test_update_stack_actual_update": {
        "4.Attributes.QueueArn": "arn:aws:sqs:us-east-1:111111111111:test-queue-bb52c488",
        "9.Attributes.QueueArn": "arn:aws:sqs:us-east-1:111111111111:test-queue-bb52c488-new",
    },
    f"{_CHANGE_SETS}test_create_change_set_without_parameters": {
        "1.Topics": [],
        "2.Stacks.StackStatus": ["REVIEW_IN_PROGRESS"],
        "3.Changes.ResourceChange.Action": ["Add"],
        "5.Stacks.StackStatus": ["DELETE_COMPLETE"],
    },
    f"{_CHANGE_SETS}test_create_change_set_with_ssm_parameter": {
        "2.Topics": [],
        "3.Stacks.StackStatus": ["REVIEW_IN_PROGRESS"],
        "4.Changes.ResourceChange.LogicalResourceId": ["topic123"],
        "7.Stacks.StackStatus": ["DELETE_COMPLETE"],
    },
    f"{_CHANGE_SETS}test_execute_change_set": {
        "4.Topics.TopicArn": ["arn:aws:sns:us-east-1:111111111111:sns-topic-simple"],
        "6.Status": "FAILED",
        "6.StatusReason": "The submitted information didn't contain changes. Submit different information to create a "
        "change set.",
    },
    f"{_CHANGE_SETS}test_create_delete_create": {
        "3.Stacks.StackStatus": ["CREATE_COMPLETE"],
        "9.Stacks.StackStatus": ["CREATE_COMPLETE"],
    },
    f"{_CHANGE_SETS}test_create_and_then_remove_supported_resource_change_set": {
        "4.Buckets.Name": ["test-bucket-1-8e9f7cda", "test-bucket-2-59f54b72"],
        "8.Stacks.StackStatus": ["UPDATE_COMPLETE"],
        "9.Buckets.Name": ["test-bucket-1-8e9f7cda"],
    },
    f"{_CHANGE_SETS}test_describe_change_set_with_similarly_named_stacks": {"4.Status": "CREATE_COMPLETE"},
    f"{_CHANGE_SETS}test_update_change_set_with_aws_novalue_repro": {"3.Stacks.StackStatus": ["CREATE_COMPLETE"]},
    "api/test_update_stack.py::test_update_tags": {
        "5.Stacks.StackStatus": ["UPDATE_COMPLETE"],
        "5.Stacks.0.Tags": [{"Key": "key-7c591202", "Value": "value-17be596b"}],
    },
    "api/test_update_stack.py::test_no_parameters_update": {
        "3.Stacks.0.Outputs.TopicArn": "arn:aws:sns:us-east-1:111111111111:topic-44df0acd",
        "5.Stacks.0.Outputs.TopicArn": "arn:aws:sns:us-east-1:111111111111:sns-topic-simple",
        "5.Stacks.StackStatus": ["UPDATE_COMPLETE"],
    },
    f"{_CONDITIONS}test_simple_condition_evaluation_doesnt_deploy_resource": {"4.StackResources": [], "5.Topics": []},
    f"{_CONDITIONS}test_dependent_ref_intrinsic_fn_condition": {"3.Stacks.StackStatus": ["CREATE_COMPLETE"]},
    f"{_CONDITIONS}test_sub_in_conditions": {
        "4.Attributes.TopicArn": "arn:aws:sns:us-east-1:111111111111:test-topic-eef47427-us-east-1",
    },
    f"{_CONDITIONS}test_update_conditions": {"8.Stacks.StackStatus": ["UPDATE_COMPLETE"]},
    "engine/test_references.py::test_aws_novalue[yes]": {"3.Stacks.0.Outputs.BucketName": "my-bucket-ddb7821f"},
    "engine/test_references.py::test_aws_novalue[no]": {
        "3.Stacks.0.Outputs.BucketName": "stack-1ce6c5a5-mybucket-<random>",
    },
    f"{_FUNCTIONS}test_and_or_functions[Fn::And-0-0-False]": {"4.Buckets": []},
    f"{_FUNCTIONS}test_and_or_functions[Fn::And-1-1-True]": {"4.Buckets.Name": ["ls-bucket-2604d64f"]},
    f"{_FUNCTIONS}test_and_or_functions[Fn::Or-1-1-True]": {"4.Buckets.Name": ["ls-bucket-f5279688"]},
    f"{_FUNCTIONS}test_to_json_functions": {
        "3.Stacks.0.Outputs.Result": {"key1": "string-bde26469", "key2": "string-ffd1dae3"},
    },
    f"{_FUNCTIONS}test_cidr_function": {"3.Stacks.0.Outputs.Address": "10.0.0.0/24"},
    f"{_FUNCTIONS}test_get_azs_function[us-east-2]": {
        "3.Stacks.0.Outputs.Zones": "us-east-2a;us-east-2b;us-east-2c",
    },
    f"{_FUNCTIONS}test_cfn_template_with_short_form_fn_sub": {"3.Stacks.0.Outputs.Result": "test"},
    f"{_FUNCTIONS}test_sub_number_type": {
        "3.Stacks.0.Outputs.AlarmName": "alarm-test-latency-preemptive-60",
        "3.Stacks.0.Outputs.Threshold": "1000.0",
        "3.Stacks.0.Outputs.Period": "60",
    },
    f"{_ENGINE}TestImports::test_stack_imports": {
        "7.Stacks.0.Outputs.MessageQueueArn1": "arn:aws:sqs:us-east-1:111111111111:q-44ac366c",
        "7.Stacks.0.Outputs.MessageQueueArn2": "arn:aws:sqs:us-east-1:111111111111:q-c125a4ab",
        "10.Attributes.QueueArn": "arn:aws:sqs:us-east-1:111111111111:q-44ac366c",
        "11.Attributes.QueueArn": "arn:aws:sqs:us-east-1:111111111111:q-c125a4ab",
    },
    f"{_ENGINE}TestSecretsManagerParameters::test_resolve_secretsmanager[resolve_secretsmanager_partial.yaml]": {
        "4.Stacks.0.Outputs.TopicName": "param-value-303fb564",
    },
    f"{_ENGINE}TestSecretsManagerParameters::test_resolve_secretsmanager_with_backslashes": {
        "4.Stacks.0.Outputs.ParameterValue": _SECRET,
    },
    f"{_ENGINE}TestPreviousValues::test_parameter_usepreviousvalue_behavior": {
        "3.Stacks.Outputs.OutputKey": [["RequiredTopicOutput"]],
    },
    f"{_ENGINE}TestImportValues::test_import_values_across_stacks": {"8.TagSet.Key": ["test"]},
    "resources/test_sns.py::test_sns_subscription": {
        "4.Subscriptions.Protocol": ["sqs"],
        "4.Subscriptions.TopicArn": ["arn:aws:sns:us-east-1:111111111111:topic-8ba58eb5"],
    },
    "resources/test_sns.py::test_deploy_stack_with_sns_topic": {"4.Topics.TopicArn": ["<topic>"], "7.Topics": []},
    "resources/test_s3.py::test_bucket_autoname": {
        "3.Stacks.0.Outputs.BucketNameOutput": "<stack>-myb3b4550bc-<random>",
    },
    "resources/test_events.py::test_eventbus_policies": {"4.Policy": _POLICY},
    "resources/test_kms.py::test_deploy_stack_with_kms": {"6.KeyMetadata.KeyState": "PendingDeletion"},
}
"""By case, parts of answers to which the test held AWS's without recording them; where see `Answers.find`."""

_UPLOADED = "the templates that the test uploads were not noted"

DISAGREEING: Mapping[str, str] = {
    f"{_STACKS}TestStacksApi::test_stack_update_resources": (
        "the second request acknowledges capabilities; the one of the recording, three years older, did not"
    ),
    f"{_STACKS}test_blocked_stack_deletion": "IAM makes an inline policy that nothing holds; AWS fails it, twice",
    "api/test_nested_stacks.py::test_nested_with_nested_stack": _UPLOADED,
    f"{_ENGINE}TestSsmParameters::test_ssm_nested_with_nested_stack": _UPLOADED,
    f"{_ENGINE}TestMacros::test_pyplate_param_type_list": "needs the Lambda function of a macro",
    "resources/test_cloudformation.py::test_waitcondition": "the condition is met by a request that was not noted",
}
"""Cases that do not agree, with the reason."""
