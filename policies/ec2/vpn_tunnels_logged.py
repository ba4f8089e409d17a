"""Tunnels of VPN connections keep logs."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.reading import blocks

POLICY = Policy(
    id="SP124",
    severity=Severity.LOW,
    types=("AWS::EC2::VPNConnection",),
    rationale="Why a tunnel failed, and who tried to open one, is told by its log only.",
    remediation="Set LogOptions.CloudwatchLogOptions.LogEnabled to true for both tunnels.",
    controls=("FSBP EC2.171", "NIST AU-2", "NIST AU-12"),
)

_TUNNELS = 2
_KEY = "VpnTunnelOptionsSpecifications"


def check(connection: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A connection has two tunnels; what is not described has the defaults."""
    tunnels = blocks(connection.properties, _KEY)
    if len(tunnels) < _TUNNELS:
        yield problem(connection, _KEY, "a tunnel keeps no log")
    for tunnel in each(tunnels):
        if not tunnel.block("LogOptions").block("CloudwatchLogOptions").boolean("LogEnabled"):
            yield problem(connection, tunnel.path_of("LogOptions"), "a tunnel keeps no log")
