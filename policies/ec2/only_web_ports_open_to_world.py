"""Only web ports are open to the world."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.network import (
    DATA_STORES,
    REMOTE_ACCESS,
    TrafficRule,
    beyond_web,
    ingress_rules,
    world_let_through,
)

POLICY = Policy(
    id="SP101",
    severity=Severity.HIGH,
    types=("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"),
    rationale="Every port that the world reaches is scanned within minutes; a site needs HTTP and HTTPS alone.",
    remediation="Name the address range or the security group that may connect, or open ports 80 and 443 only.",
    controls=("FSBP EC2.18", "NIST AC-4", "NIST SC-7"),
)

# Worse, with policies of their own.
ELSEWHERE = REMOTE_ACCESS.keys() | DATA_STORES.keys()


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """ICMP has no ports and is left alone."""
    for rule in each(ingress_rules(group)):
        key = world_let_through(rule, opens_more, deployment)
        if key:
            yield problem(group, rule.block.path_of(key), f"it lets the world in on {rule.described}")


def opens_more(rule: TrafficRule) -> bool:
    """Return whether a rule opens a port that is not for the web, and none of another policy's."""
    return not rule.opens(ELSEWHERE) and beyond_web(rule)
