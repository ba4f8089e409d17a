"""Security group rules say what they are for."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, each, problem
from stackproof.policy.network import egress_rules, ingress_rules

POLICY = Policy(
    id="SP115",
    severity=Severity.LOW,
    types=("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"),
    rationale="A rule whose purpose nobody knows is never removed, because nobody dares to.",
    remediation="Give the rule a Description.",
)


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """An unknown text is a text."""
    read = egress_rules if group.type == "AWS::EC2::SecurityGroupEgress" else ingress_rules
    readers = (ingress_rules, egress_rules) if group.type == "AWS::EC2::SecurityGroup" else (read,)
    for reader in each(readers):
        for rule in each(reader(group)):
            text = rule.block.get("Description", "")
            if not isinstance(text, Symbol) and not str(text).strip():
                yield problem(group, rule.block.path_of("Description"), "a rule has no description")
