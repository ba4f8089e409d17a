"""What holds of the delivery layer for every value that it permits."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings

from stackproof import Stack, load_system
from stackproof.resolve.values import plain_value
from stackproof.strategies import stacks

TEMPLATE = load_system("mattilda").templates["delivery"]
EVERY = settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.promise("MD-06")
@EVERY
@given(stacks(TEMPLATE))
def test_images_are_scanned_and_never_replaced(stack: Stack) -> None:
    """And the newest ten at least are kept."""
    repository = stack["ImageRepository"]
    assert repository.block("ImageScanningConfiguration").boolean("ScanOnPush")
    assert repository.text("ImageTagMutability") == "IMMUTABLE"
    rules = json.loads(repository.block("LifecyclePolicy").text("LifecyclePolicyText"))["rules"]
    assert rules[1]["selection"]["countNumber"] == int(stack.values["KeptImages"]) >= 10


@EVERY
@given(stacks(TEMPLATE))
def test_the_subject_is_one_repository_and_environment(stack: Stack) -> None:
    """No value widens it to others: it is compared as it is, and can hold no wildcard and no second part."""
    (statement,) = stack["DeployRole"].block("AssumeRolePolicyDocument").items_of("Statement")
    condition = plain_value(statement["Condition"])
    assert list(condition) == ["StringEquals"]
    subject = condition["StringEquals"]["token.actions.githubusercontent.com:sub"]
    assert subject == f"repo:{stack.values['GitHubRepository']}:environment:{stack.values['Environment']}"
    assert (subject.count(":"), subject.count("/"), "*" in subject) == (3, 1, False)


@EVERY
@given(stacks(TEMPLATE))
def test_the_provider_is_made_or_found(stack: Stack) -> None:
    """An account holds one provider of GitHub's only, and the role trusts it either way."""
    (statement,) = stack["DeployRole"].block("AssumeRolePolicyDocument").items_of("Statement")
    trusted = str(statement.block("Principal")["Federated"])
    makes = stack.values["OidcProvider"] == "create"
    assert ("GitHubProvider" in stack) is makes
    found = ":oidc-provider/token.actions.githubusercontent.com"
    assert trusted == "${GitHubProvider.Arn}" if makes else trusted.endswith(found)


@EVERY
@given(stacks(TEMPLATE))
def test_buckets_are_closed(stack: Stack) -> None:
    """To the public, and to everybody without TLS."""
    for bucket in stack.of_type("AWS::S3::Bucket"):
        assert set(plain_value(bucket["PublicAccessBlockConfiguration"]).values()) == {True}
        assert bucket.block("VersioningConfiguration").text("Status") == "Enabled"
    denying = [
        str(policy["Bucket"])
        for policy in stack.of_type("AWS::S3::BucketPolicy")
        for statement in policy.block("PolicyDocument").items_of("Statement")
        if statement["Effect"] == "Deny"
    ]
    assert denying == ["${AccessLogsBucket}", "${ArtifactBucket}"]


@EVERY
@given(stacks(TEMPLATE))
def test_ids_are_limited_to_the_regions(stack: Stack) -> None:
    """Whatever changes things by their ids, and could be everywhere, is limited to one region or two."""
    regions = ["${AWS::Region}", *filter(None, [stack.values["RecoveryRegion"]])]
    found = [
        plain_value(statement["Condition"])["StringEquals"]["aws:RequestedRegion"]
        for policy in stack.of_type("AWS::IAM::ManagedPolicy")
        for statement in policy.block("PolicyDocument").items_of("Statement")
        if statement["Resource"] == "*" and "Condition" in statement
    ]
    assert len(found) == 7
    assert all([str(region) for region in one] == regions for one in found)
