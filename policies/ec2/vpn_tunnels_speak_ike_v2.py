"""Tunnels of VPN connections speak IKEv2 only."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.reading import blocks

POLICY = Policy(
    id="SP125",
    severity=Severity.MEDIUM,
    types=("AWS::EC2::VPNConnection",),
    rationale="IKEv1 is withdrawn; a peer that may choose it gives away identities, and its aggressive mode a hash of "
    "the key.",
    remediation="Set IKEVersions of both tunnels to ikev2 alone.",
    controls=("FSBP EC2.183", "NIST SC-8", "NIST SC-13"),
)

_TUNNELS = 2
_KEY = "VpnTunnelOptionsSpecifications"


def check(connection: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A connection has two tunnels; where nothing is said, a tunnel accepts both versions."""
    tunnels = blocks(connection.properties, _KEY)
    if len(tunnels) < _TUNNELS:
        yield problem(connection, _KEY, "a tunnel accepts IKEv1")
    for tunnel in each(tunnels):
        if [version.text("Value") for version in blocks(tunnel, "IKEVersions")] != ["ikev2"]:
            yield problem(connection, tunnel.path_of("IKEVersions"), "a tunnel accepts IKEv1")
