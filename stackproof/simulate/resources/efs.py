"""EFS: file systems, where they are reached, and how."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from stackproof.simulate.modify import request
from stackproof.simulate.recipe import Job, Recipe, Tagging

_LATER = ("BackupPolicy", "FileSystemPolicy", "FileSystemProtection", "LifecyclePolicies")
"""What is set by calls of its own, once a file system is there."""
_THROUGHPUT = ("ThroughputMode", "ProvisionedThroughputInMibps")


def _file_system(job: Job) -> None:
    later = {name: job.take(name) for name in _LATER if name in job.left}
    given = {name: job.take(name) for name in list(job.left) if name != "BypassPolicyLockoutSafetyCheck"}
    tags = given.pop("FileSystemTags", None)
    unknown = {"ReplicationConfiguration"} & set(given)
    given = {name: value for name, value in given.items() if name not in unknown}
    job.left = {}
    further = {"Tags": tags} if tags else {}
    job.answer = job.call("create_file_system", {**given, **further}, CreationToken=job.wanted.name[-64:])
    job.left |= dict.fromkeys(unknown)
    job.physical_id = job.answer["FileSystemId"]
    for name, value in later.items():
        _set(job, name, value)


def _set(job: Job, name: str, value: Any) -> None:
    """Set one of what is set later; None is what a file system has at first."""
    own = {"FileSystemId": job.physical_id}
    match name:
        case "BackupPolicy":
            job.client.put_backup_policy(**own, BackupPolicy=value or {"Status": "DISABLED"})
        case "LifecyclePolicies":
            job.client.put_lifecycle_configuration(**own, LifecyclePolicies=value or [])
        case "FileSystemProtection":
            given = value or {"ReplicationOverwriteProtection": "ENABLED"}
            job.client.update_file_system_protection(**own, **given)
        case "FileSystemPolicy" if value:
            job.client.put_file_system_policy(**own, Policy=json.dumps(value))
        case "FileSystemPolicy":
            job.client.delete_file_system_policy(**own)


def _change(job: Job) -> None:
    now = job.wanted.properties
    job.touched("BypassPolicyLockoutSafetyCheck")
    for name in _LATER:
        if job.touched(name):
            _set(job, name, now.get(name))
    if job.touched(*_THROUGHPUT):
        given = {"ThroughputMode": "bursting"} | {name: now[name] for name in _THROUGHPUT if name in now}
        job.client.update_file_system(FileSystemId=job.physical_id, **request(job, "update_file_system", given))


def _shown(job: Job) -> Any:
    own = {"FileSystemId": job.physical_id}
    (found,) = job.client.describe_file_systems(**own)["FileSystems"]
    lifecycle = job.client.describe_lifecycle_configuration(**own)["LifecyclePolicies"]
    names = {
        "BackupPolicy": job.client.describe_backup_policy(**own)["BackupPolicy"],
        "FileSystemTags": found["Tags"],
        "LifecyclePolicies": lifecycle,
    }
    with suppress(ClientError):
        names["FileSystemPolicy"] = json.loads(job.client.describe_file_system_policy(**own)["Policy"])
    return [{name: found[name] for name in found if name not in ("Tags", "SizeInBytes")}, names]


def _attribute(job: Job, name: str) -> str:
    return str({"Arn": job.answer["FileSystemArn"], "FileSystemId": job.physical_id}[name])


def _security_groups(job: Job) -> None:
    if job.touched("SecurityGroups"):
        groups = job.wanted.properties["SecurityGroups"]
        job.client.modify_mount_target_security_groups(MountTargetId=job.physical_id, SecurityGroups=groups)


def _shown_target(job: Job) -> Any:
    own = {"MountTargetId": job.physical_id}
    groups = job.client.describe_mount_target_security_groups(**own)["SecurityGroups"]
    return [job.client.describe_mount_targets(**own)["MountTargets"], {"SecurityGroups": groups}]


def _shown_point(job: Job) -> Any:
    (found,) = job.client.describe_access_points(AccessPointId=job.physical_id)["AccessPoints"]
    return [{name: found[name] for name in found if name != "Tags"}, {"AccessPointTags": found.get("Tags", [])}]


def _point_token(job: Job) -> None:
    given = {name: job.take(name) for name in list(job.left)}
    given = {"ClientToken": job.wanted.name[-64:], **given}
    given["Tags"] = given.pop("AccessPointTags", [])
    job.answer = job.call("create_access_point", given)
    job.physical_id = job.answer["AccessPointId"]


RECIPES = (
    Recipe(
        "AWS::EFS::FileSystem",
        "efs",
        make=_file_system,
        delete="delete_file_system",
        key="FileSystemId",
        describe=_attribute,
        change=_change,
        tagging=Tagging("tag_resource", "untag_resource", "ResourceId", property="FileSystemTags"),
        show=(_shown,),
        hidden=("BypassPolicyLockoutSafetyCheck",),
    ),
    Recipe(
        "AWS::EFS::MountTarget",
        "efs",
        "create_mount_target",
        "MountTargetId",
        "delete_mount_target",
        "MountTargetId",
        attributes={"Id": "MountTargetId", "IpAddress": "IpAddress"},
        change=_security_groups,
        show=(_shown_target,),
    ),
    Recipe(
        "AWS::EFS::AccessPoint",
        "efs",
        make=_point_token,
        delete="delete_access_point",
        key="AccessPointId",
        attributes={"AccessPointId": "AccessPointId", "Arn": "AccessPointArn"},
        tagging=Tagging("tag_resource", "untag_resource", "ResourceId", property="AccessPointTags"),
        show=(_shown_point,),
    ),
)
