"""DynamoDB: classes, encryption and throughput of tables, replicas, contributor insights and streams to Kinesis."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.dynamodb import models as _models
from moto.dynamodb.models import table as _table

from stackproof.simulate.additions.keeping import Item, Method, Refused, Response

# moto is typed in parts; its internals are what the contract test says, not what its annotations say.
models: Any = _models
table_models: Any = _table

_KEPT = ("OnDemandThroughput", "TableClass")
_NONE = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}


def _table_of(response: Response, request: Item) -> Any:
    return response.dynamodb_backend.get_table(request["TableName"])


def _keep(table: Any, request: Item) -> None:
    """Keep what moto does not take of a table and its indexes."""
    kept = vars(table).setdefault("further", {"TableId": str(uuid.uuid4())})
    kept |= {name: request[name] for name in _KEPT if name in request}
    if set(kept.get("OnDemandThroughput", {}).values()) == {-1}:
        kept.pop("OnDemandThroughput")
    if request.get("BillingMode") == "PAY_PER_REQUEST":
        kept.setdefault("OnDemandSince", utcnow())
    changes = (
        entry.get("Create") or entry.get("Update") or {} for entry in request.get("GlobalSecondaryIndexUpdates", ())
    )
    for index in (*request.get("GlobalSecondaryIndexes", ()), *changes):
        if "OnDemandThroughput" in index:
            kept.setdefault("Indexes", {})[index["IndexName"]] = index["OnDemandThroughput"]


def _create_table(response: Response, request: Item) -> Any:
    response.create_table()
    table = _table_of(response, request)
    _keep(table, request)
    if request.get("ResourcePolicy"):
        response.dynamodb_backend.put_resource_policy(
            resource_arn=table.table_arn, policy_doc=request["ResourcePolicy"], expected_revision_id=None
        )
    return ActionResult(table.describe())


def _update_table(response: Response, request: Item) -> Any:
    table = _table_of(response, request)
    stream = request.get("StreamSpecification", {})
    if stream.get("StreamEnabled") and not table.stream_specification["StreamEnabled"]:
        # A stream that was switched off is no obstacle to a new one.
        table.latest_stream_label = None
    response.update_table()
    _keep(table, request)
    if request.get("BillingMode") == "PAY_PER_REQUEST":
        table.throughput = dict(_NONE)
        for index in table.global_indexes:
            index.throughput = dict(_NONE)
    table.throughput.setdefault("NumberOfDecreasesToday", 0)
    if "SSESpecification" in request:
        given = dict(request["SSESpecification"])
        key = table._get_default_encryption_key(table.account_id, table.region_name)
        table.sse_specification = {"KMSMasterKeyId": key, **given}
    for change in request.get("ReplicaUpdates", ()):
        _replicate(table, change)
    return ActionResult(table.describe())


def _replicas(table: Any) -> dict[str, Item]:
    found: dict[str, Item] = vars(table).setdefault("replicas", {})
    return found


def _replicate(table: Any, change: Item) -> None:
    """Make, change or remove the table's like in another region; what is in it does not follow."""
    ((action, given),) = change.items()
    region = given["RegionName"]
    there = models.dynamodb_backends[table.account_id][region]
    if action == "Delete":
        _replicas(table).pop(region, None)
        there.tables.pop(table.name, None)
        return
    if action == "Create":
        if table.name in there.tables:
            raise Refused("ValidationException", f"A table named {table.name} exists in {region} already.")
        there.create_table(
            name=table.name,
            schema=table.schema,
            throughput=dict(table.throughput) if table.billing_mode == "PROVISIONED" else None,
            attr=table.attr,
            global_indexes=[dict(index.describe()) for index in table.global_indexes],
            indexes=[dict(index.describe()) for index in table.indexes],
            streams={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
            billing_mode=table.billing_mode,
            sse_specification=dict(table.sse_specification) if table.sse_specification else None,
            tags=[],
            deletion_protection_enabled=False,
            warm_throughput=None,
        )
    _replicas(table)[region] = {**_replicas(table).get(region, {}), **given, "ReplicaStatus": "ACTIVE"}
    override = given.get("TableClassOverride")
    _keep(there.tables[table.name], {"TableClass": override} if override else {})


_known = table_models.Table.describe


def _described(table: Any, base_key: str = "TableDescription") -> dict[str, Any]:
    """Show a table as AWS does: with its id and what was kept, and without what it does not have."""
    answer: dict[str, Any] = _known(table, base_key)
    shown, kept = answer[base_key], vars(table).get("further", {})
    for name in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        if not shown[name]:
            shown.pop(name)
    shown["AttributeDefinitions"] = sorted(shown["AttributeDefinitions"], key=lambda entry: str(entry["AttributeName"]))
    shown["TableId"] = kept.get("TableId", "")
    if table.billing_mode == "PAY_PER_REQUEST":
        since = kept.get("OnDemandSince", table.created_at)
        shown["BillingModeSummary"] = {"BillingMode": "PAY_PER_REQUEST", "LastUpdateToPayPerRequestDateTime": since}
    if "TableClass" in kept:
        shown["TableClassSummary"] = {"TableClass": kept["TableClass"]}
    if "OnDemandThroughput" in kept:
        shown["OnDemandThroughput"] = kept["OnDemandThroughput"]
    for index in shown.get("GlobalSecondaryIndexes", ()):
        arn = f"{table.table_arn}/index/{index['IndexName']}"
        index |= {"IndexArn": arn, "IndexSizeBytes": 0, "ItemCount": len(table)}
        if "ProvisionedThroughput" in index:
            index["ProvisionedThroughput"].setdefault("NumberOfDecreasesToday", 0)
        index["ProvisionedThroughput"] = {"NumberOfDecreasesToday": 0, **index["ProvisionedThroughput"]}
        if index["IndexName"] in kept.get("Indexes", {}):
            index["OnDemandThroughput"] = kept["Indexes"][index["IndexName"]]
    if _replicas(table):
        shown["Replicas"] = list(_replica_descriptions(table))
        shown["GlobalTableVersion"] = "2019.11.21"
    return answer


def _replica_descriptions(table: Any) -> Iterator[Item]:
    for region, given in _replicas(table).items():
        override = given.get("TableClassOverride")
        summary = {"ReplicaTableClassSummary": {"TableClass": override}} if override else {}
        yield {**given, **summary, "RegionName": region}


def _update_time_to_live(response: Response, request: Item) -> Any:
    """Forget the attribute of a table whose items do not expire any more."""
    answer = response.update_time_to_live()
    if not request["TimeToLiveSpecification"]["Enabled"]:
        _table_of(response, request).ttl.pop("AttributeName", None)
    return answer


def _tag_resource(response: Response, request: Item) -> Any:
    """Change the tags of a table; moto would have both the old and the new value of one."""
    backend, arn = response.dynamodb_backend, request["ResourceArn"]
    keys = [tag["Key"] for tag in request["Tags"]]
    backend.untag_resource(arn, keys)
    return response.tag_resource()


def _insights(table: Any) -> dict[str, Item]:
    found: dict[str, Item] = vars(table).setdefault("insights", {})
    return found


def _update_insights(response: Response, request: Item) -> Any:
    table, index = _table_of(response, request), request.get("IndexName", "")
    enabled = request["ContributorInsightsAction"] == "ENABLE"
    _insights(table)[index] = {
        "ContributorInsightsStatus": "ENABLED" if enabled else "DISABLED",
        "ContributorInsightsMode": request.get("ContributorInsightsMode", "ACCESSED_AND_THROTTLED_KEYS"),
    }
    return _describe_insights(response, request)


def _describe_insights(response: Response, request: Item) -> Any:
    table, index = _table_of(response, request), request.get("IndexName", "")
    found = _insights(table).get(index, {"ContributorInsightsStatus": "DISABLED"})
    return {"TableName": table.name, **({"IndexName": index} if index else {}), **found}


def _destinations(table: Any) -> dict[str, Item]:
    found: dict[str, Item] = vars(table).setdefault("destinations", {})
    return found


def _enable_destination(response: Response, request: Item) -> Any:
    table, arn = _table_of(response, request), request["StreamArn"]
    config = request.get("EnableKinesisStreamingConfiguration", {})
    precision = config.get("ApproximateCreationDateTimePrecision", "MILLISECOND")
    _destinations(table)[arn] = {
        "StreamArn": arn,
        "DestinationStatus": "ACTIVE",
        "ApproximateCreationDateTimePrecision": precision,
    }
    return {"TableName": table.name, "StreamArn": arn, "DestinationStatus": "ENABLING"}


def _update_destination(response: Response, request: Item) -> Any:
    table, arn = _table_of(response, request), request["StreamArn"]
    if arn not in _destinations(table):
        raise Refused("ResourceNotFoundException", f"The table {table.name} does not stream to {arn}.")
    _destinations(table)[arn] |= request["UpdateKinesisStreamingConfiguration"]
    return {"TableName": table.name, "StreamArn": arn, "DestinationStatus": "UPDATING"}


def _disable_destination(response: Response, request: Item) -> Any:
    table, arn = _table_of(response, request), request["StreamArn"]
    if _destinations(table).pop(arn, None) is None:
        raise Refused("ResourceNotFoundException", f"The table {table.name} does not stream to {arn}.")
    return {"TableName": table.name, "StreamArn": arn, "DestinationStatus": "DISABLING"}


def _describe_destinations(response: Response, request: Item) -> Any:
    table = _table_of(response, request)
    return {"TableName": table.name, "KinesisDataStreamDestinations": list(_destinations(table).values())}


METHODS: Mapping[tuple[str, str], Method] = {
    ("dynamodb", "CreateTable"): _create_table,
    ("dynamodb", "DescribeContributorInsights"): _describe_insights,
    ("dynamodb", "DescribeKinesisStreamingDestination"): _describe_destinations,
    ("dynamodb", "DisableKinesisStreamingDestination"): _disable_destination,
    ("dynamodb", "EnableKinesisStreamingDestination"): _enable_destination,
    ("dynamodb", "UpdateContributorInsights"): _update_insights,
    ("dynamodb", "UpdateKinesisStreamingDestination"): _update_destination,
    ("dynamodb", "TagResource"): _tag_resource,
    ("dynamodb", "UpdateTable"): _update_table,
    ("dynamodb", "UpdateTimeToLive"): _update_time_to_live,
}

PATCHES = ((table_models.Table, "describe", _described),)
