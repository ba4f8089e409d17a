"""Route 53: hosted zones, records and health checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.simulate.handlers import CannotUpdateError
from stackproof.simulate.modify import changed_tags
from stackproof.simulate.recipe import Job, Recipe
from stackproof.simulate.shapes import arguments

_Record = dict[str, Any]
_BESIDE = ("HostedZoneId", "HostedZoneName", "Comment")
"""Properties of records that say where they stand."""


def _zone(job: Job, properties: Mapping[str, Any]) -> str:
    """Return the id of the zone that is meant by its id or by its name."""
    zone, name = properties.get("HostedZoneId"), properties.get("HostedZoneName")
    if zone is not None:
        return str(zone).rpartition("/")[2]
    found = job.client.list_hosted_zones_by_name(DNSName=name)["HostedZones"]
    matching = [entry["Id"] for entry in found if entry["Name"] == name]
    if len(matching) != 1:
        raise LookupError(f"There are {len(matching)} hosted zones named {name}.")
    return str(matching[0]).rpartition("/")[2]


def _api_record(job: Job, record: Mapping[str, Any]) -> tuple[_Record, tuple[str, ...]]:
    """Return a record as the API has it, and the paths of what it has no place for."""
    record = {name: value for name, value in record.items() if name not in _BESIDE}
    if "ResourceRecords" in record:
        record["ResourceRecords"] = [{"Value": value} for value in record["ResourceRecords"]]
    if "AliasTarget" in record:
        record["AliasTarget"] = {"EvaluateTargetHealth": False, **record["AliasTarget"]}
    batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    given, unread = arguments(job.client, "change_resource_record_sets", {"ChangeBatch": batch})
    head = "ChangeBatch.Changes.*.ResourceRecordSet."
    found: _Record = given["ChangeBatch"]["Changes"][0]["ResourceRecordSet"]
    return found, tuple(path.removeprefix(head) for path in unread)


def _records_of(job: Job, properties: Mapping[str, Any]) -> tuple[list[_Record], tuple[str, ...]]:
    """Return the records that a resource declares, one or a group of them."""
    declared = properties.get("RecordSets", [properties])
    both = [_api_record(job, record) for record in declared]
    head = "RecordSets.*." if "RecordSets" in properties else ""
    return [record for record, _ in both], tuple(f"{head}{path}" for _, paths in both for path in paths)


def _allowed(job: Job, zone: str, records: list[_Record]) -> None:
    """Refuse a record that its zone cannot hold."""
    name = job.client.get_hosted_zone(Id=zone)["HostedZone"]["Name"].rstrip(".")
    for record in records:
        mine = str(record["Name"]).rstrip(".")
        if mine != name and not mine.endswith(f".{name}"):
            raise ValueError(f"RRSet with DNS name {mine}. is not permitted in zone {name}.")


def _key(record: _Record) -> tuple[str, str, str]:
    return str(record["Name"]).rstrip("."), record["Type"], record.get("SetIdentifier", "")


def _carry_out(job: Job, changes: list[tuple[str, _Record]]) -> None:
    batch = [{"Action": action, "ResourceRecordSet": record} for action, record in changes]
    if batch:
        job.client.change_resource_record_sets(HostedZoneId=job.request["HostedZoneId"], ChangeBatch={"Changes": batch})


def _make(job: Job) -> None:
    properties = dict(job.left)
    zone = _zone(job, properties)
    records, unread = _records_of(job, properties)
    _allowed(job, zone, records)
    job.request = {"HostedZoneId": zone, "Records": records}
    job.left = dict.fromkeys(unread)
    _carry_out(job, [("CREATE", record) for record in records])
    job.physical_id = job.wanted.name if "RecordSets" in properties else str(properties["Name"])


def _change(job: Job) -> None:
    """Change records in one batch: what has another name, type or identifier is another record."""
    job.touched("Comment")
    if not (job.left or job.gone):
        return
    records, unread = _records_of(job, job.wanted.properties)
    if unread:
        raise CannotUpdateError(job.wanted.type, unread)
    _allowed(job, job.request["HostedZoneId"], records)
    before = job.request["Records"]
    kept = {_key(record) for record in records}
    gone = [("DELETE", record) for record in before if _key(record) not in kept]
    changed = [("UPSERT", record) for record in records if record not in before]
    _carry_out(job, [*gone, *changed])
    job.request = {**job.request, "Records": records}
    job.touched(*(name for name in (*job.left, *job.gone) if name not in ("HostedZoneId", "HostedZoneName")))


def _shown(job: Job) -> Any:
    """Return the records as they are, with the names of the template, which may have a dot at their end or not."""
    zone = job.request["HostedZoneId"]
    return [entry for record in job.request["Records"] for entry in _found(job, zone, record)]


def _found(job: Job, zone: str, record: _Record) -> Iterator[Any]:
    answer = job.client.list_resource_record_sets(
        HostedZoneId=zone, StartRecordName=record["Name"], StartRecordType=record["Type"]
    )
    for entry in answer["ResourceRecordSets"]:
        if _key(entry) == _key(record):
            yield [entry, {"Name": record["Name"], "HostedZoneId": zone}]


def _delete(job: Job, _snapshot: bool) -> None:
    _carry_out(job, [("DELETE", record) for record in job.request["Records"]])


def _hosted_zone(job: Job) -> None:
    name, networks = str(job.take("Name")), _networks(job.take("VPCs", []))
    given = {"HostedZoneConfig": job.take("HostedZoneConfig", {}), "CallerReference": job.wanted.name, "Name": name}
    if networks:
        given |= {"VPC": networks[0]}
        given["HostedZoneConfig"] = {**given["HostedZoneConfig"], "PrivateZone": True}
    if "DelegationSetId" in job.left:
        given["DelegationSetId"] = job.take("DelegationSetId")
    job.answer = job.call("create_hosted_zone", given)
    job.physical_id = job.answer["HostedZone"]["Id"].rpartition("/")[2]
    for network in networks[1:]:
        job.client.associate_vpc_with_hosted_zone(HostedZoneId=job.physical_id, VPC=network)
    _tag(job, "hostedzone", {tag["Key"]: tag["Value"] for tag in job.take("HostedZoneTags", [])}, [])
    _log_queries(job, job.take("QueryLoggingConfig"))


def _networks(networks: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{"VPCRegion": entry["VPCRegion"], "VPCId": entry["VPCId"]} for entry in networks]


def _tag(job: Job, kind: str, add: Mapping[str, str], gone: list[str]) -> None:
    given: dict[str, Any] = {"AddTags": [{"Key": key, "Value": text} for key, text in add.items()]} if add else {}
    given |= {"RemoveTagKeys": gone} if gone else {}
    if given:
        job.client.change_tags_for_resource(ResourceType=kind, ResourceId=job.physical_id, **given)


def _query_logs(job: Job) -> list[dict[str, Any]]:
    return list(job.client.list_query_logging_configs(HostedZoneId=job.physical_id)["QueryLoggingConfigs"])


def _log_queries(job: Job, config: Mapping[str, Any] | None) -> None:
    for found in _query_logs(job):
        job.client.delete_query_logging_config(Id=found["Id"])
    if config:
        arn = config["CloudWatchLogsLogGroupArn"]
        job.client.create_query_logging_config(HostedZoneId=job.physical_id, CloudWatchLogsLogGroupArn=arn)


def _change_zone(job: Job) -> None:
    now, before = job.wanted.properties, job.before
    if job.touched("HostedZoneConfig"):
        comment = str(now.get("HostedZoneConfig", {}).get("Comment", ""))
        job.client.update_hosted_zone_comment(Id=job.physical_id, Comment=comment)
    if job.touched("VPCs"):
        old, new = _networks(before.get("VPCs", [])), _networks(now.get("VPCs", []))
        for network in new:
            if network not in old:
                job.client.associate_vpc_with_hosted_zone(HostedZoneId=job.physical_id, VPC=network)
        for network in old:
            if network not in new:
                job.client.disassociate_vpc_from_hosted_zone(HostedZoneId=job.physical_id, VPC=network)
    if job.touched("QueryLoggingConfig"):
        _log_queries(job, now.get("QueryLoggingConfig"))
    _tag(job, "hostedzone", *changed_tags(job, "HostedZoneTags"))


def _shown_zone(job: Job) -> Any:
    found = job.client.get_hosted_zone(Id=job.physical_id)
    zone = found["HostedZone"]
    own = {"HostedZone": {**zone, "HostedZoneConfig": zone["Config"]}, "VPCs": found.get("VPCs", [])}
    names = {"Name": job.wanted.properties["Name"]} if _same_name(job, zone["Name"]) else {}
    return [own, names, _query_logs(job), _shown_tags(job, "hostedzone")]


def _same_name(job: Job, name: str) -> bool:
    return str(job.wanted.properties["Name"]).rstrip(".") == name.rstrip(".")


def _shown_tags(job: Job, kind: str) -> Any:
    return job.client.list_tags_for_resource(ResourceType=kind, ResourceId=job.physical_id)["ResourceTagSet"]["Tags"]


def _zone_attribute(job: Job, name: str) -> Any:
    if name == "Id":
        return job.physical_id
    return {"NameServers": job.answer.get("DelegationSet", {}).get("NameServers", [])}[name]


def _delete_zone(job: Job, _snapshot: bool) -> None:
    _log_queries(job, None)
    job.client.delete_hosted_zone(Id=job.physical_id)


def _health_check(job: Job) -> None:
    config, tags = job.take("HealthCheckConfig"), job.take("HealthCheckTags", [])
    job.answer = job.call("create_health_check", {"HealthCheckConfig": config}, CallerReference=job.wanted.name[-64:])
    job.physical_id = job.answer["HealthCheck"]["Id"]
    _tag(job, "healthcheck", {tag["Key"]: tag["Value"] for tag in tags}, [])


_FIXED = ("Type", "MeasureLatency", "RequestInterval")
_USUAL = {"Disabled": False, "FailureThreshold": 3, "Inverted": False}
"""What a part of a health check is where nothing says otherwise."""


def _change_health_check(job: Job) -> None:
    if job.touched("HealthCheckConfig"):
        now, before = (held["HealthCheckConfig"] for held in (job.wanted.properties, job.before))
        fixed = [name for name in _FIXED if now.get(name) != before.get(name)]
        usual = {name: value for name, value in _USUAL.items() if name in before}
        config = {name: value for name, value in {**usual, **now}.items() if name not in _FIXED}
        given, unread = arguments(job.client, "update_health_check", config)
        if fixed or unread:
            raise CannotUpdateError(job.wanted.type, (f"HealthCheckConfig.{name}" for name in (*fixed, *unread)))
        reset = [name for name in _RESETTABLE if name in before and name not in now]
        further = {"ResetElements": reset} if reset else {}
        job.client.update_health_check(HealthCheckId=job.physical_id, **given, **further)
    _tag(job, "healthcheck", *changed_tags(job, "HealthCheckTags"))


_RESETTABLE = ("ChildHealthChecks", "FullyQualifiedDomainName", "Regions", "ResourcePath")


def _shown_health_check(job: Job) -> Any:
    found = job.client.get_health_check(HealthCheckId=job.physical_id)["HealthCheck"]
    return [found, _shown_tags(job, "healthcheck")]


RECIPES = (
    Recipe(
        "AWS::Route53::HostedZone",
        "route53",
        make=_hosted_zone,
        describe=_zone_attribute,
        remove=_delete_zone,
        change=_change_zone,
        show=(_shown_zone,),
    ),
    Recipe(
        "AWS::Route53::RecordSet",
        "route53",
        make=_make,
        remove=_delete,
        change=_change,
        show=(_shown,),
        hidden=("Comment", "HostedZoneName"),
    ),
    Recipe(
        "AWS::Route53::RecordSetGroup",
        "route53",
        make=_make,
        describe=lambda job, name: {"Id": job.physical_id}[name],
        remove=_delete,
        change=_change,
        show=(_shown,),
        hidden=("Comment", "HostedZoneName"),
    ),
    Recipe(
        "AWS::Route53::HealthCheck",
        "route53",
        make=_health_check,
        delete="delete_health_check",
        key="HealthCheckId",
        describe=lambda job, name: {"HealthCheckId": job.physical_id}[name],
        change=_change_health_check,
        show=(_shown_health_check,),
    ),
)
