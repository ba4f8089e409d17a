"""Caches of protected environments survive the failure of a zone."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.caches import CLUSTER, GROUP, engine_of, has_replicas

POLICY = Policy(
    id="SP606",
    severity=Severity.MEDIUM,
    types=(GROUP, CLUSTER),
    rationale="Nodes in one zone are gone with it, and the database gets the load of all that was cached.",
    remediation="Set MultiAZEnabled of a replication group to true, or AZMode of several Memcached nodes to cross-az.",
    controls=("NIST CP-10", "NIST SC-36"),
    protected_only=True,
)


def check(cache: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A single node, for what may be lost, spans nothing."""
    if cache.type == GROUP and not cache.boolean("MultiAZEnabled") and has_replicas(cache):
        yield problem(cache, "MultiAZEnabled", "nothing keeps its nodes out of one zone")
    if cache.type == CLUSTER and engine_of(cache) == "memcached" and cache.integer("NumCacheNodes", 1) > 1:
        mode = cache.text("AZMode", "single-az").lower()
        if mode != "cross-az":
            yield problem(cache, "AZMode", "its nodes stand in one zone")
