"""Machines are reached through Session Manager, not by SSH or RDP."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Undecidable, each, problem
from stackproof.policy.network import REMOTE_ACCESS, TrafficRule, in_words, ingress_rules

POLICY = Policy(
    id="SP104",
    severity=Severity.MEDIUM,
    types=("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"),
    rationale="Session Manager needs no open port, asks IAM who may connect and records what was done.",
    remediation="Remove the rule and use Session Manager.",
    controls=("NIST AC-17", "NIST SC-7"),
)

SHELLS = (22, 3389)


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Wherever the connection comes from; the world is worse, and for SP102 to name."""
    for rule in each(ingress_rules(group)):
        opened = rule.opens(SHELLS)
        if opened and not from_world(rule, deployment):
            path = rule.block.path_of("FromPort" if "FromPort" in rule.block else "IpProtocol")
            yield problem(group, path, f"it lets {in_words(opened, REMOTE_ACCESS)} in")


def from_world(rule: TrafficRule, deployment: Deployment) -> bool:
    """Return whether a rule is known to name the world; from an unknown source it is a fault all the same."""
    try:
        return bool(rule.world(deployment))
    except Undecidable:
        return False
