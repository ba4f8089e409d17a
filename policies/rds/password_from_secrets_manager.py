"""Master passwords come from Secrets Manager."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import unknown
from stackproof.policy.credentials import exposure

POLICY = Policy(
    id="SP308",
    severity=Severity.CRITICAL,
    types=("AWS::RDS::DBInstance", "AWS::RDS::DBCluster"),
    rationale="A password in a template or a parameter is known to everybody who reads the repository or deploys, and "
    "nobody changes it afterwards.",
    remediation="Set ManageMasterUserPassword to true, or refer to a secret with {{resolve:secretsmanager:…}}.",
    controls=("NIST IA-5(7)",),
)


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A masked parameter is a parameter in clear; members, replicas and restored databases need no password."""
    password = database.get("MasterUserPassword")
    found = exposure(password, deployment, unknown(database, "MasterUserPassword", password))
    if found:
        yield problem(database, "MasterUserPassword", f"its master password {found}")
