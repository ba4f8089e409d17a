"""Caches of protected environments fail over by themselves."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.caches import GROUP

POLICY = Policy(
    id="SP605",
    severity=Severity.MEDIUM,
    types=(GROUP,),
    rationale="Without it nothing can be written after the primary node fails, until somebody promotes a replica.",
    remediation="Set AutomaticFailoverEnabled to true, with one replica per shard at least.",
    controls=("FSBP ElastiCache.3", "NIST CP-10", "NIST SC-36"),
    protected_only=True,
)


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """It is off where nothing is said, and cannot be on where there is one node only."""
    if not group.boolean("AutomaticFailoverEnabled"):
        yield problem(group, "AutomaticFailoverEnabled", "no replica takes over when its primary node fails")
