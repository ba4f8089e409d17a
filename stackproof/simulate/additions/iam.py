"""IAM: AWS's own managed policies when they are named, clients of identity providers, boundaries of users."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from moto.core.responses import EmptyResult
from moto.iam import models as _models

from stackproof.simulate.additions.keeping import Item, Method, Refused, Response

# moto is typed in parts; its internals are what the contract test says, not what its annotations say.
models: Any = _models


@cache
def _of_aws() -> dict[str, Any]:
    """Return AWS's managed policies by name; moto would parse them anew for each of its backends."""
    return dict(json.loads(models.aws_managed_policies_data))


def _with_policy_of_aws(operation: str) -> Method:
    """Return an operation before which the managed policy exists that it names, as it does in every account."""

    def call(response: Response, request: Item) -> Any:
        arn, backend = str(request["PolicyArn"]), response.backend
        name = arn.rpartition("/")[2]
        if ":iam::aws:policy/" in arn and arn not in backend.managed_policies and name in _of_aws():
            policy = models.AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, _of_aws()[name])
            if policy.arn == arn:
                backend.managed_policies[arn] = policy
        return getattr(response, operation)()

    return call


def _provider(response: Response, request: Item) -> Any:
    return response.backend.get_open_id_connect_provider(request["OpenIDConnectProviderArn"])


def _add_client(response: Response, request: Item) -> Any:
    clients, name = _provider(response, request).client_id_list, request["ClientID"]
    clients.extend([] if name in clients else [name])
    return EmptyResult()


def _remove_client(response: Response, request: Item) -> Any:
    clients, name = _provider(response, request).client_id_list, request["ClientID"]
    clients[:] = [client for client in clients if client != name]
    return EmptyResult()


def _bounded(boundary: Callable[[Item], str | None], operation: str = "") -> Method:
    """Return an operation that sets or removes the boundary of a user's rights."""

    def call(response: Response, request: Item) -> Any:
        answer = getattr(response, operation)() if operation else EmptyResult()
        arn = boundary(request)
        shown = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn} if arn else None
        response.backend.get_user(request["UserName"]).permissions_boundary = shown
        return answer

    return call


def _update_group(response: Response, request: Item) -> Any:
    """Change a group; moto changes its path only together with its name."""
    group = response.backend.get_group(request["GroupName"])
    group.path = request.get("NewPath", group.path)
    return response.update_group()


def _create_service_linked_role(response: Response, request: Item) -> Any:
    """Make the role of a service, of which an account has one."""
    service, suffix = request["AWSServiceName"], request.get("CustomSuffix", "")
    for role in response.backend.get_roles():
        if role.path == f"/aws-service-role/{service}/" and role.name.endswith(f"_{suffix}" if suffix else ""):
            message = f"Service role name {role.name} has been taken in this account, please try a different suffix."
            raise Refused("InvalidInput", message)
    return response.create_service_linked_role()


METHODS: Mapping[tuple[str, str], Method] = {
    **{
        ("iam", name): _with_policy_of_aws(operation)
        for name, operation in {
            "AttachRolePolicy": "attach_role_policy",
            "AttachUserPolicy": "attach_user_policy",
            "AttachGroupPolicy": "attach_group_policy",
            "GetPolicy": "get_policy",
            "GetPolicyVersion": "get_policy_version",
        }.items()
    },
    ("iam", "AddClientIDToOpenIDConnectProvider"): _add_client,
    ("iam", "RemoveClientIDFromOpenIDConnectProvider"): _remove_client,
    ("iam", "CreateUser"): _bounded(lambda request: request.get("PermissionsBoundary"), "create_user"),
    ("iam", "PutUserPermissionsBoundary"): _bounded(lambda request: request["PermissionsBoundary"]),
    ("iam", "DeleteUserPermissionsBoundary"): _bounded(lambda _request: None),
    ("iam", "UpdateGroup"): _update_group,
    ("iam", "CreateServiceLinkedRole"): _create_service_linked_role,
}
