"""KMS: keys and aliases."""

from __future__ import annotations

from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.recipe import Job, Recipe


def _key(job: Job) -> None:
    if as_text(job.take("EnableKeyRotation", default=False)).lower() == "true":
        job.client.enable_key_rotation(KeyId=job.physical_id)
    job.request["PendingWindowInDays"] = int(job.take("PendingWindowInDays", 30))


def _delete(job: Job, _snapshot: bool) -> None:
    job.client.schedule_key_deletion(KeyId=job.physical_id, PendingWindowInDays=job.request["PendingWindowInDays"])


def _aliases(job: Job) -> Any:
    """Return the alias, and its key under the id that the template used; AWS shows the bare id."""
    listed = job.client.list_aliases(KeyId=job.request["TargetKeyId"])["Aliases"]
    found = [alias for alias in listed if alias["AliasName"] == job.physical_id]
    return [*found, {"TargetKeyId": job.request["TargetKeyId"]}] if found else []


RECIPES = (
    Recipe(
        "AWS::KMS::Key",
        "kms",
        "create_key",
        "KeyMetadata.KeyId",
        names={"KeyPolicy": "Policy"},
        late=("EnableKeyRotation", "PendingWindowInDays"),
        after=_key,
        remove=_delete,
        attributes={"Arn": "KeyMetadata.Arn", "KeyId": "KeyMetadata.KeyId"},
        show=(
            "describe_key:KeyId",
            "get_key_rotation_status:KeyId",
            "get_key_policy:KeyId:PolicyName=default",
            "list_resource_tags:KeyId",
        ),
        hidden=("PendingWindowInDays",),
    ),
    Recipe(
        "AWS::KMS::Alias",
        "kms",
        "create_alias",
        "=AliasName",
        "delete_alias",
        "AliasName",
        show=(_aliases,),
    ),
)
