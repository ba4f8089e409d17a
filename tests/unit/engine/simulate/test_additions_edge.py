"""What is added to moto's services at the edge and to those that templates of strangers use, held to the release."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stackproof.simulate import SimulatedAccount, simulated_account
from stackproof.simulate.additions import (
    acm,
    apigateway,
    awslambda,
    cloudfront,
    codedeploy,
    cognitoidp,
    dynamodb,
    efs,
    route53,
    wafv2,
)
from stackproof.simulate.additions.wafv2 import capacity

MODULES: tuple[ModuleType, ...] = (
    acm,
    apigateway,
    awslambda,
    cloudfront,
    codedeploy,
    cognitoidp,
    dynamodb,
    efs,
    route53,
    wafv2,
)
PATCHES = [entry for module in MODULES for entry in vars(module).get("PATCHES", ())]


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    """An empty account."""
    with simulated_account("us-east-1", "123456789012") as account:
        yield account


@pytest.mark.parametrize(("owner", "name"), [(owner, name) for owner, name, _ in PATCHES])
def test_patched_name_exists(owner: Any, name: str) -> None:
    """What is replaced while a simulation runs is still there to be replaced."""
    assert hasattr(owner, name)


def _byte_match(position: str, part: dict[str, Any], *transformations: str) -> dict[str, Any]:
    listed = [{"Priority": place, "Type": kind} for place, kind in enumerate(transformations)]
    return {
        "ByteMatchStatement": {
            "SearchString": "example.com",
            "FieldToMatch": part,
            "TextTransformations": listed,
            "PositionalConstraint": position,
        }
    }


_HOST = {"SingleHeader": {"Name": "host"}}
_GEO = {"GeoMatchStatement": {"CountryCodes": ["US", "IN"]}}
_RATE = {"RateBasedStatement": {"Limit": 1000, "AggregateKeyType": "IP"}}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ((), 0),
        # The example of ``aws wafv2 check-capacity``.
        (({"AndStatement": {"Statements": [_byte_match("EXACTLY", _HOST, "LOWERCASE"), _GEO]}}, _RATE), 15),
        ((_byte_match("CONTAINS", _HOST, "NONE"),), 10),
        ((_byte_match("STARTS_WITH", {"JsonBody": {}}, "NONE"),), 4),
        ((_byte_match("EXACTLY", {"AllQueryArguments": {}}, "NONE"),), 12),
        ((_byte_match("EXACTLY", _HOST, "LOWERCASE"), _byte_match("EXACTLY", _HOST, "LOWERCASE")), 14),
        (({"NotStatement": {"Statement": _GEO}},), 1),
        (({"RateBasedStatement": {"CustomKeys": [{"HTTPMethod": {}}], "ScopeDownStatement": _GEO}},), 33),
        (({"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}},), 700),
        (({"RuleGroupReferenceStatement": {"ARN": "own"}},), 50),
        (({"IPSetReferenceStatement": {"ARN": "a", "IPSetForwardedIPConfig": {"Position": "ANY"}}},), 5),
        (({"SqliMatchStatement": {"FieldToMatch": _HOST, "SensitivityLevel": "HIGH"}},), 30),
    ],
)
def test_rules_cost_what_their_statements_cost(statements: tuple[dict[str, Any], ...], expected: int) -> None:
    """A web ACL's capacity is the sum of base costs, custom keys, own groups and distinct transformations."""
    assert capacity([{"Statement": statement} for statement in statements], {"own": 50}) == expected


def test_capacity_that_nobody_may_use_is_refused(account: SimulatedAccount) -> None:
    """More than 5,000 capacity units do not go into a web ACL."""
    visible = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "much"}
    managed = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}}
    rules = [
        {"Name": f"rule-{place}", "Priority": place, "Statement": managed, "VisibilityConfig": visible}
        for place in range(8)
    ]
    waf = account.client("wafv2")
    with pytest.raises(ClientError, match="WAFLimitsExceededException"):
        waf.create_web_acl(
            Name="much", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=visible, Rules=rules
        )
    assert waf.list_web_acls(Scope="REGIONAL")["WebACLs"] == []


_CONFIG = {"Comment": "", "Runtime": "cloudfront-js-2.0"}


