"""RDS: instances, read replicas, subnet groups and parameter groups."""

from __future__ import annotations

from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.clients import simulated_client
from stackproof.simulate.modify import modify, replace
from stackproof.simulate.recipe import Job, Recipe, Tagging, made_up_name
from stackproof.simulate.shapes import arguments
from stackproof.simulate.updates import came_and_went

_NEW = {"VPCSecurityGroups": "VpcSecurityGroupIds"}
_NAMES = {**_NEW, "Port": "DBPortNumber"}
_UPDATE_ONLY = ("ApplyImmediately", "AllowMajorVersionUpgrade", "CertificateRotationRestart")
"""Say how a later update is done; creating takes no notice of them in AWS either."""
_DELETE_ONLY = "DeleteAutomatedBackups"


def _arn(job: Job) -> str:
    kinds = {
        "AWS::RDS::DBInstance": "db",
        "AWS::RDS::DBSubnetGroup": "subgrp",
        "AWS::RDS::DBParameterGroup": "pg",
    }
    account = job.other("sts").get_caller_identity()["Account"]
    region, partition = job.client.meta.region_name, job.client.meta.partition
    return f"arn:{partition}:rds:{region}:{account}:{kinds[job.wanted.type]}:{job.physical_id}"


def _tags(job: Job) -> Any:
    return job.client.list_tags_for_resource(ResourceName=_arn(job))["TagList"]


_TAGGING = Tagging("add_tags_to_resource", "remove_tags_from_resource", "ResourceName", id=_arn)


def _flat(properties: dict[str, Any]) -> dict[str, Any]:
    """Return properties with the key of the managed password's secret where the API has it."""
    secret = properties.pop("MasterUserSecret", {})
    key = {"MasterUserSecretKmsKeyId": secret["KmsKeyId"]} if "KmsKeyId" in secret else {}
    return properties | key


def _instance(job: Job) -> None:
    """Make an instance or a replica; RDS takes some settings of a replica only when it exists."""
    copies = {theirs: job.take(ours) for ours, theirs in _COPIES.items() if ours in job.left}
    roles = job.take("AssociatedRoles", [])
    properties = _flat({name: job.take(name) for name in list(job.left)})
    for name in (*_UPDATE_ONLY, _DELETE_ONLY):
        properties.pop(name, None)
    operation = _making(properties)
    if "replica" in operation:
        # A replica is encrypted as its source is; the template may say so.
        properties.pop("StorageEncrypted", None)
    request, unread = arguments(job.client, operation, properties, _NEW)
    name = str(request.get("DBInstanceIdentifier") or made_up_name(job.wanted, 63, lower=True)).lower()
    job.left = dict.fromkeys(unread)
    getattr(job.client, operation)(**{**request, "DBInstanceIdentifier": name})
    job.physical_id = name
    later = {name: properties[name] for name in unread if name in properties}
    change, unread = arguments(job.client, "modify_db_instance", later, _NAMES)
    if change:
        job.client.modify_db_instance(DBInstanceIdentifier=job.physical_id, ApplyImmediately=True, **change)
        job.left = dict.fromkeys(unread)
    for role in roles:
        _role(job, "add_role_to_db_instance", role)
    if copies:
        _copy_backups(job, copies)


def _making(properties: dict[str, Any]) -> str:
    """Return what makes an instance: nothing but its properties, another instance, or a snapshot."""
    if properties.get("SourceDBInstanceIdentifier"):
        return "create_db_instance_read_replica"
    if properties.get("DBSnapshotIdentifier"):
        # Encryption and the first user come with the snapshot.
        for name in ("StorageEncrypted", "KmsKeyId", "MasterUsername", "DBName"):
            properties.pop(name, None)
        return "restore_db_instance_from_db_snapshot"
    return "create_db_instance"


def _role(job: Job, operation: str, role: dict[str, str]) -> None:
    getattr(job.client, operation)(DBInstanceIdentifier=job.physical_id, **role)


