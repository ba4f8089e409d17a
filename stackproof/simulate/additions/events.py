"""EventBridge: changes of event buses and archives, what connections do not tell, and whom a bus lets in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stackproof.simulate.additions.keeping import Item, Method, Refused, Response

_OF_BUS = {
    "Description": "description",
    "KmsKeyIdentifier": "kms_key_identifier",
    "DeadLetterConfig": "dead_letter_config",
    "LogConfig": "log_config",
}
_OF_CONNECTION = ("InvocationConnectivityParameters", "KmsKeyIdentifier")
_SECRETS = ("ApiKeyValue", "Password", "ClientSecret")


def _json(answer: Any) -> Item:
    """Return what an operation of moto answers, which is text with or without headers."""
    return dict(json.loads(answer[0] if isinstance(answer, tuple) else answer))


def _create_event_bus(response: Response, request: Item) -> Any:
    answer = _json(response.create_event_bus())
    response.events_backend.describe_event_bus(request["Name"]).log_config = request.get("LogConfig")
    return answer


def _describe_event_bus(response: Response, request: Item) -> Any:
    bus = response.events_backend.describe_event_bus(request.get("Name") or "default")
    logs = getattr(bus, "log_config", None)
    return {**_json(response.describe_event_bus()), **({"LogConfig": logs} if logs else {})}


def _update_event_bus(response: Response, request: Item) -> Any:
    """Change what is named; a text or structure that is empty is taken away."""
    bus = response.events_backend.describe_event_bus(request.get("Name") or "default")
    for name, attribute in _OF_BUS.items():
        if name in request:
            setattr(bus, attribute, request[name] or None)
    shown = {name: getattr(bus, attribute, None) for name, attribute in _OF_BUS.items()}
    return {"Arn": bus.arn, "Name": bus.name, **{name: value for name, value in shown.items() if value}}


def _put_permission(response: Response, request: Item) -> Any:
    """Let somebody in; everybody is a star, not the root of an account that is called so."""
    response.put_permission()
    bus = response.events_backend.describe_event_bus(request.get("EventBusName") or "default")
    if request.get("Principal") == "*":
        bus._statements[request["StatementId"]].principal = "*"
    return {}


def _create_connection(response: Response, request: Item) -> Any:
    if request["Name"] in response.events_backend.connections:
        raise Refused("ResourceAlreadyExistsException", f"Connection {request['Name']} already exists.")
    answer = _json(response.create_connection())
    _keep(response, request)
    return answer


def _keep(response: Response, request: Item) -> None:
    kept = vars(response.events_backend.connections[request["Name"]]).setdefault("more", {})
    kept |= {name: request[name] for name in _OF_CONNECTION if name in request}


def _update_connection(response: Response, request: Item) -> Any:
    answer = _json(response.update_connection())
    _keep(response, request)
    return answer


def _describe_connection(response: Response, request: Item) -> Any:
    """Describe a connection without its secrets, which only Secrets Manager tells."""
    answer = _json(response.describe_connection())
    more = getattr(response.events_backend.connections[request["Name"]], "more", {})
    return {**_open(answer), **{name: value for name, value in more.items() if value}}


def _open(value: Any) -> Any:
    if isinstance(value, list):
        return [_open(item) for item in value]
    if not isinstance(value, dict):
        return value
    secret = {"Value"} if value.get("IsValueSecret") else set()
    return {name: _open(child) for name, child in value.items() if name not in {*_SECRETS, *secret}}


def _create_api_destination(response: Response, request: Item) -> Any:
    if request["Name"] in response.events_backend.destinations:
        raise Refused("ResourceAlreadyExistsException", f"An api-destination {request['Name']} already exists.")
    return _json(response.create_api_destination())


def _create_archive(response: Response, request: Item) -> Any:
    answer = _json(response.create_archive())
    response.events_backend.archives[request["ArchiveName"]].key = request.get("KmsKeyIdentifier")
    return answer


def _update_archive(response: Response, request: Item) -> Any:
    """Change what is named; moto passes over a text that is empty and a retention of zero days, which is for ever."""
    answer = _json(response.update_archive())
    archive = response.events_backend.archives[request["ArchiveName"]]
    archive.description = request.get("Description", archive.description)
    archive.retention = request.get("RetentionDays", archive.retention)
    archive.key = request.get("KmsKeyIdentifier", getattr(archive, "key", None))
    if request.get("EventPattern") == "":
        archive.event_pattern = type(archive.event_pattern).load(None)
    return answer


def _describe_archive(response: Response, request: Item) -> Any:
    answer = _json(response.describe_archive())
    key = getattr(response.events_backend.archives[request["ArchiveName"]], "key", None)
    return {**answer, **({"KmsKeyIdentifier": key} if key else {})}


METHODS: Mapping[tuple[str, str], Method] = {
    ("events", name): method
    for name, method in {
        "CreateEventBus": _create_event_bus,
        "UpdateEventBus": _update_event_bus,
        "DescribeEventBus": _describe_event_bus,
        "PutPermission": _put_permission,
        "CreateConnection": _create_connection,
        "UpdateConnection": _update_connection,
        "DescribeConnection": _describe_connection,
        "CreateApiDestination": _create_api_destination,
        "CreateArchive": _create_archive,
        "UpdateArchive": _update_archive,
        "DescribeArchive": _describe_archive,
    }.items()
}
