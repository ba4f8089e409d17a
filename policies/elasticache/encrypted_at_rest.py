"""Caches are encrypted at rest."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.caches import CLUSTER, GROUP, engine_of, switched_on

POLICY = Policy(
    id="SP601",
    severity=Severity.HIGH,
    types=(GROUP, CLUSTER),
    rationale="Snapshots, and what a node swaps or synchronises over its disk, hold sessions and personal data.",
    remediation="Set AtRestEncryptionEnabled of a replication group to true; an existing one is replaced by that.",
    controls=("FSBP ElastiCache.4", "NIST SC-28"),
)


def check(cache: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Valkey is encrypted where nothing is said, Memcached keeps nothing, a serverless cache is always encrypted."""
    engine = engine_of(cache)
    if engine == "memcached":
        return
    if cache.type == CLUSTER:
        message = "outside of a replication group its data cannot be encrypted"
        yield problem(cache, "", message, "Make it a replication group, of a single node if need be.")
    elif not switched_on(cache, "AtRestEncryptionEnabled", default=engine == "valkey"):
        yield problem(cache, "AtRestEncryptionEnabled", "its snapshots and disks are not encrypted")
