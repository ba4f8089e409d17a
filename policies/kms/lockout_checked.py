"""KMS checks that a key policy locks nobody out."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP552",
    severity=Severity.MEDIUM,
    types=("AWS::KMS::Key",),
    rationale="A key that nobody may manage can be neither repaired nor deleted, and its data go with it.",
    remediation="Remove BypassPolicyLockoutSafetyCheck, and let a role of the account manage the key.",
    controls=("NIST SC-12",),
)


def check(key: Resource, deployment: Deployment) -> Iterator[Problem]:
    """It checks unless it is told not to."""
    if key.boolean("BypassPolicyLockoutSafetyCheck"):
        yield problem(key, "BypassPolicyLockoutSafetyCheck", "its policy may lock everybody out")
