"""The edge of Caja as a tester finds it in the console: distribution, web ACL, certificate, records, logs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import Simulated

pytestmark = pytest.mark.systems("caja")

DOMAINS = {"dev": "dev.caja.example.com", "staging": "staging.caja.example.com", "prod": "caja.example.com"}


def _distribution(simulated: Simulated) -> dict[str, Any]:
    """Return the account's one distribution."""
    (found,) = simulated.client("cloudfront").list_distributions()["DistributionList"]["Items"]
    return dict(simulated.client("cloudfront").get_distribution(Id=found["Id"])["Distribution"])


def _configuration(simulated: Simulated) -> dict[str, Any]:
    return dict(_distribution(simulated)["DistributionConfig"])


def _origin(simulated: Simulated, name: str) -> dict[str, Any]:
    (found,) = [origin for origin in _configuration(simulated)["Origins"]["Items"] if origin["Id"] == name]
    return dict(found)


@pytest.mark.promise("CJ-06")
def test_distribution_answers_to_the_domain(simulated: Simulated) -> None:
    """The domain name is the distribution's one alias, and its certificate is issued for it."""
    configuration = _configuration(simulated)
    arn = configuration["ViewerCertificate"]["ACMCertificateArn"]
    certificate = simulated.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    assert configuration["Aliases"]["Items"] == [DOMAINS[simulated.environment]]
    assert (certificate["DomainName"], certificate["Status"]) == (DOMAINS[simulated.environment], "ISSUED")
    assert configuration["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2025"


@pytest.mark.promise("CJ-04", "CJ-06")
@pytest.mark.parametrize("kind", ["A", "AAAA"])
def test_domain_leads_to_the_distribution(simulated: Simulated, kind: str) -> None:
    """The hosted zone, which stood before, has alias records for both kinds of address."""
    alias = simulated.records()[(DOMAINS[simulated.environment], kind)]["AliasTarget"]
    assert alias["DNSName"].rstrip(".") == _distribution(simulated)["DomainName"]
    assert alias["HostedZoneId"] == "Z2FDTNDATAQYW2"


@pytest.mark.promise("CJ-04")
def test_site_comes_from_a_bucket_that_exists(simulated: Simulated) -> None:
    """The site's origin is the bucket's own name, and CloudFront signs what it asks for."""
    cloudfront, origin = simulated.client("cloudfront"), _origin(simulated, "site")
    bucket = simulated.id_of("edge", "SiteBucket")
    found = cloudfront.get_origin_access_control(Id=origin["OriginAccessControlId"])["OriginAccessControl"]
    control = found["OriginAccessControlConfig"]
    assert origin["DomainName"] == f"{bucket}.s3.us-east-1.amazonaws.com"
    assert bucket in {entry["Name"] for entry in simulated.client("s3").list_buckets()["Buckets"]}
    assert (control["OriginAccessControlOriginType"], control["SigningBehavior"], control["SigningProtocol"]) == (
        "s3",
        "always",
        "sigv4",
    )


@pytest.mark.promise("CJ-04")
def test_only_this_distribution_reads_the_site(simulated: Simulated) -> None:
    """The bucket's policy lets in CloudFront for the distribution that exists, and nobody else."""
    bucket = simulated.id_of("edge", "SiteBucket")
    policy = json.loads(simulated.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])
    (allowed,) = [statement for statement in policy["Statement"] if statement["Effect"] == "Allow"]
    assert (allowed["Principal"], allowed["Action"]) == ({"Service": "cloudfront.amazonaws.com"}, "s3:GetObject")
    assert allowed["Resource"] == f"arn:aws:s3:::{bucket}/*"
    assert allowed["Condition"] == {"StringEquals": {"aws:SourceArn": _distribution(simulated)["ARN"]}}


@pytest.mark.promise("CJ-04")
def test_site_is_closed_to_the_public(simulated: Simulated) -> None:
    """Nothing can make the bucket or a file in it public."""
    bucket = simulated.id_of("edge", "SiteBucket")
    block = simulated.client("s3").get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}


@pytest.mark.promise("CJ-04")
def test_static_content_is_cached(simulated: Simulated) -> None:
    """What is not the API's comes from the bucket, and is kept by a policy that exists: a day unless it says more."""
    behaviour = _configuration(simulated)["DefaultCacheBehavior"]
    found = simulated.client("cloudfront").get_cache_policy(Id=behaviour["CachePolicyId"])["CachePolicy"]
    policy = found["CachePolicyConfig"]
    assert (behaviour["TargetOriginId"], behaviour["Compress"]) == ("site", True)
    assert (policy["Name"], policy["DefaultTTL"], policy["MinTTL"]) == (f"{simulated.prefix}-static", 86400, 0)