_DEFAULTS: dict[str, Any] = {
    "AutoMinorVersionUpgrade": True,
    "BackupRetentionPeriod": 1,
    "CACertificateIdentifier": "rds-ca-rsa2048-g1",
    "CopyTagsToSnapshot": False,
    "DatabaseInsightsMode": "standard",
    "DedicatedLogVolume": False,
    "DeletionProtection": False,
    "EnableIAMDatabaseAuthentication": False,
    "EnablePerformanceInsights": False,
    "Iops": 0,
    "ManageMasterUserPassword": False,
    "MonitoringInterval": 0,
    "MonitoringRoleArn": "",
    "MultiAZ": False,
    "NetworkType": "IPV4",
    "PerformanceInsightsKMSKeyId": "",
    "PerformanceInsightsRetentionPeriod": 7,
    "PreferredBackupWindow": "13:14-13:44",
    "PreferredMaintenanceWindow": "wed:06:38-wed:07:08",
    "PubliclyAccessible": False,
    "StorageThroughput": 0,
    "StorageType": "gp2",
}
"""What a removed property goes back to; the windows are those that the simulated service assigns."""
_REQUIRED = ("AllocatedStorage", "DBInstanceClass", "EngineVersion", "LicenseModel", "MasterUserPassword", "Port")
"""Can be changed; what they were before a template named them is not known."""


def _change_instance(job: Job) -> None:
    """Change an instance at once; a new version stays when a template no longer names it."""
    now = job.wanted.properties
    if "SourceDBInstanceIdentifier" in job.gone:
        job.touched("SourceDBInstanceIdentifier")
        job.client.promote_read_replica(DBInstanceIdentifier=job.physical_id)
    job.gone -= {"EngineVersion"}
    required = {name: None for name in _REQUIRED if name in job.left}
    own = {
        "DBInstanceIdentifier": job.physical_id,
        "ApplyImmediately": True,
        **({"AllowMajorVersionUpgrade": True} if as_text(now.get("AllowMajorVersionUpgrade", "")) == "true" else {}),
        **_changed_logs(job),
    }
    with_defaults = {**_DEFAULTS, **required, **_found_defaults(job)}
    if (
        not modify(job, "modify_db_instance", with_defaults, _NAMES, **own)
        and "CloudwatchLogsExportConfiguration" in own
    ):
        job.client.modify_db_instance(**own)
    for operation, roles in zip(
        ("add_role_to_db_instance", "remove_role_from_db_instance"), came_and_went(job, "AssociatedRoles"), strict=True
    ):
        for role in roles:
            job.touched("AssociatedRoles")
            _role(job, operation, role)
    if job.touched(*_COPIES):
        _stop_copies(job, job.before)
        copies = {theirs: now[ours] for ours, theirs in _COPIES.items() if ours in now}
        if copies:
            _copy_backups(job, copies)


def _changed_logs(job: Job) -> dict[str, Any]:
    if not job.touched("EnableCloudwatchLogsExports"):
        return {}
    added, removed = came_and_went(job, "EnableCloudwatchLogsExports")
    return {"CloudwatchLogsExportConfiguration": {"EnableLogTypes": added, "DisableLogTypes": removed}}


def _found_defaults(job: Job) -> dict[str, Any]:
    """Return defaults that depend on the instance."""
    named = {"MaxAllocatedStorage", "DBParameterGroupName", "VPCSecurityGroups", "OptionGroupName"}
    if not named & (job.gone | job.left.keys()):
        return {}
    (found,) = job.client.describe_db_instances(DBInstanceIdentifier=job.physical_id)["DBInstances"]
    version = found["EngineVersion"].split(".")
    network = found.get("DBSubnetGroup", {}).get("VpcId")
    return {
        "MaxAllocatedStorage": job.wanted.properties.get("AllocatedStorage", found["AllocatedStorage"]),
        "DBParameterGroupName": f"default.{found['Engine']}{'.'.join(version[:-1])}",
        "OptionGroupName": f"default:{found['Engine']}-{'-'.join(version[:2])}",
        "VPCSecurityGroups": _default_groups(job, network) if "VPCSecurityGroups" in job.gone else [],
    }


def _default_groups(job: Job, network: str | None) -> list[str]:
    ec2 = job.other("ec2")
    if network is None:
        network = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    filters = [{"Name": "vpc-id", "Values": [network]}, {"Name": "group-name", "Values": ["default"]}]
    return [group["GroupId"] for group in ec2.describe_security_groups(Filters=filters)["SecurityGroups"]]


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


