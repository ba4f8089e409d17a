"""Transit gateways ask before they attach the VPC of another account."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP127",
    severity=Severity.HIGH,
    types=("AWS::EC2::TransitGateway",),
    rationale="Whoever the gateway is shared with joins a VPC to the network without anybody looking at it.",
    remediation="Set AutoAcceptSharedAttachments to disable.",
    controls=("FSBP EC2.23", "NIST AC-4", "NIST CM-2"),
)


def check(gateway: Resource, deployment: Deployment) -> Iterator[Problem]:
    """They ask where nothing is said."""
    if gateway.text("AutoAcceptSharedAttachments", "disable") == "enable":
        yield problem(gateway, "AutoAcceptSharedAttachments", "it accepts attachments of other accounts by itself")
