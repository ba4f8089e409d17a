"""Updates in place of the types at the edge and of those that templates of strangers use, and the way back."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from stackproof.simulate import SimulatedAccount, simulated_account
from stackproof.simulate.handlers import CannotUpdateError, Wanted

from .resource_cases import ACCOUNT, REGION, World, make

Properties = dict[str, Any]

BEFORE = [{"Key": "Name", "Value": "first-name"}, {"Key": "System", "Value": "small"}]
AFTER = [{"Key": "Name", "Value": "other-name"}, {"Key": "Layer", "Value": "edge"}]
_QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue"
_POOL = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/us-east-1_one"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/runner"
VOLATILE = re.compile("(?i)etag|last.?modified|lock.?token|revision.?id|last.?update|location|latest.?stream|version$")
"""Names of members that no update gives back."""


@dataclass(frozen=True)
class Update:
    """One resource that is changed, and what the service shows of the change; some stand here for others to name.

    Attributes:
        ask: service, method and arguments of the question; ``ID`` stands for what ``Ref`` gives.
        shows: value by path in the answer after the update; None where there is nothing.
    """

    name: str
    type: str
    before: Callable[[World], Properties]
    after: Callable[[World], Properties]
    ask: tuple[str, str, Mapping[str, Any]] = ("", "", {})
    shows: Mapping[str, Any] = field(default_factory=dict)


def _cache(name: str, seconds: int) -> Properties:
    key = {
        "CookiesConfig": {"CookieBehavior": "none"},
        "HeadersConfig": {"HeaderBehavior": "none"},
        "QueryStringsConfig": {"QueryStringBehavior": "all"},
        "EnableAcceptEncodingGzip": True,
    }
    config = {"Name": name, "DefaultTTL": seconds, "MinTTL": 1, "MaxTTL": 100}
    return {"CachePolicyConfig": {**config, "ParametersInCacheKeyAndForwardedToOrigin": key}}


def _forward(name: str, cookies: str) -> Properties:
    given = {"HeadersConfig": {"HeaderBehavior": "none"}, "QueryStringsConfig": {"QueryStringBehavior": "all"}}
    return {"OriginRequestPolicyConfig": {"Name": name, "CookiesConfig": {"CookieBehavior": cookies}, **given}}


def _headers(seconds: int, **further: Any) -> Properties:
    transport = {"AccessControlMaxAgeSec": seconds, "Override": True}
    security = {"SecurityHeadersConfig": {"StrictTransportSecurity": transport}}
    return {"ResponseHeadersPolicyConfig": {"Name": "headers", **security, **further}}


def _page(code: str, tags: Any = BEFORE, **further: Any) -> Properties:
    config = {"Comment": "pages", "Runtime": "cloudfront-js-2.0"}
    return {"Name": "pages", "FunctionConfig": config, "FunctionCode": code, "Tags": tags, **further}


def _access(behaviour: str, **further: str) -> Properties:
    given = {"OriginAccessControlOriginType": "s3", "SigningBehavior": behaviour, "SigningProtocol": "sigv4"}
    return {"OriginAccessControlConfig": {"Name": "access", **given, **further}}


def _distribution(w: World, tags: Any = BEFORE, **further: Any) -> Properties:
    origin = {"Id": "site", "DomainName": "site.s3.amazonaws.com", "OriginAccessControlId": w.ref("Access")}
    behaviour = {
        "TargetOriginId": "site",
        "ViewerProtocolPolicy": "https-only",
        "CachePolicyId": w.ref("Cache"),
        "FunctionAssociations": [{"EventType": "viewer-request", "FunctionARN": w.ref("Page")}],
    }
    config = {
        "Enabled": True,
        "Origins": [{**origin, "S3OriginConfig": {"OriginAccessIdentity": ""}}],
        "DefaultCacheBehavior": behaviour,
    }
    return {"DistributionConfig": {**config, **further}, "Tags": tags}


def _key(comment: str) -> Properties:
    text = "-----BEGIN PUBLIC KEY-----\nMFkwEwYH\n-----END PUBLIC KEY-----\n"
    return {"PublicKeyConfig": {"CallerReference": "one", "Name": "key", "EncodedKey": text, "Comment": comment}}


def _visible(name: str) -> Properties:
    return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}


_RATE = {
    "Name": "rate",
    "Priority": 1,
    "Action": {"Block": {}},
    "Statement": {"RateBasedStatement": {"Limit": 1000, "AggregateKeyType": "IP"}},
    "VisibilityConfig": _visible("rate-rule"),
}
_GEO = {
    "Name": "countries",
    "Priority": 0,
    "Action": {"Block": {}},
    "Statement": {"GeoMatchStatement": {"CountryCodes": ["KP"]}},
    "VisibilityConfig": _visible("country-rule"),
}


def _acl(**further: Any) -> Properties:
    common = {"Name": "acl", "Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": _visible("acl")}
    return {**common, **further}


def _certificate(w: World, **further: Any) -> Properties:
    options = [{"DomainName": "api.example.org", "HostedZoneId": w.ref("Zone")}]
    given = {"DomainName": "api.example.org", "ValidationMethod": "DNS", "DomainValidationOptions": options}
    return {**given, **further}


def _record(w: World, name: str, kind: str, *values: str, **further: Any) -> Properties:
    given = {"HostedZoneId": w.ref("Zone"), "Name": f"{name}.example.org", "Type": kind}
    return {**given, **({"TTL": "300", "ResourceRecords": list(values)} if values else {}), **further}


def _table(**further: Any) -> Properties:
    keys = {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}
    return {**keys, "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], **further}


_INDEXED: Properties = {
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "owner")],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-owner",
            "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
}
_CODE = "def handler(event, context):\n    return {}\n"


def _function(number: int = 1, **further: Any) -> Properties:
    code = {"ZipFile": _CODE.format(number)}
    return {
        "FunctionName": "function",
        "Code": code,
        "Role": ROLE,
        "Handler": "index.handler",
        "Runtime": "python3.12",
        **further,
    }


def _machine(value: str, **further: Any) -> Properties:
    text = '{"StartAt":"A","States":{"A":{"Type":"Pass","Result":"${Value}","End":true}}}'
    return {"RoleArn": ROLE, "DefinitionString": text, "DefinitionSubstitutions": {"Value": value}, **further}


def _method(w: World, **further: Any) -> Properties:
    given = {"RestApiId": w.ref("Api"), "ResourceId": w.ref("Resource"), "HttpMethod": "POST"}
    return {**given, "AuthorizationType": "NONE", **further}


def _stage(w: World, deployment: str, **further: Any) -> Properties:
    return {"RestApiId": w.ref("Api"), "DeploymentId": w.ref(deployment), "StageName": "live", **further}


_MOCK = {
    "Type": "MOCK",
    "RequestTemplates": {"application/json": '{"statusCode": 200}'},
    "IntegrationResponses": [{"StatusCode": "200", "ResponseTemplates": {"application/json": "hello"}}],
}
_SETTINGS = [{"ResourcePath": "/*", "HttpMethod": "*", "LoggingLevel": "INFO"}]
_LIMITS = [{"ResourcePath": "/orders", "HttpMethod": "POST", "ThrottlingRateLimit": 10, "ThrottlingBurstLimit": 5}]
_OWN = "Distribution.DistributionConfig"

UPDATES = (
    Update(
        "Cache",
        "CloudFront::CachePolicy",
        lambda w: _cache("one", 50),
        lambda w: _cache("two", 60),
        ("cloudfront", "get_cache_policy", {"Id": "ID"}),
        {"CachePolicy.CachePolicyConfig.Name": "two", "CachePolicy.CachePolicyConfig.DefaultTTL": 60},
    ),
    Update(
        "Forward",
        "CloudFront::OriginRequestPolicy",
        lambda w: _forward("forward", "all"),
        lambda w: _forward("forward", "none"),
        ("cloudfront", "get_origin_request_policy_config", {"Id": "ID"}),
        {"OriginRequestPolicyConfig.CookiesConfig.CookieBehavior": "none"},
    ),
    Update(
        "Headers",
        "CloudFront::ResponseHeadersPolicy",
        lambda w: _headers(60, Comment="for a minute"),
        lambda w: _headers(3600),
        ("cloudfront", "get_response_headers_policy_config", {"Id": "ID"}),
        {
            "ResponseHeadersPolicyConfig.SecurityHeadersConfig.StrictTransportSecurity.AccessControlMaxAgeSec": 3600,
            "ResponseHeadersPolicyConfig.Comment": None,
        },
    ),
    Update(
        "Page",
        "CloudFront::Function",
        lambda w: _page("function handler(event) { return 1; }", AutoPublish=True),
        lambda w: _page("function handler(event) { return 2; }", AFTER, AutoPublish=True),
        ("cloudfront", "describe_function", {"Name": "pages", "Stage": "LIVE"}),
        {"FunctionSummary.Status": "UNASSOCIATED", "FunctionSummary.FunctionMetadata.Stage": "LIVE"},
    ),
    Update(
        "Access",
        "CloudFront::OriginAccessControl",
        lambda w: _access("always", Description="described"),
        lambda w: _access("never"),
        ("cloudfront", "get_origin_access_control", {"Id": "ID"}),
        {
            "OriginAccessControl.OriginAccessControlConfig.SigningBehavior": "never",
            "OriginAccessControl.OriginAccessControlConfig.Description": None,
        },
    ),
    Update(
        "Identity",
        "CloudFront::CloudFrontOriginAccessIdentity",
        lambda w: {"CloudFrontOriginAccessIdentityConfig": {"Comment": "one identity"}},
        lambda w: {"CloudFrontOriginAccessIdentityConfig": {"Comment": "another comment"}},
        ("cloudfront", "get_cloud_front_origin_access_identity_config", {"Id": "ID"}),
        {"CloudFrontOriginAccessIdentityConfig.Comment": "another comment"},
    ),
    Update(
        "PublicKey",
        "CloudFront::PublicKey",
        lambda w: _key("one comment"),
        lambda w: _key("another comment"),
        ("cloudfront", "get_public_key", {"Id": "ID"}),
        {"PublicKey.PublicKeyConfig.Comment": "another comment"},
    ),
    Update(
        "KeyGroup",
        "CloudFront::KeyGroup",
        lambda w: {"KeyGroupConfig": {"Name": "group-one", "Items": [w.ref("PublicKey")]}},
        lambda w: {"KeyGroupConfig": {"Name": "group-two", "Items": [w.ref("PublicKey")]}},
        ("cloudfront", "get_key_group", {"Id": "ID"}),
        {"KeyGroup.KeyGroupConfig.Name": "group-two"},
    ),
    Update(
        "Store",
        "CloudFront::KeyValueStore",
        lambda w: {"Name": "store", "Comment": "one comment"},
        lambda w: {"Name": "store"},
        ("cloudfront", "describe_key_value_store", {"Name": "store"}),
        {"KeyValueStore.Comment": ""},
    ),
    Update(
        "Distribution",
        "CloudFront::Distribution",
        lambda w: _distribution(w),
        lambda w: _distribution(
            w,
            AFTER,
            Comment="The edge",
            Aliases=["www.example.org"],
            HttpVersion="http3",
            PriceClass="PriceClass_100",
            CustomErrorResponses=[{"ErrorCode": 404, "ResponseCode": 200, "ResponsePagePath": "/404.html"}],
            Restrictions={"GeoRestriction": {"RestrictionType": "whitelist", "Locations": ["US"]}},
        ),
        ("cloudfront", "get_distribution", {"Id": "ID"}),
        {
            f"{_OWN}.Comment": "The edge",
            f"{_OWN}.Aliases.Items": ["www.example.org"],
            f"{_OWN}.HttpVersion": "http3",
            f"{_OWN}.PriceClass": "PriceClass_100",
            f"{_OWN}.CustomErrorResponses.Items.0.ResponsePagePath": "/404.html",
            f"{_OWN}.Restrictions.GeoRestriction.Items": ["US"],
            f"{_OWN}.ViewerCertificate.CloudFrontDefaultCertificate": True,
            f"{_OWN}.DefaultCacheBehavior.FunctionAssociations.Quantity": 1,
        },
    ),
    Update(
        "Addresses",
        "WAFv2::IPSet",
        lambda w: {
            "Name": "addresses",
            "Scope": "REGIONAL",
            "IPAddressVersion": "IPV4",
            "Addresses": ["192.0.2.0/24"],
            "Description": "Some addresses",
            "Tags": BEFORE,
        },
        lambda w: {
            "Name": "addresses",
            "Scope": "REGIONAL",
            "IPAddressVersion": "IPV4",
            "Addresses": ["198.51.100.0/24"],
            "Tags": AFTER,
        },
        ("wafv2", "list_ip_sets", {"Scope": "REGIONAL"}),
        {"IPSets.0.Name": "addresses", "IPSets.0.Description": ""},
    ),
    Update(
        "Expressions",
        "WAFv2::RegexPatternSet",
        lambda w: {"Name": "expressions", "Scope": "REGIONAL", "RegularExpressionList": ["^one$"], "Tags": BEFORE},
        lambda w: {"Name": "expressions", "Scope": "REGIONAL", "RegularExpressionList": ["^two$", "^three$"]},
    ),
    Update(
        "Rules",
        "WAFv2::RuleGroup",
        lambda w: {
            "Name": "rules",
            "Scope": "REGIONAL",
            "Capacity": 50,
            "Rules": [_GEO, _RATE],
            "VisibilityConfig": _visible("rules"),
        },
        lambda w: {
            "Name": "rules",
            "Scope": "REGIONAL",
            "Capacity": 50,
            "Rules": [_RATE],
            "VisibilityConfig": _visible("other-rules"),
            "Description": "Some rules",
        },
        ("wafv2", "list_rule_groups", {"Scope": "REGIONAL"}),
        {"RuleGroups.0.Description": "Some rules"},
    ),
    Update(
        "Acl",
        "WAFv2::WebACL",
        lambda w: _acl(Rules=[_GEO, _RATE], Description="What is let through", Tags=BEFORE),
        lambda w: _acl(Rules=[_RATE], DefaultAction={"Block": {}}, TokenDomains=["example.org"], Tags=AFTER),
        ("wafv2", "list_web_acls", {"Scope": "REGIONAL"}),
        {"WebACLs.0.Name": "acl", "WebACLs.0.Description": ""},
    ),
    Update(
        "AclLogging",
        "WAFv2::LoggingConfiguration",
        lambda w: {
            "ResourceArn": w.att("Acl", "Arn"),
            "LogDestinationConfigs": ["arn:aws:s3:::aws-waf-logs-one"],
            "RedactedFields": [{"SingleHeader": {"Name": "authorization"}}],
        },
        lambda w: {"ResourceArn": w.att("Acl", "Arn"), "LogDestinationConfigs": ["arn:aws:s3:::aws-waf-logs-two"]},
        ("wafv2", "get_logging_configuration", {"ResourceArn": "ID"}),
        {
            "LoggingConfiguration.LogDestinationConfigs": ["arn:aws:s3:::aws-waf-logs-two"],
            "LoggingConfiguration.RedactedFields": None,
        },
    ),
    Update(
        "Zone",
        "Route53::HostedZone",
        lambda w: {"Name": "example.org", "HostedZoneConfig": {"Comment": "one zone"}, "HostedZoneTags": BEFORE},
        lambda w: {"Name": "example.org", "HostedZoneTags": AFTER},
        ("route53", "get_hosted_zone", {"Id": "ID"}),
        {"HostedZone.Name": "example.org.", "HostedZone.Config.Comment": ""},
    ),
    Update(
        "Certificate",
        "CertificateManager::Certificate",
        lambda w: _certificate(w, Tags=BEFORE),
        lambda w: _certificate(w, Tags=AFTER, CertificateTransparencyLoggingPreference="DISABLED"),
        ("acm", "describe_certificate", {"CertificateArn": "ID"}),
        {"Certificate.Options.CertificateTransparencyLoggingPreference": "DISABLED", "Certificate.Status": "ISSUED"},
    ),
    Update(
        "Address",
        "Route53::RecordSet",
        lambda w: _record(w, "a", "A", "192.0.2.1"),
        lambda w: _record(w, "a", "A", "192.0.2.1", "192.0.2.2", TTL="60"),
        ("route53", "list_resource_record_sets", {"HostedZoneId": "Zone", "StartRecordName": "a.example.org"}),
        {"ResourceRecordSets.0.TTL": 60, "ResourceRecordSets.0.ResourceRecords.1.Value": "192.0.2.2"},
    ),
    Update(
        "Alias",
        "Route53::RecordSet",
        lambda w: _record(w, "b", "CNAME", "www.example.com"),
        lambda w: _record(
            w, "b", "A", AliasTarget={"DNSName": w.att("Distribution", "DomainName"), "HostedZoneId": "Z2FDTNDATAQYW2"}
        ),
        ("route53", "list_resource_record_sets", {"HostedZoneId": "Zone", "StartRecordName": "b.example.org"}),
        {"ResourceRecordSets.0.Type": "A", "ResourceRecordSets.0.AliasTarget.HostedZoneId": "Z2FDTNDATAQYW2"},
    ),
    Update(
        "Weighted",
        "Route53::RecordSet",
        lambda w: _record(w, "c", "A", "192.0.2.1", SetIdentifier="first", Weight=1),
        lambda w: _record(w, "c", "A", "192.0.2.1", SetIdentifier="second", Weight=2),
        ("route53", "list_resource_record_sets", {"HostedZoneId": "Zone", "StartRecordName": "c.example.org"}),
        {"ResourceRecordSets.0.SetIdentifier": "second", "ResourceRecordSets.0.Weight": 2},
    ),
    Update(
        "Records",
        "Route53::RecordSetGroup",
        lambda w: {
            "HostedZoneName": "example.org.",
            "RecordSets": [
                {"Name": f"{name}.example.org", "Type": "A", "TTL": "300", "ResourceRecords": ["192.0.2.1"]}
                for name in ("d", "e")
            ],
        },
        lambda w: {
            "HostedZoneName": "example.org.",
            "RecordSets": [
                {"Name": f"{name}.example.org", "Type": "A", "TTL": "30", "ResourceRecords": ["192.0.2.1"]}
                for name in ("d", "f")
            ],
        },
        ("route53", "list_resource_record_sets", {"HostedZoneId": "Zone", "StartRecordName": "d.example.org"}),
        {"ResourceRecordSets.0.TTL": 30, "ResourceRecordSets.1.Name": "f.example.org."},
    ),
    Update(
        "Health",
        "Route53::HealthCheck",
        lambda w: {
            "HealthCheckConfig": {
                "Type": "HTTPS",
                "FullyQualifiedDomainName": "a.example.org",
                "ResourcePath": "/health",
                "RequestInterval": 30,
                "Port": 443,
            },
            "HealthCheckTags": BEFORE,
        },
        lambda w: {
            "HealthCheckConfig": {
                "Type": "HTTPS",
                "FullyQualifiedDomainName": "b.example.org",
                "RequestInterval": 30,
                "FailureThreshold": 5,
                "Port": 8443,
                "Inverted": True,
            },
            "HealthCheckTags": AFTER,
        },
        ("route53", "get_health_check", {"HealthCheckId": "ID"}),
        {
            "HealthCheck.HealthCheckConfig.FullyQualifiedDomainName": "b.example.org",
            "HealthCheck.HealthCheckConfig.FailureThreshold": 5,
            "HealthCheck.HealthCheckConfig.Inverted": True,
            "HealthCheck.HealthCheckConfig.ResourcePath": None,
        },
    ),
    Update(
        "Application",
        "CodeDeploy::Application",
        lambda w: {"ApplicationName": "application", "ComputePlatform": "Server", "Tags": BEFORE},
        lambda w: {"ApplicationName": "application", "ComputePlatform": "Server", "Tags": AFTER},
        (
            "codedeploy",
            "list_tags_for_resource",
            {"ResourceArn": f"arn:aws:codedeploy:{REGION}:{ACCOUNT}:application:application"},
        ),
        {"Tags": AFTER},
    ),
    Update(
        "Group",
        "CodeDeploy::DeploymentGroup",
        lambda w: {
            "ApplicationName": w.ref("Application"),
            "DeploymentGroupName": "group",
            "ServiceRoleArn": ROLE,
            "DeploymentConfigName": "CodeDeployDefault.AllAtOnce",
            "AutoScalingGroups": ["web-servers"],
            "AlarmConfiguration": {"Enabled": True, "Alarms": [{"Name": "unhealthy"}]},
        },
        lambda w: {
            "ApplicationName": w.ref("Application"),
            "DeploymentGroupName": "group",
            "ServiceRoleArn": f"{ROLE}-two",
            "AutoRollbackConfiguration": {"Enabled": True, "Events": ["DEPLOYMENT_FAILURE"]},
        },
        ("codedeploy", "get_deployment_group", {"applicationName": "application", "deploymentGroupName": "group"}),
        {
            "deploymentGroupInfo.serviceRoleArn": f"{ROLE}-two",
            "deploymentGroupInfo.deploymentConfigName": "CodeDeployDefault.OneAtATime",
            "deploymentGroupInfo.autoScalingGroups": [],
            "deploymentGroupInfo.autoRollbackConfiguration.events": ["DEPLOYMENT_FAILURE"],
            "deploymentGroupInfo.alarmConfiguration": {},
        },
    ),
    Update(
        "Table",
        "DynamoDB::Table",
        lambda w: _table(
            TableName="table", ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}, Tags=BEFORE
        ),
        lambda w: _table(
            TableName="table",
            BillingMode="PAY_PER_REQUEST",
            OnDemandThroughput={"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": 20},
            DeletionProtectionEnabled=True,
            StreamSpecification={"StreamViewType": "NEW_IMAGE"},
            SSESpecification={"SSEEnabled": True, "SSEType": "KMS"},
            TimeToLiveSpecification={"AttributeName": "expires", "Enabled": True},
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7},
            ContributorInsightsSpecification={"Enabled": True},
            KinesisStreamSpecification={"StreamArn": f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/changes"},
            Tags=AFTER,
        ),
        ("dynamodb", "describe_table", {"TableName": "table"}),
        {
            "Table.BillingModeSummary.BillingMode": "PAY_PER_REQUEST",
            "Table.ProvisionedThroughput.ReadCapacityUnits": 0,
            "Table.OnDemandThroughput.MaxWriteRequestUnits": 20,
            "Table.DeletionProtectionEnabled": True,
            "Table.StreamSpecification.StreamViewType": "NEW_IMAGE",
            "Table.SSEDescription.Status": "ENABLED",
        },
    ),
    Update(
        "Indexed",
        "DynamoDB::Table",
        lambda w: _table(TableName="indexed", BillingMode="PAY_PER_REQUEST"),
        lambda w: _table(TableName="indexed", BillingMode="PAY_PER_REQUEST", **_INDEXED),
        ("dynamodb", "describe_table", {"TableName": "indexed"}),
        {"Table.GlobalSecondaryIndexes.0.IndexName": "by-owner", "Table.AttributeDefinitions.1.AttributeName": "owner"},
    ),
    Update(
        "GlobalTable",
        "DynamoDB::GlobalTable",
        lambda w: _table(TableName="everywhere", BillingMode="PAY_PER_REQUEST", Replicas=[{"Region": REGION}]),
        lambda w: _table(
            TableName="everywhere",
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamViewType": "NEW_AND_OLD_IMAGES"},
            TimeToLiveSpecification={"AttributeName": "expires", "Enabled": True},
            Replicas=[{"Region": REGION, "Tags": AFTER}, {"Region": "eu-west-1", "DeletionProtectionEnabled": False}],
        ),
        ("dynamodb", "describe_table", {"TableName": "everywhere"}),
        {"Table.Replicas.0.RegionName": "eu-west-1", "Table.GlobalTableVersion": "2019.11.21"},
    ),
    Update(
        "Layer",
        "Lambda::LayerVersion",
        lambda w: {"LayerName": "layer", "Content": {"S3Bucket": "code-of-small", "S3Key": "layer.zip"}},
        lambda w: {"LayerName": "layer", "Content": {"S3Bucket": "code-of-small", "S3Key": "layer.zip"}},
    ),
    Update(
        "Function",
        "Lambda::Function",
        lambda w: _function(Tags=BEFORE),
        lambda w: _function(
            2,
            Timeout=30,
            MemorySize=512,
            Description="Two",
            Handler="index.other",
            Environment={"Variables": {"STAGE": "two"}},
            DeadLetterConfig={"TargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"},
            TracingConfig={"Mode": "Active"},
            EphemeralStorage={"Size": 1024},
            KmsKeyArn=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/one",
            ReservedConcurrentExecutions=5,
            Layers=[w.ref("Layer")],
            LoggingConfig={"LogFormat": "JSON"},
            Architectures=["arm64"],
            Tags=AFTER,
        ),
        ("lambda", "get_function", {"FunctionName": "function"}),
        {
            "Configuration.Timeout": 30,
            "Configuration.MemorySize": 512,
            "Configuration.Handler": "index.other",
            "Configuration.Environment.Variables": {"STAGE": "two"},
            "Configuration.DeadLetterConfig.TargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead",
            "Configuration.TracingConfig.Mode": "Active",
            "Configuration.EphemeralStorage.Size": 1024,
            "Configuration.LoggingConfig.LogFormat": "JSON",
            "Configuration.Architectures": ["arm64"],
            "Concurrency.ReservedConcurrentExecutions": 5,
            "Tags": {"Name": "other-name", "Layer": "edge"},
        },
    ),
    Update(
        "Version",
        "Lambda::Version",
        lambda w: {"FunctionName": w.ref("Function"), "Description": "The first"},
        lambda w: {"FunctionName": w.ref("Function"), "Description": "The first"},
    ),
    Update(
        "Live",
        "Lambda::Alias",
        lambda w: {"FunctionName": "function", "Name": "live", "FunctionVersion": "1", "Description": "One"},
        lambda w: {"FunctionName": "function", "Name": "live", "FunctionVersion": "$LATEST"},
        ("lambda", "get_alias", {"FunctionName": "function", "Name": "live"}),
        {"FunctionVersion": "$LATEST", "Description": ""},
    ),
    Update(
        "Mapping",
        "Lambda::EventSourceMapping",
        lambda w: {"FunctionName": "function", "EventSourceArn": _QUEUE, "BatchSize": 5},
        lambda w: {
            "FunctionName": "function",
            "EventSourceArn": _QUEUE,
            "Enabled": False,
            "MaximumBatchingWindowInSeconds": 10,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": 5},
        },
        ("lambda", "get_event_source_mapping", {"UUID": "ID"}),
        {
            "BatchSize": 10,
            "State": "Disabled",
            "MaximumBatchingWindowInSeconds": 10,
            "ScalingConfig.MaximumConcurrency": 5,
        },
    ),
    Update(
        "Url",
        "Lambda::Url",
        lambda w: {"TargetFunctionArn": "function", "AuthType": "NONE"},
        lambda w: {
            "TargetFunctionArn": "function",
            "AuthType": "AWS_IAM",
            "InvokeMode": "RESPONSE_STREAM",
            "Cors": {"AllowOrigins": ["https://example.org"]},
        },
        ("lambda", "get_function_url_config", {"FunctionName": "function"}),
        {"AuthType": "AWS_IAM", "InvokeMode": "RESPONSE_STREAM", "Cors.AllowOrigins": ["https://example.org"]},
    ),
    Update(
        "Invocation",
        "Lambda::EventInvokeConfig",
        lambda w: {"FunctionName": "function", "Qualifier": "$LATEST", "MaximumRetryAttempts": 1},
        lambda w: {"FunctionName": "function", "Qualifier": "$LATEST", "MaximumEventAgeInSeconds": 60},
        ("lambda", "get_function_event_invoke_config", {"FunctionName": "function"}),
        {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": None},
    ),
    Update(
        "Api",
        "ApiGateway::RestApi",
        lambda w: {"Name": "api", "Tags": BEFORE},
        lambda w: {
            "Name": "other-api",
            "Description": "Another",
            "BinaryMediaTypes": ["image/png"],
            "EndpointConfiguration": {"Types": ["REGIONAL"]},
            "MinimumCompressionSize": 1024,
            "DisableExecuteApiEndpoint": True,
            "ApiKeySourceType": "AUTHORIZER",
            "Tags": AFTER,
        },
        ("apigateway", "get_rest_api", {"restApiId": "ID"}),
        {
            "name": "other-api",
            "description": "Another",
            "binaryMediaTypes": ["image/png"],
            "endpointConfiguration.types": ["REGIONAL"],
            "minimumCompressionSize": 1024,
            "disableExecuteApiEndpoint": True,
            "apiKeySource": "AUTHORIZER",
            "tags": {"Name": "other-name", "Layer": "edge"},
        },
    ),
    Update(
        "Resource",
        "ApiGateway::Resource",
        lambda w: {"RestApiId": w.ref("Api"), "ParentId": w.att("Api", "RootResourceId"), "PathPart": "orders"},
        lambda w: {"RestApiId": w.ref("Api"), "ParentId": w.att("Api", "RootResourceId"), "PathPart": "orders"},
    ),
    Update(
        "Method",
        "ApiGateway::Method",
        lambda w: _method(
            w, Integration={"Type": "HTTP_PROXY", "IntegrationHttpMethod": "POST", "Uri": "https://a.b/c"}
        ),
        lambda w: _method(w, ApiKeyRequired=True, MethodResponses=[{"StatusCode": "200"}], Integration=_MOCK),
        ("apigateway", "get_method", {"restApiId": "Api", "resourceId": "Resource", "httpMethod": "POST"}),
        {
            "apiKeyRequired": True,
            "methodResponses.200.statusCode": "200",
            "methodIntegration.type": "MOCK",
            "methodIntegration.integrationResponses.200.responseTemplates": {"application/json": "hello"},
        },
    ),
    Update(
        "Deployed",
        "ApiGateway::Deployment",
        lambda w: {"RestApiId": w.ref("Api"), "Description": "The first"},
        lambda w: {"RestApiId": w.ref("Api")},
        ("apigateway", "get_deployment", {"restApiId": "Api", "deploymentId": "ID"}),
        {"description": None},
    ),
    Update(
        "DeployedAgain",
        "ApiGateway::Deployment",
        lambda w: {"RestApiId": w.ref("Api"), "StageName": "beta"},
        lambda w: {"RestApiId": w.ref("Api"), "StageName": "beta", "Description": "The second"},
        ("apigateway", "get_stage", {"restApiId": "Api", "stageName": "beta"}),
        {"stageName": "beta"},
    ),
    Update(
        "Stage",
        "ApiGateway::Stage",
        lambda w: _stage(w, "Deployed", Variables={"one": "1"}, MethodSettings=_SETTINGS, Tags=BEFORE),
        lambda w: _stage(
            w,
            "DeployedAgain",
            Variables={"two": "2"},
            MethodSettings=_LIMITS,
            TracingEnabled=True,
            CacheClusterEnabled=True,
            AccessLogSetting={"DestinationArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:api", "Format": "$context"},
            Tags=AFTER,
        ),
        ("apigateway", "get_stage", {"restApiId": "Api", "stageName": "live"}),
        {
            "variables": {"two": "2"},
            "tracingEnabled": True,
            "cacheClusterEnabled": True,
            "accessLogSettings.format": "$context",
            "methodSettings.~1orders/POST.throttlingBurstLimit": 5,
            "methodSettings.*/*": None,
            "tags": {"Name": "other-name", "Layer": "edge"},
        },
    ),
    Update(
        "Account",
        "ApiGateway::Account",
        lambda w: {"CloudWatchRoleArn": ROLE},
        lambda w: {"CloudWatchRoleArn": f"{ROLE}-two"},
        ("apigateway", "get_account", {}),
        {"cloudwatchRoleArn": f"{ROLE}-two"},
    ),
    Update(
        "ApiKey",
        "ApiGateway::ApiKey",
        lambda w: {"Name": "key", "Enabled": True, "Description": "One", "Tags": BEFORE},
        lambda w: {"Name": "key", "Description": "Two", "Tags": AFTER},
        ("apigateway", "get_api_key", {"apiKey": "ID"}),
        {"enabled": False, "description": "Two", "tags": {"Name": "other-name", "Layer": "edge"}},
    ),
    Update(
        "Validator",
        "ApiGateway::RequestValidator",
        lambda w: {"RestApiId": w.ref("Api"), "Name": "validator", "ValidateRequestBody": True},
        lambda w: {"RestApiId": w.ref("Api"), "Name": "validator", "ValidateRequestParameters": True},
        ("apigateway", "get_request_validator", {"restApiId": "Api", "requestValidatorId": "ID"}),
        {"validateRequestBody": False, "validateRequestParameters": True},
    ),
    Update(
        "Authorizer",
        "ApiGateway::Authorizer",
        lambda w: {"RestApiId": w.ref("Api"), "Name": "who", "Type": "COGNITO_USER_POOLS", "ProviderARNs": [_POOL]},
        lambda w: {
            "RestApiId": w.ref("Api"),
            "Name": "whoever",
            "Type": "COGNITO_USER_POOLS",
            "ProviderARNs": [f"{_POOL}2"],
            "AuthorizerResultTtlInSeconds": 60,
            "IdentitySource": "method.request.header.Authorization",
        },
        ("apigateway", "get_authorizer", {"restApiId": "Api", "authorizerId": "ID"}),
        {"name": "whoever", "providerARNs": [f"{_POOL}2"], "authorizerResultTtlInSeconds": 60},
    ),
    Update(
        "Order",
        "ApiGateway::Model",
        lambda w: {
            "RestApiId": w.ref("Api"),
            "Name": "Order",
            "Schema": {"type": "object"},
            "Description": "One order",
        },
        lambda w: {"RestApiId": w.ref("Api"), "Name": "Order", "Schema": {"type": "array"}},
        ("apigateway", "get_model", {"restApiId": "Api", "modelName": "ID"}),
        {"schema": '{"type": "array"}', "description": None},
    ),
    Update(
        "Refusal",
        "ApiGateway::GatewayResponse",
        lambda w: {"RestApiId": w.ref("Api"), "ResponseType": "UNAUTHORIZED", "StatusCode": "401"},
        lambda w: {
            "RestApiId": w.ref("Api"),
            "ResponseType": "UNAUTHORIZED",
            "ResponseTemplates": {"application/json": "nobody"},
        },
        ("apigateway", "get_gateway_response", {"restApiId": "Api", "responseType": "UNAUTHORIZED"}),
        {"responseTemplates": {"application/json": "nobody"}, "statusCode": None},
    ),
    Update(
        "Plan",
        "ApiGateway::UsagePlan",
        lambda w: {"UsagePlanName": "plan", "Throttle": {"RateLimit": 10, "BurstLimit": 20}, "Tags": BEFORE},
        lambda w: {
            "UsagePlanName": "other-plan",
            "Quota": {"Limit": 1000, "Period": "DAY"},
            "ApiStages": [{"ApiId": w.ref("Api"), "Stage": w.ref("Stage")}],
            "Tags": AFTER,
        },
        ("apigateway", "get_usage_plan", {"usagePlanId": "ID"}),
        {
            "name": "other-plan",
            "quota": {"limit": 1000, "period": "DAY"},
            "apiStages.0.stage": "live",
            "throttle": None,
        },
    ),
    Update(
        "PlanKey",
        "ApiGateway::UsagePlanKey",
        lambda w: {"UsagePlanId": w.ref("Plan"), "KeyId": w.ref("ApiKey"), "KeyType": "API_KEY"},
        lambda w: {"UsagePlanId": w.ref("Plan"), "KeyId": w.ref("ApiKey"), "KeyType": "API_KEY"},
    ),
    Update(
        "Machine",
        "StepFunctions::StateMachine",
        lambda w: _machine("one", Tags=BEFORE),
        lambda w: _machine("two", Tags=AFTER, RoleArn=f"{ROLE}-two", TracingConfiguration={"Enabled": True}),
        ("stepfunctions", "describe_state_machine", {"stateMachineArn": "ID"}),
        {
            "definition": '{"StartAt":"A","States":{"A":{"Type":"Pass","Result":"two","End":true}}}',
            "roleArn": f"{ROLE}-two",
            "tracingConfiguration.enabled": True,
        },
    ),
    Update(
        "Activity",
        "StepFunctions::Activity",
        lambda w: {"Name": "activity", "Tags": BEFORE},
        lambda w: {"Name": "activity", "Tags": AFTER},
        ("stepfunctions", "list_tags_for_resource", {"resourceArn": "ID"}),
        {"tags": [{"key": "Name", "value": "other-name"}, {"key": "Layer", "value": "edge"}]},
    ),
    Update(
        "Files",
        "EFS::FileSystem",
        lambda w: {"Encrypted": True, "FileSystemTags": BEFORE},
        lambda w: {
            "Encrypted": True,
            "FileSystemTags": AFTER,
            "ThroughputMode": "provisioned",
            "ProvisionedThroughputInMibps": 10,
            "BackupPolicy": {"Status": "ENABLED"},
            "LifecyclePolicies": [{"TransitionToIA": "AFTER_30_DAYS"}],
            "FileSystemPolicy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*"}]},
        },
        ("efs", "describe_file_systems", {"FileSystemId": "ID"}),
        {
            "FileSystems.0.ThroughputMode": "provisioned",
            "FileSystems.0.ProvisionedThroughputInMibps": 10.0,
            "FileSystems.0.Tags": AFTER,
        },
    ),
    Update(
        "Point",
        "EFS::AccessPoint",
        lambda w: {"FileSystemId": w.ref("Files"), "AccessPointTags": BEFORE},
        lambda w: {"FileSystemId": w.ref("Files"), "AccessPointTags": AFTER},
        ("efs", "describe_access_points", {"AccessPointId": "ID"}),
        {"AccessPoints.0.Tags": AFTER},
    ),
    Update(
        "People",
        "Cognito::UserPool",
        lambda w: {"UserPoolName": "people", "UserPoolTags": {"Name": "first-name"}},
        lambda w: {
            "UserPoolName": "other-people",
            "UserPoolTags": {"Layer": "edge"},
            "Policies": {"PasswordPolicy": {"MinimumLength": 12}},
            "AutoVerifiedAttributes": ["email"],
            "DeletionProtection": "ACTIVE",
            "MfaConfiguration": "OPTIONAL",
            "EnabledMfas": ["SOFTWARE_TOKEN_MFA"],
        },
        ("cognito-idp", "describe_user_pool", {"UserPoolId": "ID"}),
        {
            "UserPool.Name": "other-people",
            "UserPool.UserPoolTags": {"Layer": "edge"},
            "UserPool.Policies.PasswordPolicy.MinimumLength": 12,
            "UserPool.AutoVerifiedAttributes": ["email"],
            "UserPool.DeletionProtection": "ACTIVE",
            "UserPool.MfaConfiguration": "OPTIONAL",
        },
    ),
    Update(
        "Client",
        "Cognito::UserPoolClient",
        lambda w: {"UserPoolId": w.ref("People"), "ClientName": "client", "GenerateSecret": True},
        lambda w: {
            "UserPoolId": w.ref("People"),
            "ClientName": "other-client",
            "GenerateSecret": True,
            "CallbackURLs": ["https://example.org/back"],
            "RefreshTokenValidity": 7,
        },
        ("cognito-idp", "describe_user_pool_client", {"UserPoolId": "People", "ClientId": "ID"}),
        {
            "UserPoolClient.ClientName": "other-client",
            "UserPoolClient.CallbackURLs": ["https://example.org/back"],
            "UserPoolClient.RefreshTokenValidity": 7,
        },
    ),
    Update(
        "Admins",
        "Cognito::UserPoolGroup",
        lambda w: {"UserPoolId": w.ref("People"), "GroupName": "admins", "Description": "One"},
        lambda w: {"UserPoolId": w.ref("People"), "GroupName": "admins", "Description": "Two"},
        ("cognito-idp", "get_group", {"UserPoolId": "People", "GroupName": "admins"}),
        {"Group.Description": "Two"},
    ),
    Update(
        "Note",
        "CDK::Metadata",
        lambda w: {"Analytics": "v2:deflate64:one"},
        lambda w: {"Analytics": "v2:deflate64:two"},
    ),
    Update(
        "Macro",
        "CloudFormation::Macro",
        lambda w: {"Name": "Macro", "FunctionName": "function"},
        lambda w: {"Name": "Macro", "FunctionName": "other-function", "Description": "Two"},
    ),
)
_BY_NAME = {update.name: update for update in UPDATES}


@dataclass(frozen=True)
class Outcome:
    """What became of one resource."""

    first: Mapping[str, str]
    shown: Mapping[str, Any]
    gaps: tuple[tuple[str, ...], tuple[str, ...]]
    again: Mapping[str, str]


@dataclass(frozen=True)
class Standing:
    """An account that holds every resource, back in its first state."""

    account: SimulatedAccount
    world: World
    outcomes: Mapping[str, Outcome | Exception]


@pytest.fixture(scope="module")
def standing() -> Iterator[Standing]:
    """Every resource, made, changed and changed back."""
    with simulated_account(REGION, ACCOUNT) as account:
        _prepare(account)
        world, outcomes = World(), dict[str, Outcome | Exception]()
        for update in UPDATES:
            world[update.name] = make(account, update.type, update.name, update.before(world))
            try:
                outcomes[update.name] = _there_and_back(account, world, update)
            except Exception as error:
                outcomes[update.name] = error
        yield Standing(account, world, outcomes)


def _prepare(account: SimulatedAccount) -> None:
    """Make what the resources name and no row is about."""
    trusted = '{"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}]}'
    account.client("iam").create_role(RoleName="runner", AssumeRolePolicyDocument=trusted)
    account.client("sqs").create_queue(QueueName="queue")
    account.client("s3").create_bucket(Bucket="code-of-small")
    archive = io.BytesIO()
    zipfile.ZipFile(archive, "w").close()
    account.client("s3").put_object(Bucket="code-of-small", Key="layer.zip", Body=archive.getvalue())


def _there_and_back(account: SimulatedAccount, world: World, update: Update) -> Outcome:
    made = world[update.name]
    first = dict(_leaves(made.describe(), ""))
    made.update(_wanted(update, update.after(world)))
    service, operation, arguments = update.ask
    answer = {}
    if service:
        named = {
            name: {"ID": made.physical_id}.get(value, _reference(world, value)) for name, value in arguments.items()
        }
        answer = getattr(account.client(service), operation)(**named)
    shown = {path: _at(answer, path) for path in update.shows}
    gaps = made.unread, made.unshown
    made.update(_wanted(update, update.before(world)))
    return Outcome(first, shown, gaps, dict(_leaves(made.describe(), "")))


def _reference(world: World, value: str) -> str:
    return world.ref(value) if value in world else value


def _wanted(update: Update, properties: Properties) -> Wanted:
    name = f"small-dev-layer-{update.name}-0123456789AB"
    return Wanted(f"AWS::{update.type}", update.name, "small-dev-layer", "arn", name, properties)


def _at(value: Any, path: str) -> Any:
    """Return what stands at a path; an empty structure where a parser made one out of nothing is nothing."""
    for key in path.split("."):
        if isinstance(value, list):
            value = value[int(key)] if int(key) < len(value) else None
        else:
            value = (value or {}).get(key)
    return value


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Iterate over all values of a description but those that change with every update."""
    if isinstance(value, dict):
        for key, child in value.items():
            if not VOLATILE.search(str(key)):
                yield from _leaves(child, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for place, child in enumerate(value):
            yield from _leaves(child, f"{path}.{place}")
    elif value is not None:
        yield path, str(value)


def _outcome(standing: Standing, name: str) -> Outcome:
    found = standing.outcomes[name]
    if isinstance(found, Exception):
        raise found
    return found


@pytest.mark.parametrize("name", _BY_NAME)
def test_service_shows_what_was_changed(standing: Standing, name: str) -> None:
    """After an update the service's own description says what the template says now, removed properties included."""
    assert _outcome(standing, name).shown == _BY_NAME[name].shows


@pytest.mark.parametrize("name", _BY_NAME)
def test_every_changed_property_is_taken_and_shown(standing: Standing, name: str) -> None:
    """An update passes over nothing."""
    assert _outcome(standing, name).gaps == ((), ())


@pytest.mark.parametrize("name", _BY_NAME)
def test_way_back_gives_the_first_state(standing: Standing, name: str) -> None:
    """Changed back, as a rollback does it, a resource is what it was."""
    outcome = _outcome(standing, name)
    assert outcome.again == outcome.first


@pytest.mark.parametrize(
    ("name", "properties", "error", "reason"),
    [
        (
            "Indexed",
            lambda w: _table(
                TableName="indexed",
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=_INDEXED["AttributeDefinitions"],
                GlobalSecondaryIndexes=[
                    {**_INDEXED["GlobalSecondaryIndexes"][0], "IndexName": name} for name in ("one", "two")
                ],
            ),
            ValueError,
            "Cannot perform more than one GSI creation or deletion in a single update",
        ),
        (
            "Health",
            lambda w: {"HealthCheckConfig": {"Type": "TCP", "Port": 443, "FullyQualifiedDomainName": "a.example.org"}},
            CannotUpdateError,
            "cannot change HealthCheckConfig.RequestInterval, HealthCheckConfig.Type of AWS::Route53::HealthCheck",
        ),
        (
            "Address",
            lambda w: _record(w, "a", "A", "192.0.2.1", Name="a.example.com"),
            ValueError,
            "RRSet with DNS name a.example.com. is not permitted in zone example.org",
        ),
        (
            "Function",
            lambda w: _function(RuntimeManagementConfig={"UpdateRuntimeOn": "Auto"}, Tags=BEFORE),
            CannotUpdateError,
            "cannot change RuntimeManagementConfig of AWS::Lambda::Function in place",
        ),
        (
            "Certificate",
            lambda w: _certificate(w, Tags=BEFORE, ValidationMethod="EMAIL"),
            CannotUpdateError,
            "cannot change ValidationMethod of AWS::CertificateManager::Certificate in place",
        ),
        (
            "Distribution",
            lambda w: _distribution(w, WebACLId=w.att("Acl", "Arn")),
            ValueError,
            "is not one of scope CLOUDFRONT",
        ),
        (
            "Client",
            lambda w: {"UserPoolId": w.ref("People"), "ClientName": "client", "GenerateSecret": False},
            CannotUpdateError,
            "cannot change GenerateSecret of AWS::Cognito::UserPoolClient in place",
        ),
    ],
)
def test_what_cannot_be_changed_is_refused(
    standing: Standing, name: str, properties: Callable[[World], Properties], error: type[Exception], reason: str
) -> None:
    """An update that the service or the simulation cannot carry out fails and says why."""
    with pytest.raises(error, match=re.escape(reason)):
        standing.world[name].update(_wanted(_BY_NAME[name], properties(standing.world)))


def test_version_of_what_did_not_change_is_refused(standing: Standing) -> None:
    """CloudFormation makes no second version of a function that is as it was when it was published."""
    with pytest.raises(ValueError, match=re.escape("A version for this Lambda function exists ( 1 )")):
        make(standing.account, "Lambda::Version", "Second", {"FunctionName": "function"})


def test_validation_record_stands_in_the_zone_and_stays(standing: Standing) -> None:
    """CloudFormation writes the record that validates a certificate, and leaves it when the certificate goes."""
    certificate = make(standing.account, "CertificateManager::Certificate", "Other", _certificate(standing.world))
    certificate.delete(False)
    found = standing.account.client("route53").list_resource_record_sets(HostedZoneId=standing.world.ref("Zone"))
    validating = [entry for entry in found["ResourceRecordSets"] if entry["Name"].endswith(".api.example.org.")]
    assert [
        (entry["Type"], entry["ResourceRecords"][0]["Value"].partition(".")[2].partition(".")[2])
        for entry in validating
    ] == [("CNAME", "acm-validations.aws.")]
