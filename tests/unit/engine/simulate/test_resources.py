"""Every type that has a recipe: what its properties become, what refers to it, and that it can be removed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from stackproof.simulate import SimulatedAccount, simulated_account
from stackproof.simulate.inventory import Thing, inventory

from .resource_cases import ACCOUNT, CASES, LOGS, REGION, SECOND, World, make, prepare

_BY_NAME = {case.name: case for case in CASES}


@dataclass(frozen=True)
class Standing:
    """An account that holds every case, and what each added to it."""

    account: SimulatedAccount
    world: World
    things: Mapping[str, frozenset[Thing]]


@pytest.fixture(scope="module")
def standing() -> Iterator[Standing]:
    """Every case, each made after those it names."""
    with simulated_account(REGION, ACCOUNT) as account:
        world, things = World(), {}
        prepare(account, world)
        before = inventory(account.client)
        for case in CASES:
            world[case.name] = make(account, case.type, case.name, case.properties(world))
            after = inventory(account.client)
            things[case.name], before = after - before, after
        yield Standing(account, world, things)


@pytest.mark.parametrize("name", _BY_NAME)
def test_every_property_is_taken_and_shown(standing: Standing, name: str) -> None:
    """What is declared can be read back through the service's own API, but for what is named here."""
    made = standing.world[name]
    assert (made.unread, made.unshown) == (_BY_NAME[name].gaps, ())


@pytest.mark.parametrize("name", _BY_NAME)
def test_references_have_the_form_of_aws(standing: Standing, name: str) -> None:
    """``Ref`` and ``Fn::GetAtt`` give what the documentation of the type's return values says."""
    case = _BY_NAME[name]
    wanted = {"Ref": case.ref, **case.attributes}
    given = {"Ref": standing.world.ref(name), **{at: standing.world.att(name, at) for at in case.attributes}}
    assert {at: text for at, text in given.items() if not re.fullmatch(wanted[at], text)} == {}


@pytest.mark.parametrize("name", _BY_NAME)
def test_account_lists_what_was_made(standing: Standing, name: str) -> None:
    """What a stack makes is found again among the things of the account, so that a leftover would be."""
    assert {thing.kind for thing in standing.things[name]} == set(_BY_NAME[name].things)


@pytest.mark.parametrize("name", _BY_NAME)
def test_unknown_attribute_is_refused(standing: Standing, name: str) -> None:
    """``Fn::GetAtt`` of an attribute that the type does not have is no value."""
    with pytest.raises(KeyError):
        standing.world.att(name, "NoSuchAttribute")


@pytest.mark.parametrize(
    ("service", "operation", "given", "path", "expected"),
    [
        ("acm", "list_certificates", {}, "CertificateSummaryList.0.Status", "ISSUED"),
        ("ecs", "describe_clusters", {"clusters": ["small-dev"]}, "clusters.0.capacityProviders.1", "FARGATE_SPOT"),
        (
            "ecs",
            "describe_services",
            {"cluster": "small-dev", "services": ["small-web"]},
            "services.0.deploymentConfiguration.strategy",
            "BLUE_GREEN",
        ),
        (
            "elasticache",
            "describe_replication_groups",
            {},
            "ReplicationGroups.0.NodeGroups.0.NodeGroupMembers.2.CurrentRole",
            "replica",
        ),
        ("elasticache", "describe_cache_clusters", {}, "CacheClusters.2.EngineVersion", "7.1"),
        (
            "budgets",
            "describe_subscribers_for_notification",
            {
                "AccountId": ACCOUNT,
                "BudgetName": "small-monthly",
                "Notification": {
                    "NotificationType": "ACTUAL",
                    "ComparisonOperator": "GREATER_THAN",
                    "Threshold": 80.0,
                    "ThresholdType": "PERCENTAGE",
                },
            },
            "Subscribers.0.Address",
            f"arn:aws:sns:{REGION}:{ACCOUNT}:small-critical",
        ),
        ("cloudtrail", "get_trail_status", {"Name": "small-trail"}, "IsLogging", True),
        (
            "cloudfront",
            "describe_function",
            {"Name": "small-pages", "Stage": "LIVE"},
            "FunctionSummary.FunctionMetadata.Stage",
            "LIVE",
        ),
        (
            "cloudwatch",
            "describe_alarms",
            {"AlarmTypes": ["CompositeAlarm"]},
            "CompositeAlarms.0.AlarmName",
            "small-down",
        ),
        ("s3", "get_bucket_cors", {"Bucket": "small-media"}, "CORSRules.0.MaxAgeSeconds", 3000),
        (
            "s3",
            "get_bucket_lifecycle_configuration",
            {"Bucket": "small-media"},
            "Rules.0.NoncurrentVersionTransitions.0.NoncurrentDays",
            31,
        ),
    ],
)
def test_service_describes_it(
    standing: Standing, service: str, operation: str, given: dict[str, Any], path: str, expected: object
) -> None:
    """A tester who asks the service finds what the template says."""
    found = getattr(standing.account.client(service), operation)(**given)
    for key in path.split("."):
        found = found[int(key)] if isinstance(found, list) else found[key]
    assert found == expected


