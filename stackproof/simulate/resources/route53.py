"""Route 53: records."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.recipe import Job, Recipe
from stackproof.simulate.shapes import arguments

_BESIDE = ("HostedZoneId", "HostedZoneName", "Comment")


def _zone(job: Job) -> str:
    """Return the id of the zone that is meant by its id or by its name."""
    zone, name = job.take("HostedZoneId"), job.take("HostedZoneName")
    if zone is not None:
        return str(zone)
    found = job.client.list_hosted_zones_by_name(DNSName=name)["HostedZones"]
    matching = [entry["Id"] for entry in found if entry["Name"] == name]
    if len(matching) != 1:
        raise LookupError(f"There are {len(matching)} hosted zones named {name}.")
    return str(matching[0]).rpartition("/")[2]


def _change(job: Job, action: str) -> None:
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": job.request["ResourceRecordSet"]}]}
    job.client.change_resource_record_sets(HostedZoneId=job.request["HostedZoneId"], ChangeBatch=batch)


def _record(job: Job) -> None:
    zone = _zone(job)
    job.take("Comment")
    record = {name: job.take(name) for name in list(job.left)}
    if "ResourceRecords" in record:
        record["ResourceRecords"] = [{"Value": value} for value in record["ResourceRecords"]]
    if "AliasTarget" in record:
        record["AliasTarget"] = {"EvaluateTargetHealth": False, **record["AliasTarget"]}
    batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    request, unread = arguments(job.client, "change_resource_record_sets", {"ChangeBatch": batch})
    head = "ChangeBatch.Changes.*.ResourceRecordSet."
    job.left = dict.fromkeys(path.removeprefix(head) for path in unread)
    change = request["ChangeBatch"]["Changes"][0]
    job.request = {"HostedZoneId": zone, "ResourceRecordSet": change["ResourceRecordSet"]}
    name = job.client.get_hosted_zone(Id=zone)["HostedZone"]["Name"].rstrip(".")
    mine = str(record["Name"]).rstrip(".")
    if mine != name and not mine.endswith(f".{name}"):
        raise ValueError(f"RRSet with DNS name {mine}. is not permitted in zone {name}.")
    _change(job, "CREATE")
    job.physical_id = str(record["Name"])


def _records(job: Job) -> Any:
    zone, record = job.request["HostedZoneId"], job.request["ResourceRecordSet"]
    found = job.client.list_resource_record_sets(
        HostedZoneId=zone, StartRecordName=record["Name"], StartRecordType=record["Type"]
    )["ResourceRecordSets"]
    # A name is the same with and without the dot at its end.
    shown = [entry for entry in found if entry["Name"].rstrip(".") == record["Name"].rstrip(".")]
    return [*shown, {"Name": record["Name"], "HostedZoneId": zone}] if shown else []


def _delete(job: Job, _snapshot: bool) -> None:
    _change(job, "DELETE")


RECIPES = (
    Recipe(
        "AWS::Route53::RecordSet",
        "route53",
        make=_record,
        remove=_delete,
        show=(_records,),
        hidden=("Comment", "HostedZoneName"),
    ),
)
