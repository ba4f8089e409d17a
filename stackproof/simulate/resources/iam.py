"""IAM: roles, users, groups and instance profiles, their policies, and identity providers."""

from __future__ import annotations

import json
from typing import Any

from stackproof.simulate.existing import exists
from stackproof.simulate.recipe import Job, Recipe, Tagging

_HOLDERS = {"Roles": ("role", "RoleName"), "Users": ("user", "UserName"), "Groups": ("group", "GroupName")}


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


# --- What roles, users and groups have in common. ---


def _rights(kind: str, key: str) -> Any:
    """Return what gives a role, user or group the inline and managed policies that are wanted now."""

    def settle(job: Job) -> None:
        own, wanted, before = {key: job.physical_id}, job.wanted.properties, job.before
        if job.touched("Policies"):
            old, new = ({entry["PolicyName"]: entry for entry in side.get("Policies", [])} for side in (before, wanted))
            for name in sorted(old.keys() - new.keys()):
                getattr(job.client, f"delete_{kind}_policy")(**own, PolicyName=name)
            for name, entry in new.items():
                text = _text(entry["PolicyDocument"])
                getattr(job.client, f"put_{kind}_policy")(**own, PolicyName=name, PolicyDocument=text)
        if job.touched("ManagedPolicyArns"):
            had, has = (side.get("ManagedPolicyArns", []) for side in (before, wanted))
            for arn in (arn for arn in had if arn not in has):
                getattr(job.client, f"detach_{kind}_policy")(**own, PolicyArn=arn)
            for arn in (arn for arn in has if arn not in had):
                getattr(job.client, f"attach_{kind}_policy")(**own, PolicyArn=arn)

    return settle


def _inline_policies(kind: str, key: str) -> Any:
    def shown(job: Job) -> Any:
        own = {key: job.physical_id}
        names = getattr(job.client, f"list_{kind}_policies")(**own)["PolicyNames"]
        return [getattr(job.client, f"get_{kind}_policy")(**own, PolicyName=name) for name in names]

    return shown


def _strip(job: Job, kind: str, key: str) -> None:
    """Take all rights away; IAM removes nobody who has any."""
    own = {key: job.physical_id}
    for name in getattr(job.client, f"list_{kind}_policies")(**own)["PolicyNames"]:
        getattr(job.client, f"delete_{kind}_policy")(**own, PolicyName=name)
    for attached in getattr(job.client, f"list_attached_{kind}_policies")(**own)["AttachedPolicies"]:
        getattr(job.client, f"detach_{kind}_policy")(**own, PolicyArn=attached["PolicyArn"])


def _bind(job: Job, kind: str, key: str) -> None:
    if not job.touched("PermissionsBoundary"):
        return
    arn, own = job.wanted.properties.get("PermissionsBoundary"), {key: job.physical_id}
    if arn:
        getattr(job.client, f"put_{kind}_permissions_boundary")(**own, PermissionsBoundary=arn)
    else:
        getattr(job.client, f"delete_{kind}_permissions_boundary")(**own)


# --- Roles. ---

_role_rights = _rights("role", "RoleName")


def _change_role(job: Job) -> None:
    wanted = job.wanted.properties
    if job.touched("AssumeRolePolicyDocument"):
        text = _text(wanted["AssumeRolePolicyDocument"])
        job.client.update_assume_role_policy(RoleName=job.physical_id, PolicyDocument=text)
    if job.touched("Description", "MaxSessionDuration"):
        job.client.update_role(
            RoleName=job.physical_id,
            Description=wanted.get("Description", ""),
            MaxSessionDuration=int(wanted.get("MaxSessionDuration", 3600)),
        )
    _bind(job, "role", "RoleName")
    _role_rights(job)


def _delete_role(job: Job, _snapshot: bool) -> None:
    _strip(job, "role", "RoleName")
    job.client.delete_role(RoleName=job.physical_id)


def _describe_linked_role(job: Job) -> None:
    if job.touched("Description"):
        text = job.wanted.properties.get("Description", "")
        job.client.update_role(RoleName=job.physical_id, Description=text)


# --- Users and groups. ---

_user_rights, _group_rights = _rights("user", "UserName"), _rights("group", "GroupName")


