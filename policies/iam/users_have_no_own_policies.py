"""Users take their permissions from groups."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated

POLICY = Policy(
    id="SP408",
    severity=Severity.LOW,
    types=("AWS::IAM::User", "AWS::IAM::UserPolicy", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"),
    rationale="Permissions of single users are forgotten when people change their tasks.",
    remediation="Move the permissions to a group or, better, to a role.",
    controls=("FSBP IAM.2", "CIS 1.15", "NIST AC-6"),
)

_KEYS = {
    "AWS::IAM::User": ("Policies", "ManagedPolicyArns"),
    "AWS::IAM::UserPolicy": ("PolicyDocument",),
    "AWS::IAM::Policy": ("Users",),
    "AWS::IAM::ManagedPolicy": ("Users",),
}


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Inline policies, attached ones, and policies that name users."""
    for key in _KEYS[resource.type]:
        if stated(resource, key):
            yield problem(resource, key, "it gives permissions to a single user")
