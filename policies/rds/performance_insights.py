"""Databases of protected environments show what they wait for."""

import re
from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.databases import CLUSTER, INSTANCE, engine_of, of_cluster, original, runs_instances

POLICY = Policy(
    id="SP315",
    severity=Severity.LOW,
    types=(INSTANCE, CLUSTER),
    rationale="A database that is slow tells nothing afterwards, unless somebody wrote down which statement waited.",
    remediation="Set EnablePerformanceInsights of an instance, or PerformanceInsightsEnabled of a cluster, to true.",
    controls=("NIST AU-6", "NIST SI-4"),
    protected_only=True,
)

# Engine -> classes that cannot do it; "Instance class support for Database Insights" in the RDS and Aurora guides.
_SMALL = re.compile(r"db\.t(2|3|4g)\.(micro|small)")
_WITHOUT = {
    "mysql": _SMALL,
    "mariadb": _SMALL,
    "aurora-mysql": re.compile(r"db\.t(2|3)\..*|db\.t4g\.(micro|small)"),
    "db2-ae": re.compile(".*"),
    "db2-se": re.compile(".*"),
}


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A cluster may decide for its members; a few engines and small classes cannot do it."""
    if not runs_instances(database):
        return
    key = "PerformanceInsightsEnabled" if database.type == CLUSTER else "EnablePerformanceInsights"
    if database.boolean(key) or of_cluster(database, "PerformanceInsightsEnabled", "false", deployment) == "true":
        return
    unable = _WITHOUT.get(engine_of(original(database, deployment)))
    size = "DBClusterInstanceClass" if database.type == CLUSTER else "DBInstanceClass"
    if unable is None or not unable.fullmatch(database.text(size)):
        yield problem(database, key, "nobody can tell afterwards what its statements waited for")
