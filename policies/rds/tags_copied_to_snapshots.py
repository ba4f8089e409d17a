"""Snapshots carry the tags of their database."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.databases import is_member

POLICY = Policy(
    id="SP310",
    severity=Severity.LOW,
    types=("AWS::RDS::DBInstance", "AWS::RDS::DBCluster"),
    rationale="Access and costs are ruled by tags; a snapshot without them escapes both and holds all the data.",
    remediation="Set CopyTagsToSnapshot to true.",
    controls=("FSBP RDS.16", "FSBP RDS.17", "FSBP RDS.47", "FSBP RDS.48"),
)


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A cluster makes the snapshots of its members."""
    if not is_member(database) and not database.boolean("CopyTagsToSnapshot"):
        yield problem(database, "CopyTagsToSnapshot", "its snapshots carry no tags")
