"""S3: buckets and their policies."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from stackproof.simulate.recipe import Job, Recipe, made_up_name

_SETTINGS: Mapping[str, tuple[str, str]] = {
    "PublicAccessBlockConfiguration": ("put_public_access_block", "PublicAccessBlockConfiguration"),
    "OwnershipControls": ("put_bucket_ownership_controls", "OwnershipControls"),
    "VersioningConfiguration": ("put_bucket_versioning", "VersioningConfiguration"),
    "BucketEncryption": ("put_bucket_encryption", "ServerSideEncryptionConfiguration"),
    "LifecycleConfiguration": ("put_bucket_lifecycle_configuration", "LifecycleConfiguration"),
    "Tags": ("put_bucket_tagging", "Tagging"),
}
"""What a bucket is told after it is made: by property, the call and its parameter."""


def _encryption(value: dict[str, Any]) -> dict[str, Any]:
    rules = [
        {_RENAMED.get(key, key): child for key, child in rule.items()}
        for rule in value["ServerSideEncryptionConfiguration"]
    ]
    return {"Rules": rules}


_RENAMED = {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"}


def _lifecycle(value: dict[str, Any]) -> dict[str, Any]:
    return {"Rules": [_lifecycle_rule(rule) for rule in value["Rules"]]}


def _lifecycle_rule(rule: dict[str, Any]) -> dict[str, Any]:
    """Return a rule as the API takes it: its days are nested, and what it applies to is a filter."""
    rule = dict(rule)
    days, prefix = rule.pop("ExpirationInDays", None), rule.pop("Prefix", "")
    expiration = {"Expiration": {"Days": days}} if days is not None else {}
    return {"Filter": {"Prefix": prefix}, **rule, **expiration}


def _tagging(value: list[dict[str, Any]]) -> dict[str, Any]:
    return {"TagSet": value}


_CHANGES: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "BucketEncryption": _encryption,
    "LifecycleConfiguration": _lifecycle,
    "Tags": _tagging,
}


def _bucket(job: Job) -> None:
    name = str(job.take("BucketName") or made_up_name(job.wanted, 63, lower=True))
    region = job.client.meta.region_name
    # The first region is the one that must not be named.
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    job.client.create_bucket(Bucket=name, **where)
    job.physical_id = name
    for prop, (operation, parameter) in _SETTINGS.items():
        value = job.take(prop)
        if value is not None:
            change = _CHANGES.get(prop)
            given = {parameter: change(value) if change else value}
            job.call(operation, given, Bucket=name)


def _settings(job: Job) -> Any:
    """Return what the bucket was told, asked by the call that goes with each ``put_…``."""
    told = [operation for prop, (operation, _) in _SETTINGS.items() if prop in job.wanted.properties]
    answers = [getattr(job.client, operation.replace("put_", "get_"))(Bucket=job.physical_id) for operation in told]
    days = [
        {"ExpirationInDays": rule["Expiration"]["Days"]}
        for answer in answers
        for rule in answer.get("Rules", ())
        if "Days" in rule.get("Expiration", {})
    ]
    return [answers, days, {"BucketName": job.physical_id}]


def _bucket_attribute(job: Job, name: str) -> str:
    bucket, region = job.physical_id, job.client.meta.region_name
    return {
        "Arn": f"arn:{job.client.meta.partition}:s3:::{bucket}",
        "DomainName": f"{bucket}.s3.amazonaws.com",
        "RegionalDomainName": f"{bucket}.s3.{region}.amazonaws.com",
    }[name]


def _policy(job: Job) -> None:
    job.physical_id = str(job.take("Bucket"))
    job.client.put_bucket_policy(Bucket=job.physical_id, Policy=json.dumps(job.take("PolicyDocument")))


RECIPES = (
    Recipe(
        "AWS::S3::Bucket",
        "s3",
        make=_bucket,
        describe=_bucket_attribute,
        delete="delete_bucket",
        key="Bucket",
        show=(_settings,),
    ),
    Recipe(
        "AWS::S3::BucketPolicy",
        "s3",
        make=_policy,
        delete="delete_bucket_policy",
        key="Bucket",
        show=("get_bucket_policy:Bucket",),
        hidden=("Bucket",),
    ),
)
