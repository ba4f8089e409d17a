"""Lambda: the parts of a function's configuration that moto takes and forgets, and where a function's network is."""

from __future__ import annotations

import uuid
from typing import Any

from moto.awslambda import models as _models
from moto.ec2.models import ec2_backends

from stackproof.simulate.additions.keeping import Item

# moto is typed in parts; its internals are what the contract test says, not what its annotations say.
models: Any = _models

_FORGOTTEN = ("DeadLetterConfig", "DurableConfig", "FileSystemConfigs", "LoggingConfig", "SnapStart", "TenancyConfig")
"""Parts that moto takes when a function is made or changed."""

_make = models.LambdaFunction.__init__
_known = models.LambdaFunction.get_configuration
_update = models.LambdaFunction.update_configuration
_update_code = models.LambdaFunction.update_function_code
_publish = models.LambdaStorage.publish_version
_known_mapping = models.EventSourceMapping.get_configuration
_known_address = models.FunctionUrlConfig.to_dict
_update_address = models.FunctionUrlConfig.update
_put = models.LambdaBackend.put_function_event_invoke_config


def _made(function: Any, account_id: str, spec: Item, region: str, version: str | int = 1) -> None:
    _make(function, account_id, spec, region, version)
    function.further = {name: spec[name] for name in _FORGOTTEN if name in spec}
    function.revision_id = str(uuid.uuid4())


def _configuration(function: Any, on_create: bool = False) -> Item:
    found: Item = _known(function, on_create)
    given = vars(function).get("further", {})
    logging = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{function.function_name}"}
    found |= {name: value for name, value in given.items() if value and value != {"TargetArn": ""}}
    found["LoggingConfig"] = logging | given.get("LoggingConfig", {})
    snapshot = given.get("SnapStart", {}).get("ApplyOn", "None")
    taken = snapshot != "None" and str(function.version) != "$LATEST"
    found["SnapStart"] = {"ApplyOn": snapshot, "OptimizationStatus": "On" if taken else "Off"}
    found["RevisionId"] = vars(function).get("revision_id", "")
    if "FileSystemConfigs" in found and not found["FileSystemConfigs"]:
        found.pop("FileSystemConfigs")
    return {name: value for name, value in found.items() if value is not None}


def _updated(function: Any, updates: Item) -> Item:
    updates = dict(updates)
    if "Environment" in updates:
        updates["Environment"] = {"Variables": {}, **(updates["Environment"] or {})}
    function.further = {
        **vars(function).get("further", {}),
        **{name: updates[name] for name in _FORGOTTEN if name in updates},
    }
    if "KMSKeyArn" in updates:
        function.kms_key_arn = updates["KMSKeyArn"] or None
    if "TracingConfig" in updates:
        function.tracing_config = updates["TracingConfig"]
    if "EphemeralStorage" in updates:
        function.ephemeral_storage = updates["EphemeralStorage"]["Size"]
    if "ImageConfig" in updates:
        function.image_config = models.ImageConfig(updates["ImageConfig"])
    function.revision_id = str(uuid.uuid4())
    _update(function, updates)
    return _configuration(function)


def _network(function: Any) -> Item | None:
    """Return where a function stands, with the network of its subnets."""
    config = dict(function._vpc_config or {})
    if not config.get("SubnetIds"):
        return None
    found = ec2_backends[function.account_id][function.region].describe_subnets(subnet_ids=config["SubnetIds"])
    return {**config, "VpcId": found[0].vpc_id}


def _new_code(function: Any, updates: Item) -> Item:
    if updates.get("Architectures"):
        function.architectures = updates["Architectures"]
    found: Item = _update_code(function, updates)
    return found


def _published(storage: Any, name_or_arn: str, description: str = "") -> Any:
    """Publish a version; what is published once is not published again before something changes."""
    version = _publish(storage, name_or_arn, description)
    if version is not None:
        storage._functions[version.function_name]["latest"].code_or_config_updated = False
    return version


def _mapping(mapping: Any) -> Item:
    return {"MaximumBatchingWindowInSeconds": 0, **_known_mapping(mapping)}


def _address(url: Any) -> Item:
    mode = url.config.get("InvokeMode") or "BUFFERED"
    found: Item = {**_known_address(url), "InvokeMode": mode, "FunctionUrl": f"{url.url}/"}
    return {name: value for name, value in found.items() if value}


def _new_address(url: Any, updates: Item) -> None:
    """Change an address; what the request says of CORS is all there is of it."""
    _update_address(url, updates)
    url.config |= {name: updates[name] for name in ("Cors", "InvokeMode") if name in updates}


def _put_invocation(backend: Any, function_name: str, config: Item) -> Item:
    """Overwrite how a function is invoked; moto would keep the old way before the new one."""
    backend.get_function(function_name).event_invoke_config.clear()
    found: Item = _put(backend, function_name, config)
    return found


PATCHES = (
    (models.EventSourceMapping, "get_configuration", _mapping),
    (models.FunctionUrlConfig, "to_dict", _address),
    (models.FunctionUrlConfig, "update", _new_address),
    (models.LambdaBackend, "put_function_event_invoke_config", _put_invocation),
    (models.LambdaFunction, "__init__", _made),
    (models.LambdaFunction, "get_configuration", _configuration),
    (models.LambdaFunction, "update_configuration", _updated),
    (models.LambdaFunction, "update_function_code", _new_code),
    (models.LambdaFunction, "vpc_config", property(_network)),
    (models.LambdaStorage, "publish_version", _published),
)