def _settle_user(job: Job) -> None:
    own, wanted, before = {"UserName": job.physical_id}, job.wanted.properties, job.before
    _user_rights(job)
    if job.touched("Groups"):
        had, has = before.get("Groups", []), wanted.get("Groups", [])
        for group in (group for group in had if group not in has):
            job.client.remove_user_from_group(**own, GroupName=group)
        for group in (group for group in has if group not in had):
            job.client.add_user_to_group(**own, GroupName=group)
    if job.touched("LoginProfile"):
        profile, known = wanted.get("LoginProfile"), "LoginProfile" in before
        if profile:
            job.call("update_login_profile" if known else "create_login_profile", profile, **own)
        else:
            job.client.delete_login_profile(**own)


def _change_user(job: Job) -> None:
    if job.touched("Path"):
        job.client.update_user(UserName=job.physical_id, NewPath=job.wanted.properties.get("Path", "/"))
    _bind(job, "user", "UserName")
    _settle_user(job)


def _shown_user(job: Job) -> Any:
    own = {"UserName": job.physical_id}
    groups = [group["GroupName"] for group in job.client.list_groups_for_user(**own)["Groups"]]
    shown = [{"Groups": groups}, job.client.list_user_tags(**own)["Tags"]]
    return [*shown, job.client.get_login_profile(**own)] if "LoginProfile" in job.wanted.properties else shown


def _delete_user(job: Job, _snapshot: bool) -> None:
    own = {"UserName": job.physical_id}
    _strip(job, "user", "UserName")
    for group in job.client.list_groups_for_user(**own)["Groups"]:
        job.client.remove_user_from_group(**own, GroupName=group["GroupName"])
    if exists(lambda: job.client.get_login_profile(**own)):
        job.client.delete_login_profile(**own)
    job.client.delete_user(**own)


def _change_group(job: Job) -> None:
    if job.touched("Path"):
        job.client.update_group(GroupName=job.physical_id, NewPath=job.wanted.properties.get("Path", "/"))
    _group_rights(job)


def _delete_group(job: Job, _snapshot: bool) -> None:
    _strip(job, "group", "GroupName")
    job.client.delete_group(GroupName=job.physical_id)


def _add_members(job: Job) -> None:
    job.physical_id = job.physical_id or job.wanted.name
    _change_members(job)
    job.touched("GroupName")


def _change_members(job: Job) -> None:
    """Put users into a group, and those out of it or of the group before that are not to be there."""
    now, before = job.wanted.properties, job.before
    if not job.touched("Users", "GroupName"):
        return
    kept = before.get("GroupName") == now["GroupName"]
    for user in before.get("Users", []):
        if not kept or user not in now["Users"]:
            job.client.remove_user_from_group(GroupName=before["GroupName"], UserName=user)
    for user in now["Users"]:
        if not kept or user not in before.get("Users", []):
            job.client.add_user_to_group(GroupName=now["GroupName"], UserName=user)


def _members(job: Job) -> Any:
    found = job.client.get_group(GroupName=job.wanted.properties["GroupName"])
    return [found["Group"], {"Users": [user["UserName"] for user in found["Users"]]}]


def _remove_members(job: Job, _snapshot: bool) -> None:
    for user in job.wanted.properties["Users"]:
        job.client.remove_user_from_group(GroupName=job.wanted.properties["GroupName"], UserName=user)


def _change_access_key(job: Job) -> None:
    if job.touched("Status"):
        _set_key(job)


def _access_key(job: Job) -> None:
    if job.take("Status", "Active") != "Active":
        _set_key(job)
    job.take("Serial")


def _set_key(job: Job) -> None:
    wanted = job.wanted.properties
    status = wanted.get("Status", "Active")
    job.client.update_access_key(UserName=wanted["UserName"], AccessKeyId=job.physical_id, Status=status)


def _access_keys(job: Job) -> Any:
    found = job.client.list_access_keys(UserName=job.wanted.properties["UserName"])["AccessKeyMetadata"]
    return [key for key in found if key["AccessKeyId"] == job.physical_id]


def _delete_access_key(job: Job, _snapshot: bool) -> None:
    job.client.delete_access_key(UserName=job.wanted.properties["UserName"], AccessKeyId=job.physical_id)


