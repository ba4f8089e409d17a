"""Certificates of databases come from an authority that has not expired."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.databases import INSTANCE

POLICY = Policy(
    id="SP320",
    severity=Severity.MEDIUM,
    types=(INSTANCE,),
    rationale="Clients that verify certificates cannot connect, and so verification gets switched off.",
    remediation="Remove CACertificateIdentifier, or set it to rds-ca-rsa2048-g1 or a later one.",
    controls=("NIST SC-8", "NIST SC-17"),
)

_EXPIRED = ("rds-ca-2010", "rds-ca-2015", "rds-ca-2019")


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Where nothing is said it is the current one."""
    authority = database.text("CACertificateIdentifier").lower()
    if authority in _EXPIRED:
        yield problem(database, "CACertificateIdentifier", f"the authority {authority} has expired")
