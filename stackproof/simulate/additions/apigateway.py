"""API Gateway: parts of APIs, stages and methods that moto takes and forgets, and the changes it passes over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.apigateway import models as _models

from stackproof.simulate.additions.keeping import Item, Method, Response

# moto is typed in parts; its internals are what the contract test says, not what its annotations say.
models: Any = _models

_PLAIN = {
    "name": "name",
    "description": "description",
    "apiKeySource": "api_key_source",
    "policy": "policy",
}


def _patch_api(api: Any, operations: list[Item]) -> None:
    """Change an API by patch operations, as the service describes them."""
    for operation in operations:
        _, name, *rest = operation["path"].split("/")
        value, is_removal = operation.get("value"), operation["op"] == "remove"
        if name in _PLAIN:
            setattr(api, _PLAIN[name], None if is_removal else value or None)
        elif name == "minimumCompressionSize":
            api.minimum_compression_size = int(value) if value else None
        elif name == "disableExecuteApiEndpoint":
            api.disableExecuteApiEndpoint = str(value).lower() == "true"
        elif name == "binaryMediaTypes":
            _one_of(api.binaryMediaTypes, rest[0].replace("~1", "/"), is_removal)
        elif name == "endpointConfiguration" and rest[0] == "types":
            api.endpoint_configuration = {**api.endpoint_configuration, "types": [value]}
        elif name == "endpointConfiguration":
            listed = api.endpoint_configuration.setdefault("vpcEndpointIds", [])
            _one_of(listed, str(value), is_removal)


def _one_of(listed: list[str], value: str, is_removal: bool) -> None:
    if value in listed:
        listed.remove(value)
    if not is_removal:
        listed.append(value)


def _create_rest_api(response: Response, request: Item) -> Any:
    answer = response.create_rest_api()
    if answer[0] >= 300:
        return answer
    api = response.backend.get_rest_api(json.loads(answer[2])["id"])
    api.binaryMediaTypes = list(request.get("binaryMediaTypes", ()))
    api.version = request.get("version")
    return {**api.to_dict(), "createdDate": api.create_date}


_FURTHER = ("clientCertificateId", "documentationVersion")

_known_stage = models.Stage.to_json
_patch = models.Stage.apply_operations


def _stage(stage: Any) -> Item:
    usual = {"cacheClusterStatus": "NOT_AVAILABLE", "tracingEnabled": False}
    return {**usual, **_known_stage(stage), **vars(stage).get("further", {})}


def _patch_stage(stage: Any, operations: list[Item]) -> Any:
    """Change a stage by patch operations, those too that moto passes over."""
    further: Item = vars(stage).setdefault("further", {})
    for operation in operations:
        name = operation["path"].removeprefix("/")
        if name in _FURTHER:
            further[name] = operation.get("value") or None
        elif operation["op"] == "remove" and name in stage.method_settings:
            stage.method_settings.pop(name)
        else:
            _patch(stage, [operation])
    return stage


def _create_stage(response: Response, request: Item) -> Any:
    response.create_stage()
    stage = response.backend.get_stage(request["restApiId"], request["stageName"])
    stage.further = {name: request[name] for name in _FURTHER if name in request}
    return _stage(stage)


def _update_deployment(response: Response, request: Item) -> Any:
    deployment = response.backend.get_rest_api(request["restApiId"]).get_deployment(request["deploymentId"])
    for operation in request["patchOperations"]:
        if operation["path"] == "/description":
            deployment.description = operation.get("value") or None
    return {"id": deployment.id, "description": deployment.description, "createdDate": deployment.created_date}


_known_integration = models.Integration.to_json


def _integration(integration: Any) -> Item:
    found: Item = {**_known_integration(integration), **vars(integration).get("further", {})}
    return {name: value for name, value in found.items() if value is not None}


def _put_integration(response: Response, request: Item) -> Any:
    response.put_integration()
    resource = response.backend.get_resource(request["restApiId"], request["resourceId"])
    integration = resource.get_method(request["httpMethod"]).method_integration
    integration.further = {name: request[name] for name in ("cacheKeyParameters", "connectionId") if name in request}
    return _integration(integration)


def _delete_deployment(api: Any, deployment_id: str) -> Any:
    """Remove a deployment; what keeps it is a stage that stands on it now, not one that once did."""
    deployment = api.deployments.get(deployment_id)
    if deployment is None:
        raise models.DeploymentNotFoundException()
    if any(stage.deployment_id == deployment_id for stage in api.stages.values()):
        raise models.StageStillActive()
    return api.deployments.pop(deployment_id)


_import = models.APIGatewayBackend.import_rest_api


def _import_rest_api(backend: Any, api_doc: Item, fail_on_warnings: bool) -> Any:
    """Import an API; moto wants a description of it, which OpenAPI does not."""
    info = {"description": "", **api_doc["info"]}
    return _import(backend, {**api_doc, "info": info}, fail_on_warnings)


def _tagged(response: Response, request: Item) -> dict[str, str]:
    """Return the tags of what an ARN names: an API, a stage, a key, or a usage plan."""
    _, kind, name, *rest = request["resourceArn"].split(":", 5)[5].split("/")
    backend = response.backend
    if kind == "restapis":
        thing = backend.get_stage(name, rest[1]) if rest else backend.get_rest_api(name)
    else:
        thing = backend.get_api_key(name) if kind == "apikeys" else backend.get_usage_plan(name)
    thing.tags = thing.tags or {}
    found: dict[str, str] = thing.tags
    return found


def _get_tags(response: Response, request: Item) -> Any:
    return {"tags": _tagged(response, request)}


def _tag(response: Response, request: Item) -> Any:
    _tagged(response, request).update(request["tags"])
    return {}


def _untag(response: Response, request: Item) -> Any:
    tags = _tagged(response, request)
    for key in request["tagKeys"]:
        tags.pop(key, None)
    return {}


_patch_authorizer = models.Authorizer.apply_operations


def _authorizer(authorizer: Any, operations: list[Item]) -> Any:
    """Change an authorizer, its user pools too."""
    for operation in operations:
        if operation["path"] != "/providerARNs":
            _patch_authorizer(authorizer, [operation])
            continue
        authorizer.provider_arns = list(authorizer.provider_arns or ())
        _one_of(authorizer.provider_arns, operation["value"], operation["op"] == "remove")
    return authorizer


def _update_model(response: Response, request: Item) -> Any:
    model = response.backend.get_model(request["restApiId"], request["modelName"])
    for operation in request["patchOperations"]:
        setattr(model, operation["path"].removeprefix("/"), operation.get("value", ""))
    return model.to_json()


_patch_plan = models.UsagePlan.apply_patch_operations


def _plan(plan: Any, operations: list[Item]) -> None:
    """Change a usage plan; what it allows stays a number."""
    _patch_plan(plan, operations)
    for limits in (plan.quota, plan.throttle):
        limits |= {
            name: float(value) if name == "rateLimit" else int(value)
            for name, value in limits.items()
            if name != "period"
        }


METHODS: Mapping[tuple[str, str], Method] = {
    ("apigateway", "CreateRestApi"): _create_rest_api,
    ("apigateway", "CreateStage"): _create_stage,
    ("apigateway", "GetTags"): _get_tags,
    ("apigateway", "PutIntegration"): _put_integration,
    ("apigateway", "TagResource"): _tag,
    ("apigateway", "UntagResource"): _untag,
    ("apigateway", "UpdateDeployment"): _update_deployment,
    ("apigateway", "UpdateModel"): _update_model,
}

PATCHES = (
    (models.APIGatewayBackend, "import_rest_api", _import_rest_api),
    (models.Authorizer, "apply_operations", _authorizer),
    (models.Integration, "to_json", _integration),
    (models.RestAPI, "apply_patch_operations", _patch_api),
    (models.RestAPI, "delete_deployment", _delete_deployment),
    (models.Stage, "apply_operations", _patch_stage),
    (models.Stage, "to_json", _stage),
    (models.UsagePlan, "apply_patch_operations", _plan),
)
