"""Identity providers say for whom their tokens must be made."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated

POLICY = Policy(
    id="SP427",
    severity=Severity.MEDIUM,
    types=("AWS::IAM::OIDCProvider",),
    rationale="A token that was made for another service must not open this account.",
    remediation="List the audience in ClientIdList, such as sts.amazonaws.com.",
    controls=("NIST IA-8", "NIST AC-3"),
)


def check(provider: Resource, deployment: Deployment) -> Iterator[Problem]:
    """AWS compares the audience of each token with this list."""
    if not stated(provider, "ClientIdList"):
        yield problem(provider, "ClientIdList", "it names no audience")
