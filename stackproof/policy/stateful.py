"""Resources that hold data, and what happens to them when their stack lets go of them.

Sources: "DeletionPolicy attribute" and "UpdateReplacePolicy attribute" in the AWS CloudFormation template reference.
"""

from __future__ import annotations

from stackproof.policy.databases import is_member, is_replica
from stackproof.resolve.stack import Resource

STATEFUL = (
    "AWS::Backup::BackupVault",
    "AWS::Cassandra::Table",
    "AWS::Cognito::UserPool",
    "AWS::DocDB::DBCluster",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EC2::Volume",
    "AWS::ECR::Repository",
    "AWS::EFS::FileSystem",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::Elasticsearch::Domain",
    "AWS::FSx::FileSystem",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::MSK::Cluster",
    "AWS::MemoryDB::Cluster",
    "AWS::Neptune::DBCluster",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
    "AWS::S3::Bucket",
    "AWS::Timestream::Table",
)

POLICIES = ("DeletionPolicy", "UpdateReplacePolicy")


def is_copy(resource: Resource) -> bool:
    """Return whether the data of a resource also lie elsewhere: in a cluster, a replica's source, behind a cache.

    Raises:
        Undecidable: that is known only after deployment.
    """
    if resource.type in ("AWS::RDS::DBInstance", "AWS::RDS::DBCluster"):
        return is_member(resource) or is_replica(resource)
    return resource.type == "AWS::ElastiCache::CacheCluster" and resource.text("Engine") == "memcached"
