"""CloudFront: distributions and what they use: origin access controls, policies and functions."""

from __future__ import annotations

from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.clients import simulated_client
from stackproof.simulate.recipe import Job, Recipe
from stackproof.simulate.shapes import arguments

_NAMES = {"IPV6Enabled": "IsIPV6Enabled"}
_ORIGIN_NAMES = {"OriginCustomHeaders": "CustomHeaders"}
_PORTS = {"HTTPPort": 80, "HTTPSPort": 443}
"""What CloudFormation fills in and the API demands."""
_LOGGING = {"Enabled": True, "IncludeCookies": False, "Prefix": ""}


def _distribution_config(config: dict[str, Any], reference: str) -> dict[str, Any]:
    """Return a template's ``DistributionConfig`` with the API's names and what it demands."""
    config = {_NAMES.get(name, name): value for name, value in config.items()}
    config["Origins"] = [_origin(origin) for origin in config["Origins"]]
    for name in ("DefaultCacheBehavior", "CacheBehaviors"):
        if name in config:
            config[name] = _behaviours(config[name])
    if "Logging" in config:
        config["Logging"] = _LOGGING | config["Logging"]
    return {"CallerReference": reference, "Comment": "", **config}


def _origin(origin: dict[str, Any]) -> dict[str, Any]:
    origin = {_ORIGIN_NAMES.get(name, name): value for name, value in origin.items()}
    if "CustomOriginConfig" in origin:
        origin["CustomOriginConfig"] = _PORTS | origin["CustomOriginConfig"]
    if "S3OriginConfig" in origin:
        origin["S3OriginConfig"] = {"OriginAccessIdentity": "", **origin["S3OriginConfig"]}
    return origin


def _behaviours(value: Any) -> Any:
    """Return a cache behaviour with the methods it caches among those it allows, as the API has them."""
    if isinstance(value, list):
        return [_behaviours(item) for item in value]
    value = dict(value)
    cached = value.pop("CachedMethods", None)
    if cached is not None:
        allowed = value.get("AllowedMethods", ["GET", "HEAD"])
        value["AllowedMethods"] = {"Quantity": len(allowed), "Items": allowed, "CachedMethods": cached}
    return value


def _neighbours_exist(job: Job) -> None:
    """Refuse what CloudFront refuses: a certificate of another region, and what is not there or not published."""
    config = job.wanted.properties["DistributionConfig"]
    certificate = config.get("ViewerCertificate", {}).get("AcmCertificateArn")
    if certificate:
        _certificate_is_issued(str(certificate))
    if config.get("WebACLId"):
        scope, _, name, acl_id = str(config["WebACLId"]).rpartition(":")[2].split("/")
        if scope != "global":
            raise ValueError(f"The web ACL {config['WebACLId']} is not one of scope CLOUDFRONT.")
        simulated_client(_FIRST, "wafv2").get_web_acl(Name=name, Id=acl_id, Scope="CLOUDFRONT")
    for origin in config["Origins"]:
        if origin.get("OriginAccessControlId"):
            job.client.get_origin_access_control(Id=origin["OriginAccessControlId"])
    for behaviour in (config["DefaultCacheBehavior"], *config.get("CacheBehaviors", ())):
        for association in behaviour.get("FunctionAssociations", ()):
            name = str(association["FunctionARN"]).rpartition("/")[2]
            found = job.client.describe_function(Name=name)["FunctionSummary"]
            if found["FunctionMetadata"]["Stage"] != "LIVE":
                raise ValueError(f"The function {name} is not published.")


_FIRST = "us-east-1"
"""Where CloudFront looks for certificates and web ACLs."""


def _certificate_is_issued(arn: str) -> None:
    if arn.split(":")[3] != _FIRST:
        raise ValueError(f"The certificate {arn} is not in {_FIRST}, where CloudFront looks for it.")
    found = simulated_client(_FIRST, "acm").describe_certificate(CertificateArn=arn)["Certificate"]
    if found["Status"] != "ISSUED":
        raise ValueError(f"The certificate {arn} is {found['Status']}.")


def _distribution(job: Job) -> None:
    config = _distribution_config(job.take("DistributionConfig"), job.wanted.name)
    tags = job.take("Tags", [])
    given = {"DistributionConfig": config, "Tags": {"Items": tags}}
    request, unread = arguments(job.client, "create_distribution_with_tags", {"DistributionConfigWithTags": given})
    job.left |= {path.removeprefix("DistributionConfigWithTags."): None for path in unread}
    job.answer = job.client.create_distribution_with_tags(**request)
    job.physical_id = job.answer["Distribution"]["Id"]


