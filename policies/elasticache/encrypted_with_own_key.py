"""Caches of protected environments are encrypted with a key of one's own."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.caches import GROUP, SERVERLESS, engine_of

POLICY = Policy(
    id="SP610",
    severity=Severity.LOW,
    types=(GROUP, SERVERLESS),
    rationale="Only a key of one's own can be taken away from everybody at once, snapshots included.",
    remediation="Set KmsKeyId to a key that you manage; an existing cache is replaced by that.",
    controls=("NIST SC-12", "NIST SC-28"),
    protected_only=True,
)


def check(cache: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Whichever key it is; Memcached keeps nothing."""
    if not stated(cache, "KmsKeyId") and (cache.type == GROUP or engine_of(cache) != "memcached"):
        yield problem(cache, "KmsKeyId", "no key of one's own encrypts it")
