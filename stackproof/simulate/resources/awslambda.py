"""Lambda: functions and their versions, aliases, layers, addresses and permissions, and what sends them events."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from stackproof.simulate.modify import changed_tags, modify, request
from stackproof.simulate.recipe import Job, Recipe, made_up_name, tags_of


def _code(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return a function's code as the API takes it: text becomes the one file of an archive, as CloudFormation does."""
    code = dict(properties["Code"])
    if "ZipFile" in code:
        ending = "js" if str(properties.get("Runtime", "")).startswith("nodejs") else "py"
        code["ZipFile"] = _archive(f"index.{ending}", str(code["ZipFile"]))
    return code


def _archive(name: str, text: str) -> bytes:
    """Return an archive of one file; the same text gives the same bytes."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text)
    return held.getvalue()


_NAMES = {"KmsKeyArn": "KMSKeyArn"}


def _function(job: Job) -> None:
    code, tags, reserved = _code(job.left), tags_of(job.take("Tags")), job.take("ReservedConcurrentExecutions")
    job.take("Code")
    name = str(job.take("FunctionName") or made_up_name(job.wanted, 64))
    given = {_NAMES.get(prop, prop): job.take(prop) for prop in list(job.left)}
    further = {"Tags": tags} if tags else {}
    job.answer = job.call("create_function", given, FunctionName=name, Code=code, **further)
    job.left = {{"KMSKeyArn": "KmsKeyArn"}.get(path, path): None for path in job.left}
    job.physical_id = name
    if reserved is not None:
        job.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=int(reserved))


_DEFAULTS: dict[str, Any] = {
    "DeadLetterConfig": {"TargetArn": ""},
    "Description": "",
    "Environment": {"Variables": {}},
    "EphemeralStorage": {"Size": 512},
    "FileSystemConfigs": [],
    "ImageConfig": {},
    "KmsKeyArn": "",
    "Layers": [],
    "LoggingConfig": {"LogFormat": "Text"},
    "MemorySize": 128,
    "SnapStart": {"ApplyOn": "None"},
    "Timeout": 3,
    "TracingConfig": {"Mode": "PassThrough"},
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
}
"""What a removed property goes back to."""
_NEVER_GONE = ("Handler", "Role", "Runtime")


def _change_function(job: Job) -> None:
    now, own = job.wanted.properties, {"FunctionName": job.physical_id}
    kept = {name: now[name] for name in _NEVER_GONE if name in now}
    new_code = job.touched("Code", "Architectures")
    modify(job, "update_function_configuration", {**_DEFAULTS, **kept}, _NAMES, **own)
    if new_code:
        architectures = now.get("Architectures", ["x86_64"])
        code = request(job, "update_function_code", {"Architectures": architectures})
        given = {name: value for name, value in _code(now).items() if name != "ZipFile"}
        code |= request(job, "update_function_code", given)
        archive = {"ZipFile": _code(now)["ZipFile"]} if "ZipFile" in now["Code"] else {}
        job.client.update_function_code(**own, **code, **archive)
    if job.touched("ReservedConcurrentExecutions"):
        reserved = now.get("ReservedConcurrentExecutions")
        if reserved is None:
            job.client.delete_function_concurrency(**own)
        else:
            job.client.put_function_concurrency(**own, ReservedConcurrentExecutions=int(reserved))
    changed, gone = changed_tags(job)
    if gone:
        job.client.untag_resource(Resource=job.answer["FunctionArn"], TagKeys=gone)
    if changed:
        job.client.tag_resource(Resource=job.answer["FunctionArn"], Tags=changed)


def _shown_function(job: Job) -> Any:
    found = job.client.get_function(FunctionName=job.physical_id)
    found.pop("ResponseMetadata")
    config = found["Configuration"]
    sha = config["CodeSha256"]
    names = {
        "KmsKeyArn": config.get("KMSKeyArn"),
        "Layers": [layer["Arn"] for layer in config.get("Layers", ())],
        "ImageConfig": config.get("ImageConfigResponse", {}).get("ImageConfig"),
        "Code": {**job.wanted.properties["Code"]} if sha == _sha(job) else {},
    }
    return [found, names]


def _sha(job: Job) -> str:
    """Return the digest that a function's code has if the service took it, where only the service can tell."""
    code = _code(job.wanted.properties)
    if "ZipFile" in code:
        return base64.b64encode(hashlib.sha256(code["ZipFile"]).digest()).decode()
    return str(job.client.get_function_configuration(FunctionName=job.physical_id)["CodeSha256"])


