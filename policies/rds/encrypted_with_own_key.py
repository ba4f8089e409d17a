"""Databases of protected environments are encrypted with a key of one's own."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Undecidable, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.databases import CLUSTER, INSTANCE, is_member, is_replica, is_restored

POLICY = Policy(
    id="SP319",
    severity=Severity.LOW,
    types=(INSTANCE, CLUSTER),
    rationale="A snapshot under the key of AWS cannot be shared with another account, and access to it cannot be taken "
    "away from everybody at once.",
    remediation="Set KmsKeyId to a key that you manage; an existing database is replaced by that.",
    controls=("NIST SC-12", "NIST SC-28"),
    protected_only=True,
)


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Members and replicas of one region take the key of what they belong to, restored databases of their snapshot."""
    if is_member(database) or is_replica(database):
        return
    if stated(database, "KmsKeyId"):
        if database.get("KmsKeyId") == "alias/aws/rds":
            yield problem(database, "KmsKeyId", "no key of one's own encrypts it")
    elif is_restored(database):
        raise Undecidable("its key is that of its snapshot", database.mark, "KmsKeyId")
    else:
        yield problem(database, "KmsKeyId", "no key of one's own encrypts it")
