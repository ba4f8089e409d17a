"""What a deployment answers about its resources, across stacks."""

from __future__ import annotations

import pytest

from stackproof import Deployment, parse_template
from stackproof.compose.templates import deployment_of_templates

NETWORK = """\
Resources:
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: a}}
  Rule: {Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: !GetAtt Group.GroupId, IpProtocol: '-1'}}
  Other: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: b}}
Outputs:
  Group: {Value: !GetAtt Group.GroupId, Export: {Name: group}}
"""
DATA = """\
Resources:
  Database: {Type: AWS::RDS::DBInstance, Properties: {VPCSecurityGroups: [!ImportValue group]}}
"""


@pytest.fixture
def shop() -> Deployment:
    """Two stacks, of which the second uses a group of the first."""
    return deployment_of_templates({"data": parse_template(DATA), "network": parse_template(NETWORK)})


def test_users_of_a_resource_are_found_in_every_stack(shop: Deployment) -> None:
    group, other = shop["network"]["Group"], shop["network"]["Other"]
    assert shop.users_of(group) == [shop["network"]["Rule"], shop["data"]["Database"]]
    assert shop.users_of(other) == []


def test_a_reference_is_followed_into_another_stack(shop: Deployment) -> None:
    (value,) = shop["data"]["Database"].items_of("VPCSecurityGroups")
    assert shop.follow(value) is shop["network"]["Group"]


def test_resources_of_types_come_in_deploy_order(shop: Deployment) -> None:
    found = shop.of_type("AWS::RDS::DBInstance", "AWS::EC2::SecurityGroup")
    assert [resource.logical_id for resource in found] == ["Group", "Other", "Database"]
    assert shop.of_type("AWS::EC2::SecurityGroup") == found[:2]
    assert shop.of_type("AWS::SNS::Topic") == []
