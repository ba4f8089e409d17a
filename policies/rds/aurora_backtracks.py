"""Aurora MySQL clusters of protected environments can go back in time."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated

POLICY = Policy(
    id="SP323",
    severity=Severity.LOW,
    types=("AWS::RDS::DBCluster",),
    rationale="A mistake in the data is undone in minutes by backtracking, and in hours by restoring a backup beside "
    "the cluster.",
    remediation="Set BacktrackWindow to the seconds that you want to be able to go back; it can be switched on for new "
    "clusters only.",
    controls=("FSBP RDS.14", "NIST CP-10"),
    protected_only=True,
)


def check(cluster: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Global and serverless (version 1) clusters cannot, nor can other engines."""
    if cluster.text("Engine").lower() not in ("aurora", "aurora-mysql") or stated(cluster, "GlobalClusterIdentifier"):
        return
    if cluster.text("EngineMode", "provisioned") == "provisioned" and cluster.integer("BacktrackWindow") <= 0:
        yield problem(cluster, "BacktrackWindow", "it cannot go back in time")