# --- Policies that stand inside of whom they are for. ---


def _inline(job: Job) -> None:
    """Put a policy into every role, user and group, and out of those that are not to have it any more."""
    wanted, before = job.wanted.properties, job.before
    if not any(wanted.get(name) for name in _HOLDERS):
        raise ValueError(f"At least one of [{','.join(sorted(_HOLDERS))}] must be non-empty.")
    job.physical_id = job.physical_id or job.wanted.name
    job.touched(*_HOLDERS, "PolicyName", "PolicyDocument")
    text = _text(wanted["PolicyDocument"])
    for name, (kind, key) in _HOLDERS.items():
        for holder in wanted.get(name, []):
            given = {key: holder, "PolicyName": wanted["PolicyName"], "PolicyDocument": text}
            getattr(job.client, f"put_{kind}_policy")(**given)
        for holder in before.get(name, []):
            if holder not in wanted.get(name, []) or before["PolicyName"] != wanted["PolicyName"]:
                _take_out(job, kind, {key: holder, "PolicyName": before["PolicyName"]})


def _change_inline(job: Job) -> None:
    if job.left or job.gone:
        _inline(job)


def _take_out(job: Job, kind: str, given: dict[str, str]) -> None:
    if exists(lambda: getattr(job.client, f"get_{kind}_policy")(**given)):
        getattr(job.client, f"delete_{kind}_policy")(**given)


def _shown_inline(job: Job) -> Any:
    wanted = job.wanted.properties
    return [
        getattr(job.client, f"get_{kind}_policy")(**{key: holder, "PolicyName": wanted["PolicyName"]})
        | {name: [holder]}
        for name, (kind, key) in _HOLDERS.items()
        for holder in wanted.get(name, [])
    ]


def _remove_inline(job: Job, _snapshot: bool) -> None:
    wanted = job.wanted.properties
    for name, (kind, key) in _HOLDERS.items():
        for holder in wanted.get(name, []):
            _take_out(job, kind, {key: holder, "PolicyName": wanted["PolicyName"]})


def _single(kind: str, key: str) -> Recipe:
    """Return the recipe of one policy inside of one role, user or group."""

    def put(job: Job) -> None:
        wanted = job.wanted.properties
        given = {key: wanted[key], "PolicyName": wanted["PolicyName"]}
        # One without a document says that there is to be none.
        if wanted.get("PolicyDocument"):
            getattr(job.client, f"put_{kind}_policy")(**given, PolicyDocument=_text(wanted["PolicyDocument"]))
        elif job.before:
            _take_out(job, kind, given)
        job.physical_id = f"{wanted['PolicyName']}|{wanted[key]}"
        job.touched(key, "PolicyName", "PolicyDocument")

    def change(job: Job) -> None:
        if job.left or job.gone:
            put(job)

    def shown(job: Job) -> Any:
        wanted = job.wanted.properties
        given = {key: wanted[key], "PolicyName": wanted["PolicyName"]}
        return getattr(job.client, f"get_{kind}_policy")(**given) if wanted.get("PolicyDocument") else given

    def remove(job: Job, _snapshot: bool) -> None:
        wanted = job.wanted.properties
        _take_out(job, kind, {key: wanted[key], "PolicyName": wanted["PolicyName"]})

    return Recipe(f"AWS::IAM::{kind.capitalize()}Policy", "iam", make=put, change=change, remove=remove, show=(shown,))


# --- Managed policies. ---


def _attach(job: Job) -> None:
    for name, (kind, key) in _HOLDERS.items():
        if not job.touched(name):
            continue
        had, has = (side.get(name, []) for side in (job.before, job.wanted.properties))
        for holder in (holder for holder in had if holder not in has):
            getattr(job.client, f"detach_{kind}_policy")(PolicyArn=job.physical_id, **{key: holder})
        for holder in (holder for holder in has if holder not in had):
            getattr(job.client, f"attach_{kind}_policy")(PolicyArn=job.physical_id, **{key: holder})


_VERSIONS = 5
"""How many versions a policy may have."""


