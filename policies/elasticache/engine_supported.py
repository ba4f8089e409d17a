"""Caches run an engine version that is supported."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.caches import CLUSTER, GROUP, engine_of, major_version_of

POLICY = Policy(
    id="SP611",
    severity=Severity.MEDIUM,
    types=(GROUP, CLUSTER),
    rationale="Standard support of Redis before version 6 has ended; such versions know no users either, and are paid "
    "for by the hour for as long as they are patched at all.",
    remediation="Set Engine to valkey, or EngineVersion to 6.2 or later.",
    controls=("NIST SI-2", "NIST SA-22"),
)

_FIRST = 6


def check(cache: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The version that ElastiCache itself chooses is none of the old ones."""
    if engine_of(cache) != "redis":
        return
    version = major_version_of(cache)
    if version is not None and version < _FIRST:
        yield problem(cache, "EngineVersion", f"standard support of Redis {version} has ended")
