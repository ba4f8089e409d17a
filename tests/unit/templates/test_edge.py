"""Caja's edge layer, asked in every environment."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from stackproof import Block, Deployment, InputError, Output, Stack, load_system
from stackproof.compose.templates import deployment_of_templates

pytestmark = pytest.mark.systems("caja")

DOMAINS = {"dev": "dev.caja.example.com", "staging": "staging.caja.example.com", "prod": "caja.example.com"}


@pytest.fixture
def edge(deployment: Deployment) -> Stack:
    """The stack of the layer."""
    return deployment["edge"]


@pytest.fixture
def edge_with_api(deployment: Deployment) -> Stack:
    """The stack of the layer with an API, wherever that is."""
    values = {"UseApi": "true", "ApiDomainName": "balancer.example.net"}
    return load_system("caja").deployment_with(deployment.environment.name, values)["edge"]


def _config(stack: Stack) -> Block:
    return stack["Distribution"].block("DistributionConfig")


def _origins(stack: Stack) -> dict[str, Block]:
    return {origin.text("Id"): origin for origin in _config(stack).items_of("Origins")}


def _statements(stack: Stack, policy: str) -> dict[str, Block]:
    statements = stack[policy].block("PolicyDocument").items_of("Statement")
    return {statement.text("Sid"): statement for statement in statements}


@pytest.mark.promise("CJ-04")
@pytest.mark.parametrize("name", ["SiteBucket", "LogsBucket"])
def test_buckets_are_private_and_encrypted(edge: Stack, name: str) -> None:
    """Nothing public, no access control lists, versions kept, encrypted by S3; and S3 serves no website itself."""
    bucket = edge[name]
    assert bucket["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    assert bucket.block("OwnershipControls")["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert bucket.block("VersioningConfiguration").text("Status") == "Enabled"
    (rule,) = bucket.block("BucketEncryption").items_of("ServerSideEncryptionConfiguration")
    assert rule.block("ServerSideEncryptionByDefault").text("SSEAlgorithm") == "AES256"
    assert {"WebsiteConfiguration", "AccessControl"} & set(bucket.properties) == set()


@pytest.mark.promise("CJ-04")
def test_only_the_distribution_reads_the_site(edge: Stack) -> None:
    """One statement allows: this distribution, objects only, and nobody without TLS."""
    statements = _statements(edge, "SiteBucketPolicy")
    assert {name: statement.text("Effect") for name, statement in statements.items()} == {
        "DistributionReads": "Allow",
        "NobodyWithoutTls": "Deny",
    }
    reads = statements["DistributionReads"]
    assert reads["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert (reads["Action"], str(reads["Resource"])) == ("s3:GetObject", "${SiteBucket.Arn}/*")
    source = reads.block("Condition").block("StringEquals")["aws:SourceArn"]
    assert str(source) == "arn:aws:cloudfront::${AWS::AccountId}:distribution/${Distribution}"


@pytest.mark.promise("CJ-04")
def test_requests_to_the_bucket_are_signed(edge: Stack) -> None:
    """Origin access control, and not the older identity."""
    control = edge["SiteAccess"].block("OriginAccessControlConfig")
    assert (control.text("SigningBehavior"), control.text("OriginAccessControlOriginType")) == ("always", "s3")
    site = _origins(edge)["site"]
    assert site["OriginAccessControlId"] == edge["SiteAccess"].reference
    assert site["S3OriginConfig"] == {"OriginAccessIdentity": ""}
    assert str(site["DomainName"]) == "${SiteBucket.RegionalDomainName}"


@pytest.mark.promise("CJ-04")
def test_static_content_is_cached_long_and_compressed(edge: Stack) -> None:
    """A day, or what a file itself says up to a year; gzip and Brotli; only the path makes a difference."""
    behaviour = _config(edge).block("DefaultCacheBehavior")
    assert (behaviour.text("TargetOriginId"), behaviour.boolean("Compress")) == ("site", True)
    assert list(behaviour.items_of("AllowedMethods")) == ["GET", "HEAD", "OPTIONS"]
    assert behaviour["CachePolicyId"] == edge["StaticCachePolicy"].reference
    policy = edge["StaticCachePolicy"].block("CachePolicyConfig")
    assert [policy.integer(ttl) for ttl in ("MinTTL", "DefaultTTL", "MaxTTL")] == [0, 86_400, 31_536_000]
    assert policy["ParametersInCacheKeyAndForwardedToOrigin"] == {
        "EnableAcceptEncodingGzip": True,
        "EnableAcceptEncodingBrotli": True,
        "CookiesConfig": {"CookieBehavior": "none"},
        "HeadersConfig": {"HeaderBehavior": "none"},
        "QueryStringsConfig": {"QueryStringBehavior": "none"},
    }


@pytest.mark.promise("CJ-04")
def test_dynamic_content_is_not_cached(edge_with_api: Stack) -> None:
    """Paths of the API go to the load balancer with all methods, headers, cookies and queries, and are never cached."""
    (behaviour,) = _config(edge_with_api).items_of("CacheBehaviors")
    assert (behaviour.text("PathPattern"), behaviour.text("TargetOriginId")) == ("/api/*", "api")
    # The managed policies CachingDisabled and AllViewerExceptHostHeader.
    assert behaviour.text("CachePolicyId") == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert behaviour.text("OriginRequestPolicyId") == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    assert set(behaviour.items_of("AllowedMethods")) == {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"}
    assert "FunctionAssociations" not in behaviour


@pytest.mark.promise("CJ-04")
def test_load_balancer_is_asked_over_https_only(edge_with_api: Stack) -> None:
    """TLS 1.2 towards the load balancer of the given name."""
    api = _origins(edge_with_api)["api"]
    assert api.text("DomainName") == "balancer.example.net"
    config = api.block("CustomOriginConfig")
    assert config.text("OriginProtocolPolicy") == "https-only"
    assert list(config.items_of("OriginSSLProtocols")) == ["TLSv1.2"]


@pytest.mark.promise("CJ-09")
def test_origin_header_comes_from_secrets_manager(edge_with_api: Stack, deployment: Deployment) -> None:
    """The load balancer knows CloudFront by a value that no template, parameter or event holds."""
    (header,) = _origins(edge_with_api)["api"].items_of("OriginCustomHeaders")
    name = deployment.environment.name
    assert header.text("HeaderName") == "X-Origin-Verify"
    assert str(header["HeaderValue"]) == f"{{{{resolve:secretsmanager:caja/{name}/origin:SecretString}}}}"


@pytest.mark.promise("CJ-04")
def test_users_are_sent_to_https(edge_with_api: Stack) -> None:
    """By every behaviour; TLS 1.2 at least, HTTP/2 and HTTP/3, IPv6, a root object."""
    config = _config(edge_with_api)
    behaviours = [config.block("DefaultCacheBehavior"), *config.items_of("CacheBehaviors")]
    assert [behaviour.text("ViewerProtocolPolicy") for behaviour in behaviours] == ["redirect-to-https"] * 2
    certificate = config.block("ViewerCertificate")
    assert (certificate.text("MinimumProtocolVersion"), certificate.text("SslSupportMethod")) == (
        "TLSv1.2_2025",
        "sni-only",
    )
    assert (config.text("HttpVersion"), config.boolean("IPV6Enabled")) == ("http2and3", True)
    assert config.text("DefaultRootObject") == "index.html"


@pytest.mark.promise("CJ-04")
def test_answers_carry_security_headers(edge_with_api: Stack) -> None:
    """Those of the site and of the API alike."""
    config = _config(edge_with_api)
    behaviours = [config.block("DefaultCacheBehavior"), *config.items_of("CacheBehaviors")]
    reference = edge_with_api["SecurityHeadersPolicy"].reference
    assert [behaviour["ResponseHeadersPolicyId"] for behaviour in behaviours] == [reference, reference]
    policy = edge_with_api["SecurityHeadersPolicy"].block("ResponseHeadersPolicyConfig").block("SecurityHeadersConfig")
    assert policy == {
        "StrictTransportSecurity": {"AccessControlMaxAgeSec": 31536000, "IncludeSubdomains": True, "Override": True},
        "ContentSecurityPolicy": {
            "ContentSecurityPolicy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; "
            "form-action 'self'; frame-ancestors 'none'",
            "Override": True,
        },
        "ContentTypeOptions": {"Override": True},
        "FrameOptions": {"FrameOption": "DENY", "Override": True},
        "ReferrerPolicy": {"ReferrerPolicy": "strict-origin-when-cross-origin", "Override": True},
    }


PATHS = {
    "/": "/index.html",
    "/events": "/index.html",
    "/events/42/": "/index.html",
    "/v1.2/events": "/index.html",
    "/assets/app.3f2a.js": "/assets/app.3f2a.js",
    "/favicon.ico": "/favicon.ico",
    "/.well-known/apple-app-site-association": "/.well-known/apple-app-site-association",
}


@pytest.mark.promise("CJ-04")
def test_views_of_the_application_are_its_page(edge: Stack) -> None:
    """By a function on the site's requests, and not by error pages, which would replace the API's answers too."""
    (association,) = _config(edge).block("DefaultCacheBehavior").items_of("FunctionAssociations")
    assert association.text("EventType") == "viewer-request"
    assert str(association["FunctionARN"]) == "${PageFunction.FunctionARN}"
    assert edge["PageFunction"].boolean("AutoPublish")
    assert "CustomErrorResponses" not in _config(edge)


@pytest.mark.promise("CJ-04")
@pytest.mark.environments("prod")
@pytest.mark.skipif(shutil.which("node") is None, reason="needs node to run the function")
def test_paths_without_an_extension_are_rewritten(edge: Stack) -> None:
    """Files keep their paths, and so does what lies below ``/.well-known/``."""
    script = (
        edge["PageFunction"].text("FunctionCode")
        + f"console.log(JSON.stringify({json.dumps(list(PATHS))}.map(uri => handler({{request: {{uri}}}}).uri)))"
    )
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True, timeout=60)
    assert dict(zip(PATHS, json.loads(done.stdout), strict=True)) == PATHS


RULES = {
    "TooManyRequests": "",
    "AddressesOfBadRepute": "AWSManagedRulesAmazonIpReputationList",
    "CommonAttacks": "AWSManagedRulesCommonRuleSet",
    "KnownBadInputs": "AWSManagedRulesKnownBadInputsRuleSet",
    "SqlInjection": "AWSManagedRulesSQLiRuleSet",
}


@pytest.mark.promise("CJ-05")
def test_web_acl_stands_before_the_distribution(edge: Stack) -> None:
    """Of the scope that CloudFront takes; what no rule blocks is let through."""
    assert str(_config(edge)["WebACLId"]) == "${WebAcl.Arn}"
    assert edge["WebAcl"].text("Scope") == "CLOUDFRONT"
    assert edge["WebAcl"]["DefaultAction"] == {"Allow": {}}


@pytest.mark.promise("CJ-05")
def test_web_acl_blocks(edge: Stack) -> None:
    """AWS's groups with their own actions, none only counted, and a limit that the guests of an event can share."""
    rules = edge["WebAcl"].items_of("Rules")
    assert [(rule.text("Name"), rule.integer("Priority")) for rule in rules] == list(zip(RULES, range(5), strict=True))
    rate, *groups = rules
    assert rate["Action"] == {"Block": {}}
    limit = rate.block("Statement").block("RateBasedStatement")
    assert (limit.text("AggregateKeyType"), limit.integer("EvaluationWindowSec"), limit.integer("Limit")) == (
        "IP",
        300,
        20_000,
    )
    assert [rule["OverrideAction"] for rule in groups] == [{"None": {}}] * 4
    assert [rule.block("Statement")["ManagedRuleGroupStatement"] for rule in groups] == [
        {"VendorName": "AWS", "Name": name} for name in list(RULES.values())[1:]
    ]


