"""CloudFront: distributions and what they use: identities, access controls, policies, functions and keys."""

from __future__ import annotations

from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.clients import simulated_client
from stackproof.simulate.modify import changed_tags, request
from stackproof.simulate.recipe import Job, Recipe, made_up_name
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
            job.client.describe_function(Name=name, Stage="LIVE")


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


def _change_distribution(job: Job) -> None:
    if job.touched("DistributionConfig"):
        _neighbours_exist(job)
        found = job.client.get_distribution_config(Id=job.physical_id)
        reference = found["DistributionConfig"]["CallerReference"]
        config = _distribution_config(job.wanted.properties["DistributionConfig"], reference)
        given = request(job, "update_distribution", {"DistributionConfig": config})
        job.client.update_distribution(Id=job.physical_id, IfMatch=found["ETag"], **given)
    _change_tags(job, job.answer["Distribution"]["ARN"])


def _change_tags(job: Job, arn: str) -> None:
    changed, gone = changed_tags(job)
    if gone:
        job.client.untag_resource(Resource=arn, TagKeys={"Items": gone})
    if changed:
        tags = [{"Key": key, "Value": text} for key, text in changed.items()]
        job.client.tag_resource(Resource=arn, Tags={"Items": tags})


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


def _named(config: dict[str, Any], wanted: str) -> dict[str, Any]:
    """Return a configuration with the reference that the API wants of whoever creates something."""
    return {"CallerReference": wanted, **config}


def _simple(kind: str, *, config: str = "Config", caller: bool = False, **further: str) -> Recipe:
    """Return the recipe of something that is its configuration and nothing else, such as ``cache_policy``.

    Parameters:
        kind: the end of its methods' names.
        config: what the property that holds everything is called after the type.
        caller: whether whoever creates it gives a reference.
        further: attributes beside ``Id``, as paths in the answer.
    """
    word = "".join({"cloud": "Cloud", "front": "Front"}.get(part, part.capitalize()) for part in kind.split("_"))
    member = f"{word}{config}"

    def make(job: Job) -> None:
        given = job.take(member)
        job.answer = job.call(f"create_{kind}", {member: _named(given, job.wanted.name) if caller else given})
        job.physical_id = job.answer[word]["Id"]

    def change(job: Job) -> None:
        if not job.touched(member):
            return
        found = getattr(job.client, f"get_{kind}")(Id=job.physical_id)
        given = job.wanted.properties[member]
        if caller:
            given = _named(given, found[word][member]["CallerReference"])
        update = getattr(job.client, f"update_{kind}")
        update(Id=job.physical_id, IfMatch=found["ETag"], **request(job, f"update_{kind}", {member: given}))

    def remove(job: Job, _snapshot: bool) -> None:
        etag = getattr(job.client, f"get_{kind}")(Id=job.physical_id)["ETag"]
        getattr(job.client, f"delete_{kind}")(Id=job.physical_id, IfMatch=etag)

    def describe(job: Job, name: str) -> Any:
        value: Any = getattr(job.client, f"get_{kind}")(Id=job.physical_id)
        for key in {"Id": f"{word}.Id", **further}[name].split("."):
            value = value[key]
        return as_text(value.strftime("%Y-%m-%dT%H:%M:%SZ") if hasattr(value, "strftime") else value)

    return Recipe(
        f"AWS::CloudFront::{word}",
        "cloudfront",
        make=make,
        change=change,
        remove=remove,
        describe=describe,
        show=(f"get_{kind}:Id",),
    )


def _is_published(job: Job) -> bool:
    return as_text(job.wanted.properties.get("AutoPublish", False)).lower() == "true"


