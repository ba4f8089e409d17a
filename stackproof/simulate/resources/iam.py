"""IAM: roles and instance profiles."""

from __future__ import annotations

import json
from typing import Any

from stackproof.simulate.recipe import Job, Recipe


def _policies(job: Job) -> None:
    for policy in job.take("Policies", []):
        job.client.put_role_policy(
            RoleName=job.physical_id,
            PolicyName=policy["PolicyName"],
            PolicyDocument=json.dumps(policy["PolicyDocument"]),
        )
    for arn in job.take("ManagedPolicyArns", []):
        job.client.attach_role_policy(RoleName=job.physical_id, PolicyArn=arn)


def _inline_policies(job: Job) -> Any:
    names = job.client.list_role_policies(RoleName=job.physical_id)["PolicyNames"]
    return [job.client.get_role_policy(RoleName=job.physical_id, PolicyName=name) for name in names]


def _delete_role(job: Job, _snapshot: bool) -> None:
    name = job.physical_id
    for policy in job.client.list_role_policies(RoleName=name)["PolicyNames"]:
        job.client.delete_role_policy(RoleName=name, PolicyName=policy)
    for attached in job.client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        job.client.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
    job.client.delete_role(RoleName=name)


def _add_roles(job: Job) -> None:
    for role in job.take("Roles", []):
        job.client.add_role_to_instance_profile(InstanceProfileName=job.physical_id, RoleName=role)


def _delete_profile(job: Job, _snapshot: bool) -> None:
    name = job.physical_id
    profile = job.client.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    for role in profile["Roles"]:
        job.client.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role["RoleName"])
    job.client.delete_instance_profile(InstanceProfileName=name)


RECIPES = (
    Recipe(
        "AWS::IAM::Role",
        "iam",
        "create_role",
        "=RoleName",
        name="RoleName",
        name_length=64,
        late=("Policies", "ManagedPolicyArns"),
        after=_policies,
        remove=_delete_role,
        attributes={"Arn": "Role.Arn", "RoleId": "Role.RoleId"},
        show=("get_role:RoleName", "list_attached_role_policies:RoleName", _inline_policies),
    ),
    Recipe(
        "AWS::IAM::InstanceProfile",
        "iam",
        "create_instance_profile",
        "=InstanceProfileName",
        name="InstanceProfileName",
        name_length=128,
        late=("Roles",),
        after=_add_roles,
        remove=_delete_profile,
        attributes={"Arn": "InstanceProfile.Arn"},
        show=("get_instance_profile:InstanceProfileName",),
    ),
)