@pytest.mark.promise("CJ-05")
@pytest.mark.promise("CJ-08")
def test_web_acl_logs_without_credentials(edge: Stack) -> None:
    """Into an encrypted group of the prefix that WAF demands, for a year; samples, which nothing redacts, are off."""
    logging = edge["WebAclLogging"]
    assert str(logging["ResourceArn"]) == "${WebAcl.Arn}"
    (target,) = logging.items_of("LogDestinationConfigs")
    assert str(target) == "arn:aws:logs:us-east-1:${AWS::AccountId}:log-group:${WebAclLogGroup}"
    assert [field.block("SingleHeader").text("Name") for field in logging.items_of("RedactedFields")] == [
        "authorization",
        "cookie",
    ]
    group = edge["WebAclLogGroup"]
    assert str(group["LogGroupName"]).startswith("aws-waf-logs-caja-")
    assert (group.integer("RetentionInDays"), str(group["KmsKeyId"])) == (365, "${LogKey.Arn}")
    shown = [edge["WebAcl"].block("VisibilityConfig")]
    shown += [rule.block("VisibilityConfig") for rule in edge["WebAcl"].items_of("Rules")]
    assert {(v.boolean("CloudWatchMetricsEnabled"), v.boolean("SampledRequestsEnabled")) for v in shown} == {
        (True, False)
    }


