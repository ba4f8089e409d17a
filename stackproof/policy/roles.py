"""IAM identities: who has which managed policies, and in which role."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.policy.alternatives import elements
from stackproof.resolve.stack import Resource

IDENTITIES = ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group")
"""Types that hold inline policies and take managed ones."""

GRANTING = (
    *IDENTITIES,
    "AWS::IAM::Policy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
    "AWS::IAM::GroupPolicy",
)
"""Types that hold a document about what identities may do."""

ESCALATING = (
    "iam:AddUserToGroup",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreatePolicyVersion",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteUserPermissionsBoundary",
    "iam:PutGroupPolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:PutUserPermissionsBoundary",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateLoginProfile",
)
"""Actions that give rights; on every role, user or policy they give all that there are."""


def is_only_boundary(policy: Resource, deployment: Deployment) -> bool:
    """Return whether a managed policy serves as permissions boundary and nowhere grants what it allows."""
    return deployment.once(("only boundary", policy), lambda: _is_only_boundary(policy, deployment))


def _is_only_boundary(policy: Resource, deployment: Deployment) -> bool:
    if policy.type != "AWS::IAM::ManagedPolicy" or any(key in policy for key in ("Roles", "Users", "Groups")):
        return False
    identities = deployment.of_type(*IDENTITIES)
    bounds = any(deployment.follow(identity.get("PermissionsBoundary")) is policy for identity in identities)
    granted = any(deployment.follow(value) is policy for value in attached(*identities))
    return bounds and not granted


def attached(*identities: Resource) -> Iterator[Any]:
    """Iterate over the managed policies of some identities: ARNs and symbols."""
    for identity in identities:
        yield from elements(identity, "ManagedPolicyArns")
