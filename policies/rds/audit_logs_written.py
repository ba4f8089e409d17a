"""Aurora MySQL clusters write an audit log."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, as_text, problem
from stackproof.policy.alternatives import stated, unknown
from stackproof.policy.databases import engine_of

POLICY = Policy(
    id="SP326",
    severity=Severity.MEDIUM,
    types=("AWS::RDS::DBCluster",),
    rationale="An audit log that is exported and never written tells nothing; it is off unless the parameter group "
    "switches it on.",
    remediation="Set server_audit_logging to 1, and list events in server_audit_events, in the parameter group of the "
    "cluster.",
    controls=("FSBP RDS.45", "NIST AU-2", "NIST AU-12"),
)

_KEY = "DBClusterParameterGroupName"


def check(cluster: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Groups of AWS itself leave it off."""
    if "Engine" not in cluster or engine_of(cluster) != "aurora-mysql":
        return
    value = cluster.get(_KEY)
    group = deployment.follow(value)
    if group is None and stated(cluster, _KEY) and not as_text(value).startswith("default."):
        raise unknown(cluster, _KEY, value)
    if group is None:
        yield problem(cluster, _KEY, "the default parameter group writes no audit log")
        return
    parameters = group.block("Parameters")
    if parameters.text("server_audit_logging").lower() not in ("1", "on", "true"):
        yield problem(cluster, _KEY, "its parameter group does not set server_audit_logging")
    elif not parameters.text("server_audit_events"):
        yield problem(cluster, _KEY, "its parameter group lists no server_audit_events")
