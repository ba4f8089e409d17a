"""What a nightly run removes after its stacks are gone: what carries its tags, and nothing else."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from tests.integration.conftest import Served
from tests.taskcat.remains import LOG_DELIVERY, forget_log_groups, remove

MINE = {"System": "shop", "Environment": "dev"}
OTHERS = ({"System": "shop", "Environment": "prod"}, {"System": "shopusw2", "Environment": "dev"})


def _listed(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": name, "Value": value} for name, value in tags.items()]


def _bucket(served: Served, name: str, tags: dict[str, str]) -> None:
    s3 = served.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": _listed(tags)})
    for _ in range(2):
        s3.put_object(Bucket=name, Key="a", Body=b"a")
    s3.delete_object(Bucket=name, Key="a")


def _removed(served: Served) -> list[str]:
    return list(remove(partial(served.client, region="us-east-1"), MINE))


def test_buckets_go_with_every_version(served: Served) -> None:
    _bucket(served, "mine", MINE)
    for number, tags in enumerate(OTHERS):
        _bucket(served, f"other-{number}", tags)
    assert _removed(served) == ["removed arn:aws:s3:::mine"]
    assert [one["Name"] for one in served.client("s3").list_buckets()["Buckets"]] == ["other-0", "other-1"]


def test_log_groups_go(served: Served) -> None:
    logs = served.client("logs")
    for name, tags in (("/ecs/mine", MINE), ("/ecs/other", OTHERS[0])):
        logs.create_log_group(logGroupName=name, tags=tags)
    assert _removed(served) == ["removed arn:aws:logs:us-east-1:123456789012:log-group:/ecs/mine"]
    assert [one["logGroupName"] for one in logs.describe_log_groups()["logGroups"]] == ["/ecs/other"]


def test_keys_go_last_and_once(served: Served) -> None:
    """A key that waits for its deletion already is left to it."""
    kms = served.client("kms")
    key: Any = kms.create_key(Tags=[{"TagKey": name, "TagValue": value} for name, value in MINE.items()])["KeyMetadata"]
    _bucket(served, "mine", MINE)
    assert _removed(served) == ["removed arn:aws:s3:::mine", f"removed {key['Arn']}"]
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert _removed(served) == []


@pytest.mark.parametrize("stands", [True, False])
def test_groups_that_are_gone_are_taken_out_of_the_policy(served: Served, stands: bool) -> None:
    logs = served.client("logs")
    arn = "arn:aws:logs:us-east-1:123456789012:log-group:{}:log-stream:*"
    if stands:
        logs.create_log_group(logGroupName="aws-waf-logs-new")
    statements = [
        {"Effect": "Allow", "Resource": [arn.format(name) for name in names]}
        for names in (("aws-waf-logs-old", "aws-waf-logs-new"), ("older",))
    ]
    for name in (LOG_DELIVERY, "own"):
        logs.put_resource_policy(policyName=name, policyDocument=json.dumps({"Statement": statements}))
    told = list(forget_log_groups(partial(served.client, region="us-east-1")))
    assert told == [f"shortened the policy {LOG_DELIVERY}"]
    found = {
        policy["policyName"]: json.loads(policy["policyDocument"])["Statement"]
        for policy in logs.describe_resource_policies()["resourcePolicies"]
    }
    left = {LOG_DELIVERY: [statements[0] | {"Resource": [arn.format("aws-waf-logs-new")]}]} if stands else {}
    assert found == {"own": statements} | left


def test_things_of_no_system_cannot_be_meant(served: Served) -> None:
    with pytest.raises(AssertionError):
        list(remove(partial(served.client, region="us-east-1"), {"System": "", "Environment": "dev"}))
