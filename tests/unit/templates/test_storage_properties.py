"""What holds of the storage layer for every value that it permits."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from stackproof import InputError, Stack, load_system
from stackproof.bind.values import value_of
from stackproof.strategies import stacks

TEMPLATE = load_system("muejam").templates["storage"]
EVERY = settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.promise("MJ-05")
@pytest.mark.promise("CJ-09")
@EVERY
@given(stacks(TEMPLATE))
def test_buckets_are_always_private_encrypted_and_versioned(stack: Stack) -> None:
    """No value opens one, and each refuses requests without TLS."""
    denied = {str(policy["Bucket"]) for policy in stack.of_type("AWS::S3::BucketPolicy")}
    for bucket in stack.of_type("AWS::S3::Bucket"):
        block = bucket.block("PublicAccessBlockConfiguration")
        assert all(block.boolean(key) for key in block)
        assert len(block) == 4
        assert bucket.block("VersioningConfiguration").text("Status") == "Enabled"
        assert "BucketEncryption" in bucket
        assert str(bucket.reference) in denied


@pytest.mark.promise("MJ-05")
@EVERY
@given(stacks(TEMPLATE))
def test_backups_are_kept_ninety_days_at_least(stack: Stack) -> None:
    """And longer than the days after which they move, which S3 demands."""
    for rule in stack["BackupsBucket"].block("LifecycleConfiguration").items_of("Rules"):
        if "ExpirationInDays" in rule:
            assert rule.integer("ExpirationInDays") >= 90
            assert all(item.integer("TransitionInDays") < 90 for item in rule.items_of("Transitions"))


@pytest.mark.promise("MJ-05")
@EVERY
@given(stacks(TEMPLATE))
def test_lifecycles_never_end_media_or_static_files(stack: Stack) -> None:
    """Only their earlier versions."""
    for name in ("MediaBucket", "StaticBucket"):
        for rule in stack[name].block("LifecycleConfiguration").items_of("Rules"):
            assert {"ExpirationInDays", "ExpirationDate"} & set(rule) == set()
            assert rule.block("NoncurrentVersionExpiration").integer("NoncurrentDays") >= 7


@pytest.mark.promise("MJ-05")
@EVERY
@given(stacks(TEMPLATE))
def test_no_origin_is_a_wildcard(stack: Stack) -> None:
    """Each is one site, by HTTPS."""
    for name in ("MediaBucket", "StaticBucket"):
        (rule,) = stack[name].block("CorsConfiguration").items_of("CorsRules")
        assert [str(origin) for origin in rule.items_of("AllowedOrigins") if "*" in str(origin)] == []
        assert all(str(origin).startswith("https://") for origin in rule.items_of("AllowedOrigins"))


@pytest.mark.promise("MJ-05")
@pytest.mark.parametrize(
    "origins",
    [
        "*",
        "https://*",
        "https://*.example.com",
        "http://example.com",
        "https://a.example.com,*",
        "https://example.com/",
    ],
)
def test_wide_origins_are_refused(origins: str) -> None:
    """By the parameter itself, before anything is made."""
    parameter = TEMPLATE.parameters["AllowedOrigins"]
    with pytest.raises(InputError):
        value_of(parameter, origins, parameter.mark)


@pytest.mark.promise("CJ-12")
@EVERY
@given(stacks(TEMPLATE))
def test_copies_are_whole_or_absent(stack: Stack) -> None:
    """Both buckets, the role and its rights, or none of them."""
    wanted = stack.values["Replicate"] == "true"
    copied = [name for name in ("MediaBucket", "BackupsBucket") if "ReplicationConfiguration" in stack[name]]
    assert copied == (["MediaBucket", "BackupsBucket"] if wanted else [])
    assert {"ReplicationRole", "ReplicationRights"} & set(stack.resources) == (
        {"ReplicationRole", "ReplicationRights"} if wanted else set()
    )


@pytest.mark.promise("CJ-10")
@EVERY
@given(stacks(TEMPLATE))
def test_rights_never_reach_beyond_the_buckets(stack: Stack) -> None:
    """No statement of a role or of an application names everything, nor deletes backups."""
    for policy in stack.of_type("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"):
        for statement in policy.block("PolicyDocument").items_of("Statement"):
            named = statement["Resource"]
            resources = [str(named)] if not isinstance(named, tuple | list) else [str(item) for item in named]
            actions = str(statement["Action"])
            assert [resource for resource in resources if resource in ("*", "/*")] == []
            assert "*" not in actions
            assert not ("s3:DeleteObject" in actions and any("Backups" in resource for resource in resources))


@pytest.mark.promise("MJ-05")
@EVERY
@given(stacks(TEMPLATE))
def test_data_outlive_the_stack(stack: Stack) -> None:
    """Whatever the environment."""
    for bucket in stack.of_type("AWS::S3::Bucket"):
        assert bucket.attributes.text("DeletionPolicy") in ("Retain", "RetainExceptOnCreate")
        assert bucket.attributes.text("UpdateReplacePolicy") == "Retain"


@pytest.mark.promise("MJ-05")
@pytest.mark.promise("MJ-07")
@EVERY
@given(stacks(TEMPLATE))
def test_each_bucket_has_its_size_alarm(stack: Stack) -> None:
    """With the same threshold."""
    alarms = stack.of_type("AWS::CloudWatch::Alarm")
    assert [alarm.logical_id for alarm in alarms] == ["MediaSizeAlarm", "StaticSizeAlarm", "BackupsSizeAlarm"]
    assert {str(alarm.integer("Threshold")) for alarm in alarms} == {str(stack.values["SizeAlarmBytes"])}