def _function_attribute(job: Job, name: str) -> Any:
    config = job.client.get_function_configuration(FunctionName=job.physical_id)
    snapshot = config["SnapStart"]
    return {
        "Arn": config["FunctionArn"],
        "SnapStartResponse": snapshot,
        "SnapStartResponse.ApplyOn": snapshot["ApplyOn"],
        "SnapStartResponse.OptimizationStatus": snapshot["OptimizationStatus"],
    }[name]


def _qualified(name: str) -> dict[str, str]:
    """Return a function's name, and its version or alias, of what may be both in one text."""
    parts = name.split(":")
    place = 7 if name.startswith("arn:") else 1
    if len(parts) > place:
        return {"FunctionName": ":".join(parts[:place]), "Qualifier": parts[place]}
    return {"FunctionName": name}


def _permission(job: Job) -> None:
    job.physical_id = job.wanted.name
    job.request = _qualified(str(job.take("FunctionName")))
    given = {name: job.take(name) for name in list(job.left)}
    job.call("add_permission", given, **job.request, StatementId=job.physical_id)


def _shown_permission(job: Job) -> Any:
    text = job.client.get_policy(**job.request)["Policy"]
    found = [statement for statement in json.loads(text)["Statement"] if statement["Sid"] == job.physical_id]
    conditions = {
        key.rpartition(":")[2]: value
        for statement in found
        for condition in statement.get("Condition", {}).values()
        for key, value in condition.items()
    }
    named = str(job.wanted.properties["FunctionName"])
    return [
        found,
        conditions,
        *({"FunctionName": named} for entry in found if named.rpartition("/")[2] in entry["Resource"]),
    ]


def _remove_permission(job: Job, _snapshot: bool) -> None:
    job.client.remove_permission(**job.request, StatementId=job.physical_id)


def _version(job: Job) -> None:
    own = {"FunctionName": str(job.take("FunctionName"))}
    before = {found["Version"] for found in job.client.list_versions_by_function(**own)["Versions"]}
    given: dict[str, Any] = {name: job.take(name) for name in ("Description", "CodeSha256") if name in job.left}
    job.answer = job.call("publish_version", given, **own)
    version = job.answer["Version"]
    if version in before:
        raise ValueError(
            f"A version for this Lambda function exists ( {version} ). Modify the function to create a new version."
        )
    job.physical_id = job.answer["FunctionArn"]


def _shown_version(job: Job) -> Any:
    config = job.client.get_function_configuration(FunctionName=job.physical_id)
    config.pop("ResponseMetadata")
    return [config, {"FunctionName": job.wanted.properties["FunctionName"]}]


def _remove_version(job: Job, _snapshot: bool) -> None:
    job.client.delete_function(**_qualified(job.physical_id))


