"""Caches of protected environments keep snapshots."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.caches import CACHES, engine_of, is_secondary

POLICY = Policy(
    id="SP607",
    severity=Severity.MEDIUM,
    types=CACHES,
    rationale="Sessions, queues and counters live in a cache as a rule, and an empty one starts slowly.",
    remediation="Set SnapshotRetentionLimit to 1 day or more.",
    controls=("FSBP ElastiCache.1", "NIST CP-9"),
    protected_only=True,
)


def check(cache: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Memcached has none, and what copies a global datastore can be made again from it."""
    if is_secondary(cache) or engine_of(cache) == "memcached":
        return
    if cache.integer("SnapshotRetentionLimit") < 1:
        yield problem(cache, "SnapshotRetentionLimit", "it keeps no snapshots")
