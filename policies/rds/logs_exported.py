"""Databases send their logs to CloudWatch Logs."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, problem
from stackproof.policy.alternatives import stated, unknown
from stackproof.policy.databases import is_member

POLICY = Policy(
    id="SP311",
    severity=Severity.LOW,
    types=("AWS::RDS::DBInstance", "AWS::RDS::DBCluster"),
    rationale="Logs on the instance are lost with it and after a few days; exported, they outlive an incident.",
    remediation="List the logs of the engine in EnableCloudwatchLogsExports.",
    controls=("FSBP RDS.9", "FSBP RDS.36", "FSBP RDS.37", "FSBP RDS.40", "FSBP RDS.42", "NIST AU-12"),
)


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A cluster exports the logs of its members."""
    exports = database.get("EnableCloudwatchLogsExports")
    if is_member(database):
        return
    if not stated(database, "EnableCloudwatchLogsExports"):
        yield problem(database, "EnableCloudwatchLogsExports", "none of its logs are exported")
    elif isinstance(exports, Symbol):
        raise unknown(database, "EnableCloudwatchLogsExports", exports)
