"""Client VPN endpoints log who connects."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP126",
    severity=Severity.LOW,
    types=("AWS::EC2::ClientVpnEndpoint",),
    rationale="A stolen certificate shows in the log of connections, and nowhere else.",
    remediation="Set ConnectionLogOptions.Enabled to true and name a log group.",
    controls=("FSBP EC2.51", "NIST AC-17", "NIST AU-12"),
)


def check(endpoint: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The property is required; what it says is not."""
    if not endpoint.block("ConnectionLogOptions").boolean("Enabled"):
        yield problem(endpoint, "ConnectionLogOptions.Enabled", "it does not log who connects")
