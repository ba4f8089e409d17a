"""Data of protected environments outlive their stack."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.stateful import POLICIES, STATEFUL, is_copy

POLICY = Policy(
    id="SP902",
    severity=Severity.MEDIUM,
    types=STATEFUL,
    rationale="One wrong deletion, or one changed property that means replacement, and the data are gone for good.",
    remediation="Set DeletionPolicy to Retain, RetainExceptOnCreate or Snapshot, and UpdateReplacePolicy to Retain "
    "or Snapshot.",
    controls=("NIST CP-9",),
    protected_only=True,
)

# Only the deletion of these makes a snapshot by default; their replacement deletes like any other.
_SNAPSHOT = ("AWS::RDS::DBCluster", "AWS::RDS::DBInstance")


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The default is Delete, but for the deletion of RDS databases; copies may go."""
    for policy in each(POLICIES):
        default = "Snapshot" if policy == "DeletionPolicy" and resource.type in _SNAPSHOT else "Delete"
        if resource.attributes.text(policy, default) == "Delete" and not is_copy(resource):
            when = "its data go with its stack" if policy == "DeletionPolicy" else "its data go when it is replaced"
            yield problem(resource, policy, f"{when}")
