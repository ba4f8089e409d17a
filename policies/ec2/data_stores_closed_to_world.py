"""Databases, caches and brokers are closed to the world."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.network import (
    DATA_STORES,
    REMOTE_ACCESS,
    TrafficRule,
    in_words,
    ingress_rules,
    world_let_through,
)

POLICY = Policy(
    id="SP103",
    severity=Severity.CRITICAL,
    types=("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"),
    rationale="A data store that the world can reach is one weak password or one flaw away from being copied.",
    remediation="Name the security group of the application as the source instead of an address range.",
    controls=("FSBP EC2.18", "FSBP EC2.19", "NIST AC-4", "NIST SC-7"),
)


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """PostgreSQL, Redis and their kin, in a range too; one that holds ports of remote access is for SP102 to name."""
    for rule in each(ingress_rules(group)):
        key = world_let_through(rule, opens_data_stores, deployment)
        if key:
            opened = in_words(rule.opens(DATA_STORES), DATA_STORES)
            yield problem(group, rule.block.path_of(key), f"it opens {opened} to the world")


def opens_data_stores(rule: TrafficRule) -> bool:
    """Return whether a rule opens ports of data stores, and nothing worse."""
    return bool(rule.opens(DATA_STORES)) and not rule.opens(REMOTE_ACCESS)