def _routing(value: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return where an alias leads as the API has it: a weight for each further version."""
    weights = (value or {}).get("AdditionalVersionWeights", ())
    return {"AdditionalVersionWeights": {entry["FunctionVersion"]: entry["FunctionWeight"] for entry in weights}}


def _alias(job: Job) -> None:
    job.request = {"FunctionName": str(job.take("FunctionName")), "Name": str(job.take("Name"))}
    given: dict[str, Any] = {name: job.take(name) for name in ("Description", "FunctionVersion") if name in job.left}
    if "RoutingConfig" in job.left:
        given["RoutingConfig"] = _routing(job.take("RoutingConfig"))
    job.answer = job.call("create_alias", given, **job.request)
    job.physical_id = job.answer["AliasArn"]


def _change_alias(job: Job) -> None:
    now = job.wanted.properties
    if job.touched("Description", "FunctionVersion", "RoutingConfig"):
        given = {"Description": now.get("Description", ""), "FunctionVersion": now["FunctionVersion"]}
        given = request(job, "update_alias", {**given, "RoutingConfig": _routing(now.get("RoutingConfig"))})
        job.client.update_alias(**job.request, **given)


def _shown_alias(job: Job) -> Any:
    found = job.client.get_alias(**job.request)
    weights = found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    routing = [{"FunctionVersion": version, "FunctionWeight": weight} for version, weight in weights.items()]
    shown = {name: found.get(name, "") for name in ("AliasArn", "Description", "FunctionVersion", "Name")}
    named = {"FunctionName": job.request["FunctionName"]}
    return [{**shown, **named, "RoutingConfig": {"AdditionalVersionWeights": routing}}]


def _remove_alias(job: Job, _snapshot: bool) -> None:
    job.client.delete_alias(**job.request)


_OF_MAPPING: dict[str, Any] = {
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {},
    "Enabled": True,
    "FilterCriteria": {},
    "FunctionResponseTypes": [],
    "KmsKeyArn": "",
    "MaximumBatchingWindowInSeconds": 0,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "MetricsConfig": {"Metrics": []},
    "ParallelizationFactor": 1,
    "ProvisionedPollerConfig": {},
    "ScalingConfig": {},
    "SourceAccessConfigurations": [],
    "TumblingWindowInSeconds": 0,
}
"""What a removed property of an event source mapping goes back to."""


def _mapping(job: Job) -> None:
    tags = tags_of(job.take("Tags"))
    given = {_NAMES.get(name, name): job.take(name) for name in list(job.left)}
    job.answer = job.call("create_event_source_mapping", given, **({"Tags": tags} if tags else {}))
    job.physical_id = job.answer["UUID"]


def _change_mapping(job: Job) -> None:
    now = job.wanted.properties
    source = str(now["EventSourceArn"]).split(":")[2]
    usual = {**_OF_MAPPING, "BatchSize": 10 if source == "sqs" else 100, "FunctionName": now["FunctionName"]}
    modify(job, "update_event_source_mapping", usual, _NAMES, UUID=job.physical_id)


def _shown_mapping(job: Job) -> Any:
    found = job.client.get_event_source_mapping(UUID=job.physical_id)
    found.pop("ResponseMetadata")
    named = str(job.wanted.properties["FunctionName"])
    tags = [{"Key": key, "Value": text} for key, text in found.get("Tags", {}).items()]
    names = {"Enabled": found["State"] == "Enabled", "KmsKeyArn": found.get("KMSKeyArn"), "Tags": tags}
    return [found, names, *([{"FunctionName": named}] if str(found["FunctionArn"]).endswith(named) else [])]


def _layer(job: Job) -> None:
    name = str(job.take("LayerName") or made_up_name(job.wanted, 140))
    given = {prop: job.take(prop) for prop in list(job.left)}
    job.answer = job.call("publish_layer_version", given, LayerName=name)
    job.physical_id = job.answer["LayerVersionArn"]


def _of_layer(job: Job) -> dict[str, Any]:
    arn = str(job.wanted.properties.get("LayerVersionArn", job.physical_id))
    *_, name, version = arn.split(":")
    return {"LayerName": name, "VersionNumber": int(version)}


def _shown_layer(job: Job) -> Any:
    found = job.client.get_layer_version(**_of_layer(job))
    found.pop("ResponseMetadata")
    return [found, {"LayerName": job.physical_id.split(":")[-2]}]


def _remove_layer(job: Job, _snapshot: bool) -> None:
    job.client.delete_layer_version(**_of_layer(job))


def _layer_permission(job: Job) -> None:
    arn = job.take("LayerVersionArn")
    given = {name: job.take(name) for name in list(job.left)}
    job.call("add_layer_version_permission", given, **_of_layer(job), StatementId=job.wanted.name)
    job.physical_id = f"{arn}#{job.wanted.name}"


def _shown_layer_permission(job: Job) -> Any:
    policy = json.loads(job.client.get_layer_version_policy(**_of_layer(job))["Policy"])
    name = job.physical_id.rpartition("#")[2]
    return [[entry for entry in policy["Statement"] if entry["Sid"] == name]]


def _remove_layer_permission(job: Job, _snapshot: bool) -> None:
    name = job.physical_id.rpartition("#")[2]
    job.client.remove_layer_version_permission(**_of_layer(job), StatementId=name)


_CORS = ("AuthType", "Cors", "InvokeMode")


def _url(job: Job) -> None:
    own = _qualified(str(job.take("TargetFunctionArn")))
    if "Qualifier" in job.left:
        own["Qualifier"] = str(job.take("Qualifier"))
    given = {name: job.take(name) for name in list(job.left)}
    job.request = own
    job.answer = job.call("create_function_url_config", given, **own)
    job.physical_id = job.answer["FunctionArn"]


def _change_url(job: Job) -> None:
    modify(
        job,
        "update_function_url_config",
        {"AuthType": job.wanted.properties["AuthType"], "Cors": {}, "InvokeMode": "BUFFERED"},
        **job.request,
    )


def _shown_url(job: Job) -> Any:
    found = job.client.get_function_url_config(**job.request)
    shown = {name: found.get(name) for name in ("FunctionUrl", "FunctionArn", *_CORS)}
    return [
        {**shown, "InvokeMode": str(found.get("InvokeMode", "")).upper()},
        job.request,
        {"TargetFunctionArn": job.wanted.properties["TargetFunctionArn"]},
    ]


def _url_attribute(job: Job, name: str) -> Any:
    return {"FunctionUrl": job.answer["FunctionUrl"], "FunctionArn": job.physical_id}[name]


def _remove_url(job: Job, _snapshot: bool) -> None:
    job.client.delete_function_url_config(**job.request)


def _invocation(job: Job) -> None:
    own = {"FunctionName": str(job.take("FunctionName")), "Qualifier": str(job.take("Qualifier"))}
    given = {name: job.take(name) for name in list(job.left)}
    job.request = own
    job.answer = job.call("put_function_event_invoke_config", given, **own)
    job.physical_id = "|".join(own.values())


def _shown_invocation(job: Job) -> Any:
    found = job.client.get_function_event_invoke_config(**job.request)
    return [{name: value for name, value in found.items() if name != "ResponseMetadata"}, job.request]


def _remove_invocation(job: Job, _snapshot: bool) -> None:
    job.client.delete_function_event_invoke_config(**job.request)


RECIPES = (
    Recipe(
        "AWS::Lambda::Function",
        "lambda",
        make=_function,
        delete="delete_function",
        key="FunctionName",
        describe=_function_attribute,
        change=_change_function,
        show=(_shown_function,),
    ),
    Recipe(
        "AWS::Lambda::Permission",
        "lambda",
        make=_permission,
        describe=lambda job, name: {"Id": job.physical_id}[name],
        remove=_remove_permission,
        show=(_shown_permission,),
    ),
    Recipe(
        "AWS::Lambda::Version",
        "lambda",
        make=_version,
        attributes={"Version": "Version", "FunctionArn": "FunctionArn"},
        remove=_remove_version,
        show=(_shown_version,),
    ),
    Recipe(
        "AWS::Lambda::Alias",
        "lambda",
        make=_alias,
        attributes={"AliasArn": "AliasArn"},
        remove=_remove_alias,
        change=_change_alias,
        show=(_shown_alias,),
    ),
    Recipe(
        "AWS::Lambda::EventSourceMapping",
        "lambda",
        make=_mapping,
        delete="delete_event_source_mapping",
        key="UUID",
        attributes={"Id": "UUID", "EventSourceMappingArn": "EventSourceMappingArn"},
        change=_change_mapping,
        show=(_shown_mapping,),
    ),
    Recipe(
        "AWS::Lambda::LayerVersion",
        "lambda",
        make=_layer,
        attributes={"LayerVersionArn": "LayerVersionArn"},
        remove=_remove_layer,
        show=(_shown_layer,),
        hidden=("Content",),
    ),
    Recipe(
        "AWS::Lambda::LayerVersionPermission",
        "lambda",
        make=_layer_permission,
        describe=lambda job, name: {"Id": job.physical_id}[name],
        remove=_remove_layer_permission,
        show=(_shown_layer_permission,),
        hidden=("LayerVersionArn",),
    ),
    Recipe(
        "AWS::Lambda::Url",
        "lambda",
        make=_url,
        describe=_url_attribute,
        remove=_remove_url,
        change=_change_url,
        show=(_shown_url,),
    ),
    Recipe(
        "AWS::Lambda::EventInvokeConfig",
        "lambda",
        make=_invocation,
        put=True,
        remove=_remove_invocation,
        show=(_shown_invocation,),
    ),
)
