"""EFS: file systems that change, and policies that are set and taken away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.efs import models as _models
from moto.moto_api._internal import mock_random

from stackproof.simulate.additions.keeping import Item, Method, Refused, Response

# moto is typed in parts; its internals are what the contract test says, not what its annotations say.
models: Any = _models


def _system(response: Response, request: Item) -> Any:
    found = response.efs_backend.file_systems_by_id.get(request["FileSystemId"])
    if found is None:
        raise Refused("FileSystemNotFound", f"File system '{request['FileSystemId']}' does not exist.")
    return found


def _update_file_system(response: Response, request: Item) -> Any:
    system = _system(response, request)
    if "ThroughputMode" in request:
        system.throughput_mode = request["ThroughputMode"]
        system.provisioned_throughput_in_mibps = None
    if "ProvisionedThroughputInMibps" in request:
        system.provisioned_throughput_in_mibps = request["ProvisionedThroughputInMibps"]
    return system.info_json()


def _put_backup_policy(response: Response, request: Item) -> Any:
    _system(response, request)._backup = request["BackupPolicy"]["Status"] in ("ENABLED", "ENABLING")
    return {"BackupPolicy": request["BackupPolicy"]}


def _describe_backup_policy(response: Response, request: Item) -> Any:
    enabled = _system(response, request)._backup
    return {"BackupPolicy": {"Status": "ENABLED" if enabled else "DISABLED"}}


def _delete_policy(response: Response, request: Item) -> Any:
    _system(response, request).file_system_policy = None
    return {}


def _update_protection(response: Response, request: Item) -> Any:
    system = _system(response, request)
    system.file_system_protection = {"ReplicationOverwriteProtection": request["ReplicationOverwriteProtection"]}
    return system.file_system_protection


METHODS: Mapping[tuple[str, str], Method] = {
    ("efs", "DeleteFileSystemPolicy"): _delete_policy,
    ("efs", "DescribeBackupPolicy"): _describe_backup_policy,
    ("efs", "PutBackupPolicy"): _put_backup_policy,
    ("efs", "UpdateFileSystem"): _update_file_system,
    ("efs", "UpdateFileSystemProtection"): _update_protection,
}


class _LongIds:
    """Random parts of ids as long as those of EFS are now."""

    @staticmethod
    def get_random_hex(_length: int = 8) -> str:
        return str(mock_random.get_random_hex(17))


PATCHES = ((models, "mock_random", _LongIds),)
