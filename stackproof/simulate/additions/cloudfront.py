"""CloudFront: functions in two stages, certificates and functions of distributions, keys and identities."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from moto.cloudfront import models as _models

from stackproof.simulate.additions.keeping import Item, Kind, Method, Operation, Refused, Response, now

# moto is typed in parts; its internals are what the contract test says, not what its annotations say.
models: Any = _models


def _viewer_certificate(certificate: Any, config: Mapping[str, Any]) -> None:
    """Show CloudFront's own certificate as the one in use only where no other is."""
    own = not (config.get("ACMCertificateArn") or config.get("IAMCertificateId"))
    certificate.cloud_front_default_certificate = own
    if own:
        certificate.ssl_support_method = "vip"
        certificate.minimum_protocol_version = "TLSv1"
        return
    source = "acm" if config.get("ACMCertificateArn") else "iam"
    certificate.certificate_source = source
    certificate.certificate = config["ACMCertificateArn" if source == "acm" else "IAMCertificateId"]


def _random_id(uppercase: bool = True, length: int = 13) -> str:
    """Return an id or a version as CloudFront's are, with a letter in front that is always the same."""
    found: str = _any_id(uppercase=uppercase, length=length)
    return f"E{found[1:]}" if uppercase else found


_any_id = models.random_id


def _associations(behaviour: Any, config: Mapping[str, Any]) -> None:
    """Keep which functions a cache behaviour runs."""
    if config.get("FunctionAssociations"):
        behaviour.function_associations = config["FunctionAssociations"]


def _then(original: Callable[..., None], further: Callable[[Any, Mapping[str, Any]], None]) -> Callable[..., None]:
    """Return a constructor that does something more with what it was given."""

    def __init__(self: Any, config: dict[str, Any]) -> None:  # noqa: N807
        original(self, config)
        further(self, config)

    return __init__


def _uses(response: Response, arn: str) -> bool:
    """Return whether a distribution runs a function."""
    for distribution in response.backend.distributions.values():
        config = distribution.distribution_config
        further = config.CacheBehaviors.get("Items") or ()
        for behaviour in (config.DefaultCacheBehavior, *further):
            items = behaviour.function_associations.get("Items") or ()
            if any(item["FunctionARN"] == arn for item in items):
                return True
    return False


def _staged(response: Response, request: Item) -> Any:
    """Return a function as it is in the stage that a request names, in development where it names none."""
    function = response.backend.describe_function(name=request["Name"])
    live = vars(function).get("live")
    if request.get("Stage") == "LIVE":
        if live is None:
            raise Refused("NoSuchFunctionExists", f"The function {request['Name']} is not published.")
        function = live
    elif live is None or (live.code, live.config) != (function.code, function.config):
        function.status = "UNPUBLISHED"
        return function
    function.status = "ASSOCIATED" if _uses(response, function.arn) else "UNASSOCIATED"
    return function


def _describe_function(response: Response, request: Item) -> Any:
    function = _staged(response, request)
    return {"FunctionSummary": function.function_summary, "ETag": function.etag}


def _get_function(response: Response, request: Item) -> Any:
    function = _staged(response, request)
    return {"FunctionCode": function.code, "ETag": function.etag, "ContentType": "application/octet-stream"}


def _list_functions(response: Response, request: Item) -> Any:
    stage = request.get("Stage")
    found = [
        _staged(response, {"Name": name, "Stage": which})
        for name, function in response.backend.functions.items()
        for which in ("DEVELOPMENT", "LIVE")
        if stage in (which, None) and (which == "DEVELOPMENT" or "live" in vars(function))
    ]
    items = [function.function_summary for function in found if stage or function.stage == "DEVELOPMENT"]
    return {"FunctionList": {"MaxItems": 100, "Quantity": len(items), "Items": items}}


def _update_function(response: Response, request: Item) -> Any:
    function = response.backend.describe_function(name=request["Name"])
    function.config, function.code = request["FunctionConfig"], request["FunctionCode"]
    function.last_modified_time = now()
    function.etag = models.random_id()
    return _describe_function(response, {"Name": request["Name"]})


def _publish_function(response: Response, request: Item) -> Any:
    function = response.backend.describe_function(name=request["Name"])
    vars(function).pop("live", None)
    live = copy.copy(function)
    live.stage, live.etag, live.last_modified_time = "LIVE", models.random_id(), now()
    function.live = live
    answer = _describe_function(response, {"Name": request["Name"], "Stage": "LIVE"})
    return {"FunctionSummary": answer["FunctionSummary"]}


def _delete_function(response: Response, request: Item) -> Any:
    function = response.backend.describe_function(name=request["Name"])
    if _uses(response, function.arn):
        raise Refused("FunctionInUse", "The function is in use by a distribution.")
    return response.delete_function()


def _create_origin_access_control(response: Response, request: Item) -> Any:
    """Make a control whose name no other has."""
    name = request["OriginAccessControlConfig"]["Name"]
    if any(control.name == name for control in response.backend.origin_access_controls.values()):
        raise Refused("OriginAccessControlAlreadyExists", f"An origin access control named {name} already exists.")
    return response.create_origin_access_control()


