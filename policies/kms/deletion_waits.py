"""Keys of protected environments wait for thirty days before they are deleted."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP551",
    severity=Severity.LOW,
    types=("AWS::KMS::Key", "AWS::KMS::ReplicaKey"),
    rationale="What was encrypted with a key is lost with it, and who needs it may ask only once a month.",
    remediation="Set PendingWindowInDays to 30, or leave it out.",
    controls=("FSBP KMS.3", "NIST SC-12"),
    protected_only=True,
)

_DAYS = 30


def check(key: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Thirty days are the default, and the longest that KMS offers."""
    days = key.integer("PendingWindowInDays", _DAYS)
    if days < _DAYS:
        yield problem(key, "PendingWindowInDays", f"its deletion can be called back for {days} days only")
