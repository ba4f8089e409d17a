"""Security groups name what may go out."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.network import TrafficRule, egress_rules, world_let_through
from stackproof.policy.reading import belonging_to, undecidable

POLICY = Policy(
    id="SP114",
    severity=Severity.MEDIUM,
    types=("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupEgress"),
    rationale="An intruder fetches tools and carries data away over whatever may go out.",
    remediation="State SecurityGroupEgress with the ports and destinations that are needed.",
    controls=("NIST AC-4", "NIST SC-7(5)"),
)

DEFAULT = "it states no egress, so AWS adds a rule that lets everything out to the world"


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A rule that stands alone is seen to displace AWS's own (aws-cdk issue 22140), but nothing promises that."""
    rules = egress_rules(group)
    if not rules:
        if belonging_to(deployment, group, "GroupId", "AWS::EC2::SecurityGroupEgress"):
            why = "is not stated, and AWS does not promise that rules which stand alone displace its own to everywhere"
            raise undecidable(group.properties, "SecurityGroupEgress", why)
        yield problem(group, "SecurityGroupEgress", DEFAULT)
    for rule in each(rules):
        key = world_let_through(rule, is_unlimited, deployment)
        if key:
            yield problem(group, rule.block.path_of(key), f"it lets {rule.described} out to the world")


def is_unlimited(rule: TrafficRule) -> bool:
    """Return whether a rule opens every port; that of port 0 is no difference."""
    return len(rule.ports) > 65_534
