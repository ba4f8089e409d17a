"""API Gateway: REST APIs with their resources, methods, deployments and stages, and who may call them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.handlers import CannotUpdateError
from stackproof.simulate.modify import changed_tags
from stackproof.simulate.recipe import Job, Recipe, made_up_name, tags_of

_Operations = list[dict[str, str]]


def _replace(path: str, value: Any) -> dict[str, str]:
    text = json.dumps(value) if isinstance(value, dict) else as_text(value)
    return {"op": "replace", "path": f"/{path}", "value": text}


def _escaped(text: str) -> str:
    return text.replace("~", "~0").replace("/", "~1")


def _listed(path: str, before: Any, now: Any, *, in_path: bool) -> Iterator[dict[str, str]]:
    """Iterate over the operations that turn a list into another."""
    for operation, entries, others in (("add", now, before), ("remove", before, now)):
        for entry in entries or ():
            if entry not in (others or ()):
                where = f"/{path}/{_escaped(entry)}" if in_path else f"/{path}"
                yield {"op": operation, "path": where} | ({} if in_path else {"value": entry})


def _mapped(path: str, before: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Iterator[dict[str, str]]:
    """Iterate over the operations that turn a map into another."""
    old, new = before or {}, now or {}
    for key in old:
        if key not in new:
            yield {"op": "remove", "path": f"/{path}/{_escaped(key)}"}
    for key, value in new.items():
        if old.get(key) != value:
            yield _replace(f"{path}/{_escaped(key)}", value)


def _arn(job: Job, path: str) -> str:
    meta = job.client.meta
    return f"arn:{meta.partition}:apigateway:{meta.region_name}::{path}"


def _change_tags(job: Job, path: str) -> None:
    changed, gone = changed_tags(job)
    if gone:
        job.client.untag_resource(resourceArn=_arn(job, path), tagKeys=gone)
    if changed:
        job.client.tag_resource(resourceArn=_arn(job, path), tags=changed)


def _as_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": text} for key, text in tags.items()]


def _plain(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def _body(job: Job, properties: Mapping[str, Any]) -> bytes | None:
    """Return the description of an API that a template gives, or names a place of."""
    if "Body" in properties:
        return json.dumps(properties["Body"]).encode()
    if "BodyS3Location" in properties:
        place = properties["BodyS3Location"]
        found: bytes = job.other("s3").get_object(Bucket=place["Bucket"], Key=place["Key"])["Body"].read()
        return found
    return None


_OF_BODY = ("Body", "BodyS3Location")
_API_NAMES = {"ApiKeySourceType": "apiKeySource"}


def _rest_api(job: Job) -> None:
    body, tags = _body(job, job.left), tags_of(job.take("Tags"))
    for name in _OF_BODY:
        job.take(name)
    given = {_API_NAMES.get(name, name): job.take(name) for name in list(job.left)}
    if body is None:
        job.answer = job.call("create_rest_api", given, **({"tags": tags} if tags else {}))
        job.physical_id = job.answer["id"]
        return
    further: dict[str, Any] = {name: given.pop(name) for name in ("FailOnWarnings", "Parameters") if name in given}
    job.answer = job.call("import_rest_api", further, body=body)
    job.physical_id = job.answer["id"]
    written = {name: value for name, value in given.items() if name not in ("Mode", "Name")}
    operations = [*_api_changes({}, {_FROM_API.get(name, name): value for name, value in written.items()})]
    if "Name" in given:
        operations.append(_replace("name", given["Name"]))
    _patch_api(job, operations)
    if tags:
        job.client.tag_resource(resourceArn=_arn(job, f"/restapis/{job.physical_id}"), tags=tags)


_FROM_API = {"apiKeySource": "ApiKeySourceType"}
_OF_API = {
    "Name": ("name", ""),
    "Description": ("description", ""),
    "ApiKeySourceType": ("apiKeySource", "HEADER"),
    "MinimumCompressionSize": ("minimumCompressionSize", ""),
    "DisableExecuteApiEndpoint": ("disableExecuteApiEndpoint", False),
    "Policy": ("policy", ""),
}
"""Where an update finds a property of an API, and what a removed one goes back to."""


def _api_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for name, (path, default) in _OF_API.items():
        if before.get(name) != now.get(name):
            yield _replace(path, now.get(name, default))
    yield from _listed("binaryMediaTypes", before.get("BinaryMediaTypes"), now.get("BinaryMediaTypes"), in_path=True)
    old, new = (held.get("EndpointConfiguration", {}) for held in (before, now))
    types = [held.get("Types", ["EDGE"])[0] for held in (old, new)]
    if types[0] != types[1]:
        yield _replace(f"endpointConfiguration/types/{types[0]}", types[1])
    path = "endpointConfiguration/vpcEndpointIds"
    yield from _listed(path, old.get("VpcEndpointIds"), new.get("VpcEndpointIds"), in_path=False)


def _patch_api(job: Job, operations: _Operations) -> None:
    if operations:
        job.client.update_rest_api(restApiId=job.physical_id, patchOperations=operations)


def _change_api(job: Job) -> None:
    now, before = job.wanted.properties, job.before
    if job.touched(*_OF_BODY):
        body = _body(job, now)
        if body is None:
            raise CannotUpdateError(job.wanted.type, [name for name in _OF_BODY if name in before])
        job.client.put_rest_api(restApiId=job.physical_id, mode="overwrite", body=body)
        if "Name" in now:
            _patch_api(job, [_replace("name", now["Name"])])
    if job.touched(*_OF_API, "BinaryMediaTypes", "EndpointConfiguration"):
        _patch_api(job, list(_api_changes(before, now)))
    _change_tags(job, f"/restapis/{job.physical_id}")


def _shown_api(job: Job) -> Any:
    found = _plain(job.client.get_rest_api(restApiId=job.physical_id))
    body = {}
    if any(name in job.wanted.properties for name in _OF_BODY):
        shown = job.client.get_resources(restApiId=job.physical_id, embed=["methods"])["items"]
        paths = set(json.loads(_body(job, job.wanted.properties) or b"{}").get("paths", ()))
        known = paths <= {entry["path"] for entry in shown}
        body = {name: job.wanted.properties[name] for name in _OF_BODY if known and name in job.wanted.properties}
    policy = found.get("policy")
    names = {"ApiKeySourceType": found.get("apiKeySource"), "Tags": _as_list(found.get("tags", {}))}
    return [{**found, "policy": json.loads(policy) if policy else ""}, names, body]


def _api_attribute(job: Job, name: str) -> str:
    found = job.client.get_rest_api(restApiId=job.physical_id)
    return str({"RestApiId": found["id"], "RootResourceId": found["rootResourceId"]}[name])


def _of_api(job: Job, key: str) -> dict[str, str]:
    return {"restApiId": job.request["restApiId"], key: job.physical_id}


def _resource(job: Job) -> None:
    given = {name: job.take(name) for name in list(job.left)}
    job.request = {"restApiId": str(given["RestApiId"])}
    job.answer = job.call("create_resource", given)
    job.physical_id = job.answer["id"]


def _shown_resource(job: Job) -> Any:
    return [_plain(job.client.get_resource(**_of_api(job, "resourceId"))), job.request]


def _delete_resource(job: Job, _snapshot: bool) -> None:
    job.client.delete_resource(**_of_api(job, "resourceId"))


_METHOD = ("RestApiId", "ResourceId", "HttpMethod")


def _method(job: Job) -> None:
    stack, _, suffix = job.wanted.name.rpartition("-")
    job.physical_id = f"{stack[:5]}-{job.wanted.logical_id[:5]}-{suffix}"
    job.request = {f"{name[0].lower()}{name[1:]}": str(job.take(name)) for name in _METHOD}
    _put_method(job, {name: job.take(name) for name in list(job.left)})


def _put_method(job: Job, properties: dict[str, Any]) -> None:
    """Put a method with its integration and what both answer."""
    integration, responses = properties.pop("Integration", None), properties.pop("MethodResponses", ())
    unread: dict[str, None] = {}

    def call(operation: str, given: Mapping[str, Any], head: str = "") -> None:
        job.left = {}
        job.call(operation, given, **job.request)
        unread.update(dict.fromkeys(f"{head}{path}" for path in job.left))

    call("put_method", properties)
    for response in responses:
        call("put_method_response", response, "MethodResponses.*.")
    if integration:
        answers = integration.get("IntegrationResponses", ())
        call("put_integration", {name: value for name, value in integration.items() if name != "IntegrationResponses"})
        for answer in answers:
            call("put_integration_response", answer, "Integration.IntegrationResponses.*.")
    job.left = dict(unread)


def _change_method(job: Job) -> None:
    """Put a method anew: CloudFormation gives the service all of it."""
    if job.touched(*(name for name in {*job.left, *job.gone} if name not in _METHOD)):
        fixed = {*job.left, *job.gone}
        job.client.delete_method(**job.request)
        _put_method(job, {name: value for name, value in job.wanted.properties.items() if name not in _METHOD})
        job.left = {**job.left, **dict.fromkeys(fixed)}


def _shown_method(job: Job) -> Any:
    found = _plain(job.client.get_method(**job.request))
    integration = dict(found.pop("methodIntegration", None) or {})
    answers = list((integration.pop("integrationResponses", None) or {}).values())
    http = {"IntegrationHttpMethod": integration.pop("httpMethod", None)}
    names = {
        "Integration": {**integration, **http, "IntegrationResponses": answers},
        "MethodResponses": list(found.pop("methodResponses", {}).values()),
    }
    return [{name: found[name] for name in found if name != "httpMethod"}, names, job.request]


def _delete_method(job: Job, _snapshot: bool) -> None:
    job.client.delete_method(**job.request)


def _deployment(job: Job) -> None:
    properties = {name: job.take(name) for name in list(job.left)}
    job.request = {"restApiId": str(properties["RestApiId"])}
    stage = dict(properties.pop("StageDescription", {}))
    canary = properties.pop("DeploymentCanarySettings", None)
    given = {name: stage.pop(name) for name in ("Variables", "TracingEnabled") if name in stage}
    if "Description" in stage:
        given["stageDescription"] = stage.pop("Description")
    job.answer = job.call("create_deployment", {**properties, **given})
    job.physical_id = job.answer["id"]
    job.left |= dict.fromkeys(f"StageDescription.{name}" for name in stage)
    if canary is not None:
        job.left["DeploymentCanarySettings"] = None


def _change_deployment(job: Job) -> None:
    if job.touched("Description"):
        operation = _replace("description", job.wanted.properties.get("Description", ""))
        job.client.update_deployment(**_of_api(job, "deploymentId"), patchOperations=[operation])


def _own_stage(job: Job) -> dict[str, Any] | None:
    """Return the stage that a deployment made, if it still stands on it."""
    name = job.wanted.properties.get("StageName")
    stages = job.client.get_stages(**job.request)["item"] if name else ()
    return next(
        (stage for stage in stages if stage["stageName"] == name and stage["deploymentId"] == job.physical_id),
        None,
    )


def _shown_deployment(job: Job) -> Any:
    stage = _own_stage(job)
    shown = {"StageName": stage["stageName"], "StageDescription": stage} if stage else {}
    return [_plain(job.client.get_deployment(**_of_api(job, "deploymentId"))), shown, job.request]


def _delete_deployment(job: Job, _snapshot: bool) -> None:
    stage = _own_stage(job)
    if stage:
        job.client.delete_stage(**job.request, stageName=stage["stageName"])
    job.client.delete_deployment(**_of_api(job, "deploymentId"))


_SETTINGS = {
    "CacheDataEncrypted": "caching/dataEncrypted",
    "CacheTtlInSeconds": "caching/ttlInSeconds",
    "CachingEnabled": "caching/enabled",
    "DataTraceEnabled": "logging/dataTrace",
    "LoggingLevel": "logging/loglevel",
    "MetricsEnabled": "metrics/enabled",
    "ThrottlingBurstLimit": "throttling/burstLimit",
    "ThrottlingRateLimit": "throttling/rateLimit",
}
_OF_STAGE = {
    "CacheClusterEnabled": ("cacheClusterEnabled", False),
    "CacheClusterSize": ("cacheClusterSize", "0.5"),
    "ClientCertificateId": ("clientCertificateId", ""),
    "DeploymentId": ("deploymentId", ""),
    "Description": ("description", ""),
    "DocumentationVersion": ("documentationVersion", ""),
    "TracingEnabled": ("tracingEnabled", False),
}
"""Where an update finds a property of a stage, and what a removed one goes back to."""
_LATER = ("AccessLogSetting", "ClientCertificateId", "MethodSettings")
"""What only an update of a stage takes."""


def _settings_key(setting: Mapping[str, Any]) -> str:
    path = str(setting.get("ResourcePath", "/*"))
    path = path if path in ("*", "/*") else _escaped(path)
    return f"{path.removeprefix('/')}/{setting.get('HttpMethod', '*')}"


def _stage_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for name, (path, default) in _OF_STAGE.items():
        if before.get(name) != now.get(name):
            yield _replace(path, now.get(name, default))
    yield from _mapped("variables", before.get("Variables"), now.get("Variables"))
    if before.get("AccessLogSetting") != now.get("AccessLogSetting"):
        if before.get("AccessLogSetting"):
            yield {"op": "remove", "path": "/accessLogSettings"}
        for name, value in (now.get("AccessLogSetting") or {}).items():
            yield _replace(f"accessLogSettings/{name[0].lower()}{name[1:]}", value)
    old, new = ({_settings_key(entry): entry for entry in held.get("MethodSettings") or ()} for held in (before, now))
    for key in old:
        if old[key] != new.get(key):
            yield {"op": "remove", "path": f"/{key}"}
    for key, setting in new.items():
        if old.get(key) != setting:
            yield from (_replace(f"{key}/{path}", setting[name]) for name, path in _SETTINGS.items() if name in setting)


def _stage(job: Job) -> None:
    tags = tags_of(job.take("Tags"))
    later = {name: job.take(name) for name in _LATER if name in job.left}
    given = {name: job.take(name) for name in list(job.left)}
    job.request = {"restApiId": str(given["RestApiId"]), "stageName": str(given["StageName"])}
    job.answer = job.call("create_stage", given, **({"tags": tags} if tags else {}))
    job.physical_id = job.request["stageName"]
    _patch_stage(job, list(_stage_changes({}, later)))


def _patch_stage(job: Job, operations: _Operations) -> None:
    if operations:
        job.client.update_stage(**job.request, patchOperations=operations)


def _change_stage(job: Job) -> None:
    if job.touched(*_OF_STAGE, *_LATER, "Variables"):
        _patch_stage(job, list(_stage_changes(job.before, job.wanted.properties)))
    _change_tags(job, f"/restapis/{job.request['restApiId']}/stages/{job.physical_id}")


def _shown_stage(job: Job) -> Any:
    found = _plain(job.client.get_stage(**job.request))
    settings = [
        {"HttpMethod": entry.get("HttpMethod", "*"), "ResourcePath": entry.get("ResourcePath", "/*"), **shown}
        for entry in job.wanted.properties.get("MethodSettings") or ()
        for shown in [found["methodSettings"].get(_settings_key(entry), {})]
    ]
    names = {
        "AccessLogSetting": found.get("accessLogSettings"),
        "MethodSettings": settings,
        "Tags": _as_list(found.get("tags", {})),
        "RestApiId": job.request["restApiId"],
    }
    return [found, names]


def _delete_stage(job: Job, _snapshot: bool) -> None:
    job.client.delete_stage(**job.request)


def _account(job: Job) -> None:
    """Set what the account has for all of its APIs; there is one such resource and nothing that is made."""
    job.physical_id = job.wanted.name
    _set_role(job, str(job.take("CloudWatchRoleArn", "")))


def _set_role(job: Job, arn: str) -> None:
    job.client.update_account(patchOperations=[_replace("cloudwatchRoleArn", arn)])


def _change_account(job: Job) -> None:
    if job.touched("CloudWatchRoleArn"):
        _set_role(job, str(job.wanted.properties.get("CloudWatchRoleArn", "")))


def _shown_account(job: Job) -> Any:
    return [_plain(job.client.get_account())]


def _api_key(job: Job) -> None:
    tags, name = tags_of(job.take("Tags")), str(job.take("Name") or made_up_name(job.wanted, 128))
    given = {prop: job.take(prop) for prop in list(job.left)}
    job.answer = job.call("create_api_key", given, name=name, **({"tags": tags} if tags else {}))
    job.physical_id = job.answer["id"]


_KEY_PARTS = {"CustomerId": "", "Description": "", "Enabled": False}


def _change_api_key(job: Job) -> None:
    now = job.wanted.properties
    operations = [
        _replace(f"{name[0].lower()}{name[1:]}", now.get(name, default))
        for name, default in _KEY_PARTS.items()
        if job.touched(name)
    ]
    if operations:
        job.client.update_api_key(apiKey=job.physical_id, patchOperations=operations)
    _change_tags(job, f"/apikeys/{job.physical_id}")


def _shown_api_key(job: Job) -> Any:
    found = _plain(job.client.get_api_key(apiKey=job.physical_id, includeValue=True))
    keys = [dict(zip(("RestApiId", "StageName"), key.split("/"), strict=True)) for key in found.get("stageKeys", ())]
    return [found, {"Tags": _as_list(found.get("tags", {})), "StageKeys": keys}]


def _validator(job: Job) -> None:
    given = {name: job.take(name) for name in list(job.left)}
    usual = {"Name": made_up_name(job.wanted, 128), "ValidateRequestBody": False, "ValidateRequestParameters": False}
    given = {**usual, **given}
    job.request = {"restApiId": str(given["RestApiId"])}
    job.answer = job.call("create_request_validator", given)
    job.physical_id = job.answer["id"]


def _change_validator(job: Job) -> None:
    now = job.wanted.properties
    operations = [
        _replace(f"{name[0].lower()}{name[1:]}", now.get(name, False))
        for name in ("ValidateRequestBody", "ValidateRequestParameters")
        if job.touched(name)
    ]
    if operations:
        job.client.update_request_validator(**_of_api(job, "requestValidatorId"), patchOperations=operations)


def _shown_validator(job: Job) -> Any:
    return [_plain(job.client.get_request_validator(**_of_api(job, "requestValidatorId"))), job.request]


def _delete_validator(job: Job, _snapshot: bool) -> None:
    job.client.delete_request_validator(**_of_api(job, "requestValidatorId"))


RECIPES = (
    Recipe(
        "AWS::ApiGateway::RestApi",
        "apigateway",
        make=_rest_api,
        delete="delete_rest_api",
        key="restApiId",
        describe=_api_attribute,
        change=_change_api,
        show=(_shown_api,),
        hidden=("FailOnWarnings", "Mode", "Parameters"),
        ignored=("FailOnWarnings", "Mode"),
    ),
    Recipe(
        "AWS::ApiGateway::Resource",
        "apigateway",
        make=_resource,
        describe=lambda job, name: {"ResourceId": job.physical_id}[name],
        remove=_delete_resource,
        show=(_shown_resource,),
    ),
    Recipe(
        "AWS::ApiGateway::Method",
        "apigateway",
        make=_method,
        remove=_delete_method,
        change=_change_method,
        show=(_shown_method,),
    ),
    Recipe(
        "AWS::ApiGateway::Deployment",
        "apigateway",
        make=_deployment,
        describe=lambda job, name: {"DeploymentId": job.physical_id}[name],
        remove=_delete_deployment,
        change=_change_deployment,
        show=(_shown_deployment,),
    ),
    Recipe(
        "AWS::ApiGateway::Stage",
        "apigateway",
        make=_stage,
        remove=_delete_stage,
        change=_change_stage,
        show=(_shown_stage,),
    ),
    Recipe(
        "AWS::ApiGateway::Account",
        "apigateway",
        make=_account,
        describe=lambda job, name: {"Id": job.physical_id}[name],
        change=_change_account,
        show=(_shown_account,),
    ),
    Recipe(
        "AWS::ApiGateway::ApiKey",
        "apigateway",
        make=_api_key,
        delete="delete_api_key",
        key="apiKey",
        describe=lambda job, name: {"APIKeyId": job.physical_id}[name],
        change=_change_api_key,
        show=(_shown_api_key,),
        hidden=("GenerateDistinctId",),
    ),
    Recipe(
        "AWS::ApiGateway::RequestValidator",
        "apigateway",
        make=_validator,
        describe=lambda job, name: {"RequestValidatorId": job.physical_id}[name],
        remove=_delete_validator,
        change=_change_validator,
        show=(_shown_validator,),
    ),
)
