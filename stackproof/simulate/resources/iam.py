"""IAM: roles, instance profiles, managed policies and identity providers."""

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


_HOLDERS = {"Roles": ("role", "RoleName"), "Users": ("user", "UserName"), "Groups": ("group", "GroupName")}


def _attach(job: Job) -> None:
    for name, (kind, key) in _HOLDERS.items():
        for holder in job.take(name, []):
            getattr(job.client, f"attach_{kind}_policy")(PolicyArn=job.physical_id, **{key: holder})


def _managed_policy(job: Job) -> Any:
    version = job.client.get_policy(PolicyArn=job.physical_id)["Policy"]["DefaultVersionId"]
    document = job.client.get_policy_version(PolicyArn=job.physical_id, VersionId=version)["PolicyVersion"]
    held = job.client.list_entities_for_policy(PolicyArn=job.physical_id)
    holders = {name: [entity[key] for entity in held[f"Policy{name}"]] for name, (_, key) in _HOLDERS.items()}
    return [{"PolicyDocument": document["Document"]}, {"ManagedPolicyName": job.request["PolicyName"]}, holders]


def _delete_managed_policy(job: Job, _snapshot: bool) -> None:
    held = job.client.list_entities_for_policy(PolicyArn=job.physical_id)
    for name, (kind, key) in _HOLDERS.items():
        for entity in held[f"Policy{name}"]:
            getattr(job.client, f"detach_{kind}_policy")(PolicyArn=job.physical_id, **{key: entity[key]})
    job.client.delete_policy(PolicyArn=job.physical_id)


def _identity_provider(job: Job) -> Any:
    """Return a provider; IAM shows its address without the scheme."""
    found = job.client.get_open_id_connect_provider(OpenIDConnectProviderArn=job.physical_id)
    return [found, {"Url": f"https://{found['Url'].removeprefix('https://')}"}]


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
    Recipe(
        "AWS::IAM::ManagedPolicy",
        "iam",
        "create_policy",
        "Policy.Arn",
        names={"ManagedPolicyName": "PolicyName"},
        name="PolicyName",
        name_length=128,
        late=tuple(_HOLDERS),
        after=_attach,
        attributes={"PolicyArn": "Policy.Arn", "PolicyId": "Policy.PolicyId"},
        remove=_delete_managed_policy,
        show=("get_policy:PolicyArn", _managed_policy),
    ),
    Recipe(
        "AWS::IAM::OIDCProvider",
        "iam",
        "create_open_id_connect_provider",
        "OpenIDConnectProviderArn",
        "delete_open_id_connect_provider",
        "OpenIDConnectProviderArn",
        names={"ClientIdList": "ClientIDList"},
        attributes={"Arn": "OpenIDConnectProviderArn"},
        show=(_identity_provider,),
    ),
)