_ATTRIBUTES = (
    "CertificateDetails.CAIdentifier",
    "CertificateDetails.ValidTill",
    "DBInstanceArn",
    "DBInstanceStatus",
    "DBSystemId",
    "DbiResourceId",
    "Endpoint.Address",
    "Endpoint.HostedZoneId",
    "Endpoint.Port",
    "InstanceCreateTime",
    "LatestRestorableTime",
    "MasterUserSecret.SecretArn",
    "ReadReplicaDBInstanceIdentifiers",
    "SecondaryAvailabilityZone",
)


def _attribute(job: Job, name: str) -> Any:
    if name not in _ATTRIBUTES:
        raise KeyError(name)
    value: Any = job.client.describe_db_instances(DBInstanceIdentifier=job.physical_id)["DBInstances"][0]
    for key in name.split("."):
        value = value[key]
    return value if isinstance(value, list) else str(value)


def _named_otherwise(job: Job) -> Any:
    """Return what RDS shows in another form than a template has."""
    (found,) = job.client.describe_db_instances(DBInstanceIdentifier=job.physical_id)["DBInstances"]
    return {"Port": found["Endpoint"]["Port"], "ManageMasterUserPassword": "MasterUserSecret" in found}


def _stop_copies(job: Job, properties: dict[str, Any]) -> None:
    region = properties.get("AutomaticBackupReplicationRegion")
    if region is not None:
        (found,) = job.client.describe_db_instances(DBInstanceIdentifier=job.physical_id)["DBInstances"]
        there = simulated_client(str(region), "rds")
        there.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=found["DBInstanceArn"])


def _delete_instance(job: Job, snapshot: bool) -> None:
    name, now = job.physical_id, job.wanted.properties
    (found,) = job.client.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    if not found["DeletionProtection"]:
        _stop_copies(job, now)
    final = {"FinalDBSnapshotIdentifier": f"{name}-final"} if snapshot else {}
    job.client.delete_db_instance(
        DBInstanceIdentifier=name,
        SkipFinalSnapshot=not snapshot,
        DeleteAutomatedBackups=as_text(now.get(_DELETE_ONLY, True)).lower() == "true",
        **final,
    )


def _parameters(job: Job) -> None:
    """Set the parameters of a new group; those of one that is updated are seen to by `_change_parameters`."""
    if not job.before:
        _set_parameters(job, job.take("Parameters", {}))


def _set_parameters(job: Job, parameters: dict[str, Any]) -> None:
    if parameters:
        job.client.modify_db_parameter_group(
            DBParameterGroupName=job.physical_id,
            Parameters=[
                {"ParameterName": name, "ParameterValue": as_text(value), "ApplyMethod": "pending-reboot"}
                for name, value in parameters.items()
            ],
        )


def _change_parameters(job: Job) -> None:
    """Set what is new or other, and reset what is no longer named."""
    if not job.touched("Parameters"):
        return
    before, now = (dict(held.get("Parameters") or {}) for held in (job.before, job.wanted.properties))
    gone = [{"ParameterName": name, "ApplyMethod": "pending-reboot"} for name in before if name not in now]
    if gone:
        job.client.reset_db_parameter_group(DBParameterGroupName=job.physical_id, Parameters=gone)
    _set_parameters(job, {name: value for name, value in now.items() if before.get(name) != value})


def _change_subnets(job: Job) -> None:
    """Change description and subnets; the call wants the subnets in any case."""
    names = ("DBSubnetGroupDescription", "SubnetIds")
    replace(job, "modify_db_subnet_group", names, DBSubnetGroupName=job.physical_id)


RECIPES = (
    Recipe(
        "AWS::RDS::DBInstance",
        "rds",
        make=_instance,
        describe=_attribute,
        remove=_delete_instance,
        show=("describe_db_instances:DBInstanceIdentifier", _copied_backups, _named_otherwise),
        hidden=("DBSnapshotIdentifier", "MasterUserPassword", _DELETE_ONLY, *_UPDATE_ONLY),
        change=_change_instance,
        ignored=(_DELETE_ONLY, *_UPDATE_ONLY),
        tagging=_TAGGING,
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
        describe=lambda job, name: {"DBSubnetGroupArn": _arn(job)}[name],
        change=_change_subnets,
        tagging=_TAGGING,
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
        describe=lambda job, name: {"DBParameterGroupArn": _arn(job)}[name],
        change=_change_parameters,
        tagging=_TAGGING,
        show=(
            "describe_db_parameter_groups:DBParameterGroupName",
            "describe_db_parameters:DBParameterGroupName",
            _tags,
        ),
    ),
)
