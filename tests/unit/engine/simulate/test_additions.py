"""What is added to moto's services: a test that fails says what to take out or to read when moto's pin is raised."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import settings
from moto.cloudfront import urls
from moto.core.responses import BaseResponse
from moto.core.utils import camelcase_to_underscores, method_names_from_class
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.s3.models import FakeBucket

from stackproof.simulate import SimulatedAccount, simulated_account
from stackproof.simulate.additions import collected

KINDS, METHODS, _ = collected()
OPERATIONS = sorted({*((kind.service, name) for kind in KINDS for name in kind.operations), *METHODS})

_LACKING = {
    "acm": "UpdateCertificateOptions",
    "apigateway": "UpdateDeployment UpdateModel",
    "application-autoscaling": "ListTagsForResource TagResource UntagResource",
    "autoscaling": """
        AttachTrafficSources DeleteNotificationConfiguration DescribeNotificationConfigurations
        DetachTrafficSources DisableMetricsCollection PutNotificationConfiguration
    """,
    "budgets": "DescribeSubscribersForNotification ListTagsForResource TagResource UntagResource UpdateBudget",
    "cloudfront": """
        CreateCachePolicy CreateCloudFrontOriginAccessIdentity CreateOriginRequestPolicy
        CreateResponseHeadersPolicy DeleteCachePolicy DeleteCloudFrontOriginAccessIdentity
        DeleteKeyGroup DeleteOriginRequestPolicy DeleteResponseHeadersPolicy GetCachePolicy
        GetCachePolicyConfig GetCloudFrontOriginAccessIdentity GetCloudFrontOriginAccessIdentityConfig
        GetOriginRequestPolicy GetOriginRequestPolicyConfig GetResponseHeadersPolicy
        GetResponseHeadersPolicyConfig ListCachePolicies ListCloudFrontOriginAccessIdentities
        ListOriginRequestPolicies ListResponseHeadersPolicies PublishFunction UpdateCachePolicy
        UpdateCloudFrontOriginAccessIdentity UpdateFunction UpdateKeyGroup UpdateOriginRequestPolicy
        UpdatePublicKey UpdateResponseHeadersPolicy
    """,
    "cloudwatch": "PutCompositeAlarm",
    "codedeploy": """
        CreateDeploymentConfig DeleteApplication DeleteDeploymentConfig DeleteDeploymentGroup
        GetDeploymentConfig UpdateDeploymentGroup
    """,
    "cognito-idp": "ListTagsForResource TagResource UntagResource",
    "dynamodb": """
        DescribeContributorInsights DescribeKinesisStreamingDestination
        DisableKinesisStreamingDestination EnableKinesisStreamingDestination UpdateContributorInsights
        UpdateKinesisStreamingDestination
    """,
    "ec2": "ModifyInstanceCreditSpecification",
    "efs": "DeleteFileSystemPolicy PutBackupPolicy UpdateFileSystem UpdateFileSystemProtection",
    "elasticache": """
        CreateCacheParameterGroup DecreaseReplicaCount DeleteCacheParameterGroup DeleteCacheSubnetGroup
        DescribeCacheParameterGroups DescribeCacheParameters IncreaseReplicaCount
        ModifyCacheParameterGroup ModifyCacheSubnetGroup ModifyReplicationGroupShardConfiguration
        ResetCacheParameterGroup
    """,
    "events": "UpdateEventBus",
    "iam": """
        AddClientIDToOpenIDConnectProvider DeleteUserPermissionsBoundary PutUserPermissionsBoundary
        RemoveClientIDFromOpenIDConnectProvider
    """,
    "kinesis": "ListTagsForResource TagResource UntagResource UpdateMaxRecordSize",
    "logs": """
        AssociateKmsKey DeleteDataProtectionPolicy DeleteIndexPolicy DescribeIndexPolicies
        DisassociateKmsKey GetDataProtectionPolicy PutBearerTokenAuthentication PutDataProtectionPolicy
        PutIndexPolicy PutLogGroupDeletionProtection UpdateDeliveryConfiguration
    """,
    "rds": """
        RemoveRoleFromDBInstance ResetDBParameterGroup StartDBInstanceAutomatedBackupsReplication
        StopDBInstanceAutomatedBackupsReplication
    """,
    "sns": "GetDataProtectionPolicy PutDataProtectionPolicy",
    "wafv2": "CheckCapacity",
}
LACKING = {(service, name) for service, names in _LACKING.items() for name in names.split()}
"""Operations that moto does not have; the other added ones it has, and forgets something of."""

_POLICY = {
    "Name": "kept",
    "MinTTL": 1,
    "ParametersInCacheKeyAndForwardedToOrigin": {
        "EnableAcceptEncodingGzip": True,
        "HeadersConfig": {"HeaderBehavior": "none"},
        "CookiesConfig": {"CookieBehavior": "none"},
        "QueryStringsConfig": {"QueryStringBehavior": "none"},
    },
}


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    """An empty account."""
    with simulated_account("us-east-1", "123456789012") as account:
        yield account


def _responses(service: str) -> list[Any]:
    """Return the response classes of one of moto's services."""
    module = import_module(f"moto.{service.replace('-', '')}.responses")
    return [found for found in vars(module).values() if isinstance(found, type) and issubclass(found, BaseResponse)]


