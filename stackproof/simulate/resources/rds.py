"""RDS: instances, read replicas, subnet groups and parameter groups."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.clients import simulated_client
from stackproof.simulate.recipe import Job, Recipe, made_up_name
from stackproof.simulate.shapes import arguments

_NAMES = {"VPCSecurityGroups": "VpcSecurityGroupIds"}
_UPDATE_ONLY = ("ApplyImmediately", "AllowMajorVersionUpgrade")
"""Say how a later update is done; creating takes no notice of them in AWS either."""
_DELETE_ONLY = "DeleteAutomatedBackups"


def _tags(job: Job) -> Any:
    kind = {"AWS::RDS::DBSubnetGroup": "subgrp", "AWS::RDS::DBParameterGroup": "pg"}[job.wanted.type]
    account = job.other("sts").get_caller_identity()["Account"]
    region, partition = job.client.meta.region_name, job.client.meta.partition
    arn = f"arn:{partition}:rds:{region}:{account}:{kind}:{job.physical_id}"
    return job.client.list_tags_for_resource(ResourceName=arn)["TagList"]


def _instance(job: Job) -> None:
    """Make an instance or a replica; RDS takes some settings of a replica only when it exists."""
    copies = {theirs: job.take(ours) for ours, theirs in _COPIES.items() if ours in job.left}
    properties = {name: job.take(name) for name in list(job.left)}
    for name in _UPDATE_ONLY:
        properties.pop(name, None)
    backups = properties.pop(_DELETE_ONLY, True)
    operation = (
        "create_db_instance_read_replica" if "SourceDBInstanceIdentifier" in properties else "create_db_instance"
    )
    request, unread = arguments(job.client, operation, properties, _NAMES)
    request.setdefault("DBInstanceIdentifier", made_up_name(job.wanted, 63, lower=True))
    job.left = dict.fromkeys(unread)
    job.request = {**request, _DELETE_ONLY: str(backups).lower() == "true"}
    getattr(job.client, operation)(**request)
    job.physical_id = request["DBInstanceIdentifier"]
    later = {name: properties[name] for name in unread if name in properties}
    change, unread = arguments(job.client, "modify_db_instance", later, _NAMES)
    if change:
        job.client.modify_db_instance(DBInstanceIdentifier=job.physical_id, ApplyImmediately=True, **change)
        job.left = dict.fromkeys(unread)
    if copies:
        _copy_backups(job, copies)


_COPIES = {
    "AutomaticBackupReplicationRegion": "region",
    "AutomaticBackupReplicationKmsKeyId": "KmsKeyId",
    "AutomaticBackupReplicationRetentionPeriod": "BackupRetentionPeriod",
}


def _copy_backups(job: Job, copies: dict[str, Any]) -> None:
    """Have the backups copied, by the region that gets them; the key must be one of that region."""
    found = job.client.describe_db_instances(DBInstanceIdentifier=job.physical_id)["DBInstances"][0]
    region = str(copies.pop("region"))
    if found["StorageEncrypted"]:
        simulated_client(region, "kms").describe_key(KeyId=copies.get("KmsKeyId", ""))
    there = simulated_client(region, "rds")
    request, _ = arguments(there, "start_db_instance_automated_backups_replication", copies)
    there.start_db_instance_automated_backups_replication(SourceDBInstanceArn=found["DBInstanceArn"], **request)


def _copied_backups(job: Job) -> Any:
    """Return what the second region shows of the backups, under the names of the template."""
    region = job.wanted.properties.get("AutomaticBackupReplicationRegion")
    if region is None:
        return []
    there = simulated_client(str(region), "rds")
    shown = there.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    found = [backup for backup in shown if backup["DBInstanceIdentifier"] == job.physical_id]
    named = [{ours: backup.get(theirs) for ours, theirs in _COPIES.items()} for backup in found]
    return [{**backup, "AutomaticBackupReplicationRegion": region} for backup in named]


def _attribute(job: Job, name: str) -> Any:
    value: Any = job.client.describe_db_instances(DBInstanceIdentifier=job.physical_id)["DBInstances"][0]
    for key in name.split("."):
        value = value[key]
    return str(value)


def _delete_instance(job: Job, snapshot: bool) -> None:
    name = job.physical_id
    region = job.wanted.properties.get("AutomaticBackupReplicationRegion")
    if region is not None:
        found = job.client.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
        there = simulated_client(str(region), "rds")
        there.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=found["DBInstanceArn"])
    final = {"FinalDBSnapshotIdentifier": f"{name}-final"} if snapshot else {}
    job.client.delete_db_instance(
        DBInstanceIdentifier=name,
        SkipFinalSnapshot=not snapshot,
        DeleteAutomatedBackups=job.request[_DELETE_ONLY],
        **final,
    )


def _parameters(job: Job) -> None:
    parameters = job.take("Parameters", {})
    if parameters:
        job.client.modify_db_parameter_group(
            DBParameterGroupName=job.physical_id,
            Parameters=[
                {"ParameterName": name, "ParameterValue": str(value), "ApplyMethod": "pending-reboot"}
                for name, value in parameters.items()
            ],
        )


RECIPES = (
    Recipe(
        "AWS::RDS::DBInstance",
        "rds",
        make=_instance,
        describe=_attribute,
        remove=_delete_instance,
        show=("describe_db_instances:DBInstanceIdentifier", _copied_backups),
        hidden=("MasterUserPassword", _DELETE_ONLY, *_UPDATE_ONLY),
    ),
    Recipe(
        "AWS::RDS::DBSubnetGroup",
        "rds",
        "create_db_subnet_group",
        "=DBSubnetGroupName",
        "delete_db_subnet_group",
        "DBSubnetGroupName",
        name="DBSubnetGroupName",
        lower=True,
        show=("describe_db_subnet_groups:DBSubnetGroupName", _tags),
    ),
    Recipe(
        "AWS::RDS::DBParameterGroup",
        "rds",
        "create_db_parameter_group",
        "=DBParameterGroupName",
        "delete_db_parameter_group",
        "DBParameterGroupName",
        names={"Family": "DBParameterGroupFamily"},
        name="DBParameterGroupName",
        lower=True,
        late=("Parameters",),
        after=_parameters,
        attributes={"DBParameterGroupName": "=DBParameterGroupName"},
        show=(
            "describe_db_parameter_groups:DBParameterGroupName",
            "describe_db_parameters:DBParameterGroupName",
            _tags,
        ),
    ),
)