def _function(job: Job) -> None:
    name, code = str(job.take("Name")), str(job.take("FunctionCode"))
    job.take("AutoPublish")
    given = {"FunctionConfig": job.take("FunctionConfig"), "Tags": {"Items": job.take("Tags", [])}}
    answer = job.call("create_function", given, Name=name, FunctionCode=code.encode())
    job.physical_id = answer["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]
    job.request = {"Name": name}
    if _is_published(job):
        job.client.publish_function(Name=name, IfMatch=answer["ETag"])


def _change_function(job: Job) -> None:
    if job.touched("FunctionCode", "FunctionConfig", "AutoPublish"):
        now, own = job.wanted.properties, job.request
        config = request(job, "update_function", {"FunctionConfig": now["FunctionConfig"]})
        etag = job.client.describe_function(**own)["ETag"]
        code = str(now["FunctionCode"]).encode()
        etag = job.client.update_function(**own, IfMatch=etag, FunctionCode=code, **config)["ETag"]
        if _is_published(job):
            job.client.publish_function(**own, IfMatch=etag)
    _change_tags(job, job.physical_id)


def _shown_function(job: Job) -> Any:
    """Return what is in development, and whether it is what viewers get."""
    found = job.client.describe_function(**job.request)
    code = job.client.get_function(**job.request)["FunctionCode"].read().decode()
    tags = job.client.list_tags_for_resource(Resource=job.physical_id)["Tags"]["Items"]
    published = found["FunctionSummary"]["Status"] != "UNPUBLISHED"
    return [found["FunctionSummary"], {"FunctionCode": code, "AutoPublish": published}, tags]


def _function_attribute(job: Job, name: str) -> str:
    given = {"FunctionARN": job.physical_id, "FunctionMetadata.FunctionARN": job.physical_id}
    return {**given, "Stage": "LIVE" if _is_published(job) else "DEVELOPMENT"}[name]


def _delete_function(job: Job, _snapshot: bool) -> None:
    etag = job.client.describe_function(**job.request)["ETag"]
    job.client.delete_function(**job.request, IfMatch=etag)


def _store(job: Job) -> None:
    job.physical_id = str(job.left.get("Name") or made_up_name(job.wanted, 64))
    given = {name: job.take(name) for name in ("Comment",) if name in job.left}
    tags = job.take("Tags", [])
    job.take("Name")
    further = {"Tags": {"Items": tags}} if tags else {}
    job.answer = job.call("create_key_value_store", {**given, **further}, Name=job.physical_id)


def _stored(job: Job) -> dict[str, Any]:
    answer = job.client.describe_key_value_store(Name=job.physical_id)
    return {name: answer[name] for name in ("KeyValueStore", "ETag")}


def _change_store(job: Job) -> None:
    if job.touched("Comment"):
        comment = str(job.wanted.properties.get("Comment", ""))
        job.client.update_key_value_store(Name=job.physical_id, Comment=comment, IfMatch=_stored(job)["ETag"])
    _change_tags(job, _stored(job)["KeyValueStore"]["ARN"])


def _delete_store(job: Job, _snapshot: bool) -> None:
    job.client.delete_key_value_store(Name=job.physical_id, IfMatch=_stored(job)["ETag"])


def _store_attribute(job: Job, name: str) -> Any:
    return _stored(job)["KeyValueStore"][{"Arn": "ARN", "Id": "Id", "Status": "Status"}[name]]


def _store_tags(job: Job) -> Any:
    return job.client.list_tags_for_resource(Resource=_stored(job)["KeyValueStore"]["ARN"])["Tags"]["Items"]


RECIPES = (
    Recipe(
        "AWS::CloudFront::Distribution",
        "cloudfront",
        before=_neighbours_exist,
        make=_distribution,
        describe=_distribution_attribute,
        remove=_delete_distribution,
        change=_change_distribution,
        show=(_shown_distribution,),
    ),
    Recipe(
        "AWS::CloudFront::Function",
        "cloudfront",
        make=_function,
        describe=_function_attribute,
        remove=_delete_function,
        change=_change_function,
        show=(_shown_function,),
    ),
    Recipe(
        "AWS::CloudFront::KeyValueStore",
        "cloudfront",
        make=_store,
        describe=_store_attribute,
        remove=_delete_store,
        change=_change_store,
        show=(_stored, _store_tags),
    ),
    _simple("origin_access_control"),
    _simple(
        "cloud_front_origin_access_identity",
        caller=True,
        S3CanonicalUserId="CloudFrontOriginAccessIdentity.S3CanonicalUserId",
    ),
    _simple("cache_policy", LastModifiedTime="CachePolicy.LastModifiedTime"),
    _simple("origin_request_policy", LastModifiedTime="OriginRequestPolicy.LastModifiedTime"),
    _simple("response_headers_policy", LastModifiedTime="ResponseHeadersPolicy.LastModifiedTime"),
    _simple("public_key", CreatedTime="PublicKey.CreatedTime"),
    _simple("key_group", LastModifiedTime="KeyGroup.LastModifiedTime"),
)
