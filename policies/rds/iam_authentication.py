"""Databases accept IAM authentication."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.databases import engine_of, is_member, original

POLICY = Policy(
    id="SP312",
    severity=Severity.LOW,
    types=("AWS::RDS::DBInstance", "AWS::RDS::DBCluster"),
    rationale="People and jobs that log in with their role need no password that somebody has to keep and change.",
    remediation="Set EnableIAMDatabaseAuthentication to true.",
    controls=("FSBP RDS.10", "FSBP RDS.12", "NIST IA-2"),
)

_ENGINES = ("postgres", "mysql", "mariadb", "aurora-postgresql", "aurora-mysql")


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Other engines have no such thing, and a cluster decides for its members."""
    if is_member(database) or database.boolean("EnableIAMDatabaseAuthentication"):
        return
    if engine_of(original(database, deployment)) in _ENGINES:
        yield problem(database, "EnableIAMDatabaseAuthentication", "it accepts passwords only")
