"""API Gateway: who may call an API and how often, what goes in and out of it, and its answers to what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.modify import changed_tags
from stackproof.simulate.recipe import Job, Recipe, made_up_name, tags_of


def _plain(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def _given(job: Job) -> dict[str, Any]:
    """Return all properties, and remember whose API it is."""
    given = {name: job.take(name) for name in list(job.left)}
    job.request = {"restApiId": str(given["RestApiId"])}
    return given


def _replace(path: str, value: Any) -> dict[str, str]:
    text = json.dumps(value) if isinstance(value, dict) else as_text(value)
    return {"op": "replace", "path": f"/{path}", "value": text}


_OF_AUTHORIZER: dict[str, Any] = {
    "AuthType": "",
    "AuthorizerCredentials": "",
    "AuthorizerResultTtlInSeconds": 300,
    "AuthorizerUri": "",
    "IdentitySource": "",
    "IdentityValidationExpression": "",
    "Name": "",
    "Type": "",
}
"""What a removed property of an authorizer goes back to."""


def _authorizer(job: Job) -> None:
    job.answer = job.call("create_authorizer", _given(job))
    job.physical_id = job.answer["id"]


def _which_authorizer(job: Job) -> dict[str, str]:
    return {**job.request, "authorizerId": job.physical_id}


def _change_authorizer(job: Job) -> None:
    now = job.wanted.properties
    operations = [
        _replace(f"{name[0].lower()}{name[1:]}", now.get(name, default))
        for name, default in _OF_AUTHORIZER.items()
        if job.touched(name)
    ]
    if job.touched("ProviderARNs"):
        old, new = (held.get("ProviderARNs", ()) for held in (job.before, now))
        operations += [{"op": "add", "path": "/providerARNs", "value": arn} for arn in new if arn not in old]
        operations += [{"op": "remove", "path": "/providerARNs", "value": arn} for arn in old if arn not in new]
    if operations:
        job.client.update_authorizer(**_which_authorizer(job), patchOperations=operations)


def _shown_authorizer(job: Job) -> Any:
    return [_plain(job.client.get_authorizer(**_which_authorizer(job))), job.request]


def _delete_authorizer(job: Job, _snapshot: bool) -> None:
    job.client.delete_authorizer(**_which_authorizer(job))


def _model(job: Job) -> None:
    given = _given(job)
    job.physical_id = str(given.get("Name") or made_up_name(job.wanted, 128).replace("-", ""))
    given = {"ContentType": "application/json", **given, "Name": job.physical_id}
    job.answer = job.call("create_model", given)


def _which_model(job: Job) -> dict[str, str]:
    return {**job.request, "modelName": job.physical_id}


def _change_model(job: Job) -> None:
    shown = {"Description": "", "Schema": {}, **job.wanted.properties}
    operations = [_replace(name.lower(), shown[name]) for name in ("Description", "Schema") if job.touched(name)]
    if operations:
        job.client.update_model(**_which_model(job), patchOperations=operations)


def _shown_model(job: Job) -> Any:
    return [_plain(job.client.get_model(**_which_model(job))), job.request]


def _delete_model(job: Job, _snapshot: bool) -> None:
    job.client.delete_model(**_which_model(job))


def _gateway_response(job: Job) -> None:
    given = _given(job)
    job.request["responseType"] = str(given["ResponseType"])
    job.answer = job.call("put_gateway_response", given)
    job.physical_id = job.wanted.name


def _shown_gateway_response(job: Job) -> Any:
    return [_plain(job.client.get_gateway_response(**job.request)), job.request]


def _delete_gateway_response(job: Job, _snapshot: bool) -> None:
    job.client.delete_gateway_response(**job.request)


def _plan(job: Job) -> None:
    tags, name = tags_of(job.take("Tags")), str(job.take("UsagePlanName") or made_up_name(job.wanted, 128))
    given = {prop: job.take(prop) for prop in list(job.left)}
    job.answer = job.call("create_usage_plan", given, name=name, **({"tags": tags} if tags else {}))
    job.physical_id = job.answer["id"]


_OF_PLAN = ("ApiStages", "Description", "Quota", "Throttle", "UsagePlanName")


def _plan_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for name, path in (("UsagePlanName", "name"), ("Description", "description")):
        if before.get(name) != now.get(name):
            yield _replace(path, now.get(name, ""))
    for name in ("Quota", "Throttle"):
        if before.get(name) != now.get(name):
            if before.get(name):
                yield {"op": "remove", "path": f"/{name.lower()}"}
            for part, value in (now.get(name) or {}).items():
                yield _replace(f"{name.lower()}/{part[0].lower()}{part[1:]}", value)
    old, new = ([f"{stage['ApiId']}:{stage['Stage']}" for stage in held.get("ApiStages", ())] for held in (before, now))
    for operation, entries, others in (("remove", old, new), ("add", new, old)):
        for entry in entries:
            if entry not in others:
                yield {"op": operation, "path": "/apiStages", "value": entry}


def _change_plan(job: Job) -> None:
    if job.touched(*_OF_PLAN):
        operations = list(_plan_changes(job.before, job.wanted.properties))
        job.client.update_usage_plan(usagePlanId=job.physical_id, patchOperations=operations)
    changed, gone = changed_tags(job)
    meta = job.client.meta
    arn = f"arn:{meta.partition}:apigateway:{meta.region_name}::/usageplans/{job.physical_id}"
    if gone:
        job.client.untag_resource(resourceArn=arn, tagKeys=gone)
    if changed:
        job.client.tag_resource(resourceArn=arn, tags=changed)


def _shown_plan(job: Job) -> Any:
    found = _plain(job.client.get_usage_plan(usagePlanId=job.physical_id))
    tags = [{"Key": key, "Value": text} for key, text in found.get("tags", {}).items()]
    return [{**found, "UsagePlanName": found.pop("name")}, {"Tags": tags}]


def _plan_key(job: Job) -> None:
    job.request = {"usagePlanId": str(job.take("UsagePlanId")), "keyId": str(job.take("KeyId"))}
    job.call("create_usage_plan_key", {"KeyType": job.take("KeyType")}, **job.request)
    job.physical_id = f"{job.request['keyId']}:{job.request['usagePlanId']}"


def _shown_plan_key(job: Job) -> Any:
    found = _plain(job.client.get_usage_plan_key(**job.request))
    return [{"KeyType": found["type"], "KeyId": found["id"]}, job.request]


def _delete_plan_key(job: Job, _snapshot: bool) -> None:
    job.client.delete_usage_plan_key(**job.request)


RECIPES = (
    Recipe(
        "AWS::ApiGateway::Authorizer",
        "apigateway",
        make=_authorizer,
        describe=lambda job, name: {"AuthorizerId": job.physical_id}[name],
        change=_change_authorizer,
        remove=_delete_authorizer,
        show=(_shown_authorizer,),
    ),
    Recipe(
        "AWS::ApiGateway::Model",
        "apigateway",
        make=_model,
        change=_change_model,
        remove=_delete_model,
        show=(_shown_model,),
    ),
    Recipe(
        "AWS::ApiGateway::GatewayResponse",
        "apigateway",
        make=_gateway_response,
        put=True,
        describe=lambda job, name: {"Id": job.physical_id}[name],
        remove=_delete_gateway_response,
        show=(_shown_gateway_response,),
    ),
    Recipe(
        "AWS::ApiGateway::UsagePlan",
        "apigateway",
        make=_plan,
        delete="delete_usage_plan",
        key="usagePlanId",
        describe=lambda job, name: {"Id": job.physical_id}[name],
        change=_change_plan,
        show=(_shown_plan,),
    ),
    Recipe(
        "AWS::ApiGateway::UsagePlanKey",
        "apigateway",
        make=_plan_key,
        describe=lambda job, name: {"Id": job.physical_id}[name],
        remove=_delete_plan_key,
        show=(_shown_plan_key,),
    ),
)