@pytest.mark.promise("CJ-06")
def test_domain(edge: Stack, deployment: Deployment) -> None:
    """The environment's name is the distribution's alias, the certificate's name and the address of the site."""
    domain = DOMAINS[deployment.environment.name]
    assert list(_config(edge).items_of("Aliases")) == [domain]
    assert _config(edge).block("ViewerCertificate")["AcmCertificateArn"] == edge["Certificate"].reference
    assert edge["Certificate"].text("DomainName") == domain
    assert edge.outputs["Url"].value == f"https://{domain}"


@pytest.mark.promise("CJ-06")
def test_certificate_is_validated_in_the_hosted_zone(edge: Stack, deployment: Deployment) -> None:
    """By DNS, in the zone that the account names, so that nobody has to click anything."""
    assert edge["Certificate"].text("ValidationMethod") == "DNS"
    (option,) = edge["Certificate"].items_of("DomainValidationOptions")
    assert option.text("DomainName") == DOMAINS[deployment.environment.name]
    assert str(option["HostedZoneId"]) == f"{{{{resolve:ssm:/caja/{deployment.environment.name}/hosted-zone-id}}}}"


@pytest.mark.promise("CJ-06")
@pytest.mark.parametrize(("record", "kind"), [("AddressRecord", "A"), ("Ipv6AddressRecord", "AAAA")])
def test_records(edge: Stack, deployment: Deployment, record: str, kind: str) -> None:
    """The name leads to the distribution, over both versions of IP."""
    found = edge[record]
    assert (found.text("Name"), found.text("Type")) == (DOMAINS[deployment.environment.name], kind)
    target = found.block("AliasTarget")
    assert str(target["DNSName"]) == "${Distribution.DomainName}"
    assert (target.text("HostedZoneId"), target.boolean("EvaluateTargetHealth")) == ("Z2FDTNDATAQYW2", False)
    assert str(found["HostedZoneId"]) == f"{{{{resolve:ssm:/caja/{deployment.environment.name}/hosted-zone-id}}}}"


