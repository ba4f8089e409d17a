"""Scenarios by replay find what judging every assignment by itself finds, and nothing else."""

from __future__ import annotations

import itertools
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stackproof import InputError, parse_template
from stackproof.compose.open import open_deployment_of
from stackproof.compose.templates import deployment_of_templates
from stackproof.judge.discover import discover
from stackproof.judge.judge import judge
from stackproof.judge.scenarios import judge_scenarios
from stackproof.paths import own_policies

POLICIES = [policy for policy in discover([own_policies()]) if policy.name.startswith(("s3/", "rds/", "ec2/"))]
NAMES = ("P0", "P1", "P2")
CONDITIONS = {
    "C0": {"Fn::Equals": [{"Ref": "P0"}, "true"]},
    "C1": {"Fn::Equals": [{"Ref": "P1"}, "true"]},
    "Both": {"Fn::And": [{"Condition": "C0"}, {"Condition": "C1"}]},
    "NotC2": {"Fn::Not": [{"Fn::Equals": [{"Ref": "P2"}, "true"]}]},
}
NOTHING: Any = {"Ref": "AWS::NoValue"}


def chosen(*values: Any) -> st.SearchStrategy[Any]:
    """Return a strategy of values that hang on conditions, or on a parameter itself."""
    plain = st.sampled_from(values)
    under = st.builds(lambda name, a, b: {"Fn::If": [name, a, b]}, st.sampled_from(list(CONDITIONS)), plain, plain)
    nested = st.builds(lambda name, a, b: {"Fn::If": [name, a, b]}, st.sampled_from(list(CONDITIONS)), under, plain)
    return st.one_of(plain, under, nested)


switch = st.one_of(chosen(True, False, NOTHING), st.sampled_from([{"Ref": name} for name in NAMES]))
rule = st.builds(
    lambda port, source: {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": source, "Description": "d"},
    chosen(22, 443, 5432),
    chosen("10.0.0.0/8", "0.0.0.0/0"),
)
conditional_rule = st.builds(
    lambda name, one: {"Fn::If": [name, one, NOTHING]}, st.sampled_from(list(CONDITIONS)), rule
)
block = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls"), switch)
)
deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
plain_http = {"Bool": {"aws:SecureTransport": "false"}}


@st.composite
def templates(draw: st.DrawFn) -> str:
    """Return a template whose resources and properties hang on three switches."""

    def under(resource: dict[str, Any]) -> dict[str, Any]:
        condition = draw(st.sampled_from([None, *CONDITIONS]))
        return resource if condition is None else resource | {"Condition": condition}

    bucket = {
        "PublicAccessBlockConfiguration": draw(block),
        "VersioningConfiguration": {"Status": draw(chosen("Enabled", "Suspended"))},
    }
    statement = deny | {"Condition": draw(chosen(plain_http, {}))}
    data = {
        "Engine": "postgres",
        "StorageEncrypted": draw(switch),
        "MultiAZ": draw(switch),
        "PubliclyAccessible": draw(switch),
        "BackupRetentionPeriod": draw(chosen(0, 7)),
    }
    rules = draw(st.lists(st.one_of(rule, conditional_rule), max_size=3))
    resources = {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": bucket},
        "Policy": under(
            {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": {"Statement": [statement]}},
            }
        ),
        "Other": under({"Type": "AWS::S3::Bucket"}),
        "Data": under({"Type": "AWS::RDS::DBInstance", "Properties": data}),
        "Group": under({"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": rules}}),
        "Log": under(
            {
                "Type": "AWS::S3::Bucket",
                "Properties": {"LoggingConfiguration": {"DestinationBucketName": {"Ref": "Bucket"}}},
            }
        ),
    }
    parameters = {name: {"Type": "String", "Default": "true", "AllowedValues": ["true", "false"]} for name in NAMES}
    return json.dumps({"Parameters": parameters, "Conditions": CONDITIONS, "Resources": resources})


def one_by_one(text: str) -> set[tuple[str, str, str]]:
    """Judge every assignment by itself: policy, resource and verdict of whatever does not pass in any of them."""
    found: set[tuple[str, str, str]] = set()
    for values in itertools.product(("true", "false"), repeat=len(NAMES)):
        try:
            deployment = deployment_of_templates({"t": parse_template(text)}, dict(zip(NAMES, values, strict=True)))
        except InputError:
            continue
        for judgement in judge(deployment, POLICIES):
            if judgement.verdict != "pass":
                found.add((judgement.policy.policy.id, judgement.subject.logical_id, judgement.verdict))  # type: ignore[union-attr]
    return found


def by_replay(text: str) -> set[tuple[str, str, str]]:
    """Judge all scenarios at once."""
    return {
        (judgement.policy.policy.id, judgement.subject.logical_id, judgement.verdict)  # type: ignore[union-attr]
        for judgement in judge_scenarios(open_deployment_of({"t": parse_template(text)}), POLICIES)
        if judgement.verdict != "pass"
    }


@settings(max_examples=60)
@given(templates())
def test_replay_finds_what_every_assignment_shows(text: str) -> None:
    """What fails somewhere is found, and what is found fails somewhere."""
    single = one_by_one(text)
    worst = {
        (policy, resource, verdict)
        for policy, resource, verdict in single
        if verdict == "fail" or (policy, resource, "fail") not in single
    }
    assert by_replay(text) == worst


@settings(max_examples=30)
@given(templates())
def test_witness_fails_by_itself(text: str) -> None:
    """The values that a finding names make it fail when they are bound, whatever else is left at its default."""
    for judgement in judge_scenarios(open_deployment_of({"t": parse_template(text)}), POLICIES):
        for problem in judgement.failures:
            values = dict(judgement.witnesses[problem].values)
            bound = deployment_of_templates({"t": parse_template(text)}, values)
            again = [
                found
                for found in judge(bound, [judgement.policy])
                if found.subject.logical_id == judgement.subject.logical_id  # type: ignore[union-attr]
            ]
            assert [found.verdict for found in again] == ["fail"]
