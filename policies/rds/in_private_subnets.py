"""Databases lie in subnets that were made for them."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated, unknown
from stackproof.policy.databases import is_member, is_replica

POLICY = Policy(
    id="SP307",
    severity=Severity.HIGH,
    types=("AWS::RDS::DBInstance", "AWS::RDS::DBCluster"),
    rationale="In a subnet that is routed to an internet gateway only a security group stands between world and data.",
    remediation="Set DBSubnetGroupName to a group of subnets without a route to an internet gateway.",
    controls=("FSBP RDS.46", "NIST SC-7"),
)


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The routes of a subnet group are judged once, where they stand: see SP110."""
    if is_member(database) or (is_replica(database) and not stated(database, "DBSubnetGroupName")):
        return
    if not stated(database, "DBSubnetGroupName") or database.get("DBSubnetGroupName") == "default":
        yield problem(database, "DBSubnetGroupName", "it lies in the default VPC, whose subnets are public")
    elif deployment.follow(database["DBSubnetGroupName"]) is None:
        raise unknown(database, "DBSubnetGroupName", database["DBSubnetGroupName"])