def test_moto_lacks_what_is_said_to_be_lacking() -> None:
    """An operation that a later moto has is taken out here."""
    lacking = {
        (service, name)
        for service, name in OPERATIONS
        if not any(camelcase_to_underscores(name) in method_names_from_class(found) for found in _responses(service))
    }
    assert lacking == LACKING


@pytest.mark.parametrize(("service", "name"), OPERATIONS)
def test_operation_is_one_of_the_service(service: str, name: str) -> None:
    """The name is that of botocore's model, or nobody would ever ask for it."""
    assert name in boto3.client(service, region_name="us-east-1").meta.service_model.operation_names


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind in KINDS for name, operation in kind.operations.items() if operation.at],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_things_stand_where_they_are_looked_for(kind: Any, name: str) -> None:
    """The path into an answer is one of botocore's model, and what stands there has the key."""
    model = boto3.client(kind.service, region_name="us-east-1").meta.service_model
    shape = model.operation_model(name).output_shape
    for part in kind.operations[name].at.split("."):
        shape = shape.members[part]
    shape = shape.member if shape.type_name == "list" else shape
    inside = {name for member in shape.members.values() if member.type_name == "structure" for name in member.members}
    assert kind.key in {*shape.members, *inside}


def test_patched_names_exist() -> None:
    """What is replaced while a simulation runs is still there to be replaced."""
    assert settings.ACM_VALIDATION_WAIT > 0
    assert all(
        hasattr(owner, name)
        for owner, name in (
            (BaseResponse, "call_action"),
            (SecurityGroupRule, "description"),
            (FakeBucket, "_log_permissions_enabled_policy"),
        )
    )
    assert "{0}/2020-05-31/distribution$" in urls.url_paths


def test_thing_is_made_changed_listed_and_removed(account: SimulatedAccount) -> None:
    """An operation that moto lacks behaves as the service's: what was put in comes out."""
    cloudfront = account.client("cloudfront")
    made = cloudfront.create_cache_policy(CachePolicyConfig=_POLICY)
    policy_id = made["CachePolicy"]["Id"]
    assert made["CachePolicy"]["CachePolicyConfig"] == _POLICY
    changed = {**_POLICY, "Comment": "changed"}
    cloudfront.update_cache_policy(Id=policy_id, IfMatch=made["ETag"], CachePolicyConfig=changed)
    assert cloudfront.get_cache_policy_config(Id=policy_id)["CachePolicyConfig"] == changed
    listed = cloudfront.list_cache_policies(Type="custom")["CachePolicyList"]
    assert [entry["CachePolicy"]["Id"] for entry in listed["Items"]] == [policy_id]
    cloudfront.delete_cache_policy(Id=policy_id, IfMatch=made["ETag"])
    assert cloudfront.list_cache_policies(Type="custom")["CachePolicyList"]["Quantity"] == 0