def _shown_distribution(job: Job) -> Any:
    """Return a distribution with the names of the template beside those of the API."""
    found = job.client.get_distribution(Id=job.physical_id)["Distribution"]
    arn = found["ARN"]
    config = found["DistributionConfig"]
    own = {
        "IPV6Enabled": config.get("IsIPV6Enabled"),
        "Locations": config.get("Restrictions", {}).get("GeoRestriction", {}).get("Items", []),
    }
    return [found, own, job.client.list_tags_for_resource(Resource=arn)["Tags"]["Items"]]


def _distribution_attribute(job: Job, name: str) -> str:
    return str({"Id": job.physical_id, "DomainName": job.answer["Distribution"]["DomainName"]}[name])


def _delete_distribution(job: Job, _snapshot: bool) -> None:
    """Disable a distribution and delete it, as CloudFormation does."""
    found = job.client.get_distribution_config(Id=job.physical_id)
    answer = job.client.update_distribution(
        Id=job.physical_id, IfMatch=found["ETag"], DistributionConfig=found["DistributionConfig"] | {"Enabled": False}
    )
    job.client.delete_distribution(Id=job.physical_id, IfMatch=answer["ETag"])


def _with_etag(get: str, delete: str) -> Any:
    """Return what deletes something that must be told its current version."""

    def remove(job: Job, _snapshot: bool) -> None:
        etag = getattr(job.client, get)(Id=job.physical_id)["ETag"]
        getattr(job.client, delete)(Id=job.physical_id, IfMatch=etag)

    return remove


def _simple(kind: str, **further: str) -> Recipe:
    """Return the recipe of something that is its configuration and nothing else, such as ``cache_policy``."""
    word = "".join(part.capitalize() for part in kind.split("_"))
    return Recipe(
        f"AWS::CloudFront::{word}",
        "cloudfront",
        f"create_{kind}",
        f"{word}.Id",
        attributes={"Id": f"{word}.Id", **further},
        remove=_with_etag(f"get_{kind}", f"delete_{kind}"),
        show=(f"get_{kind}:Id",),
    )


def _function(job: Job) -> None:
    name, code = str(job.take("Name")), str(job.take("FunctionCode"))
    publish = as_text(job.take("AutoPublish", default=False)).lower() == "true"
    given = {"FunctionConfig": job.take("FunctionConfig"), "Tags": {"Items": job.take("Tags", [])}}
    answer = job.call("create_function", given, Name=name, FunctionCode=code.encode())
    summary = answer["FunctionSummary"]
    job.physical_id = summary["FunctionMetadata"]["FunctionARN"]
    job.request = {"Name": name}
    if publish:
        job.client.publish_function(Name=name, IfMatch=answer["ETag"])


def _function_stage(job: Job) -> str:
    return "LIVE" if as_text(job.wanted.properties.get("AutoPublish", False)).lower() == "true" else "DEVELOPMENT"


def _shown_function(job: Job) -> Any:
    stage = _function_stage(job)
    code = job.client.get_function(Name=job.request["Name"], Stage=stage)["FunctionCode"].read().decode()
    found = job.client.describe_function(Name=job.request["Name"], Stage=stage)
    tags = job.client.list_tags_for_resource(Resource=job.physical_id)["Tags"]["Items"]
    return [found, {"FunctionCode": code, "AutoPublish": stage == "LIVE"}, tags]


def _function_attribute(job: Job, name: str) -> str:
    return {"FunctionARN": job.physical_id, "FunctionMetadata.FunctionARN": job.physical_id}[name]


def _delete_function(job: Job, _snapshot: bool) -> None:
    etag = job.client.describe_function(Name=job.request["Name"])["ETag"]
    job.client.delete_function(Name=job.request["Name"], IfMatch=etag)


RECIPES = (
    Recipe(
        "AWS::CloudFront::Distribution",
        "cloudfront",
        before=_neighbours_exist,
        make=_distribution,
        describe=_distribution_attribute,
        remove=_delete_distribution,
        show=(_shown_distribution,),
    ),
    Recipe(
        "AWS::CloudFront::Function",
        "cloudfront",
        make=_function,
        describe=_function_attribute,
        remove=_delete_function,
        show=(_shown_function,),
    ),
    _simple("origin_access_control"),
    _simple("cache_policy", LastModifiedTime="CachePolicy.LastModifiedTime"),
    _simple("origin_request_policy", LastModifiedTime="OriginRequestPolicy.LastModifiedTime"),
    _simple("response_headers_policy", LastModifiedTime="ResponseHeadersPolicy.LastModifiedTime"),
)
