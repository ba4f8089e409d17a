"""Cognito user pools: the tags that change, and clients whose configuration is replaced as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.cognitoidp import models as _models
from moto.core.utils import utcnow

from stackproof.simulate.additions.keeping import Item, Method, Refused, Response

# moto is typed in parts; its internals are what the contract test says, not what its annotations say.
models: Any = _models

_FRESH = {
    "AllowedOAuthFlowsUserPoolClient": False,
    "AuthSessionValidity": 3,
    "EnablePropagateAdditionalUserContextData": False,
    "EnableTokenRevocation": True,
    "RefreshTokenValidity": 30,
}
"""What a client is where nothing says otherwise."""


def _update_pool(response: Response, request: Item) -> Any:
    """Change a pool into what the request says, its second factor and its name too."""
    pool = response.backend.describe_user_pool(request["UserPoolId"])
    tags = pool.extended_config.get("UserPoolTags", {})
    given = {name: value for name, value in request.items() if name != "UserPoolId"}
    pool.update_extended_config({"UserPoolTags": tags, **given})
    pool.mfa_config = request.get("MfaConfiguration", "OFF")
    pool.name = request.get("PoolName", pool.name)
    pool.last_modified_date = utcnow()
    return {}


def _update_client(response: Response, request: Item) -> Any:
    """Change a client into what the request says; what it leaves out is what it is at first."""
    pool = response.backend.describe_user_pool(request["UserPoolId"])
    client = pool.clients.get(request["ClientId"])
    if client is None:
        raise Refused("ResourceNotFoundException", f"User pool client {request['ClientId']} does not exist.")
    name = client.extended_config.get("ClientName")
    given = {key: value for key, value in request.items() if key not in ("UserPoolId", "ClientId")}
    client.extended_config = {**_FRESH, "ClientName": name, **given}
    return {"UserPoolClient": client.to_json(extended=True)}


def _pool_tags(response: Response, request: Item) -> dict[str, str]:
    pool = response.backend.describe_user_pool(request["ResourceArn"].rpartition("/")[2])
    tags: dict[str, str] = dict(pool.extended_config.get("UserPoolTags") or {})
    pool.extended_config["UserPoolTags"] = tags
    return tags


def _tag(response: Response, request: Item) -> Any:
    _pool_tags(response, request).update(request["Tags"])
    return {}


def _untag(response: Response, request: Item) -> Any:
    tags = _pool_tags(response, request)
    for key in request["TagKeys"]:
        tags.pop(key, None)
    return {}


def _list_tags(response: Response, request: Item) -> Any:
    return {"Tags": _pool_tags(response, request)}


METHODS: Mapping[tuple[str, str], Method] = {
    ("cognito-idp", "ListTagsForResource"): _list_tags,
    ("cognito-idp", "TagResource"): _tag,
    ("cognito-idp", "UntagResource"): _untag,
    ("cognito-idp", "UpdateUserPool"): _update_pool,
    ("cognito-idp", "UpdateUserPoolClient"): _update_client,
}

_any_id = models.generate_id


def _id(strategy: str | None, *about: Any) -> str:
    """Return a random part of an id; a pool's has nine characters, and its first argument is a region."""
    found: str = _any_id(strategy, *about)
    return found if "_" in str(about[0]) else found[:9]


PATCHES = ((models, "generate_id", _id),)