def _update_origin_access_control(response: Response, request: Item) -> Any:
    """Change a control into what the request says; a description that it leaves out is gone."""
    control = response.backend.get_origin_access_control(request["Id"])
    control.description = request["OriginAccessControlConfig"].get("Description")
    return response.update_origin_access_control()


def _identity(_request: Item, _response: Response) -> Item:
    return {
        "Id": models.random_id(length=14),
        "S3CanonicalUserId": uuid.uuid4().hex + uuid.uuid4().hex,
        "ETag": models.random_id(),
    }


def _update_public_key(response: Response, request: Item) -> Any:
    """Change what of a key may be changed, which is its comment."""
    key = response.backend.get_public_key(key_id=request["Id"])
    config = request["PublicKeyConfig"]
    for name, kept in (("Name", key.name), ("CallerReference", key.caller_ref)):
        if config[name] != kept:
            raise Refused("CannotChangeImmutablePublicKeyFields", f"The {name} of a public key cannot be changed.")
    key.comment, key.etag = config.get("Comment", ""), models.random_id(length=14)
    return {"PublicKey": key, "ETag": key.etag}


def _create_public_key(response: Response, request: Item) -> Any:
    answer = response.create_public_key()
    key = list(response.backend.public_keys.values())[-1]
    key.comment = request["PublicKeyConfig"].get("Comment", "")
    return answer


def _update_key_group(response: Response, request: Item) -> Any:
    group = response.backend.get_key_group(group_id=request["Id"])
    group.name, group.items = request["KeyGroupConfig"]["Name"], request["KeyGroupConfig"]["Items"]
    group.comment = request["KeyGroupConfig"].get("Comment", "")
    group.etag = models.random_id(length=14)
    return _key_group(response, request)


def _create_key_group(response: Response, request: Item) -> Any:
    """Make a key group; moto would forget its comment."""
    response.create_key_group()
    group = list(response.backend.key_groups.values())[-1]
    group.comment = request["KeyGroupConfig"].get("Comment", "")
    return {**_key_group(response, {"Id": group.id}), "Location": group.location}


def _key_group(response: Response, request: Item) -> Any:
    group = response.backend.key_groups.get(request["Id"])
    if group is None:
        raise Refused("NoSuchResource", f"The key group {request['Id']} does not exist.")
    changed = vars(group).setdefault("last_modified_time", now())
    config = {**group.key_group_config, "Comment": vars(group).get("comment", "")}
    shown = {"Id": group.id, "KeyGroupConfig": config, "LastModifiedTime": changed}
    return {"KeyGroup": shown, "ETag": group.etag}


def _delete_key_group(response: Response, request: Item) -> Any:
    _key_group(response, request)
    response.backend.key_groups.pop(request["Id"])
    return {}


KINDS = (
    Kind(
        "cloudfront",
        "Id",
        {
            "CreateCloudFrontOriginAccessIdentity": Operation("write", new=True),
            "UpdateCloudFrontOriginAccessIdentity": Operation("write"),
            "GetCloudFrontOriginAccessIdentity": Operation("read"),
            "GetCloudFrontOriginAccessIdentityConfig": Operation("read"),
            "ListCloudFrontOriginAccessIdentities": Operation("read", "CloudFrontOriginAccessIdentityList.Items"),
            "DeleteCloudFrontOriginAccessIdentity": Operation("remove"),
        },
        made=_identity,
        missing="NoSuchCloudFrontOriginAccessIdentity",
        taken="CloudFrontOriginAccessIdentityAlreadyExists",
        forget=("IfMatch",),
        counted=True,
    ),
)

METHODS: Mapping[tuple[str, str], Method] = {
    ("cloudfront", "CreateKeyGroup"): _create_key_group,
    ("cloudfront", "CreateOriginAccessControl"): _create_origin_access_control,
    ("cloudfront", "CreatePublicKey"): _create_public_key,
    ("cloudfront", "DeleteFunction"): _delete_function,
    ("cloudfront", "DeleteKeyGroup"): _delete_key_group,
    ("cloudfront", "DescribeFunction"): _describe_function,
    ("cloudfront", "GetFunction"): _get_function,
    ("cloudfront", "GetKeyGroup"): _key_group,
    ("cloudfront", "ListFunctions"): _list_functions,
    ("cloudfront", "PublishFunction"): _publish_function,
    ("cloudfront", "UpdateFunction"): _update_function,
    ("cloudfront", "UpdateKeyGroup"): _update_key_group,
    ("cloudfront", "UpdateOriginAccessControl"): _update_origin_access_control,
    ("cloudfront", "UpdatePublicKey"): _update_public_key,
}

PATCHES = (
    (models, "random_id", _random_id),
    (models.ViewerCertificate, "__init__", _then(models.ViewerCertificate.__init__, _viewer_certificate)),
    (models.DefaultCacheBehaviour, "__init__", _then(models.DefaultCacheBehaviour.__init__, _associations)),
)
