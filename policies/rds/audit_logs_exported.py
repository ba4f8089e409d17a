"""Aurora MySQL clusters export their audit log."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, problem
from stackproof.policy.alternatives import elements, unknown
from stackproof.policy.databases import CLUSTER, engine_of

POLICY = Policy(
    id="SP317",
    severity=Severity.MEDIUM,
    types=(CLUSTER,),
    rationale="Only the audit log tells who connected and what they asked; on the instance it is gone within days.",
    remediation="Add audit to EnableCloudwatchLogsExports, with server_audit_logging in the parameter group.",
    controls=("FSBP RDS.34", "NIST AU-2", "NIST AU-12"),
)


def check(cluster: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Other engines are judged by SP311."""
    if "Engine" not in cluster or engine_of(cluster) != "aurora-mysql":
        return
    logs = elements(cluster, "EnableCloudwatchLogsExports")
    if "audit" in logs:
        return
    if any(isinstance(log, Symbol) for log in logs):
        raise unknown(cluster, "EnableCloudwatchLogsExports", cluster["EnableCloudwatchLogsExports"])
    yield problem(cluster, "EnableCloudwatchLogsExports", "its audit log is not exported")
