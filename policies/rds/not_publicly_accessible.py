"""Databases have no public address."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Undecidable, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.databases import CLUSTER, engine_of, is_member, is_replica

POLICY = Policy(
    id="SP302",
    severity=Severity.CRITICAL,
    types=("AWS::RDS::DBInstance", "AWS::RDS::DBCluster"),
    rationale="A database with a public address is one security group rule away from the whole internet.",
    remediation="Set PubliclyAccessible to false.",
    controls=("FSBP RDS.2", "CIS 2.3.3", "NIST AC-4", "NIST SC-7"),
)


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Where nothing is said, the subnets decide: those of the default VPC are public.

    AWS documents two rules for other subnets (false, or public where the VPC has an internet gateway), so that only a
    stated value proves anything. A cluster takes the property only where it is no Aurora cluster.
    """
    if "PubliclyAccessible" in database:
        if database.boolean("PubliclyAccessible"):
            yield problem(database, "PubliclyAccessible", "it has a public address")
    elif database.type != CLUSTER or not engine_of(database).startswith("aurora"):
        if stated(database, "DBSubnetGroupName") or is_member(database) or is_replica(database):
            reason = "whether it has a public address is not stated and depends on its subnets"
            raise Undecidable(reason, database.mark, "PubliclyAccessible")
        yield problem(database, "PubliclyAccessible", "it has a public address by default, in the default VPC")
