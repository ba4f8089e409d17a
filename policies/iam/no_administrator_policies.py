"""No identity has a managed policy of administrators."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, each, problem
from stackproof.policy.alternatives import unknown
from stackproof.policy.documents import is_particular, pattern_text
from stackproof.policy.roles import IDENTITIES, attached

POLICY = Policy(
    id="SP404",
    severity=Severity.HIGH,
    types=IDENTITIES,
    rationale="These policies of AWS give the account away, or the means to take it.",
    remediation="Attach policies that list what is needed.",
    controls=("FSBP IAM.1", "CIS 1.16", "NIST AC-6"),
)

_ADMINISTRATORS = ("AdministratorAccess", "PowerUserAccess", "IAMFullAccess", "AWSOrganizationsFullAccess")


def check(identity: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Managed policies of the deployment are judged as such."""
    for value in each(attached(identity)):
        name = pattern_text(value).rpartition("/")[2]
        if name in _ADMINISTRATORS:
            yield problem(identity, "ManagedPolicyArns", f"it has the managed policy {name}")
        elif isinstance(value, Symbol) and not is_particular(value) and name == pattern_text(value):
            raise unknown(identity, "ManagedPolicyArns", value)