ALARMS = {
    "EdgeDownAlarm": ("Critical", "5xxErrorRate", "GreaterThanOrEqualToThreshold", 50, 60, 5),
    "ServerErrorsAlarm": ("Warning", "5xxErrorRate", "GreaterThanThreshold", 5, 300, 2),
    "BlockedRequestsAlarm": ("Information", "BlockedRequests", "GreaterThanThreshold", 1000, 300, 1),
}


@pytest.mark.promise("CJ-07")
@pytest.mark.parametrize("name", ALARMS)
def test_alarms(edge: Stack, deployment: Deployment, name: str) -> None:
    """One of each severity, each with the topic of its severity; silence is no alarm."""
    severity, metric, comparison, threshold, period, evaluations = ALARMS[name]
    alarm = edge[name]
    assert (alarm.text("MetricName"), alarm.text("ComparisonOperator")) == (metric, comparison)
    assert (alarm.integer("Threshold"), alarm.integer("Period"), alarm.integer("EvaluationPeriods")) == (
        threshold,
        period,
        evaluations,
    )
    assert alarm.text("TreatMissingData") == "notBreaching"
    topic = _exported(deployment, f"Monitoring{severity}TopicArn")
    assert [list(alarm.items_of(key)) for key in ("AlarmActions", "OKActions")] == [[topic], [topic]]


