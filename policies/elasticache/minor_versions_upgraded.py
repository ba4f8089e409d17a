"""Caches take minor engine versions by themselves."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.caches import CLUSTER, GROUP, engine_of

POLICY = Policy(
    id="SP608",
    severity=Severity.MEDIUM,
    types=(GROUP, CLUSTER),
    rationale="Minor versions bring the security patches of the engine.",
    remediation="Set AutoMinorVersionUpgrade to true.",
    controls=("FSBP ElastiCache.2", "NIST SI-2"),
)


def check(cache: Resource, deployment: Deployment) -> Iterator[Problem]:
    """It is on where nothing is said, and Memcached has no such thing."""
    if cache.boolean("AutoMinorVersionUpgrade", default=True):
        return
    if cache.type == GROUP or engine_of(cache) != "memcached":
        yield problem(cache, "AutoMinorVersionUpgrade", "it does not take minor engine versions by itself")
