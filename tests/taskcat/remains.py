"""What outlives its stacks (docs/decisions/0011), removed after a test by the tags that it carries."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

Client = Callable[[str], Any]

LOG_DELIVERY = "AWSLogDeliveryWrite20150319"


def remove(client: Client, tags: Mapping[str, str]) -> Iterator[str]:
    """Remove what carries all of the tags; iterate over what happened, a failure as ``FAILED …``.

    Keys come last: what is encrypted may need them to be deleted.

    Parameters:
        client: gives a boto3 client of a service in the region that is looked at.
        tags: what must be on a thing, with these values. They must name a system and an environment.
    """
    assert tags.keys() >= {"System", "Environment"}
    assert all(tags.values())
    filters = [{"Key": name, "Values": [value]} for name, value in tags.items()]
    pages = client("resourcegroupstaggingapi").get_paginator("get_resources").paginate(TagFilters=filters)
    arns = sorted(found["ResourceARN"] for page in pages for found in page["ResourceTagMappingList"])
    for kind, act in _KINDS.items():
        for arn in arns:
            # arn:aws:SERVICE:REGION:ACCOUNT:KIND/NAME, or KIND:NAME, or just NAME
            service, name = arn.split(":", 5)[2], arn.split(":", 5)[5]
            if f"{service}:{name}".startswith(kind):
                name = f"{service}:{name}".removeprefix(kind)
                yield from _tried(arn, act, client, arn if act is _database_backup else name)


def forget_log_groups(client: Client) -> Iterator[str]:
    """Take log groups that are gone out of the policy into which AWS's services write every group that they log to.

    They never shorten it, and it holds 5,120 characters: decisions 26 and 30.

    Parameters:
        client: gives a boto3 client of a service in the region that is looked at.
    """
    logs = client("logs")
    pages = logs.get_paginator("describe_log_groups").paginate()
    stand = {group["arn"].removesuffix(":*") for page in pages for group in page["logGroups"]}
    for policy in logs.describe_resource_policies()["resourcePolicies"]:
        if policy["policyName"] != LOG_DELIVERY:
            continue
        document = json.loads(policy["policyDocument"])
        kept = [_shortened(statement, stand) for statement in document["Statement"]]
        left = [statement for statement in kept if statement["Resource"]]
        if left == document["Statement"]:
            continue
        if left:
            text = json.dumps(document | {"Statement": left}, separators=(",", ":"))
            logs.put_resource_policy(policyName=LOG_DELIVERY, policyDocument=text)
        else:
            logs.delete_resource_policy(policyName=LOG_DELIVERY)
        yield f"shortened the policy {LOG_DELIVERY}"


def _shortened(statement: dict[str, Any], stand: Collection[str]) -> dict[str, Any]:
    """Return a statement without the log groups that are gone."""
    named = statement["Resource"]
    resources = [named] if isinstance(named, str) else named
    # arn:aws:logs:REGION:ACCOUNT:log-group:NAME:log-stream:*
    kept = [one for one in resources if "*" in _group(one) or _group(one) in stand]
    return statement if kept == resources else statement | {"Resource": kept}


def _group(resource: str) -> str:
    return resource.partition(":log-stream:")[0].removesuffix(":*")


def _tried(arn: str, act: Callable[[Client, str], bool], client: Client, name: str) -> Iterator[str]:
    try:
        if act(client, name):
            yield f"removed {arn}"
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "BucketNotEmpty":
            yield f"left {arn}: S3 writes access logs hours later; the next run removes it"
        # The tagging service still tells of things for a while after they are gone.
        elif not any(word in code for word in ("NotFound", "NoSuch", "NotExist", "404")):
            yield f"FAILED to remove {arn}: {error}"


def _bucket(client: Client, name: str) -> bool:
    s3 = client("s3")
    s3.head_bucket(Bucket=name)
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        if found:
            objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
            answer = s3.delete_objects(Bucket=name, Delete={"Objects": objects, "Quiet": True})
            for error in answer.get("Errors", ()):
                raise ClientError({"Error": error}, "DeleteObjects")
    s3.delete_bucket(Bucket=name)
    return True


def _log_group(client: Client, name: str) -> bool:
    client("logs").delete_log_group(logGroupName=name.removesuffix(":*"))
    return True


def _repository(client: Client, name: str) -> bool:
    client("ecr").delete_repository(repositoryName=name, force=True)
    return True


def _database_snapshot(client: Client, name: str) -> bool:
    if name.startswith("rds:"):  # belongs to the automated backups
        return False
    client("rds").delete_db_snapshot(DBSnapshotIdentifier=name)
    return True


def _database_backup(client: Client, arn: str) -> bool:
    client("rds").delete_db_instance_automated_backup(DBInstanceAutomatedBackupsArn=arn)
    return True


def _cache_snapshot(client: Client, name: str) -> bool:
    client("elasticache").delete_snapshot(SnapshotName=name)
    return True


def _key(client: Client, name: str) -> bool:
    """Have a key deleted in seven days, the shortest time that there is."""
    kms = client("kms")
    state = kms.describe_key(KeyId=name)["KeyMetadata"]["KeyState"]
    if state == "PendingDeletion":
        return False
    kms.schedule_key_deletion(KeyId=name, PendingWindowInDays=7)
    return True


_KINDS: dict[str, Callable[[Client, str], bool]] = {
    "s3:": _bucket,
    "logs:log-group:": _log_group,
    "ecr:repository/": _repository,
    "rds:snapshot:": _database_snapshot,
    "rds:auto-backup:": _database_backup,
    "elasticache:snapshot:": _cache_snapshot,
    "kms:key/": _key,
}