@pytest.mark.promise("CJ-04")
def test_dynamic_content_is_not_cached(simulated: Simulated) -> None:
    """The API's paths go to the load balancer, with every method, and by AWS's policy that caches nothing."""
    (behaviour,) = _configuration(simulated)["CacheBehaviors"]["Items"]
    assert (behaviour["PathPattern"], behaviour["TargetOriginId"]) == ("/api/*", "api")
    assert behaviour["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert set(behaviour["AllowedMethods"]["Items"]) >= {"GET", "POST", "PUT", "PATCH", "DELETE"}


@pytest.mark.promise("CJ-04")
def test_users_are_sent_to_https(simulated: Simulated) -> None:
    """Neither behaviour answers over HTTP."""
    configuration = _configuration(simulated)
    behaviours = [configuration["DefaultCacheBehavior"], *configuration["CacheBehaviors"]["Items"]]
    assert {behaviour["ViewerProtocolPolicy"] for behaviour in behaviours} == {"redirect-to-https"}


@pytest.mark.promise("CJ-04")
def test_views_are_rewritten_by_a_function_that_exists(simulated: Simulated) -> None:
    """Requests of the site pass the function that answers views with the page."""
    (association,) = _configuration(simulated)["DefaultCacheBehavior"]["FunctionAssociations"]["Items"]
    name = simulated.id_of("edge", "PageFunction").rpartition("/")[2]
    function = simulated.client("cloudfront").describe_function(Name=name, Stage="LIVE")["FunctionSummary"]
    assert association == {
        "EventType": "viewer-request",
        "FunctionARN": function["FunctionMetadata"]["FunctionARN"],
    }


@pytest.mark.promise("CJ-04", "CJ-06")
def test_api_is_reached_by_the_name_of_the_load_balancer(simulated: Simulated) -> None:
    """The API's origin is the name whose record leads to the load balancer, asked over HTTPS only."""
    origin = _origin(simulated, "api")
    alias = simulated.records()[(origin["DomainName"], "A")]["AliasTarget"]
    arn = simulated.id_of("application", "LoadBalancer")
    (balancer,) = simulated.client("elbv2").describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    assert origin["DomainName"] == f"api.{DOMAINS[simulated.environment]}"
    assert alias["DNSName"].rstrip(".") == balancer["DNSName"]
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"


@pytest.mark.promise("CJ-05", "CJ-09")
def test_nobody_goes_around_the_edge(simulated: Simulated) -> None:
    """CloudFront sends the secret's value, the load balancer lets in who sends it and refuses everybody else."""
    secret = simulated.secret(f"caja/{simulated.environment}/origin")
    (header,) = _origin(simulated, "api")["CustomHeaders"]["Items"]
    listener = simulated.id_of("application", "HttpsListener")
    rules = simulated.client("elbv2").describe_rules(ListenerArn=listener)["Rules"]
    opening, closing = sorted(rules, key=lambda rule: rule["IsDefault"])
    (condition,) = opening["Conditions"]
    assert (len(secret), header) == (64, {"HeaderName": "X-Origin-Verify", "HeaderValue": secret})
    assert condition["HttpHeaderConfig"] == {"HttpHeaderName": "X-Origin-Verify", "Values": [secret]}
    assert [action["Type"] for action in opening["Actions"]] == ["forward"]
    assert [action["FixedResponseConfig"]["StatusCode"] for action in closing["Actions"]] == ["403"]


def _web_acl(simulated: Simulated) -> dict[str, Any]:
    """Return the account's one web ACL for CloudFront."""
    waf = simulated.client("wafv2", "us-east-1")
    (found,) = waf.list_web_acls(Scope="CLOUDFRONT")["WebACLs"]
    return dict(waf.get_web_acl(Scope="CLOUDFRONT", Name=found["Name"], Id=found["Id"])["WebACL"])


@pytest.mark.promise("CJ-05")
def test_web_acl_that_exists_stands_before_the_distribution(simulated: Simulated) -> None:
    """The distribution names the web ACL by the ARN under which WAF knows it."""
    assert _configuration(simulated)["WebACLId"] == _web_acl(simulated)["ARN"]


@pytest.mark.promise("CJ-05")
def test_web_acl_has_its_rules(simulated: Simulated) -> None:
    """It blocks who asks too often, and four of AWS's groups of rules block what they know."""
    rules = {rule["Name"]: rule for rule in _web_acl(simulated)["Rules"]}
    rate = rules.pop("TooManyRequests")
    assert (rate["Action"], rate["Statement"]["RateBasedStatement"]["Limit"]) == ({"Block": {}}, 20000)
    assert {
        rule["Statement"]["ManagedRuleGroupStatement"]["Name"]: rule["OverrideAction"] for rule in rules.values()
    } == {
        "AWSManagedRulesAmazonIpReputationList": {"None": {}},
        "AWSManagedRulesCommonRuleSet": {"None": {}},
        "AWSManagedRulesKnownBadInputsRuleSet": {"None": {}},
        "AWSManagedRulesSQLiRuleSet": {"None": {}},
    }


@pytest.mark.promise("CJ-05", "CJ-08")
def test_web_acl_logs_to_a_group_that_exists(simulated: Simulated) -> None:
    """What the web ACL saw goes to an encrypted log group, without cookies and credentials."""
    arn = _web_acl(simulated)["ARN"]
    found = simulated.client("wafv2").get_logging_configuration(ResourceArn=arn)["LoggingConfiguration"]
    name = simulated.id_of("edge", "WebAclLogGroup")
    (group,) = simulated.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert found["LogDestinationConfigs"] == [group["logGroupArn"]]
    assert {field["SingleHeader"]["Name"] for field in found["RedactedFields"]} == {"authorization", "cookie"}
    assert (group["retentionInDays"], group["kmsKeyId"]) == (365, simulated.key_arn("edge", "LogKey"))


@pytest.mark.promise("CJ-08")
def test_access_logs_are_delivered_to_a_bucket_that_exists(simulated: Simulated) -> None:
    """The distribution is the source and the logs bucket the destination of the one delivery, as JSON."""
    logs = simulated.client("logs")
    (delivery,) = logs.describe_deliveries()["deliveries"]
    (source,) = logs.describe_delivery_sources()["deliverySources"]
    (destination,) = logs.describe_delivery_destinations()["deliveryDestinations"]
    bucket = simulated.id_of("edge", "LogsBucket")
    assert (delivery["deliverySourceName"], delivery["deliveryDestinationArn"]) == (source["name"], destination["arn"])
    assert source["resourceArns"] == [_distribution(simulated)["ARN"]]
    assert destination["outputFormat"] == "json"
    assert destination["deliveryDestinationConfiguration"]["destinationResourceArn"] == f"arn:aws:s3:::{bucket}"


@pytest.mark.promise("CJ-07")
@pytest.mark.parametrize(
    ("alarm", "metric", "threshold", "severity"),
    [
        ("EdgeDownAlarm", "5xxErrorRate", 50.0, "critical"),
        ("ServerErrorsAlarm", "5xxErrorRate", 5.0, "warning"),
        ("BlockedRequestsAlarm", "BlockedRequests", 1000.0, "information"),
    ],
)
def test_alarm_watches_the_edge(simulated: Simulated, alarm: str, metric: str, threshold: float, severity: str) -> None:
    """There is an alarm of each severity, about the distribution and the web ACL that exist."""
    found = simulated.alarm("edge", alarm)
    watched = {dimension["Name"]: dimension["Value"] for dimension in found["Dimensions"]}
    expected = {"DistributionId": _distribution(simulated)["Id"], "Region": "Global"}
    if metric == "BlockedRequests":
        expected = {"WebACL": _web_acl(simulated)["VisibilityConfig"]["MetricName"], "Rule": "ALL"}
    assert (found["MetricName"], found["Threshold"], watched) == (metric, threshold, expected)
    assert (found["AlarmActions"], found["OKActions"]) == ([simulated.topic(severity)], [simulated.topic(severity)])


@pytest.mark.promise("CJ-04", "CJ-06")
def test_outputs_give_the_address(simulated: Simulated) -> None:
    """The stack says where the site is and which distribution a release invalidates."""
    outputs, found = simulated.outputs("edge"), _distribution(simulated)
    assert outputs["Url"] == f"https://{DOMAINS[simulated.environment]}"
    assert (outputs["DistributionId"], outputs["DistributionDomainName"]) == (found["Id"], found["DomainName"])
