"""Databases of protected environments survive the failure of a zone."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Undecidable, problem
from stackproof.policy.databases import INSTANCE, engine_of, is_member, is_replica

POLICY = Policy(
    id="SP305",
    severity=Severity.MEDIUM,
    types=("AWS::RDS::DBInstance", "AWS::RDS::DBCluster"),
    rationale="A single instance is down for as long as its zone is; a standby in another zone takes over in minutes.",
    remediation="Set MultiAZ to true, and give an Aurora cluster two instances or more.",
    controls=("FSBP RDS.5", "FSBP RDS.15", "NIST CP-10"),
    protected_only=True,
)


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Replicas stand in for nobody; clusters that are not Aurora always have standbys."""
    if is_member(database) or is_replica(database):
        return
    if database.type == INSTANCE:
        if not database.boolean("MultiAZ"):
            yield problem(database, "MultiAZ", "it has no standby in another zone")
    elif engine_of(database).startswith("aurora") and database.text("EngineMode", "provisioned") == "provisioned":
        members = [user for user in deployment.of_type(INSTANCE) if _belongs(user, database, deployment)]
        if not members:
            raise Undecidable("its instances are not in this deployment", database.mark, "")
        if len(members) == 1:
            yield problem(database, "", f"{members[0].logical_id} is its only instance")


def _belongs(instance: Resource, cluster: Resource, deployment: Deployment) -> bool:
    name = instance.get("DBClusterIdentifier")
    return name is not None and (deployment.follow(name) is cluster or name == cluster.get("DBClusterIdentifier"))