def _change_managed_policy(job: Job) -> None:
    """Give a policy a new version; the oldest goes where there is no room for another."""
    _attach(job)
    if not job.touched("PolicyDocument"):
        return
    arn = job.physical_id
    versions = _versions(job)
    if len(versions) >= _VERSIONS:
        job.client.delete_policy_version(PolicyArn=arn, VersionId=versions[0])
    text = _text(job.wanted.properties["PolicyDocument"])
    job.client.create_policy_version(PolicyArn=arn, PolicyDocument=text, SetAsDefault=True)


def _versions(job: Job) -> list[str]:
    """Return the versions that are not the one in force, the oldest first."""
    found = job.client.list_policy_versions(PolicyArn=job.physical_id)["Versions"]
    others = [version["VersionId"] for version in found if not version["IsDefaultVersion"]]
    return sorted(others, key=lambda name: int(name.removeprefix("v")))


def _managed_policy(job: Job) -> Any:
    version = job.client.get_policy(PolicyArn=job.physical_id)["Policy"]["DefaultVersionId"]
    document = job.client.get_policy_version(PolicyArn=job.physical_id, VersionId=version)["PolicyVersion"]
    held = job.client.list_entities_for_policy(PolicyArn=job.physical_id)
    holders = {name: [entity[key] for entity in held[f"Policy{name}"]] for name, (_, key) in _HOLDERS.items()}
    return [{"PolicyDocument": document["Document"]}, {"ManagedPolicyName": job.request["PolicyName"]}, holders]


_OF_POLICY = ("AttachmentCount", "CreateDate", "DefaultVersionId", "IsAttachable", "PolicyId", "UpdateDate")
_USED_AS_BOUNDARY = "PermissionsBoundaryUsageCount"


def _policy_attribute(job: Job, name: str) -> Any:
    if name == "PolicyArn":
        return job.physical_id
    if name not in (*_OF_POLICY, _USED_AS_BOUNDARY):
        raise KeyError(name)
    found = job.client.get_policy(PolicyArn=job.physical_id)["Policy"].get(name, 0)
    return found.isoformat().replace("+00:00", "Z") if name.endswith("Date") else found


def _delete_managed_policy(job: Job, _snapshot: bool) -> None:
    held = job.client.list_entities_for_policy(PolicyArn=job.physical_id)
    for name, (kind, key) in _HOLDERS.items():
        for entity in held[f"Policy{name}"]:
            getattr(job.client, f"detach_{kind}_policy")(PolicyArn=job.physical_id, **{key: entity[key]})
    for version in _versions(job):
        job.client.delete_policy_version(PolicyArn=job.physical_id, VersionId=version)
    job.client.delete_policy(PolicyArn=job.physical_id)


# --- Instance profiles and identity providers. ---


def _settle_profile(job: Job) -> None:
    if not job.touched("Roles"):
        return
    had, has = (side.get("Roles", []) for side in (job.before, job.wanted.properties))
    for role in (role for role in had if role not in has):
        job.client.remove_role_from_instance_profile(InstanceProfileName=job.physical_id, RoleName=role)
    for role in (role for role in has if role not in had):
        job.client.add_role_to_instance_profile(InstanceProfileName=job.physical_id, RoleName=role)


def _delete_profile(job: Job, _snapshot: bool) -> None:
    name = job.physical_id
    profile = job.client.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    for role in profile["Roles"]:
        job.client.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role["RoleName"])
    job.client.delete_instance_profile(InstanceProfileName=name)


def _identity_provider(job: Job) -> Any:
    """Return a provider; IAM shows its address without the scheme."""
    found = job.client.get_open_id_connect_provider(OpenIDConnectProviderArn=job.physical_id)
    return [found, {"Url": f"https://{found['Url'].removeprefix('https://')}"}]


def _change_provider(job: Job) -> None:
    own, wanted = {"OpenIDConnectProviderArn": job.physical_id}, job.wanted.properties
    if job.touched("ThumbprintList") and wanted.get("ThumbprintList"):
        job.client.update_open_id_connect_provider_thumbprint(**own, ThumbprintList=wanted["ThumbprintList"])
    if job.touched("ClientIdList"):
        had, has = (side.get("ClientIdList", []) for side in (job.before, wanted))
        for name in (name for name in had if name not in has):
            job.client.remove_client_id_from_open_id_connect_provider(**own, ClientID=name)
        for name in (name for name in has if name not in had):
            job.client.add_client_id_to_open_id_connect_provider(**own, ClientID=name)


