"""Facts about ElastiCache: which engine of which version runs, and what a global datastore decides for a member."""

from __future__ import annotations

import re

from stackproof.policy.alternatives import stated
from stackproof.policy.reading import undecidable
from stackproof.resolve.stack import Resource
from stackproof.resolve.values import Block, Undecidable

GROUP = "AWS::ElastiCache::ReplicationGroup"
CLUSTER = "AWS::ElastiCache::CacheCluster"
SERVERLESS = "AWS::ElastiCache::ServerlessCache"

CACHES = (GROUP, CLUSTER, SERVERLESS)
"""Types that keep data in memory for others."""


def engine_of(cache: Resource) -> str:
    """Return ``redis``, ``valkey`` or ``memcached``; a replication group that names none runs Redis.

    Raises:
        Undecidable: it is known only after deployment, or is that of a global datastore.
    """
    if "Engine" not in cache and is_secondary(cache):
        raise Undecidable("its engine is that of its global datastore", cache.mark, "Engine")
    return cache.text("Engine", "redis").lower()


def major_version_of(cache: Resource) -> int | None:
    """Return the major version of the engine; None where ElastiCache chooses it.

    Raises:
        Undecidable: it is known only after deployment, or is no number.
    """
    key = "MajorEngineVersion" if cache.type == SERVERLESS else "EngineVersion"
    if not stated(cache, key):
        return None
    found = re.match(r"\d+", cache.text(key))
    if found is None:
        raise undecidable(cache.properties, key, f"is '{cache.text(key)}', which is no version")
    return int(found[0])


def is_secondary(cache: Resource) -> bool:
    """Return whether a replication group copies the primary one of a global datastore.

    Raises:
        Undecidable: that is known only after deployment.
    """
    return cache.type == GROUP and stated(cache, "GlobalReplicationGroupId")


def switched_on(cache: Resource, key: str, *, default: bool = False) -> bool:
    """Return whether a setting of a cache is on; a secondary group that says nothing may take it from its datastore.

    Raises:
        Undecidable: it is known only after deployment, or decided by a global datastore.
    """
    if key not in cache and is_secondary(cache):
        raise Undecidable(f"{key} may be that of its global datastore", cache.mark, key)
    return cache.boolean(key, default=default)


def has_replicas(group: Resource) -> bool:
    """Return whether a replication group has more than one node, or more than one shard.

    Raises:
        Undecidable: how many there are is known only after deployment.
    """
    shards = group.items_of("NodeGroupConfiguration")
    replicas = any(not isinstance(shard, Block) or shard.integer("ReplicaCount") for shard in shards)
    return (
        group.integer("NumCacheClusters", 1) > 1
        or group.integer("ReplicasPerNodeGroup") > 0
        or group.integer("NumNodeGroups", 1) > 1
        or len(shards) > 1
        or replicas
    )
