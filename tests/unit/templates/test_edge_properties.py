"""What holds of the edge layer for every value that it permits."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings

from stackproof import Block, Stack, load_system
from stackproof.strategies import stacks

TEMPLATE = load_system("caja").templates["edge"]
EVERY = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def _config(stack: Stack) -> Block:
    return stack["Distribution"].block("DistributionConfig")


@pytest.mark.promise("CJ-04")
@EVERY
@given(stacks(TEMPLATE))
def test_buckets_are_never_open(stack: Stack) -> None:
    """Everything public blocked, TLS demanded, and no principal but services of AWS may do anything."""
    for bucket in stack.of_type("AWS::S3::Bucket"):
        assert set(bucket.block("PublicAccessBlockConfiguration").values()) == {True}
        assert bucket.attributes.text("UpdateReplacePolicy") == "Retain"
    for policy in stack.of_type("AWS::S3::BucketPolicy"):
        statements = policy.block("PolicyDocument").items_of("Statement")
        allowed = [statement for statement in statements if statement.text("Effect") == "Allow"]
        assert [set(statement.block("Principal")) for statement in allowed] == [{"Service"}] * len(allowed)
        assert all(re.search("aws:Source(Arn|Account)", str(statement["Condition"])) for statement in allowed)
        assert statements[-1]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.promise("CJ-04")
@EVERY
@given(stacks(TEMPLATE))
def test_nothing_is_served_without_tls(stack: Stack) -> None:
    """Every behaviour redirects, every origin but the bucket is asked over HTTPS, old versions of TLS are refused."""
    config = _config(stack)
    behaviours = [config.block("DefaultCacheBehavior"), *config.items_of("CacheBehaviors")]
    assert {behaviour.text("ViewerProtocolPolicy") for behaviour in behaviours} == {"redirect-to-https"}
    for origin in config.items_of("Origins"):
        if "CustomOriginConfig" in origin:
            assert origin.block("CustomOriginConfig").text("OriginProtocolPolicy") == "https-only"
        else:
            assert origin["OriginAccessControlId"] == stack["SiteAccess"].reference
    assert config.block("ViewerCertificate").text("MinimumProtocolVersion") in ("TLSv1.2_2025", "TLSv1.3_2025")


@pytest.mark.promise("CJ-06")
@EVERY
@given(stacks(TEMPLATE))
def test_a_domain_name_brings_all_that_belongs_to_it(stack: Stack) -> None:
    """Alias, certificate and both records, or none of them."""
    named = stack.values["DomainName"] != ""
    assert ("Aliases" in _config(stack)) is named
    assert [name in stack for name in ("Certificate", "AddressRecord", "Ipv6AddressRecord")] == [named] * 3
    certificate = _config(stack).block("ViewerCertificate")
    assert ("AcmCertificateArn" in certificate) is ("SslSupportMethod" in certificate) is named
    assert ("CloudFrontDefaultCertificate" in certificate) is not named


@pytest.mark.promise("CJ-04")
@EVERY
@given(stacks(TEMPLATE))
def test_the_api_is_a_behaviour_with_its_origin(stack: Stack) -> None:
    """Both or neither; every behaviour has an origin, and the load balancer always hears the secret header."""
    config = _config(stack)
    origins = {origin.text("Id"): origin for origin in config.items_of("Origins")}
    wanted = {"site", "api"} if stack.values["UseApi"] == "true" else {"site"}
    behaviours = [config.block("DefaultCacheBehavior"), *config.items_of("CacheBehaviors")]
    assert set(origins) == {behaviour.text("TargetOriginId") for behaviour in behaviours} == wanted
    if "api" in wanted:
        (header,) = origins["api"].items_of("OriginCustomHeaders")
        assert str(header["HeaderValue"]).startswith("{{resolve:secretsmanager:")
        assert origins["api"]["DomainName"] not in ("", stack.values["DomainName"])


@pytest.mark.promise("CJ-05")
@EVERY
@given(stacks(TEMPLATE))
def test_no_value_weakens_the_web_acl(stack: Stack) -> None:
    """No group is only counted; the size of a body is the one thing that may be."""
    assert str(_config(stack)["WebACLId"]) == "${WebAcl.Arn}"
    _, *groups = stack["WebAcl"].items_of("Rules")
    assert [rule["OverrideAction"] for rule in groups] == [{"None": {}}] * 4
    managed = [rule.block("Statement").block("ManagedRuleGroupStatement") for rule in groups]
    counted = {override.text("Name") for group in managed for override in group.items_of("RuleActionOverrides")}
    assert counted == ({"SizeRestrictions_BODY"} if stack.values["AllowLargeBodies"] == "true" else set())


@pytest.mark.promise("CJ-04")
@EVERY
@given(stacks(TEMPLATE))
def test_no_policy_lets_strange_scripts_in(stack: Stack) -> None:
    """No wildcard, no evaluation, no plain HTTP; what is written into a page may be style, never script."""
    headers = stack["SecurityHeadersPolicy"].block("ResponseHeadersPolicyConfig").block("SecurityHeadersConfig")
    text = headers.block("ContentSecurityPolicy").text("ContentSecurityPolicy")
    directives = [directive.split() for directive in text.split("; ")]
    assert directives[0][0] == "default-src"
    assert {directive[0] for directive in directives if "'unsafe-inline'" in directive} <= {"style-src"}
    assert {directive[0] for directive in directives if {"data:", "blob:"} & set(directive)} <= {
        "img-src",
        "font-src",
        "media-src",
        "worker-src",
    }
    assert re.search(r"\*|unsafe-eval|http:|ws:", text) is None


@pytest.mark.promise("CJ-06")
@EVERY
@given(stacks(TEMPLATE, Environment="prod"))
def test_production_is_never_weak(stack: Stack) -> None:
    """It has a domain name, and so a policy of TLS."""
    assert stack.values["DomainName"] != ""
    assert _config(stack).block("ViewerCertificate").text("SslSupportMethod") == "sni-only"


@pytest.mark.promise("CJ-08")
@EVERY
@given(stacks(TEMPLATE))
def test_logs_are_kept_and_outlive_the_stack(stack: Stack) -> None:
    """For 90 days at least, encrypted, with their key; and their group's name is no other stack's."""
    group = stack["WebAclLogGroup"]
    assert group.integer("RetentionInDays") >= 90
    assert stack["LogsBucket"].block("LifecycleConfiguration").items_of("Rules")[0].integer("ExpirationInDays") >= 90
    kept = [stack[name].attributes.text("DeletionPolicy") for name in ("LogKey", "LogsBucket", "WebAclLogGroup")]
    assert kept == ["RetainExceptOnCreate", "Retain", "RetainExceptOnCreate"]
    assert "AWS::StackId" in str(group["LogGroupName"])


@pytest.mark.promise("CJ-13")
@EVERY
@given(stacks(TEMPLATE))
def test_names_are_short_enough(stack: Stack) -> None:
    """CloudFront takes 64 characters, a log delivery 60, of which a distribution's id is 14."""
    names = [
        stack["PageFunction"].text("Name"),
        stack["SiteAccess"].block("OriginAccessControlConfig").text("Name"),
    ]
    assert max(map(len, names)) <= 64
    assert len(str(stack["LogSource"]["Name"]).replace("${Distribution}", "E" * 14)) <= 60
