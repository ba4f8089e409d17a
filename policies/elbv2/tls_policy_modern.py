"""Encrypted listeners speak TLS 1.2 and 1.3 only."""

import re
from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP202",
    severity=Severity.HIGH,
    types=("AWS::ElasticLoadBalancingV2::Listener",),
    rationale="TLS 1.0 and 1.1, and ciphers without forward secrecy, let recorded traffic be read later.",
    remediation="Set SslPolicy to ELBSecurityPolicy-TLS13-1-2-Res-2021-06 or a later policy of its kind.",
    controls=("FSBP ELB.17", "NIST SC-8", "NIST SC-13"),
)

# The TLS 1.3 families without the "Ext" ones, which allow ciphers without forward secrecy.
MODERN = re.compile(r"ELBSecurityPolicy-TLS13-1-[23]-(?!Ext)")


def check(listener: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Without a policy AWS takes ELBSecurityPolicy-2016-08, which speaks TLS 1.0."""
    if listener.text("Protocol") in ("HTTPS", "TLS") and not MODERN.match(listener.text("SslPolicy")):
        name = listener.text("SslPolicy") or "the default ELBSecurityPolicy-2016-08"
        yield problem(listener, "SslPolicy", f"it accepts outdated encryption under {name}")
