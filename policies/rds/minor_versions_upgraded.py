"""Databases take minor engine versions by themselves."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP309",
    severity=Severity.MEDIUM,
    types=("AWS::RDS::DBInstance", "AWS::RDS::DBCluster"),
    rationale="Minor versions bring the security patches of the engine.",
    remediation="Set AutoMinorVersionUpgrade to true.",
    controls=("FSBP RDS.13", "FSBP RDS.35", "CIS 2.3.2", "NIST SI-2"),
)


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """It is on where nothing is said."""
    if not database.boolean("AutoMinorVersionUpgrade", default=True):
        yield problem(database, "AutoMinorVersionUpgrade", "it does not take minor engine versions by itself")
