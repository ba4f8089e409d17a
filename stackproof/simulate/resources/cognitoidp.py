"""Cognito: user pools with their clients, groups and domains."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.handlers import CannotUpdateError
from stackproof.simulate.modify import modify, request
from stackproof.simulate.recipe import Job, Recipe, Tagging, made_up_name

_NAMES = {"UserPoolName": "PoolName"}
_MADE_ONLY = ("AliasAttributes", "UsernameAttributes", "UsernameConfiguration")
"""What a pool keeps as it was made."""
_SECOND_FACTOR = {"SOFTWARE_TOKEN_MFA": "SoftwareTokenMfaConfiguration", "SMS_MFA": "SmsMfaConfiguration"}


def _pool(job: Job) -> None:
    properties = {name: job.take(name) for name in list(job.left)}
    properties.setdefault("UserPoolName", made_up_name(job.wanted, 128))
    factors = properties.pop("EnabledMfas", None)
    given = {_NAMES.get(name, name): value for name, value in properties.items()}
    job.answer = job.call("create_user_pool", given)["UserPool"]
    job.physical_id = job.answer["Id"]
    if factors is not None:
        _enable(job, factors)


def _enable(job: Job, factors: list[str]) -> None:
    """Say which second factors a pool takes."""
    given: dict[str, Any] = {"MfaConfiguration": job.wanted.properties.get("MfaConfiguration", "OFF")}
    given["SoftwareTokenMfaConfiguration"] = {"Enabled": "SOFTWARE_TOKEN_MFA" in factors}
    if "SMS_MFA" in factors and "SmsConfiguration" in job.wanted.properties:
        given["SmsMfaConfiguration"] = {"SmsConfiguration": job.wanted.properties["SmsConfiguration"]}
    arguments = request(job, "set_user_pool_mfa_config", given)
    job.client.set_user_pool_mfa_config(UserPoolId=job.physical_id, **arguments)


def _change_pool(job: Job) -> None:
    """Change a pool as a whole; its attributes can only become more."""
    now, before = job.wanted.properties, job.before
    fixed = [name for name in _MADE_ONLY if now.get(name) != before.get(name)]
    if fixed:
        raise CannotUpdateError(job.wanted.type, fixed)
    if job.touched("Schema"):
        _more_attributes(job)
    beside = (*_MADE_ONLY, "EnabledMfas", "Schema", "UserPoolTags")
    changed = [name for name in {*job.left, *job.gone} if name not in beside]
    if job.touched(*changed):
        given = {_NAMES.get(name, name): value for name, value in now.items() if name not in beside}
        given.setdefault("PoolName", made_up_name(job.wanted, 128))
        job.client.update_user_pool(UserPoolId=job.physical_id, **request(job, "update_user_pool", given))
    if job.touched("EnabledMfas"):
        _enable(job, now.get("EnabledMfas", []))


def _more_attributes(job: Job) -> None:
    old, new = (
        {attribute["Name"]: attribute for attribute in held.get("Schema", ())}
        for held in (job.before, job.wanted.properties)
    )
    if any(new.get(name) != attribute for name, attribute in old.items()):
        raise ValueError("Invalid AttributeDataType input, consider using the provided AttributeDataType enum.")
    added = request(
        job,
        "add_custom_attributes",
        {"CustomAttributes": [attribute for name, attribute in new.items() if name not in old]},
    )
    job.client.add_custom_attributes(UserPoolId=job.physical_id, **added)


def _shown_pool(job: Job) -> Any:
    found = job.client.describe_user_pool(UserPoolId=job.physical_id)["UserPool"]
    factors = job.client.get_user_pool_mfa_config(UserPoolId=job.physical_id)
    enabled = [name for name, part in _SECOND_FACTOR.items() if factors.get(part, {}).get("Enabled", part in factors)]
    attributes = [
        {**attribute, "Name": attribute["Name"].removeprefix("custom:")} for attribute in found["SchemaAttributes"]
    ]
    shown = {name: value for name, value in found.items() if name not in ("SchemaAttributes", "Name")}
    return [{**shown, "UserPoolName": found["Name"], "EnabledMfas": enabled, "Schema": attributes}]


def _pool_attribute(job: Job, name: str) -> str:
    region = job.client.meta.region_name
    provider = f"cognito-idp.{region}.amazonaws.com/{job.physical_id}"
    return str(
        {
            "Arn": job.answer["Arn"],
            "ProviderName": provider,
            "ProviderURL": f"https://{provider}",
            "UserPoolId": job.physical_id,
        }[name]
    )


def _client(job: Job) -> None:
    properties = {name: job.take(name) for name in list(job.left)}
    properties.setdefault("ClientName", made_up_name(job.wanted, 128))
    job.request = {"UserPoolId": str(properties["UserPoolId"])}
    job.answer = job.call("create_user_pool_client", properties)["UserPoolClient"]
    job.physical_id = job.answer["ClientId"]


def _change_client(job: Job) -> None:
    fixed = ("GenerateSecret", "UserPoolId")
    changed = [name for name in {*job.left, *job.gone} if name not in fixed]
    if job.touched(*changed):
        given = {name: value for name, value in job.wanted.properties.items() if name not in fixed}
        given.setdefault("ClientName", made_up_name(job.wanted, 128))
        arguments = request(job, "update_user_pool_client", given)
        job.client.update_user_pool_client(**job.request, ClientId=job.physical_id, **arguments)


def _described_client(job: Job) -> dict[str, Any]:
    answer = job.client.describe_user_pool_client(**job.request, ClientId=job.physical_id)
    return dict(answer["UserPoolClient"])


def _shown_client(job: Job) -> Any:
    found = _described_client(job)
    return [found, {"GenerateSecret": "ClientSecret" in found}]


def _client_attribute(job: Job, name: str) -> str:
    found = _described_client(job)
    return str(
        {"ClientId": job.physical_id, "ClientSecret": found.get("ClientSecret"), "Name": found["ClientName"]}[name]
    )


def _delete_client(job: Job, _snapshot: bool) -> None:
    job.client.delete_user_pool_client(**job.request, ClientId=job.physical_id)


def _group(job: Job) -> None:
    given = {"GroupName": made_up_name(job.wanted, 128), **{name: job.take(name) for name in list(job.left)}}
    job.call("create_group", given)
    job.physical_id = str(given["GroupName"])
    job.request = {"UserPoolId": str(given["UserPoolId"]), "GroupName": job.physical_id}


def _change_group(job: Job) -> None:
    now = job.wanted.properties
    if "RoleArn" in job.gone or "Precedence" in job.gone:
        return
    modify(
        job,
        "update_group",
        {"Description": "", **{n: now[n] for n in ("RoleArn", "Precedence") if n in now}},
        **job.request,
    )


def _shown_group(job: Job) -> Any:
    return job.client.get_group(**job.request)["Group"]


def _delete_group(job: Job, _snapshot: bool) -> None:
    job.client.delete_group(**job.request)


def _domain(job: Job) -> None:
    given = {name: job.take(name) for name in list(job.left)}
    job.answer = job.call("create_user_pool_domain", given)
    job.physical_id = str(given["Domain"])
    job.request = {"UserPoolId": str(given["UserPoolId"]), "Domain": job.physical_id}


def _change_domain(job: Job) -> None:
    now = job.wanted.properties
    if "CustomDomainConfig" in now:
        modify(job, "update_user_pool_domain", {"CustomDomainConfig": now["CustomDomainConfig"]}, **job.request)


def _shown_domain(job: Job) -> Any:
    return job.client.describe_user_pool_domain(Domain=job.physical_id)["DomainDescription"]


def _domain_attribute(job: Job, name: str) -> str:
    return str({"CloudFrontDistribution": job.answer.get("CloudFrontDomain", "")}[name])


def _delete_domain(job: Job, _snapshot: bool) -> None:
    job.client.delete_user_pool_domain(**job.request)


RECIPES = (
    Recipe(
        "AWS::Cognito::UserPool",
        "cognito-idp",
        make=_pool,
        delete="delete_user_pool",
        key="UserPoolId",
        describe=_pool_attribute,
        change=_change_pool,
        tagging=Tagging(
            "tag_resource",
            "untag_resource",
            "ResourceArn",
            id=lambda job: job.answer["Arn"],
            property="UserPoolTags",
        ),
        show=(_shown_pool,),
    ),
    Recipe(
        "AWS::Cognito::UserPoolClient",
        "cognito-idp",
        make=_client,
        describe=_client_attribute,
        change=_change_client,
        remove=_delete_client,
        show=(_shown_client,),
    ),
    Recipe(
        "AWS::Cognito::UserPoolGroup",
        "cognito-idp",
        make=_group,
        change=_change_group,
        remove=_delete_group,
        show=(_shown_group,),
    ),
    Recipe(
        "AWS::Cognito::UserPoolDomain",
        "cognito-idp",
        make=_domain,
        describe=_domain_attribute,
        change=_change_domain,
        remove=_delete_domain,
        show=(_shown_domain,),
    ),
)
