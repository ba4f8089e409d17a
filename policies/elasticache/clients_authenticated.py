"""Caches ask their clients who they are."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Undecidable, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.caches import GROUP, SERVERLESS, engine_of, is_secondary

POLICY = Policy(
    id="SP603",
    severity=Severity.HIGH,
    types=(GROUP, SERVERLESS),
    rationale="Without a token whoever gets into the network reads every session and can empty the cache.",
    remediation="Set AuthToken to a dynamic reference to a secret, or name a group of users.",
    controls=("FSBP ElastiCache.6", "NIST AC-3", "NIST IA-2"),
)


def check(cache: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A token or users; where the token lies is judged by SP411, and who needs none by SP604."""
    if cache.type == SERVERLESS:
        if engine_of(cache) != "memcached" and not stated(cache, "UserGroupId"):
            yield problem(cache, "UserGroupId", "it admits everybody who reaches it")
    elif not stated(cache, "AuthToken") and not stated(cache, "UserGroupIds"):
        if is_secondary(cache):
            raise Undecidable("whom it admits may be decided by its global datastore", cache.mark, "AuthToken")
        yield problem(cache, "AuthToken", "it admits everybody who reaches it")