def _exported(deployment: Deployment, what: str) -> Any:
    name = f"caja-{deployment.environment.name}-{what}"
    outputs: list[Output] = [output for stack in deployment.stacks.values() for output in stack.outputs.values()]
    (found,) = [output for output in outputs if output.export == name]
    return found.value


@pytest.mark.promise("CJ-07")
def test_alarms_watch_this_distribution_and_web_acl(edge: Stack, deployment: Deployment) -> None:
    """CloudFront's metrics are global; those of its web ACLs name no region."""
    for name in ("EdgeDownAlarm", "ServerErrorsAlarm"):
        assert {item.text("Name"): str(item["Value"]) for item in edge[name].items_of("Dimensions")} == {
            "DistributionId": "${Distribution}",
            "Region": "Global",
        }
    metric = edge["WebAcl"].block("VisibilityConfig").text("MetricName")
    assert metric == f"caja-{deployment.environment.name}"
    assert edge["BlockedRequestsAlarm"]["Dimensions"] == [
        {"Name": "WebACL", "Value": metric},
        {"Name": "Rule", "Value": "ALL"},
    ]


@pytest.mark.promise("CJ-08")
def test_access_is_logged_as_json(edge: Stack) -> None:
    """The distribution's requests are delivered as JSON into the bucket of the logs; S3 logs the site's there too."""
    source = edge["LogSource"]
    assert source.text("LogType") == "ACCESS_LOGS"
    assert str(source["ResourceArn"]) == "arn:aws:cloudfront::${AWS::AccountId}:distribution/${Distribution}"
    target = edge["LogDestination"]
    assert (target.text("OutputFormat"), str(target["DestinationResourceArn"])) == ("json", "${LogsBucket.Arn}")
    assert edge["LogDelivery"]["DeliverySourceName"] == source.reference
    assert str(edge["LogDelivery"]["DeliveryDestinationArn"]) == "${LogDestination.Arn}"
    logged = edge["SiteBucket"].block("LoggingConfiguration")
    assert (logged["DestinationBucketName"], logged["LogFilePrefix"]) == (edge["LogsBucket"].reference, "site/")


@pytest.mark.promise("CJ-08")
def test_only_these_two_write_logs(edge: Stack, deployment: Deployment) -> None:
    """Each service for this account only and below a path of its own, before anybody writes."""
    statements = _statements(edge, "LogsBucketPolicy")
    allowed = {
        name: (statement.block("Principal").text("Service"), str(statement["Resource"]))
        for name, statement in statements.items()
        if statement.text("Effect") == "Allow"
    }
    assert allowed == {
        "CloudFrontOfThisAccountWrites": (
            "delivery.logs.amazonaws.com",
            "${LogsBucket.Arn}/AWSLogs/${AWS::AccountId}/*",
        ),
        "BucketsOfThisAccountWrite": ("logging.s3.amazonaws.com", "${LogsBucket.Arn}/site/*"),
    }
    conditions = [statements[name].block("Condition") for name in allowed]
    accounts = [condition.block("StringEquals")["aws:SourceAccount"] for condition in conditions]
    assert [str(account) for account in accounts] == ["${AWS::AccountId}"] * 2
    source = f"caja-{deployment.environment.name}-"
    assert str(conditions[0].block("ArnLike")["aws:SourceArn"]).endswith(f":delivery-source:{source}*")
    assert str(edge["LogSource"]["Name"]) == f"{source}${{Distribution}}"
    assert edge["SiteBucket"].attributes["DependsOn"] == "LogsBucketPolicy"


