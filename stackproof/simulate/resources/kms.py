"""KMS: keys and aliases."""

from __future__ import annotations

import json
from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.recipe import Job, Recipe, Tagging

_LONGEST_WAIT, _YEAR = 30, 365


def _is_true(job: Job, name: str, *, otherwise: bool = False) -> bool:
    return as_text(job.wanted.properties.get(name, otherwise)).lower() == "true"


def _settle(job: Job) -> None:
    """Turn rotation and the key on or off; a key that is off cannot be told about rotation."""
    own, wanted = {"KeyId": job.physical_id}, job.wanted.properties
    job.request["PendingWindowInDays"] = int(wanted.get("PendingWindowInDays", _LONGEST_WAIT))
    rotation, state = job.touched("EnableKeyRotation", "RotationPeriodInDays"), job.touched("Enabled")
    job.touched("PendingWindowInDays")
    if state and _is_true(job, "Enabled", otherwise=True) and job.before:
        job.client.enable_key(**own)
    if rotation and _is_true(job, "EnableKeyRotation"):
        days = int(wanted.get("RotationPeriodInDays", _YEAR))
        job.client.enable_key_rotation(**own, RotationPeriodInDays=days)
    elif rotation and job.before:
        job.client.disable_key_rotation(**own)
    if state and not _is_true(job, "Enabled", otherwise=True):
        job.client.disable_key(**own)


def _change(job: Job) -> None:
    own, wanted = {"KeyId": job.physical_id}, job.wanted.properties
    if job.touched("KeyPolicy"):
        policy = wanted.get("KeyPolicy") or _default_policy(job)
        text = policy if isinstance(policy, str) else json.dumps(policy)
        job.client.put_key_policy(**own, PolicyName="default", Policy=text)
    if job.touched("Description"):
        job.client.update_key_description(**own, Description=wanted.get("Description", ""))
    _settle(job)


def _default_policy(job: Job) -> dict[str, Any]:
    """Return the policy that a key has where none is given: the account decides by its own policies."""
    account = job.other("sts").get_caller_identity()["Account"]
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{job.client.meta.partition}:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return {"Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement]}


def _delete(job: Job, _snapshot: bool) -> None:
    job.client.schedule_key_deletion(KeyId=job.physical_id, PendingWindowInDays=job.request["PendingWindowInDays"])


def _aliases(job: Job) -> Any:
    """Return the alias, and its key under the id that the template used; AWS shows the bare id."""
    target = job.wanted.properties["TargetKeyId"]
    listed = job.client.list_aliases(KeyId=target)["Aliases"]
    found = [alias for alias in listed if alias["AliasName"] == job.physical_id]
    return [*found, {"TargetKeyId": target}] if found else []


def _retarget(job: Job) -> None:
    if job.touched("TargetKeyId"):
        target = job.wanted.properties["TargetKeyId"]
        job.client.update_alias(AliasName=job.physical_id, TargetKeyId=target)


RECIPES = (
    Recipe(
        "AWS::KMS::Key",
        "kms",
        "create_key",
        "KeyMetadata.KeyId",
        names={"KeyPolicy": "Policy"},
        late=("EnableKeyRotation", "Enabled", "PendingWindowInDays", "RotationPeriodInDays"),
        after=_settle,
        remove=_delete,
        attributes={"Arn": "KeyMetadata.Arn", "KeyId": "KeyMetadata.KeyId"},
        show=(
            "describe_key:KeyId",
            "get_key_rotation_status:KeyId",
            "get_key_policy:KeyId:PolicyName=default",
            "list_resource_tags:KeyId",
        ),
        hidden=("BypassPolicyLockoutSafetyCheck", "PendingWindowInDays"),
        tagging=Tagging("tag_resource", "untag_resource", "KeyId"),
        change=_change,
        ignored=("BypassPolicyLockoutSafetyCheck",),
    ),
    Recipe(
        "AWS::KMS::Alias",
        "kms",
        "create_alias",
        "=AliasName",
        "delete_alias",
        "AliasName",
        show=(_aliases,),
        change=_retarget,
    ),
)
