"""Master users have a name of their own."""

import json
from collections.abc import Iterator
from typing import Any

from stackproof.policy import Deployment, Dynamic, Policy, Problem, Resource, Severity, Symbol, as_text, problem
from stackproof.policy.alternatives import unknown

POLICY = Policy(
    id="SP313",
    severity=Severity.LOW,
    types=("AWS::RDS::DBInstance", "AWS::RDS::DBCluster"),
    rationale="Whoever guesses passwords starts with the names that every installation has.",
    remediation="Choose a MasterUsername that is no usual one; for an existing database that makes a new one.",
    controls=("FSBP RDS.24", "FSBP RDS.25"),
)

_USUAL = ("admin", "administrator", "master", "postgres", "root", "sa", "user")


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Members, replicas and restored databases name none."""
    value = database.get("MasterUsername")
    name = _from_secret(value, deployment) if isinstance(value, Dynamic) else value
    if isinstance(name, Symbol):
        raise unknown(database, "MasterUsername", name)
    if name is not None and as_text(name).lower() in _USUAL:
        yield problem(database, "MasterUsername", f"its master user has the usual name {name}")


def _from_secret(value: Dynamic, deployment: Deployment) -> Any:
    """Return what a secret of the deployment holds, where its template says so; the value itself else."""
    secret = deployment.follow(value.source)
    if secret is None or secret.type != "AWS::SecretsManager::Secret":
        return value
    template = secret.block("GenerateSecretString").get("SecretStringTemplate")
    try:
        content = json.loads(template) if isinstance(template, str) else None
    except ValueError:
        content = None
    return content.get("username", value) if isinstance(content, dict) else value
