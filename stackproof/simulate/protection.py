"""Deletion protection: what an operator must switch off before protected stacks can be deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.deploy.request import stack_name
from stackproof.resolve.stack import Resource, Stack

_GONE = ("DELETE_COMPLETE", "DELETE_SKIPPED")


def lift_protection(deployment: Deployment, client: Callable[[str, str], Any]) -> Iterator[Resource]:
    """Switch the deletion protection of every resource off; yield the resources that were protected.

    Parameters:
        deployment: stacks that are deployed.
        client: gives a boto3 client by its service and region.
    """
    for stack in deployment.stacks.values():
        yield from lift_protection_of(stack, client)


def lift_protection_of(stack: Stack, client: Callable[[str, str], Any]) -> Iterator[Resource]:
    """Switch the deletion protection of one stack's resources off; see `lift_protection`."""
    here = partial(_in_region, client, stack.context.region or "")
    found = here("cloudformation").describe_stack_resources(StackName=stack_name(stack))["StackResources"]
    for resource in found:
        lift = _LIFTS.get(resource["ResourceType"])
        physical_id = resource.get("PhysicalResourceId")
        if lift is not None and physical_id and resource["ResourceStatus"] not in _GONE and lift(here, physical_id):
            yield stack.resources[resource["LogicalResourceId"]]


def _in_region(client: Callable[[str, str], Any], region: str, service: str) -> Any:
    return client(service, region)


def _load_balancer(client: Callable[[str], Any], arn: str) -> bool:
    attributes = client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    protected = {"Key": "deletion_protection.enabled", "Value": "true"} in attributes
    if protected:
        off = [{"Key": "deletion_protection.enabled", "Value": "false"}]
        client("elbv2").modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=off)
    return protected


def _database(client: Callable[[str], Any], name: str) -> bool:
    found = client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    protected = bool(found["DeletionProtection"])
    if protected:
        client("rds").modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=False, ApplyImmediately=True)
    return protected


_LIFTS: dict[str, Callable[[Callable[[str], Any], str], bool]] = {
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _load_balancer,
    "AWS::RDS::DBInstance": _database,
}
