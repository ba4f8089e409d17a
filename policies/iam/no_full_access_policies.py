"""No identity has a managed policy of full access to a service."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, each, problem
from stackproof.policy.alternatives import unknown
from stackproof.policy.documents import is_particular, pattern_text
from stackproof.policy.roles import IDENTITIES, attached

POLICY = Policy(
    id="SP420",
    severity=Severity.MEDIUM,
    types=IDENTITIES,
    rationale="AmazonS3FullAccess and its like allow all that a service can do, on all that the account has of it.",
    remediation="Attach policies that list the actions and the resources that are needed.",
    controls=("FSBP IAM.21", "NIST AC-6"),
)

# Those of administrators are SP404's; X-Ray holds nothing of the account's but traces.
_OTHERS = ("IAMFullAccess", "AWSOrganizationsFullAccess", "AWSXrayFullAccess")


def check(identity: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Policies of AWS only; those of the deployment are judged by what they say."""
    for value in each(attached(identity)):
        text = pattern_text(value)
        name = text.rpartition("/")[2]
        if ":iam::aws:policy/" in text and name.endswith("FullAccess") and name not in _OTHERS:
            yield problem(identity, "ManagedPolicyArns", f"it has the managed policy {name}")
        elif isinstance(value, Symbol) and not is_particular(value) and name == text:
            raise unknown(identity, "ManagedPolicyArns", value)
