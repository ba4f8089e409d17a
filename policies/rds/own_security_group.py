"""Databases have a security group of their own."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.balancing import groups_of_balancers
from stackproof.policy.caches import CACHES
from stackproof.policy.databases import SECURITY_GROUPS, is_member
from stackproof.policy.reading import followed, members, undecidable

POLICY = Policy(
    id="SP314",
    severity=Severity.HIGH,
    types=("AWS::RDS::DBInstance", "AWS::RDS::DBCluster", *CACHES),
    rationale="Whatever a load balancer or the VPC's default group admits, the database admits with it.",
    remediation="Name a security group that only admits the application's.",
    controls=("NIST AC-4", "NIST SC-7"),
)


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A member has the groups of its cluster; without any AWS takes the default group of the VPC."""
    key = SECURITY_GROUPS[database.type]
    if is_member(database) or stated(database, "DBSecurityGroups") or stated(database, "CacheSecurityGroupNames"):
        return
    if not stated(database, key):
        yield problem(database, key, "it names no security group, and so is in the default one of its VPC")
        return
    shared = groups_of_balancers(deployment)
    alone = followed(database, key, deployment)
    for value in each(tuple(alone) if deployment.follow(database[key]) else members(database.properties, key)):
        group = value if isinstance(value, Resource) else deployment.follow(value)
        if group is None:
            if shared:
                raise undecidable(database.properties, key, f"holds {value}, which may be that of a load balancer")
        elif group in shared:
            yield problem(database, key, f"it is in {group.logical_id}, the group of a load balancer")
        elif group.type == "AWS::EC2::VPC":
            yield problem(database, key, "it is in the default group of its VPC")
