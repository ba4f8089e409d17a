"""RDS databases: what belongs to a cluster, what copies another database, and which engine runs."""

from __future__ import annotations

from stackproof.compose.deployment import Deployment
from stackproof.policy.alternatives import stated
from stackproof.policy.reading import followed, undecidable
from stackproof.resolve.stack import Resource
from stackproof.resolve.values import Undecidable

INSTANCE = "AWS::RDS::DBInstance"
CLUSTER = "AWS::RDS::DBCluster"

SECURITY_GROUPS = {
    INSTANCE: "VPCSecurityGroups",
    CLUSTER: "VpcSecurityGroupIds",
    "AWS::DAX::Cluster": "SecurityGroupIds",
    "AWS::DocDB::DBCluster": "VpcSecurityGroupIds",
    "AWS::ElastiCache::CacheCluster": "VpcSecurityGroupIds",
    "AWS::ElastiCache::ReplicationGroup": "SecurityGroupIds",
    "AWS::ElastiCache::ServerlessCache": "SecurityGroupIds",
    "AWS::MemoryDB::Cluster": "SecurityGroupIds",
    "AWS::Neptune::DBCluster": "VpcSecurityGroupIds",
    "AWS::Redshift::Cluster": "VpcSecurityGroupIds",
}
"""The property that names the security groups, by the type of a database or cache."""


def groups_of_databases(deployment: Deployment) -> set[Resource]:
    """Return the security groups of databases and caches, of whichever stack; unknown ones are left out."""
    return {
        group
        for kind, key in SECURITY_GROUPS.items()
        for database in deployment.of_type(kind)
        for group in followed(database, key, deployment)
    }


def is_member(database: Resource) -> bool:
    """Return whether an instance belongs to a cluster, which decides most things for it.

    Raises:
        Undecidable: that is known only after deployment.
    """
    return database.type == INSTANCE and stated(database, "DBClusterIdentifier")


def is_replica(database: Resource) -> bool:
    """Return whether a database is a read replica, which takes most things from its source.

    Raises:
        Undecidable: that is known only after deployment.
    """
    if database.type == CLUSTER:
        return stated(database, "ReplicationSourceIdentifier")
    return stated(database, "SourceDBInstanceIdentifier") or stated(database, "SourceDBClusterIdentifier")


def is_restored(database: Resource) -> bool:
    """Return whether a database is made from a snapshot or a backup, which brings its data, users and encryption.

    Raises:
        Undecidable: that is known only after deployment.
    """
    if database.type == CLUSTER:
        return stated(database, "SnapshotIdentifier") or stated(database, "SourceDBClusterIdentifier")
    sources = ("DBSnapshotIdentifier", "DBClusterSnapshotIdentifier", "SourceDBInstanceAutomatedBackupsArn")
    return any(stated(database, source) for source in (*sources, "SourceDbiResourceId"))


def original(database: Resource, deployment: Deployment) -> Resource:
    """Return the database that a replica copies where it is in the deployment; the database itself else."""
    source = deployment.follow(database.get("SourceDBInstanceIdentifier"))
    return source if source is not None and source.type == INSTANCE else database


def engine_of(database: Resource) -> str:
    """Return the engine in lower case, such as ``postgres`` or ``aurora-mysql``.

    Raises:
        Undecidable: it is known only after deployment, or comes with a source that is not in the deployment.
    """
    if not stated(database, "Engine"):
        raise Undecidable("its engine is that of a source outside of the deployment", database.mark, "Engine")
    return database.text("Engine").lower()


def runs_instances(database: Resource) -> bool:
    """Return whether a database is an instance, or a cluster that makes its instances itself and is no Aurora one.

    Raises:
        Undecidable: that is known only after deployment.
    """
    return database.type == INSTANCE or stated(database, "DBClusterInstanceClass")


def of_cluster(database: Resource, key: str, default: str, deployment: Deployment) -> str:
    """Return a property of the cluster that an instance belongs to, in lower case; the default where it is in none.

    Raises:
        Undecidable: the property is known only after deployment, or no template shows the cluster.
    """
    if not is_member(database):
        return default
    name = database["DBClusterIdentifier"]
    named = (found for found in deployment.of_type(CLUSTER) if found.get("DBClusterIdentifier") == name)
    cluster = deployment.follow(name) or next(named, None)
    if cluster is None or cluster.type != CLUSTER:
        reason = f"is {name}, a cluster that no template of the deployment holds"
        raise undecidable(database.properties, "DBClusterIdentifier", reason)
    return cluster.text(key, default).lower()
