"""Route 53: changes of records as a whole, health checks that forget, and the query logs of one zone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.core.utils import utcnow
from moto.route53 import models as _models

from stackproof.simulate.additions.keeping import Item, Method, Refused, Response

# moto is typed in parts; its internals are what the contract test says, not what its annotations say.
models: Any = _models

_LATER = {"CidrRoutingConfig": "cidr_routing_config", "GeoProximityLocation": "geo_proximity_location"}
"""Members of a record that moto does not know, by what a record object would call them."""


def _full(name: str) -> str:
    return f"{name.rstrip('.').lower()}."


def _key(name: str, kind: str, identifier: str | None) -> tuple[str, str, str]:
    return _full(name), kind, identifier or ""


def _record_key(record: Any) -> tuple[str, str, str]:
    return _key(record.name, record.type, record.set_identifier)


def _change_records(response: Response, request: Item) -> Any:
    """Carry out all changes or none of them, each on the one record that has its name, type and identifier."""
    zone = response.backend.get_hosted_zone(request["HostedZoneId"])
    records = {_record_key(record): record for record in zone.rrsets}
    wrong = [
        text
        for change in request["ChangeBatch"]["Changes"]
        for text in [_carry_out(change["Action"], change["ResourceRecordSet"], records, zone.name)]
        if text
    ]
    if wrong:
        raise Refused("InvalidChangeBatch", f"[{', '.join(wrong)}]")
    zone.rrsets = list(records.values())
    changed = {"Id": "/change/C2682N5HXP0BZ4", "Status": "INSYNC", "SubmittedAt": utcnow()}
    return {"ChangeInfo": changed}


def _carry_out(action: str, wanted: Item, records: dict[tuple[str, str, str], Any], zone: str) -> str:
    """Change the records and return nothing, or what is wrong with a change."""
    key = _key(wanted["Name"], wanted["Type"], wanted.get("SetIdentifier"))
    name, kind = key[:2]
    which = f"resource record set [name='{name}', type='{kind}'"
    which += f", set-identifier='{key[2]}']" if key[2] else "]"
    if name != _full(zone) and not name.endswith(f".{_full(zone)}"):
        return f"RRSet with DNS name {name} is not permitted in zone {_full(zone)}"
    if action == "DELETE":
        if key not in records:
            return f"Tried to delete {which} but it was not found"
        if _contents(_record(wanted)) != _contents(records[key]):
            return f"Tried to delete {which} but the values provided do not match the current values"
        del records[key]
        return ""
    if action == "CREATE" and key in records:
        return f"Tried to create {which} but it already exists"
    others = {other[1] for other in records if other[0] == name and other[1] != kind}
    if others and "CNAME" in {kind, *others}:
        conflict = "as it conflicts with other records with the same DNS name"
        return f"RRSet of type {kind} with DNS name {name} is not permitted {conflict} in zone {_full(zone)}"
    records[key] = _record(wanted)
    return ""


def _record(wanted: Item) -> Any:
    values = [entry["Value"] for entry in wanted.get("ResourceRecords", ())]
    record = models.RecordSet({**wanted, "Name": _full(wanted["Name"]), "ResourceRecords": values})
    for member, attribute in _LATER.items():
        setattr(record, attribute, wanted.get(member))
    return record


def _contents(record: Any) -> tuple[Any, ...]:
    return int(record.ttl or 0), sorted(map(str, record.records)), record.alias_target


_RESETTABLE = {
    "ChildHealthChecks": "children",
    "FullyQualifiedDomainName": "fqdn",
    "Regions": "regions",
    "ResourcePath": "resource_path",
}
_CHECKED_LATER = ("AlarmIdentifier", "InsufficientDataHealthStatus", "RoutingControlArn")
"""Members of a health check's configuration that moto does not know."""


def _update_health_check(response: Response, request: Item) -> Any:
    """Change a health check; moto would forget children and regions that a request does not name."""
    check = response.backend.get_health_check(request["HealthCheckId"])
    before = check.children, check.regions
    response.update_health_check()
    if "ChildHealthChecks" not in request:
        check.children = before[0]
    if "Regions" not in request:
        check.regions = before[1]
    for name in request.get("ResetElements", ()):
        setattr(check, _RESETTABLE[name], None)
    check.health_check_version += 1
    check.further = {
        **vars(check).get("further", {}),
        **{name: request[name] for name in _CHECKED_LATER if name in request},
    }
    return {"HealthCheck": check}


def _create_health_check(response: Response, request: Item) -> Any:
    answer = response.create_health_check()
    config = request["HealthCheckConfig"]
    answer.result["HealthCheck"].further = {name: config[name] for name in _CHECKED_LATER if name in config}
    return answer


_known_config: Any = models.HealthCheck.health_check_config


def _health_check_config(check: Any) -> dict[str, Any]:
    return {**_known_config.fget(check), **vars(check).get("further", {})}


def _list_query_logging_configs(response: Response, request: Item) -> Any:
    wanted = request.get("HostedZoneId")
    found = response.backend.query_logging_configs.values()
    return {"QueryLoggingConfigs": [config for config in found if wanted in (None, config.hosted_zone_id)]}


_any_zone_id = models.HostedZoneIdentifier.generate


def _zone_id(self: Any, *args: Any, **kwargs: Any) -> str:
    """Return an id as hosted zones have them, with a letter in front that is always the same."""
    found: str = _any_zone_id(self, *args, **kwargs)
    return f"Z{found[1:]}"


METHODS: Mapping[tuple[str, str], Method] = {
    ("route53", "ChangeResourceRecordSets"): _change_records,
    ("route53", "CreateHealthCheck"): _create_health_check,
    ("route53", "ListQueryLoggingConfigs"): _list_query_logging_configs,
    ("route53", "UpdateHealthCheck"): _update_health_check,
}

PATCHES = (
    (models.HealthCheck, "health_check_config", property(_health_check_config)),
    (models.HostedZoneIdentifier, "generate", _zone_id),
)
