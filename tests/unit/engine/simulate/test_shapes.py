"""Properties become API parameters."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from stackproof.simulate.shapes import arguments


@pytest.mark.parametrize(
    ("service", "operation", "properties", "expected", "unread"),
    [
        (
            "ec2",
            "create_vpc",
            {"CidrBlock": "10.0.0.0/16", "EnableDnsSupport": True},
            {"CidrBlock": "10.0.0.0/16"},
            ("EnableDnsSupport",),
        ),
        (
            "rds",
            "create_db_instance",
            {"AllocatedStorage": "20", "MultiAZ": "true", "Port": 5432},
            {"AllocatedStorage": 20, "MultiAZ": True, "Port": 5432},
            (),
        ),
        (
            "kms",
            "create_key",
            {"Policy": {"Version": "1"}, "Tags": [{"Key": "a", "Value": "b"}]},
            {"Policy": '{"Version": "1"}', "Tags": [{"TagKey": "a", "TagValue": "b"}]},
            (),
        ),
        (
            "logs",
            "create_log_group",
            {"LogGroupName": "x", "Tags": [{"Key": "a", "Value": "b"}]},
            {"logGroupName": "x", "tags": {"a": "b"}},
            (),
        ),
        (
            "cloudwatch",
            "put_metric_alarm",
            {"Threshold": "70", "AlarmActions": "arn"},
            {"Threshold": 70.0, "AlarmActions": ["arn"]},
            (),
        ),
        (
            "elbv2",
            "create_target_group",
            {"Matcher": {"HttpCode": 200, "Colour": "blue"}},
            {"Matcher": {"HttpCode": "200"}},
            ("Matcher.Colour",),
        ),
        # What CloudFront's API counts: a bare list, a list under a name of its own, an object without the count.
        (
            "cloudfront",
            "create_cache_policy",
            {"CachePolicyConfig": {"Name": "x", "Parts": 1}},
            {"CachePolicyConfig": {"Name": "x"}},
            ("CachePolicyConfig.Parts",),
        ),
        (
            "cloudfront",
            "create_distribution",
            {
                "DistributionConfig": {
                    "Aliases": ["a.example.org"],
                    "Restrictions": {"GeoRestriction": {"RestrictionType": "whitelist", "Locations": ["DE", "AT"]}},
                    "CustomErrorResponses": {"Items": [{"ErrorCode": "403"}]},
                    "CacheBehaviors": {"Quantity": 0},
                }
            },
            {
                "DistributionConfig": {
                    "Aliases": {"Quantity": 1, "Items": ["a.example.org"]},
                    "Restrictions": {
                        "GeoRestriction": {"Quantity": 2, "RestrictionType": "whitelist", "Items": ["DE", "AT"]}
                    },
                    "CustomErrorResponses": {"Quantity": 1, "Items": [{"ErrorCode": 403}]},
                    "CacheBehaviors": {"Quantity": 0},
                }
            },
            (),
        ),
        ("cloudfront", "create_function", {"FunctionCode": "a = 1"}, {"FunctionCode": b"a = 1"}, ()),
    ],
)
def test_arguments(
    service: str, operation: str, properties: dict[str, Any], expected: dict[str, Any], unread: tuple[str, ...]
) -> None:
    """The service's model decides names, types and what cannot be taken."""
    client = boto3.client(service, region_name="eu-west-1")
    assert arguments(client, operation, properties) == (expected, unread)


def test_unread_paths_have_the_names_of_the_template() -> None:
    """A renamed property is reported under the name that the template uses."""
    client = boto3.client("elbv2", region_name="eu-west-1")
    names = {"Expected": "Matcher"}
    given, unread = arguments(client, "create_target_group", {"Expected": {"Colour": "blue"}}, names)
    assert (given, unread) == ({"Matcher": {}}, ("Expected.Colour",))
