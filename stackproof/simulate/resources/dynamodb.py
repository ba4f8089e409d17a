"""DynamoDB: tables, and tables with replicas in other regions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.clients import simulated_client
from stackproof.simulate.handlers import CannotUpdateError
from stackproof.simulate.recipe import Job, Recipe, made_up_name, tags_of
from stackproof.simulate.shapes import arguments

_Properties = dict[str, Any]

_BESIDE = (
    "ContributorInsightsSpecification",
    "KinesisStreamSpecification",
    "PointInTimeRecoverySpecification",
    "ResourcePolicy",
    "Tags",
    "TimeToLiveSpecification",
)
"""What is set by calls of its own, once a table is there."""
_DEFAULTS: _Properties = {
    "DeletionProtectionEnabled": False,
    "OnDemandThroughput": {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": -1},
    "TableClass": "STANDARD",
}
"""What a removed property goes back to."""


def _is(value: Any) -> bool:
    return as_text(value).lower() == "true"


def _api(properties: Mapping[str, Any]) -> _Properties:
    """Return the properties of a table as the API names them."""
    given = {name: value for name, value in properties.items() if name not in _BESIDE}
    if "SSESpecification" in given:
        encryption = dict(given["SSESpecification"])
        given["SSESpecification"] = {"Enabled": encryption.pop("SSEEnabled"), **encryption}
    if "StreamSpecification" in given:
        given["StreamSpecification"] = {"StreamEnabled": True, **given["StreamSpecification"]}
        given["StreamSpecification"].pop("ResourcePolicy", None)
    if "GlobalSecondaryIndexes" in given:
        given["GlobalSecondaryIndexes"] = [_index(index) for index in given["GlobalSecondaryIndexes"]]
    return given


def _index(index: Mapping[str, Any]) -> _Properties:
    return {name: value for name, value in index.items() if name != "ContributorInsightsSpecification"}


def _create(client: Any, name: str, properties: Mapping[str, Any]) -> tuple[_Properties, tuple[str, ...]]:
    """Make a table; return its description and the properties that the service has no place for."""
    given, unread = arguments(client, "create_table", _api(properties))
    found = client.create_table(**{**given, "TableName": name})["TableDescription"]
    _settle(client, found, {}, properties)
    return found, unread


def _settle(client: Any, table: Mapping[str, Any], before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Bring what is set by calls of its own from one state to another."""
    own, arn = {"TableName": table["TableName"]}, table["TableArn"]
    old, new = ({name: held.get(name) for name in _BESIDE} for held in (before, now))
    if old["TimeToLiveSpecification"] != new["TimeToLiveSpecification"]:
        expiry = new["TimeToLiveSpecification"] or {**(old["TimeToLiveSpecification"] or {}), "Enabled": False}
        given = {"AttributeName": "", **expiry, "Enabled": _is(expiry["Enabled"])}
        client.update_time_to_live(**own, TimeToLiveSpecification=given)
    if old["PointInTimeRecoverySpecification"] != new["PointInTimeRecoverySpecification"]:
        recovery = new["PointInTimeRecoverySpecification"] or {"PointInTimeRecoveryEnabled": False}
        given, _ = arguments(client, "update_continuous_backups", {"PointInTimeRecoverySpecification": recovery})
        client.update_continuous_backups(**own, **given)
    for index, insights in _insights_changed(before, now):
        further = {"ContributorInsightsMode": insights["Mode"]} if "Mode" in insights else {}
        action = "ENABLE" if _is(insights["Enabled"]) else "DISABLE"
        client.update_contributor_insights(**own, **index, ContributorInsightsAction=action, **further)
    if old["KinesisStreamSpecification"] != new["KinesisStreamSpecification"]:
        _stream_to_kinesis(client, own, old["KinesisStreamSpecification"], new["KinesisStreamSpecification"])
    if old["ResourcePolicy"] != new["ResourcePolicy"]:
        if new["ResourcePolicy"]:
            text = json.dumps(new["ResourcePolicy"]["PolicyDocument"])
            client.put_resource_policy(ResourceArn=arn, Policy=text)
        else:
            client.delete_resource_policy(ResourceArn=arn)
    _tag(client, arn, tags_of(old["Tags"]), tags_of(new["Tags"]))


