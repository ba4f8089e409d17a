"""The kinds of things that moto forgets, in whole or in part."""

from __future__ import annotations

import uuid
from typing import Any

from stackproof.simulate.additions.keeping import Item, Kind, Operation, now


def _cloudfront(word: str, many: str = "") -> Kind:
    """Return a policy of CloudFront, such as ``CachePolicy``: an id and a configuration."""
    many = many or f"{word.removesuffix('y')}ies"
    return Kind(
        "cloudfront",
        "Id",
        {
            f"Create{word}": Operation("write", new=True),
            f"Update{word}": Operation("write"),
            f"Get{word}": Operation("read"),
            f"Get{word}Config": Operation("read"),
            f"List{many}": Operation("read", f"{word}List.Items"),
            f"Delete{word}": Operation("remove"),
        },
        made=_policy,
        missing=f"NoSuch{word}",
        taken=f"{word}AlreadyExists",
        forget=("IfMatch",),
        counted=True,
    )


def _policy(_request: Item, _response: Any) -> Item:
    return {
        "Id": str(uuid.uuid4()),
        "ETag": f"E{uuid.uuid4().hex[:13].upper()}",
        "LastModifiedTime": now(),
        "Type": "custom",
    }


def _distribution(_request: Item, _response: Any) -> Item:
    """Return the address of a distribution in the form that CloudFront's have."""
    return {"DomainName": f"d{uuid.uuid4().hex[:13]}.cloudfront.net"}


def _copied_backups(request: Item, response: Any) -> Item:
    """Return what RDS adds to backups that it copies from another region."""
    source = request["DBInstanceArn"].split(":")
    where = f"arn:{response.partition}:rds:{response.region}:{response.current_account}"
    return {
        "DBInstanceIdentifier": source[-1],
        "DBInstanceAutomatedBackupsArn": f"{where}:auto-backup:ab-{uuid.uuid4().hex[:26]}",
        "Region": source[3],
        "Status": "replicating",
        "Encrypted": "KmsKeyId" in request,
        "BackupRetentionPeriod": 7,
    }


KINDS = (
    _cloudfront("CachePolicy"),
    _cloudfront("OriginRequestPolicy"),
    _cloudfront("ResponseHeadersPolicy"),
    # moto keeps distributions but forgets parts of their configuration.
    Kind(
        "cloudfront",
        "Id",
        {
            "CreateDistributionWithTags": Operation("write", "Distribution"),
            "CreateDistribution": Operation("write", "Distribution"),
            "UpdateDistribution": Operation("write", "Distribution"),
            "GetDistribution": Operation("read", "Distribution"),
            "GetDistributionConfig": Operation("read"),
            "ListDistributions": Operation("read", "DistributionList.Items"),
            "DeleteDistribution": Operation("remove"),
        },
        made=_distribution,
        names={"DistributionConfigWithTags.DistributionConfig": "DistributionConfig"},
        forget=("IfMatch",),
    ),
    # Backups of an instance that are copied to another region, which is where they are asked for.
    Kind(
        "rds",
        "DBInstanceArn",
        {
            "StartDBInstanceAutomatedBackupsReplication": Operation("write", new=True),
            "DescribeDBInstanceAutomatedBackups": Operation("read", "DBInstanceAutomatedBackups", beside=True),
            "StopDBInstanceAutomatedBackupsReplication": Operation("remove"),
        },
        made=_copied_backups,
        names={"SourceDBInstanceArn": "DBInstanceArn"},
        missing="DBInstanceNotFound",
        taken="DBInstanceAutomatedBackupsReplicationExists",
    ),
)
