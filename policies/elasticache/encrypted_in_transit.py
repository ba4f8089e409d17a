"""Caches refuse connections without TLS."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.caches import CLUSTER, GROUP, switched_on

POLICY = Policy(
    id="SP602",
    severity=Severity.HIGH,
    types=(GROUP, CLUSTER),
    rationale="Without TLS the token and everything that is cached cross the network readable.",
    remediation="Set TransitEncryptionEnabled to true, and TransitEncryptionMode to required or not at all.",
    controls=("FSBP ElastiCache.5", "NIST SC-8"),
)


def check(cache: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The mode preferred, a step of migration, still admits who speaks in clear; a serverless cache never does."""
    if not switched_on(cache, "TransitEncryptionEnabled"):
        yield problem(cache, "TransitEncryptionEnabled", "it speaks in clear")
    elif cache.text("TransitEncryptionMode", "required").lower() != "required":
        yield problem(cache, "TransitEncryptionMode", "it also admits clients that speak in clear")