def _insights_changed(
    before: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterator[tuple[dict[str, str], Mapping[str, Any]]]:
    """Iterate over the table and its indexes whose contributor insights change."""
    name = "ContributorInsightsSpecification"
    off = {"Enabled": False}
    if before.get(name) != now.get(name):
        yield {}, now.get(name) or off
    old = {index["IndexName"]: index.get(name) for index in before.get("GlobalSecondaryIndexes", ())}
    for index in now.get("GlobalSecondaryIndexes", ()):
        if old.get(index["IndexName"]) != index.get(name):
            yield {"IndexName": index["IndexName"]}, index.get(name) or off


def _stream_to_kinesis(client: Any, own: Mapping[str, Any], old: Any, new: Any) -> None:
    key = "ApproximateCreationDateTimePrecision"
    if old and new and old["StreamArn"] == new["StreamArn"]:
        given = {key: new.get(key, "MILLISECOND")}
        client.update_kinesis_streaming_destination(
            **own, StreamArn=new["StreamArn"], UpdateKinesisStreamingConfiguration=given
        )
        return
    if old:
        client.disable_kinesis_streaming_destination(**own, StreamArn=old["StreamArn"])
    if new:
        given = {"EnableKinesisStreamingConfiguration": {key: new[key]}} if key in new else {}
        client.enable_kinesis_streaming_destination(**own, StreamArn=new["StreamArn"], **given)


def _tag(client: Any, arn: str, old: Mapping[str, str], new: Mapping[str, str]) -> None:
    gone = sorted(old.keys() - new.keys())
    if gone:
        client.untag_resource(ResourceArn=arn, TagKeys=gone)
    changed = [{"Key": key, "Value": text} for key, text in new.items() if old.get(key) != text]
    if changed:
        client.tag_resource(ResourceArn=arn, Tags=changed)


_ALTERED = (
    "AttributeDefinitions",
    "BillingMode",
    "DeletionProtectionEnabled",
    "GlobalSecondaryIndexes",
    "OnDemandThroughput",
    "ProvisionedThroughput",
    "SSESpecification",
    "StreamSpecification",
    "TableClass",
    "WarmThroughput",
)


def _alter(kind: str, client: Any, table: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Change what ``update_table`` changes, one thing in a call, as DynamoDB wants it."""
    changed = [name for name in _ALTERED if before.get(name) != now.get(name)]
    for given in _alterations(changed, _api(before), _api(now)):
        request, unread = arguments(client, "update_table", given)
        if unread:
            raise CannotUpdateError(kind, unread)
        client.update_table(**{**request, "TableName": table})


def _alterations(changed: list[str], before: _Properties, now: _Properties) -> Iterator[_Properties]:
    if {"BillingMode", "ProvisionedThroughput"} & set(changed):
        mode = now.get("BillingMode", "PROVISIONED")
        yield {"BillingMode": mode} | (
            {"ProvisionedThroughput": now["ProvisionedThroughput"]} if mode == "PROVISIONED" else {}
        )
    for name, default in _DEFAULTS.items():
        if name in changed:
            yield {name: now.get(name, default)}
    if "WarmThroughput" in changed and now.get("WarmThroughput"):
        yield {"WarmThroughput": now["WarmThroughput"]}
    if "SSESpecification" in changed:
        yield {"SSESpecification": now.get("SSESpecification", {"Enabled": False})}
    if "StreamSpecification" in changed:
        old, new = (held.get("StreamSpecification") for held in (before, now))
        if old:
            yield {"StreamSpecification": {"StreamEnabled": False}}
        if new:
            yield {"StreamSpecification": new}
    if "GlobalSecondaryIndexes" in changed or "AttributeDefinitions" in changed:
        changes = _index_changes(before.get("GlobalSecondaryIndexes", ()), now.get("GlobalSecondaryIndexes", ()))
        further = {"GlobalSecondaryIndexUpdates": changes} if changes else {}
        yield {"AttributeDefinitions": now["AttributeDefinitions"], **further}


_OF_INDEX = ("OnDemandThroughput", "ProvisionedThroughput", "WarmThroughput")


def _index_changes(before: Any, now: Any) -> list[_Properties]:
    """Return the changes of a table's indexes; CloudFormation makes or removes one in an update.

    Raises:
        ValueError: what CloudFormation does not do to indexes in one update.
    """
    old, new = ({index["IndexName"]: index for index in indexes} for indexes in (before, now))
    changes: list[_Properties] = [{"Delete": {"IndexName": name}} for name in old if name not in new]
    changes += [{"Create": index} for name, index in new.items() if name not in old]
    if len(changes) > 1:
        raise ValueError("Cannot perform more than one GSI creation or deletion in a single update")
    for name in old.keys() & new.keys():
        fixed = [{part: value for part, value in held[name].items() if part not in _OF_INDEX} for held in (old, new)]
        if fixed[0] != fixed[1]:
            raise ValueError(
                "Cannot update GSI's properties other than Provisioned Throughput and Contributor Insights "
                "Specification. You can create a new GSI with a different name."
            )
        given = {
            part: new[name][part]
            for part in _OF_INDEX
            if old[name].get(part) != new[name].get(part) and part in new[name]
        }
        if given:
            changes.append({"Update": {"IndexName": name, **given}})
    return changes


def _described(client: Any, name: str, declared: Mapping[str, Any]) -> list[Any]:
    """Return what the service shows of a table, and the same under the names of the template."""
    own = {"TableName": name}
    table = client.describe_table(**own)["Table"]
    expiry = client.describe_time_to_live(**own)["TimeToLiveDescription"]
    backups = client.describe_continuous_backups(**own)["ContinuousBackupsDescription"][
        "PointInTimeRecoveryDescription"
    ]
    names: _Properties = {
        "BillingMode": table["BillingModeSummary"]["BillingMode"],
        "TimeToLiveSpecification": {**expiry, "Enabled": expiry["TimeToLiveStatus"] == "ENABLED"},
        "PointInTimeRecoverySpecification": {
            "PointInTimeRecoveryEnabled": backups["PointInTimeRecoveryStatus"] == "ENABLED",
            **{key: backups[key] for key in ("RecoveryPeriodInDays",) if key in backups},
        },
        "SSESpecification": _encryption(table, declared.get("SSESpecification", {})),
        "TableClass": table.get("TableClassSummary", {}).get("TableClass", "STANDARD"),
        "ContributorInsightsSpecification": _insights(client.describe_contributor_insights(**own)),
        "Tags": client.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"],
    }
    key = "ContributorInsightsSpecification"
    indexed = [
        {"IndexName": index, key: _insights(client.describe_contributor_insights(**own, IndexName=index))}
        for index in (entry["IndexName"] for entry in table.get("GlobalSecondaryIndexes", ()))
    ]
    to_kinesis = client.describe_kinesis_streaming_destination(**own)["KinesisDataStreamDestinations"]
    policy = {}
    if "ResourcePolicy" in declared:
        text = client.get_resource_policy(ResourceArn=table["TableArn"])["Policy"]
        policy = {"ResourcePolicy": {"PolicyDocument": json.loads(text)}}
    return [table, names, {"GlobalSecondaryIndexes": indexed}, {"KinesisStreamSpecification": to_kinesis}, policy]


def _encryption(table: Mapping[str, Any], declared: Mapping[str, Any]) -> _Properties:
    shown = table.get("SSEDescription", {})
    if not shown:
        return {"SSEEnabled": False}
    arn = str(shown["KMSMasterKeyArn"])
    wanted = str(declared.get("KMSMasterKeyId", arn))
    return {"SSEEnabled": True, "SSEType": shown["SSEType"], "KMSMasterKeyId": wanted if arn.endswith(wanted) else arn}


def _insights(answer: Mapping[str, Any]) -> _Properties:
    enabled = answer["ContributorInsightsStatus"] == "ENABLED"
    return {"Enabled": enabled, **({"Mode": answer["ContributorInsightsMode"]} if enabled else {})}


def _table(job: Job) -> None:
    job.physical_id = str(job.take("TableName") or made_up_name(job.wanted, 255))
    properties, job.left = dict(job.left), {}
    _, unread = _create(job.client, job.physical_id, properties)
    job.left = dict.fromkeys(unread)
    job.request = {"TableName": job.physical_id}


def _change_table(job: Job) -> None:
    now, before = job.wanted.properties, job.before
    if job.touched(*_ALTERED):
        _alter(job.wanted.type, job.client, job.physical_id, before, now)
    if job.touched(*_BESIDE) or before.get("GlobalSecondaryIndexes") != now.get("GlobalSecondaryIndexes"):
        _settle(job.client, _shown(job), before, now)


def _shown(job: Job) -> _Properties:
    return dict(job.client.describe_table(TableName=job.physical_id)["Table"])


def _attribute(job: Job, name: str) -> str:
    found = _shown(job)
    if name == "StreamArn" and not found.get("StreamSpecification"):
        raise KeyError(name)
    return str(found[{"Arn": "TableArn", "StreamArn": "LatestStreamArn"}[name]])


def _describe_table(job: Job) -> Any:
    return [*_described(job.client, job.physical_id, job.wanted.properties), job.request]


# A global table: what its replicas have in common stands beside them.

_OF_REPLICA = (
    "ContributorInsightsSpecification",
    "DeletionProtectionEnabled",
    "KinesisStreamSpecification",
    "PointInTimeRecoverySpecification",
    "ResourcePolicy",
    "TableClass",
    "Tags",
)
_COMMON = (
    "AttributeDefinitions",
    "BillingMode",
    "KeySchema",
    "LocalSecondaryIndexes",
    "StreamSpecification",
    "TimeToLiveSpecification",
    "WarmThroughput",
)
_WRITTEN = ("WriteProvisionedThroughputSettings", "WriteOnDemandThroughputSettings")
_READ = ("ReadProvisionedThroughputSettings", "ReadOnDemandThroughputSettings")


def _replica(job: Job, properties: Mapping[str, Any], region: str) -> _Properties:
    """Return one replica of a global table as the properties of a table."""
    (replica,) = (entry for entry in properties["Replicas"] if entry["Region"] == region)
    found = {name: properties[name] for name in _COMMON if name in properties}
    found |= {name: replica[name] for name in _OF_REPLICA if name in replica}
    found |= _throughput(properties, replica)
    if "SSESpecification" in properties:
        key = replica.get("SSESpecification", {})
        found["SSESpecification"] = {**properties["SSESpecification"], **key}
    own = {entry["IndexName"]: entry for entry in replica.get("GlobalSecondaryIndexes", ())}
    if "GlobalSecondaryIndexes" in properties:
        found["GlobalSecondaryIndexes"] = [
            {name: value for name, value in index.items() if name not in (*_WRITTEN, *_READ)}
            | _throughput(index, own.get(index["IndexName"], {}))
            | {
                name: value
                for name, value in own.get(index["IndexName"], {}).items()
                if name == "ContributorInsightsSpecification"
            }
            for index in properties["GlobalSecondaryIndexes"]
        ]
    return found


def _throughput(written: Mapping[str, Any], read: Mapping[str, Any]) -> _Properties:
    """Return the throughput of a table or an index; a scaled one starts where its scaling begins."""
    found: _Properties = {}
    scaling = written.get(_WRITTEN[0], {}).get("WriteCapacityAutoScalingSettings")
    reading = {**written, **read}.get(_READ[0], {})
    if scaling or reading:
        units = reading.get("ReadCapacityUnits") or _start(reading.get("ReadCapacityAutoScalingSettings", {}))
        found["ProvisionedThroughput"] = {"ReadCapacityUnits": units, "WriteCapacityUnits": _start(scaling or {})}
    most = written.get(_WRITTEN[1], {}) | {**written, **read}.get(_READ[1], {})
    if most:
        found["OnDemandThroughput"] = most
    return found


def _start(scaling: Mapping[str, Any]) -> Any:
    return scaling.get("SeedCapacity", scaling.get("MinCapacity", 1))


def _region(job: Job) -> str:
    return str(job.client.meta.region_name)


def _client(job: Job, region: str) -> Any:
    return job.client if region == _region(job) else simulated_client(region, "dynamodb")


def _others(job: Job, properties: Mapping[str, Any]) -> list[str]:
    return [entry["Region"] for entry in properties["Replicas"] if entry["Region"] != _region(job)]


def _global_table(job: Job) -> None:
    properties, job.left = dict(job.left), {}
    name = str(properties.pop("TableName", "") or made_up_name(job.wanted, 255))
    if _region(job) not in {entry["Region"] for entry in properties["Replicas"]}:
        raise ValueError(f"Replicas must hold one in the region of the stack, {_region(job)}.")
    _, unread = _create(job.client, name, _replica(job, properties, _region(job)))
    job.physical_id, job.left = name, dict.fromkeys((*unread, *_scaled(properties)))
    job.request = {"TableName": name}
    for region in _others(job, properties):
        _add_replica(job, properties, region)


def _scaled(properties: Mapping[str, Any]) -> Iterator[str]:
    """Iterate over the paths of what only Application Auto Scaling would act on."""
    indexes = properties.get("GlobalSecondaryIndexes", ())
    for head, held, kind in (
        ("", [properties], "Write"),
        ("GlobalSecondaryIndexes.*.", indexes, "Write"),
        ("Replicas.*.", properties["Replicas"], "Read"),
    ):
        for part in held:
            name, scaling = f"{kind}ProvisionedThroughputSettings", f"{kind}CapacityAutoScalingSettings"
            yield from _leaves(part.get(name, {}).get(scaling), f"{head}{name}.{scaling}")


def _leaves(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, child in value.items():
            yield from _leaves(child, f"{path}.{name}")
    elif value is not None:
        yield path


def _add_replica(job: Job, properties: Mapping[str, Any], region: str) -> None:
    wanted = _replica(job, properties, region)
    override = {"TableClassOverride": wanted["TableClass"]} if "TableClass" in wanted else {}
    change = {"Create": {"RegionName": region, **override}}
    job.client.update_table(TableName=job.physical_id, ReplicaUpdates=[change])
    client = _client(job, region)
    if _is(wanted.get("DeletionProtectionEnabled", False)):
        client.update_table(TableName=job.physical_id, DeletionProtectionEnabled=True)
    _settle(client, client.describe_table(TableName=job.physical_id)["Table"], {}, wanted)


def _remove_replica(job: Job, region: str) -> None:
    job.client.update_table(TableName=job.physical_id, ReplicaUpdates=[{"Delete": {"RegionName": region}}])


_GLOBAL = (*_COMMON, *_WRITTEN, *_READ, "GlobalSecondaryIndexes", "Replicas", "SSESpecification")
_FIXED = ("KeySchema", "LocalSecondaryIndexes")


def _change_global_table(job: Job) -> None:
    now, before = job.wanted.properties, job.before
    fixed = [name for name in _FIXED if before.get(name) != now.get(name)]
    if fixed:
        raise CannotUpdateError(job.wanted.type, fixed)
    if not job.touched(*_GLOBAL):
        return
    old, new = _others(job, before), _others(job, now)
    for region in (_region(job), *(region for region in new if region in old)):
        client = _client(job, region)
        sides = [_replica(job, held, region) for held in (before, now)]
        _alter(job.wanted.type, client, job.physical_id, sides[0], sides[1])
        _settle(client, client.describe_table(TableName=job.physical_id)["Table"], sides[0], sides[1])
    for region in old:
        if region not in new:
            _remove_replica(job, region)
    for region in new:
        if region not in old:
            _add_replica(job, now, region)


def _describe_global_table(job: Job) -> list[Any]:
    now = job.wanted.properties
    replicas = []
    for entry in now["Replicas"]:
        region = entry["Region"]
        wanted = _replica(job, now, region)
        table, names, *further = _described(_client(job, region), job.physical_id, wanted)
        shown = {**names, "Region": table["TableArn"].split(":")[3]}
        shown["DeletionProtectionEnabled"] = table["DeletionProtectionEnabled"]
        units = {"ReadProvisionedThroughputSettings": table["ProvisionedThroughput"]}
        most = {"ReadOnDemandThroughputSettings": table.get("OnDemandThroughput", {})}
        replicas.append({**shown, **units, **most, **{key: value for part in further for key, value in part.items()}})
    table, names, *further = _described(job.client, job.physical_id, _replica(job, now, _region(job)))
    written = {"WriteOnDemandThroughputSettings": table.get("OnDemandThroughput", {})}
    return [{"Replicas": replicas}, table, names, *further, written, job.request]


def _global_attribute(job: Job, name: str) -> str:
    return str(_shown(job)["TableId"]) if name == "TableId" else _attribute(job, name)


def _delete_global_table(job: Job, _snapshot: bool) -> None:
    for region in _others(job, job.wanted.properties):
        _remove_replica(job, region)
    job.client.delete_table(TableName=job.physical_id)


RECIPES = (
    Recipe(
        "AWS::DynamoDB::Table",
        "dynamodb",
        make=_table,
        delete="delete_table",
        key="TableName",
        describe=_attribute,
        change=_change_table,
        show=(_describe_table,),
    ),
    Recipe(
        "AWS::DynamoDB::GlobalTable",
        "dynamodb",
        make=_global_table,
        describe=_global_attribute,
        remove=_delete_global_table,
        change=_change_global_table,
        show=(_describe_global_table,),
    ),
)
