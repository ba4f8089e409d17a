"""RDS: settings that moto's instances forget, replicas of their own, and groups that are in use."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.rds.exceptions import InvalidParameterCombination
from moto.rds.models import DBInstance, RDSBackend

from stackproof.simulate.additions.keeping import Item, Method, Refused, Response

# moto is typed in parts; its internals are what the tests of the additions say, not what its annotations say.
_backend: Any = RDSBackend
_create, _replicate, _modify = (
    _backend.create_db_instance,
    _backend.create_db_instance_read_replica,
    _backend.modify_db_instance,
)
_promote, _change_subnets = _backend.promote_read_replica, _backend.modify_db_subnet_group

_CALLED = {"enable_performance_insights": "performance_insights_enabled", "db_port_number": "port"}
"""What moto keeps under the name of the request, by the name under which it is shown."""
_ZONES = {"us-east-1": "Z2R2ITUGPM61AM", "us-west-2": "Z1PVIF0B656C1W"}
"""The hosted zones of RDS's own names."""
_NO_IOPS = frozenset(("gp2", "standard"))


_AUTHORITY = "rds-ca-rsa2048-g1"
"""What signs certificates where nothing else is asked for."""
_VALID = datetime(2061, 5, 25, tzinfo=UTC)


def _certificate(self: Any) -> Item:
    return {"CAIdentifier": self.ca_certificate_identifier, "ValidTill": _VALID}


def _secondary_zone(self: Any) -> str | None:
    """Return where the standby of an instance is: in another zone of its subnets."""
    if not self.multi_az:
        return None
    subnets = self.db_subnet_group.subnets if self._db_subnet_group_name else ()
    named = {str(subnet["SubnetAvailabilityZone"]["Name"]) for subnet in subnets}
    zones = sorted(named or {f"{self.region}{letter}" for letter in "ab"})
    return next((zone for zone in zones if zone != self.availability_zone), None)


def _keep(database: Any, given: Mapping[str, Any]) -> None:
    """Keep what a request says of an instance and moto has no place for, under the name that the answer has for it."""
    for name, value in given.items():
        shown = _CALLED.get(name, name)
        is_known = shown in vars(database) or isinstance(getattr(type(database), shown, None), property)
        if value is not None and (name in _CALLED or not is_known):
            setattr(database, shown, value)


def _create_db_instance(self: Any, db_kwargs: Any) -> Any:
    database = _create(self, db_kwargs)
    database.performance_insights_enabled = False
    database.publicly_accessible = bool(database.publicly_accessible)
    database.dbi_resource_id = _resource_id()
    database.ca_certificate_identifier = dict(db_kwargs).get("ca_certificate_identifier") or _AUTHORITY
    _keep(database, db_kwargs)
    return database


def _create_replica(self: Any, db_kwargs: Any) -> Any:
    """Make a replica with settings of its own; moto's is a copy that shares lists with its source."""
    asked = dict(db_kwargs)
    source = self.find_db_from_id(asked["source_db_instance_identifier"])
    replica = _replicate(self, db_kwargs)
    replica.dbi_resource_id = _resource_id()
    replica.vpc_security_group_ids = list(asked.get("vpc_security_group_ids") or source.vpc_security_group_ids)
    replica.enabled_cloudwatch_logs_exports = list(asked.get("enable_cloudwatch_logs_exports") or ())
    replica.tags = list(asked.get("tags") or ())
    replica.monitoring_interval = asked.get("monitoring_interval") or 0
    replica.monitoring_role_arn = asked.get("monitoring_role_arn")
    for name, default in _OWN_OF_REPLICAS.items():
        value = asked.get(name)
        setattr(replica, name, default if value is None else value)
    if replica.region != source.region:
        replica.availability_zone = asked.get("availability_zone") or f"{replica.region}a"
        replica.storage_encrypted = bool(asked.get("kms_key_id"))
    _keep(replica, asked)
    return replica


_OWN_OF_REPLICAS = {
    "multi_az": False,
    "deletion_protection": False,
    "backup_retention_period": 0,
    "copy_tags_to_snapshot": False,
    "performance_insights_enabled": False,
    "enable_iam_database_authentication": False,
}


def _resource_id() -> str:
    return "db-" + "".join(secrets.choice(string.ascii_uppercase + "234567") for _ in range(26))


def _modify_db_instance(self: Any, db_instance_identifier: str, db_kwargs: Any) -> Any:
    """Change an instance at once; what moto takes for no change, such as a default group, is one."""
    (database,) = self.describe_db_instances(db_instance_identifier)
    given = dict(db_kwargs)
    _may_upgrade(database, given)
    if str(given.get("db_parameter_group_name", "")).startswith("default."):
        database.db_parameter_group_name = None
        db_kwargs = {name: value for name, value in given.items() if name != "db_parameter_group_name"}
    _modify(self, db_instance_identifier, db_kwargs)
    _keep(database, {name: value for name, value in given.items() if name in _CALLED})
    if given.get("storage_type") in _NO_IOPS or given.get("iops") == 0:
        database.iops = None
    if "storage_throughput" in given:
        database.storage_throughput = given["storage_throughput"]
    if given.get("storage_type") in _NO_IOPS:
        database.storage_throughput = None
    if given.get("monitoring_interval") == 0:
        database.monitoring_role_arn = None
    if not database.performance_insights_enabled:
        database.performance_insights_retention_period = database.performance_insights_kms_key_id = None
    return database


