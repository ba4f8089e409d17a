"""Endpoint services ask before they let a network in."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP131",
    severity=Severity.MEDIUM,
    types=("AWS::EC2::VPCEndpointService",),
    rationale="Without acceptance every account that may see the service reaches what stands behind it.",
    remediation="Set AcceptanceRequired to true.",
    controls=("NIST AC-3", "NIST SC-7"),
)


def check(service: Resource, deployment: Deployment) -> Iterator[Problem]:
    """They ask where nothing is said."""
    if not service.boolean("AcceptanceRequired", default=True):
        yield problem(service, "AcceptanceRequired", "it accepts every endpoint by itself")