def test_backups_are_kept_in_the_second_region(standing: Standing) -> None:
    """Copies of a database's backups are found in the region that they were copied to."""
    there = standing.account.client("rds", SECOND).describe_db_instance_automated_backups()
    (found,) = there["DBInstanceAutomatedBackups"]
    assert (found["Region"], found["DBInstanceIdentifier"], found["BackupRetentionPeriod"]) == (
        REGION,
        "small-database",
        3,
    )


def _network(world: World, group: str) -> dict[str, Any]:
    return {
        "Cluster": world.ref("Cluster"),
        "TaskDefinition": world.ref("Task"),
        "LoadBalancers": [{"ContainerName": "web", "ContainerPort": 8000, "TargetGroupArn": world.ref(group)}],
    }


def _distributed(**config: Any) -> dict[str, Any]:
    behaviour = {"TargetOriginId": "a", "ViewerProtocolPolicy": "https-only"}
    common = {"Enabled": True, "Origins": [{"Id": "a", "DomainName": "b"}], "DefaultCacheBehavior": behaviour}
    return {"DistributionConfig": common | config}


def _replicated(bucket: str) -> dict[str, Any]:
    rule = {"Status": "Enabled", "Destination": {"Bucket": f"arn:aws:s3:::{bucket}"}}
    return {
        "BucketName": f"source-of-{bucket}",
        "VersioningConfiguration": {"Status": "Enabled"},
        "ReplicationConfiguration": {"Role": f"arn:aws:iam::{ACCOUNT}:role/x", "Rules": [rule]},
    }


@pytest.mark.parametrize(
    ("kind", "properties", "reason"),
    [
        ("ECS::Service", lambda w: _network(w, "Lonely"), "does not have an associated load balancer"),
        (
            "ECS::Service",
            lambda w: {
                **_network(w, "Blue"),
                "DeploymentConfiguration": {"Alarms": {"AlarmNames": ["nobody"], "Enable": True, "Rollback": True}},
            },
            "The deployment alarms nobody do not exist",
        ),
        (
            "CloudWatch::CompositeAlarm",
            lambda w: {"AlarmRule": "ALARM(nobody) OR ALARM('small-unhealthy')"},
            "nobody do not exist",
        ),
        ("CloudWatch::CompositeAlarm", lambda w: {"AlarmRule": "NOT"}, "names no alarm"),
        ("S3::Bucket", lambda w: _replicated("nowhere"), "Destination bucket nowhere must exist"),
        ("S3::Bucket", lambda w: _replicated(LOGS), f"Destination bucket {LOGS} must have versioning enabled"),
        (
            "Route53::RecordSet",
            lambda w: {"HostedZoneId": w.ref("Zone"), "Name": "api.example.com", "Type": "A", "TTL": 60},
            "is not permitted in zone example.org",
        ),
        (
            "Route53::RecordSet",
            lambda w: {"HostedZoneName": "example.net.", "Name": "a", "Type": "A"},
            "0 hosted zones",
        ),
        (
            "CertificateManager::Certificate",
            lambda w: {
                "DomainName": "api.example.com",
                "ValidationMethod": "DNS",
                "DomainValidationOptions": [{"DomainName": "api.example.com", "HostedZoneId": w.ref("Zone")}],
            },
            "cannot stand in the hosted zone",
        ),
        (
            "CloudFront::Distribution",
            lambda w: _distributed(ViewerCertificate={"AcmCertificateArn": f"arn:aws:acm:{SECOND}:{ACCOUNT}:c/1"}),
            "is not in us-east-1",
        ),
        (
            "CloudFront::Distribution",
            lambda w: _distributed(WebACLId=w.att("RegionalAcl", "Arn")),
            "is not one of scope CLOUDFRONT",
        ),
        (
            "CloudFront::Distribution",
            lambda w: _distributed(Origins=[{"Id": "a", "DomainName": "b", "OriginAccessControlId": "nobody"}]),
            "origin access control does not exist",
        ),
        (
            "ElastiCache::ReplicationGroup",
            lambda w: {"ReplicationGroupDescription": "x", "CacheSubnetGroupName": "nobody"},
            "nobody not found",
        ),
        (
            "ElastiCache::ReplicationGroup",
            lambda w: {"ReplicationGroupDescription": "x", "CacheParameterGroupName": "nobody"},
            "CacheParameterGroup not found: nobody",
        ),
        (
            "RDS::DBInstance",
            lambda w: {
                "DBInstanceClass": "db.t3.micro",
                "Engine": "postgres",
                "AllocatedStorage": "20",
                "MasterUsername": "small",
                "MasterUserPassword": "password",
                "StorageEncrypted": True,
                "AutomaticBackupReplicationRegion": SECOND,
                "AutomaticBackupReplicationKmsKeyId": f"arn:aws:kms:{SECOND}:{ACCOUNT}:key/nobody",
            },
            "nobody' does not exist",
        ),
    ],
)
def test_what_a_service_refuses_is_refused(
    kind: str, properties: Callable[[World], dict[str, Any]], reason: str, standing: Standing
) -> None:
    """A resource whose neighbours are not there fails as it would in an account."""
    with pytest.raises(Exception, match=reason):
        make(standing.account, kind, "Refused", properties(standing.world))
