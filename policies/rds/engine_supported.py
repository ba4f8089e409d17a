"""Databases run an engine version that is supported."""

import re
from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.databases import is_member

POLICY = Policy(
    id="SP325",
    severity=Severity.MEDIUM,
    types=("AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::RDS::GlobalCluster"),
    rationale="After the end of standard support a version gets no patches, or is paid for by the hour for as long as "
    "it does.",
    remediation="Set EngineVersion to a major version that is still supported, or leave it out.",
    controls=("FSBP RDS.51", "NIST SI-2", "NIST SA-22"),
)

# The first version of which standard support has not ended. Source: the release calendars of each engine in the Amazon
# RDS and Aurora user guides.
_LEAST = {
    "postgres": (13,),
    "aurora-postgresql": (13,),
    "mysql": (8,),
    "aurora-mysql": (3,),
    "mariadb": (10, 6),
}


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The version that RDS itself chooses is none of the old ones; a member has that of its cluster."""
    if is_member(database) or not stated(database, "EngineVersion") or not stated(database, "Engine"):
        return
    engine = database.text("Engine").lower()
    least = _LEAST.get(engine)
    if least is None:
        return
    version = database.text("EngineVersion")
    # Aurora MySQL writes its own version behind that of MySQL: 8.0.mysql_aurora.3.08.0.
    numbers = tuple(int(part) for part in re.findall(r"\d+", version.rpartition("aurora.")[2])[: len(least)])
    if numbers and numbers < least[: len(numbers)]:
        yield problem(database, "EngineVersion", f"standard support of {engine} {version} has ended")
