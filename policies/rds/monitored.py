"""Databases of protected environments report on their operating system."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.databases import CLUSTER, INSTANCE, of_cluster, runs_instances

POLICY = Policy(
    id="SP316",
    severity=Severity.LOW,
    types=(INSTANCE, CLUSTER),
    rationale="The metrics of the hypervisor do not show which process takes the memory or waits for the disk.",
    remediation="Set MonitoringInterval to 60 or less, and MonitoringRoleArn.",
    controls=("FSBP RDS.6", "NIST CA-7", "NIST SI-4"),
    protected_only=True,
)


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """It is off where nothing is said; a cluster may decide for its members."""
    if not runs_instances(database) or database.integer("MonitoringInterval"):
        return
    if of_cluster(database, "MonitoringInterval", "0", deployment) == "0":
        yield problem(database, "MonitoringInterval", "nobody sees what its operating system does")
