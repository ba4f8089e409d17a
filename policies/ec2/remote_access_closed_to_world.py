"""Remote access is closed to the world."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.network import REMOTE_ACCESS, in_words, ingress_rules, world_let_through

POLICY = Policy(
    id="SP102",
    severity=Severity.CRITICAL,
    types=("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"),
    rationale="Whoever guesses or steals one credential works on the machine; these ports are attacked without pause.",
    remediation="Remove the rule and use Session Manager, or name the address range that may connect.",
    controls=("FSBP EC2.13", "FSBP EC2.14", "FSBP EC2.19", "CIS 5.2", "CIS 5.3", "NIST AC-17", "NIST SC-7"),
)


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """SSH, RDP and their kin, also where a wider range of ports holds them."""
    for rule in each(ingress_rules(group)):
        key = world_let_through(rule, lambda rule: bool(rule.opens(REMOTE_ACCESS)), deployment)
        if key:
            everything = len(rule.ports) > 65_534
            opened = rule.described if everything else in_words(rule.opens(REMOTE_ACCESS), REMOTE_ACCESS)
            yield problem(group, rule.block.path_of(key), f"it opens {opened} to the world")