def _may_upgrade(database: Any, given: Mapping[str, Any]) -> None:
    wanted = given.get("engine_version")
    if wanted is None or given.get("allow_major_version_upgrade"):
        return
    if _major(database.engine, wanted) != _major(database.engine, database.engine_version):
        raise InvalidParameterCombination(
            "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version."
        )


def _major(engine: str, version: str) -> tuple[str, ...]:
    parts = tuple(str(version).split("."))
    return parts[:1] if engine == "postgres" and parts[0] != "9" else parts[:2]


def _promote_read_replica(self: Any, db_kwargs: Any) -> Any:
    """Let a replica go its own way; moto's source would keep it in its list."""
    database = self.databases[db_kwargs["db_instance_identifier"]]
    if database.is_replica:
        self.find_db_from_id(database.source_db_instance_identifier).remove_replica(database)
    _promote(self, db_kwargs)
    database.source_db_instance_identifier = None
    return database


def _modify_subnets(self: Any, subnet_name: str, description: str, subnets: list[Any]) -> Any:
    """Change a group of subnets; moto takes it out of its list for that and leaves it out."""
    self.subnet_groups[subnet_name] = _change_subnets(self, subnet_name, description, subnets)
    return self.subnet_groups[subnet_name]


def _endpoint(self: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {"Address": self.address, "Port": self.port}
    return shown | {"HostedZoneId": _ZONES.get(self.region, _ZONES["us-east-1"])}


def _reset_parameters(response: Response, request: Item) -> Any:
    """Give parameters of a group the values that their family has."""
    name = request["DBParameterGroupName"]
    group = response.backend.db_parameter_groups.get(name)
    if group is None:
        raise Refused("DBParameterGroupNotFoundFault", f"DBParameterGroup not found: {name}")
    for parameter in request.get("Parameters", ()):
        group.parameters.pop(parameter["ParameterName"], None)
    if request.get("ResetAllParameters"):
        group.parameters.clear()
    return {"DBParameterGroupName": name}


def _remove_role(response: Response, request: Item) -> Any:
    (database,) = response.backend.describe_db_instances(request["DBInstanceIdentifier"])
    which = (request["RoleArn"], request.get("FeatureName"))
    kept = [role for role in database._associated_roles if (role.role_arn, role.feature_name) != which]
    if len(kept) == len(database._associated_roles):
        raise Refused("DBInstanceRoleNotFound", f"Role ARN {which[0]} is not associated with the DB instance.")
    database._associated_roles = kept
    return {}


def _delete_parameter_group(response: Response, request: Item) -> Any:
    name = request["DBParameterGroupName"]
    if any(database.db_parameter_group_name == name for database in response.backend.databases.values()):
        raise Refused(
            "InvalidDBParameterGroupStateFault",
            f"One or more database instances are still members of this parameter group {name}, so the group cannot "
            "be deleted",
        )
    return response.delete_db_parameter_group()


def _create_subnet_group(response: Response, request: Item) -> Any:
    name = request["DBSubnetGroupName"]
    if name in response.backend.subnet_groups:
        raise Refused("DBSubnetGroupAlreadyExistsFault", f"The DB subnet group '{name}' already exists.")
    return response.create_db_subnet_group()


def _delete_subnet_group(response: Response, request: Item) -> Any:
    name = request["DBSubnetGroupName"]
    for database in response.backend.databases.values():
        if database._db_subnet_group_name == name:
            raise Refused(
                "InvalidDBSubnetGroupStateFault",
                f"Cannot delete the subnet group '{name}' because at least one database instance: "
                f"{database.db_instance_identifier} is still using it.",
            )
    return response.delete_db_subnet_group()


METHODS: Mapping[tuple[str, str], Method] = {
    ("rds", "CreateDBSubnetGroup"): _create_subnet_group,
    ("rds", "DeleteDBParameterGroup"): _delete_parameter_group,
    ("rds", "DeleteDBSubnetGroup"): _delete_subnet_group,
    ("rds", "RemoveRoleFromDBInstance"): _remove_role,
    ("rds", "ResetDBParameterGroup"): _reset_parameters,
}

PATCHES = (
    (RDSBackend, "create_db_instance", _create_db_instance),
    (RDSBackend, "create_db_instance_read_replica", _create_replica),
    (RDSBackend, "modify_db_instance", _modify_db_instance),
    (RDSBackend, "modify_db_subnet_group", _modify_subnets),
    (RDSBackend, "promote_read_replica", _promote_read_replica),
    (DBInstance, "certificate_details", property(_certificate)),
    (DBInstance, "endpoint", property(_endpoint)),
    (DBInstance, "secondary_availability_zone", property(_secondary_zone)),
)
