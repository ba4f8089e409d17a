"""Database proxies refuse connections without TLS."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP318",
    severity=Severity.HIGH,
    types=("AWS::RDS::DBProxy",),
    rationale="Without TLS, password and data cross the network readable, however strict the database behind is.",
    remediation="Set RequireTLS to true.",
    controls=("FSBP RDS.43", "NIST SC-8"),
)


def check(proxy: Resource, deployment: Deployment) -> Iterator[Problem]:
    """It is off where nothing is said."""
    if not proxy.boolean("RequireTLS"):
        yield problem(proxy, "RequireTLS", "it admits clients that speak in clear")