RECIPES = (
    Recipe(
        "AWS::IAM::Role",
        "iam",
        "create_role",
        "=RoleName",
        name="RoleName",
        name_length=64,
        late=("Policies", "ManagedPolicyArns"),
        after=_role_rights,
        remove=_delete_role,
        attributes={"Arn": "Role.Arn", "RoleId": "Role.RoleId"},
        show=("get_role:RoleName", "list_attached_role_policies:RoleName", _inline_policies("role", "RoleName")),
        tagging=Tagging("tag_role", "untag_role", "RoleName"),
        change=_change_role,
    ),
    Recipe(
        "AWS::IAM::ServiceLinkedRole",
        "iam",
        "create_service_linked_role",
        "Role.RoleName",
        "delete_service_linked_role",
        "RoleName",
        attributes={"RoleName": "Role.RoleName"},
        show=("get_role:RoleName",),
        hidden=("AWSServiceName", "CustomSuffix"),
        change=_describe_linked_role,
    ),
    Recipe(
        "AWS::IAM::User",
        "iam",
        "create_user",
        "=UserName",
        name="UserName",
        name_length=64,
        late=("Policies", "ManagedPolicyArns", "Groups", "LoginProfile"),
        after=_settle_user,
        remove=_delete_user,
        attributes={"Arn": "User.Arn"},
        show=(
            "get_user:UserName",
            "list_attached_user_policies:UserName",
            _inline_policies("user", "UserName"),
            _shown_user,
        ),
        hidden=("LoginProfile",),
        tagging=Tagging("tag_user", "untag_user", "UserName"),
        change=_change_user,
    ),
    Recipe(
        "AWS::IAM::Group",
        "iam",
        "create_group",
        "=GroupName",
        name="GroupName",
        name_length=128,
        late=("Policies", "ManagedPolicyArns"),
        after=_group_rights,
        remove=_delete_group,
        attributes={"Arn": "Group.Arn"},
        show=("get_group:GroupName", "list_attached_group_policies:GroupName", _inline_policies("group", "GroupName")),
        change=_change_group,
    ),
    Recipe(
        "AWS::IAM::UserToGroupAddition",
        "iam",
        make=_add_members,
        remove=_remove_members,
        describe=lambda job, name: {"Id": job.physical_id}[name],
        show=(_members,),
        change=_change_members,
    ),
    Recipe(
        "AWS::IAM::AccessKey",
        "iam",
        "create_access_key",
        "AccessKey.AccessKeyId",
        late=("Status", "Serial"),
        after=_access_key,
        remove=_delete_access_key,
        attributes={"Id": "AccessKey.AccessKeyId", "SecretAccessKey": "AccessKey.SecretAccessKey"},
        show=(_access_keys,),
        hidden=("Serial",),
        change=_change_access_key,
    ),
    Recipe(
        "AWS::IAM::Policy",
        "iam",
        make=_inline,
        remove=_remove_inline,
        describe=lambda job, name: {"Id": job.physical_id}[name],
        show=(_shown_inline,),
        change=_change_inline,
    ),
    *(_single(kind, key) for kind, key in _HOLDERS.values()),
    Recipe(
        "AWS::IAM::InstanceProfile",
        "iam",
        "create_instance_profile",
        "=InstanceProfileName",
        name="InstanceProfileName",
        name_length=128,
        late=("Roles",),
        after=_settle_profile,
        remove=_delete_profile,
        attributes={"Arn": "InstanceProfile.Arn"},
        show=("get_instance_profile:InstanceProfileName",),
        change=_settle_profile,
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
        describe=_policy_attribute,
        remove=_delete_managed_policy,
        show=("get_policy:PolicyArn", _managed_policy),
        change=_change_managed_policy,
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
        tagging=Tagging("tag_open_id_connect_provider", "untag_open_id_connect_provider", "OpenIDConnectProviderArn"),
        change=_change_provider,
    ),
)
