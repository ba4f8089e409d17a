"""Databases and caches admit the security groups of applications only."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, each, problem
from stackproof.policy.balancing import groups_of_balancers
from stackproof.policy.databases import groups_of_databases
from stackproof.policy.instances import STARTED_FROM, groups_of_instances
from stackproof.policy.network import TrafficRule, breadth, ingress_rules, listed, reported_elsewhere
from stackproof.policy.reading import undecidable

POLICY = Policy(
    id="SP118",
    severity=Severity.HIGH,
    types=("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"),
    rationale="An intruder in any corner of the network reaches a database that admits whole networks.",
    remediation="Name the security group of the application as the source instead.",
    controls=("NIST AC-4", "NIST SC-7"),
)


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A private range of a subnet's size passes; a group that is a load balancer's too is judged by SP119 and SP314."""
    owner = deployment.follow(group.get("GroupId")) if group.type.endswith("Ingress") else group
    balancers = groups_of_balancers(deployment)
    if owner not in groups_of_databases(deployment) - balancers:
        return
    only_balancers = balancers - groups_of_instances(deployment.of_type(*STARTED_FROM), deployment)
    for rule in each(ingress_rules(group)):
        if rule.protocol.startswith("icmp") or reported_elsewhere(rule, deployment):
            continue
        yield from from_group(group, rule, only_balancers, deployment)
        for key in ("CidrIp", "CidrIpv6"):
            wide = breadth(rule.block, key, deployment) if key in rule.block else ""
            if wide:
                yield problem(group, rule.block.path_of(key), f"it admits {wide} to databases or caches")
        for entry in listed(rule.block, "SourcePrefixListId", deployment):
            wide = breadth(entry, "Cidr", deployment)
            if wide:
                path = rule.block.path_of("SourcePrefixListId")
                yield problem(group, path, f"its list admits {wide} to databases or caches")


def from_group(
    group: Resource, rule: TrafficRule, balancers: set[Resource], deployment: Deployment
) -> Iterator[Problem]:
    """Yield what is wrong with a source that is a security group: load balancers ask no databases."""
    source = rule.block.get("SourceSecurityGroupId")
    found = deployment.follow(source)
    if found is not None and found in balancers:
        message = f"it admits load balancers by {found.logical_id} to databases or caches"
        yield problem(group, rule.block.path_of("SourceSecurityGroupId"), message)
    elif found is None and isinstance(source, Symbol) and balancers:
        raise undecidable(rule.block, "SourceSecurityGroupId", f"is {source}, which may be that of a load balancer")
