"""What `moto_internals` expects of moto: the first test to look at when moto's pin is raised."""

from __future__ import annotations

import inspect
import json
from importlib.metadata import version

import pytest
from moto.cloudformation.responses import StackResourceDTO

from stackproof.simulate import simulated_account
from stackproof.simulate.additions.iam import models as iam
from stackproof.simulate.moto_internals import MOTO, models, parsing


def test_release_is_the_one_that_was_read() -> None:
    """Another release must be read before it is pinned."""
    assert version("moto") == MOTO


@pytest.mark.parametrize(
    "name",
    [
        "_create_resource_map",
        "_create_output_map",
        "create_resources",
        "delete",
        "mark_creation_complete",
        "_add_stack_event",
        "stack_resources",
        "outputs",
        "exports",
        "stack_parameters",
        "parameter_list",
    ],
)
def test_stack_has_what_is_overridden_or_called(name: str) -> None:
    """A method that moto no longer calls would be overridden in vain."""
    assert hasattr(models.Stack, name)


def test_backend_makes_stacks_by_the_name_that_is_patched() -> None:
    """The backend looks ``Stack`` up in its module when it creates one."""
    assert "Stack(" in inspect.getsource(models.CloudFormationBackend.create_stack)


def test_events_and_exports_are_made_as_expected() -> None:
    """The positional arguments that are used exist in this order."""
    assert list(inspect.signature(models.Event).parameters) == [
        "stack_id",
        "stack_name",
        "logical_resource_id",
        "physical_resource_id",
        "resource_type",
        "resource_status",
        "resource_status_reason",
        "resource_properties",
    ]
    assert list(inspect.signature(parsing.Export).parameters) == ["exporting_stack_id", "name", "value"]


def test_resources_are_described_by_the_attributes_that_are_given() -> None:
    """What `describe_stack_resources` reads of a resource."""
    source = inspect.getsource(StackResourceDTO)
    assert all(name in source for name in ("logical_resource_id", "physical_resource_id", "cf_resource_type"))


def test_models_are_found_and_named() -> None:
    """The registry of moto's own handlers and the names that it makes up."""
    assert "AWS::SQS::Queue" in parsing.get_model_map()
    assert parsing.resource_name_property_from_type("AWS::SQS::Queue") == "QueueName"
    name = parsing.generate_resource_name("AWS::SQS::Queue", "stack", "Queue")
    assert name.startswith("stack-Queue-")
    assert len(parsing.random_suffix()) == 12


def test_managed_policies_are_known_by_name() -> None:
    """The data and the class behind ``arn:aws:iam::aws:policy/…``."""
    data = json.loads(iam.aws_managed_policies_data)["AmazonRDSEnhancedMonitoringRole"]
    policy = iam.AWSManagedPolicy.from_data("AmazonRDSEnhancedMonitoringRole", "123456789012", "aws", data)
    assert policy.arn == "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"


def test_models_of_services_hold_what_moto_adds_to_them() -> None:
    """An error of S3 names the bucket only where moto's extras are loaded."""
    with simulated_account("us-east-1") as account:
        client = account.client("s3")
        client.create_bucket(Bucket="without-policy")
        with pytest.raises(client.exceptions.ClientError) as error:
            client.get_bucket_policy(Bucket="without-policy")
    assert error.value.response["Error"]["BucketName"] == "without-policy"