@pytest.mark.promise("CJ-08")
@pytest.mark.promise("CJ-11")
def test_logs_and_replaced_files_expire(edge: Stack) -> None:
    """Logs after a year, replaced files of the site after 90 days, uploads that were given up after a week."""
    (logs,) = edge["LogsBucket"].block("LifecycleConfiguration").items_of("Rules")
    (files,) = edge["SiteBucket"].block("LifecycleConfiguration").items_of("Rules")
    assert (logs.text("Status"), logs.integer("ExpirationInDays")) == ("Enabled", 365)
    assert (files.text("Status"), files["NoncurrentVersionExpiration"]) == ("Enabled", {"NoncurrentDays": 90})
    assert "ExpirationInDays" not in files
    assert [rule["AbortIncompleteMultipartUpload"] for rule in (logs, files)] == [{"DaysAfterInitiation": 7}] * 2


@pytest.mark.promise("CJ-09")
def test_log_key_rotates(edge: Stack) -> None:
    """Nobody but the account's administrators and the logs of web ACLs use it."""
    key = edge["LogKey"]
    assert key.boolean("EnableKeyRotation")
    account, logs = key.block("KeyPolicy").items_of("Statement")
    assert [str(account.block("Principal")["AWS"])] == ["arn:aws:iam::${AWS::AccountId}:root"]
    assert logs["Principal"] == {"Service": "logs.us-east-1.amazonaws.com"}
    context = logs.block("Condition").block("ArnLike")["kms:EncryptionContext:aws:logs:arn"]
    assert str(context) == "arn:aws:logs:us-east-1:${AWS::AccountId}:log-group:aws-waf-logs-*"


TAGGABLE = (
    "AWS::KMS::Key",
    "AWS::S3::Bucket",
    "AWS::CertificateManager::Certificate",
    "AWS::WAFv2::WebACL",
    "AWS::Logs::LogGroup",
    "AWS::CloudFront::Function",
    "AWS::CloudFront::Distribution",
    "AWS::Logs::DeliverySource",
    "AWS::Logs::DeliveryDestination",
    "AWS::Logs::Delivery",
    "AWS::CloudWatch::Alarm",
)


@pytest.mark.promise("CJ-13")
def test_tags(edge: Stack, deployment: Deployment) -> None:
    """Everything that can be tagged says what it belongs to."""
    name = deployment.environment.name
    for resource in edge.of_type(*TAGGABLE):
        tags = {tag.text("Key"): str(tag["Value"]) for tag in resource.items_of("Tags")}
        assert tags.pop("Name").startswith(f"caja-{name}-"), resource
        assert tags == {"System": "caja", "Environment": name, "Layer": "edge"}, resource


@pytest.mark.promise("CJ-13")
def test_names_that_cloudfront_demands(edge: Stack, deployment: Deployment) -> None:
    """Carry the system, the environment and what they are for."""
    name = f"caja-{deployment.environment.name}"
    assert edge["SiteAccess"].block("OriginAccessControlConfig").text("Name") == f"{name}-site"
    assert edge["StaticCachePolicy"].block("CachePolicyConfig").text("Name") == f"{name}-static"
    assert edge["SecurityHeadersPolicy"].block("ResponseHeadersPolicyConfig").text("Name") == f"{name}-security"
    assert edge["PageFunction"].text("Name") == f"{name}-page"


@pytest.mark.promise("CJ-13")
def test_exports(edge: Stack, deployment: Deployment) -> None:
    """What a release, the deploy role and the overview need to know."""
    prefix = f"caja-{deployment.environment.name}-Edge"
    exports = {str(output.export).removeprefix(prefix) for output in edge.outputs.values() if output.export}
    assert exports == {
        "Url",
        "DistributionId",
        "DistributionDomainName",
        "SiteBucketName",
        "SiteBucketArn",
        "LogsBucketName",
        "WebAclArn",
        "WebAclLogGroupName",
        "DownAlarmArn",
        "ServerErrorsAlarmArn",
        "BlockedRequestsAlarmArn",
    }


