"""Databases refuse connections without TLS."""

import re
from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, as_text, problem
from stackproof.policy.alternatives import stated, unknown
from stackproof.policy.databases import CLUSTER, engine_of, is_member, original

POLICY = Policy(
    id="SP303",
    severity=Severity.HIGH,
    types=("AWS::RDS::DBInstance", "AWS::RDS::DBCluster"),
    rationale="Without TLS, password and data cross the network readable, and most clients fall back to that silently.",
    remediation="Set rds.force_ssl (PostgreSQL, SQL Server) or require_secure_transport (MySQL, MariaDB) to 1 in the "
    "parameter group of the database.",
    controls=("FSBP RDS.38", "FSBP RDS.39", "FSBP RDS.41", "FSBP RDS.44", "NIST SC-8"),
)

# Engine -> parameter and the first major version whose default is to force TLS. Engines that are not here have no such
# parameter. Sources: the chapters on requiring TLS of each engine in the Amazon RDS and Aurora user guides.
_ENGINES = {
    "postgres": ("rds.force_ssl", (15,)),
    "aurora-postgresql": ("rds.force_ssl", (17,)),
    "mysql": ("require_secure_transport", None),
    "aurora-mysql": ("require_secure_transport", None),
    "mariadb": ("require_secure_transport", (11, 8)),
    "sqlserver": ("rds.force_ssl", None),
}


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The parameter group decides, followed across stacks; where it says nothing, the engine's version does."""
    if is_member(database):
        return
    source = original(database, deployment)
    engine = engine_of(source)
    parameter, since = _ENGINES.get("sqlserver" if engine.startswith("sqlserver-") else engine, ("", None))
    if not parameter:
        return
    key = "DBClusterParameterGroupName" if database.type == CLUSTER else "DBParameterGroupName"
    named = database if stated(database, key) else source
    group = _group(named, key, deployment)
    parameters = group.block("Parameters") if group else None
    if parameters is not None and parameter in parameters:
        if parameters.text(parameter).lower() not in ("1", "on", "true"):
            message = f"its parameter group sets {parameter} to {parameters[parameter]}"
            yield Problem(message, key, parameters.mark(parameter))
    elif not _by_default(source, since):
        yield problem(database, key, f"{parameter} is not set, and off by default")


def _group(database: Resource, key: str, deployment: Deployment) -> Resource | None:
    """Return the parameter group; None for the engine's default one."""
    value = database.get(key)
    group = deployment.follow(value)
    if group is None and isinstance(value, str) and value:
        named = (
            found for found in deployment.of_type("AWS::RDS::DBParameterGroup", "AWS::RDS::DBClusterParameterGroup")
        )
        group = next((found for found in named if found.get(key) == value), None)
    if group is None and value is not None and (isinstance(value, Symbol) or not as_text(value).startswith("default.")):
        raise unknown(database, key, value)
    return group


def _by_default(database: Resource, since: tuple[int, ...] | None) -> bool:
    if since is None:
        return False
    version = database.text("EngineVersion")
    # The version that RDS itself chooses is none of the old ones.
    return not version or tuple(int(part) for part in re.findall(r"\d+", version)) >= since