@pytest.mark.parametrize("operation", ["get_cache_policy", "get_cache_policy_config", "delete_cache_policy"])
def test_unknown_thing_is_an_error_of_the_service(account: SimulatedAccount, operation: str) -> None:
    """The error code is the one that botocore's model has for it."""
    cloudfront = account.client("cloudfront")
    with pytest.raises(cloudfront.exceptions.NoSuchCachePolicy):
        getattr(cloudfront, operation)(Id="nobody")


def test_name_can_be_given_once(account: SimulatedAccount) -> None:
    """A second group of the same name is refused."""
    given = {
        "CacheParameterGroupName": "twice",
        "CacheParameterGroupFamily": "redis7",
        "Description": "Made twice",
    }
    account.client("elasticache").create_cache_parameter_group(**given)
    with pytest.raises(ClientError, match="CacheParameterGroupAlreadyExists"):
        account.client("elasticache").create_cache_parameter_group(**given)


def test_parameters_are_changed_one_by_one(account: SimulatedAccount) -> None:
    """A later request changes the parameters that it names and no other."""
    client = account.client("elasticache")
    client.create_cache_parameter_group(
        CacheParameterGroupName="group", CacheParameterGroupFamily="redis7", Description="A group"
    )
    for values in ({"timeout": "1", "maxclients": "2"}, {"timeout": "3"}):
        entries = [{"ParameterName": name, "ParameterValue": value} for name, value in values.items()]
        client.modify_cache_parameter_group(CacheParameterGroupName="group", ParameterNameValues=entries)
    shown = client.describe_cache_parameters(CacheParameterGroupName="group")["Parameters"]
    assert {entry["ParameterName"]: entry["ParameterValue"] for entry in shown} == {"timeout": "3", "maxclients": "2"}


def test_region_has_its_own_things(account: SimulatedAccount) -> None:
    """What is made in one region is not found in another."""
    account.client("elasticache").create_cache_parameter_group(
        CacheParameterGroupName="here", CacheParameterGroupFamily="redis7", Description="Here"
    )
    there = account.client("elasticache", "us-west-2").describe_cache_parameter_groups()
    assert there["CacheParameterGroups"] == []


def test_nothing_is_kept_from_one_account_to_the_next() -> None:
    """Each simulation begins with nothing."""
    with simulated_account("us-east-1", "123456789012") as first:
        first.client("cloudfront").create_cache_policy(CachePolicyConfig=_POLICY)
    with simulated_account("us-east-1", "123456789012") as second:
        assert second.client("cloudfront").list_cache_policies(Type="custom")["CachePolicyList"]["Quantity"] == 0


def test_change_of_what_moto_forgets_is_shown(account: SimulatedAccount) -> None:
    """A later request changes what is filled in."""
    rds = account.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="changed",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="somebody",
        MasterUserPassword="password",
        EnablePerformanceInsights=True,
    )
    rds.modify_db_instance(DBInstanceIdentifier="changed", EnablePerformanceInsights=False)
    (found,) = rds.describe_db_instances(DBInstanceIdentifier="changed")["DBInstances"]
    assert found["PerformanceInsightsEnabled"] is False


def test_subnet_group_in_use_stays(account: SimulatedAccount) -> None:
    """ElastiCache does not let go of subnets that a cache stands in."""
    ec2, client = account.client("ec2"), account.client("elasticache")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    client.create_cache_subnet_group(
        CacheSubnetGroupName="used", CacheSubnetGroupDescription="Used", SubnetIds=[subnet]
    )
    client.create_replication_group(
        ReplicationGroupId="user", ReplicationGroupDescription="User", CacheSubnetGroupName="used"
    )
    with pytest.raises(ClientError, match="CacheSubnetGroupInUse"):
        client.delete_cache_subnet_group(CacheSubnetGroupName="used")
    client.delete_replication_group(ReplicationGroupId="user")
    client.delete_cache_subnet_group(CacheSubnetGroupName="used")
    assert client.describe_cache_subnet_groups()["CacheSubnetGroups"] == []