def test_function_has_two_stages(account: SimulatedAccount) -> None:
    """A function that changes after it was published is published no more, and viewers get the old code."""
    cloudfront = account.client("cloudfront")
    etag = cloudfront.create_function(Name="pages", FunctionConfig=_CONFIG, FunctionCode=b"one")["ETag"]
    cloudfront.publish_function(Name="pages", IfMatch=etag)
    before = cloudfront.describe_function(Name="pages")["FunctionSummary"]["Status"]
    cloudfront.update_function(Name="pages", IfMatch=etag, FunctionConfig=_CONFIG, FunctionCode=b"two")
    after = cloudfront.describe_function(Name="pages")["FunctionSummary"]["Status"]
    codes = [
        cloudfront.get_function(Name="pages", Stage=stage)["FunctionCode"].read() for stage in ("LIVE", "DEVELOPMENT")
    ]
    assert (before, after, codes) == ("UNASSOCIATED", "UNPUBLISHED", [b"one", b"two"])


def test_function_that_is_not_published_has_no_live_stage(account: SimulatedAccount) -> None:
    """Who asks for the live stage of an unpublished function finds none."""
    cloudfront = account.client("cloudfront")
    cloudfront.create_function(Name="pages", FunctionConfig=_CONFIG, FunctionCode=b"one")
    with pytest.raises(ClientError, match="NoSuchFunctionExists"):
        cloudfront.describe_function(Name="pages", Stage="LIVE")


def test_name_of_an_access_control_is_taken_once(account: SimulatedAccount) -> None:
    """Two origin access controls of one name cannot be."""
    cloudfront = account.client("cloudfront")
    config = {
        "Name": "access",
        "OriginAccessControlOriginType": "s3",
        "SigningBehavior": "always",
        "SigningProtocol": "sigv4",
    }
    cloudfront.create_origin_access_control(OriginAccessControlConfig=config)
    with pytest.raises(ClientError, match="OriginAccessControlAlreadyExists"):
        cloudfront.create_origin_access_control(OriginAccessControlConfig=config)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            [("CREATE", "a", "A")],
            r"Tried to create resource record set \[name='a.example.org.', type='A'\] but it already",
        ),
        (
            [("CREATE", "a", "CNAME")],
            "RRSet of type CNAME with DNS name a.example.org. is not permitted as it conflicts",
        ),
        (
            [("DELETE", "b", "A")],
            r"Tried to delete resource record set \[name='b.example.org.', type='A'\] but it was not",
        ),
        ([("CREATE", "b", "A"), ("DELETE", "c", "A")], "name='c.example.org.'"),
    ],
)
def test_changes_of_records_are_carried_out_all_or_none(
    account: SimulatedAccount, changes: list[tuple[str, str, str]], reason: str
) -> None:
    """One change that cannot be keeps the whole batch from being carried out, with Route 53's reason."""
    route53 = account.client("route53")
    zone = route53.create_hosted_zone(Name="example.org", CallerReference="one")["HostedZone"]["Id"]
    _change(route53, zone, [("CREATE", "a", "A")])
    with pytest.raises(ClientError, match=reason):
        _change(route53, zone, changes)
    found = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert [(entry["Name"], entry["Type"]) for entry in found if entry["Type"] not in ("NS", "SOA")] == [
        ("a.example.org.", "A")
    ]


def _change(route53: Any, zone: str, changes: list[tuple[str, str, str]]) -> None:
    batch = [
        {
            "Action": action,
            "ResourceRecordSet": {
                "Name": f"{name}.example.org",
                "Type": kind,
                "TTL": 60,
                "ResourceRecords": [{"Value": "192.0.2.1" if kind == "A" else "example.com"}],
            },
        }
        for action, name, kind in changes
    ]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": batch})


def test_certificate_validated_by_mail_says_whom(account: SimulatedAccount) -> None:
    """A certificate that mail validates shows the addresses of the domain it names, and no record."""
    acm = account.client("acm")
    arn = acm.request_certificate(
        DomainName="api.example.org",
        ValidationMethod="EMAIL",
        DomainValidationOptions=[{"DomainName": "api.example.org", "ValidationDomain": "example.org"}],
    )["CertificateArn"]
    (option,) = acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"]
    assert (option["ValidationEmails"][0], "ResourceRecord" in option) == ("administrator@example.org", False)


def test_replica_is_a_table_of_its_region(account: SimulatedAccount) -> None:
    """A replica can be asked for in its region, and goes when it is removed."""
    dynamodb = account.client("dynamodb")
    dynamodb.create_table(
        TableName="things",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    there = account.client("dynamodb", "eu-west-1")
    dynamodb.update_table(TableName="things", ReplicaUpdates=[{"Create": {"RegionName": "eu-west-1"}}])
    names = there.list_tables()["TableNames"]
    dynamodb.update_table(TableName="things", ReplicaUpdates=[{"Delete": {"RegionName": "eu-west-1"}}])
    assert (names, there.list_tables()["TableNames"]) == (["things"], [])