def _alone(**values: str) -> Stack:
    templates = {"edge": load_system("caja").templates["edge"]}
    return deployment_of_templates(templates, {"System": "caja", **values})["edge"]


@pytest.mark.parametrize("environment", ["dev", "staging"])
def test_without_a_domain_name(environment: str) -> None:
    """CloudFront's own name and certificate, no record."""
    edge = _alone(Environment=environment, DomainName="")
    assert {"Certificate", "AddressRecord", "Ipv6AddressRecord"} & set(edge.resources) == set()
    assert _config(edge).block("ViewerCertificate").boolean("CloudFrontDefaultCertificate")
    assert "Aliases" not in _config(edge)
    assert str(edge.outputs["Url"].value) == "https://${Distribution.DomainName}"
    assert str(edge.outputs["TransportSecurity"].value).startswith("TLS 1.0 and later")


@pytest.mark.promise("CJ-06")
def test_production_has_a_domain_name() -> None:
    """Or every user could be talked down to TLS 1.0."""
    with pytest.raises(InputError, match="Rule ProductionIsProtected: prod has a domain name"):
        _alone(Environment="prod", DomainName="")


REFUSED = {
    "no name": ({"UseApi": "true", "ApiDomainName": ""}, "UseApi needs ApiDomainName"),
    "the site's name": (
        {"UseApi": "true", "ApiDomainName": "a.example.com", "DomainName": "a.example.com"},
        "ApiDomainName must not be DomainName",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_api_needs_a_name_of_its_own(case: str) -> None:
    """Or CloudFront would ask nobody, or itself."""
    values, message = REFUSED[case]
    with pytest.raises(InputError, match=message):
        _alone(**values)


MANIFEST = """
system: caja
description: The edge alone.
region: {region}
environments:
  dev: {{branch: dev}}
layers:
  edge: {{template: {template}{layer}}}
"""


def _placed(folder: Path, region: str, layer: str = "") -> Deployment:
    path = folder / "caja.yaml"
    template = Path(__file__).parents[3] / "cloudformation" / "06-edge.yaml"
    path.write_text(MANIFEST.format(region=region, template=template, layer=layer))
    return load_system(path).deployment("dev")


@pytest.mark.promise("CJ-04")
@pytest.mark.parametrize("region", ["eu-west-1", "us-east-2", "us-gov-east-1"])
def test_another_region_is_refused(tmp_path: Path, region: str) -> None:
    """As soon as the system is composed, by the rule that CloudFormation would apply before it makes anything."""
    with pytest.raises(InputError, match="Rule StandsInUsEast1: CloudFront takes certificates, web ACLs"):
        _placed(tmp_path, region)


@pytest.mark.promise("CJ-04")
def test_a_system_elsewhere_places_its_edge_in_us_east_1(tmp_path: Path) -> None:
    """The layer's own region decides; it needs nothing of the other layers."""
    edge = _placed(tmp_path, "eu-west-1", ", region: us-east-1")["edge"]
    assert edge["LogKey"].block("KeyPolicy").items_of("Statement")[1]["Principal"] == {
        "Service": "logs.us-east-1.amazonaws.com"
    }


APPLICATION = """
Resources:
  LoadBalancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
Outputs:
  DomainName: {Value: !GetAtt LoadBalancer.DNSName}
"""


@pytest.mark.promise("CJ-04")
def test_the_apis_name_may_be_another_stacks_output(tmp_path: Path) -> None:
    """The switch decides before anybody knows the name; the application is deployed first."""
    (tmp_path / "application.yaml").write_text(APPLICATION)
    api = ", parameters: {UseApi: true, ApiDomainName: {output: application.DomainName}}}"
    values = f"{api}\n  application: {{template: application.yaml"
    deployment = _placed(tmp_path, "us-east-1", values)
    assert list(deployment.stacks) == ["application", "edge"]
    assert str(_origins(deployment["edge"])["api"]["DomainName"]) == "${LoadBalancer.DNSName}"
