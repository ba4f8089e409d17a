"""CloudWatch Logs: log groups, metric filters, resource policies, and deliveries of other services' logs."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.recipe import Job, Recipe


def _retention(job: Job) -> None:
    days = job.take("RetentionInDays")
    if days is not None:
        job.client.put_retention_policy(logGroupName=job.physical_id, retentionInDays=int(days))


def _arn(job: Job, name: str) -> Any:
    if name != "Arn":
        raise KeyError(name)
    groups = job.client.describe_log_groups(logGroupNamePrefix=job.physical_id)["logGroups"]
    return next(group["arn"] for group in groups if group["logGroupName"] == job.physical_id)


def _metric_filter(properties: dict[str, Any]) -> dict[str, Any]:
    """Return a filter with the dimensions of its metrics as the map that the API takes."""
    metrics = [
        metric | ({"Dimensions": {item["Key"]: item["Value"] for item in metric["Dimensions"]}} if dimensions else {})
        for metric in properties["MetricTransformations"]
        for dimensions in (metric.get("Dimensions"),)
    ]
    return properties | {"MetricTransformations": metrics}


def _metric_filters(job: Job) -> Any:
    group, name = job.request["logGroupName"], job.request["filterName"]
    return job.client.describe_metric_filters(logGroupName=group, filterNamePrefix=name)["metricFilters"]


def _delete_metric_filter(job: Job, _snapshot: bool) -> None:
    job.client.delete_metric_filter(**{name: job.request[name] for name in ("logGroupName", "filterName")})


def _resource_policies(job: Job) -> Any:
    found = job.client.describe_resource_policies()["resourcePolicies"]
    return [policy for policy in found if policy["policyName"] == job.physical_id]


def _destination(properties: dict[str, Any]) -> dict[str, Any]:
    """Return a destination with its ARN where the API has it."""
    arn = properties.pop("DestinationResourceArn", None)
    return properties | ({"deliveryDestinationConfiguration": {"destinationResourceArn": arn}} if arn else {})


_S3 = {"S3SuffixPath": "suffixPath", "S3EnableHiveCompatiblePath": "enableHiveCompatiblePath"}


def _delivery(properties: dict[str, Any]) -> dict[str, Any]:
    """Return a delivery with what concerns S3 where the API has it."""
    given = {theirs: properties.pop(ours) for ours, theirs in _S3.items() if ours in properties}
    return properties | ({"s3DeliveryConfiguration": given} if given else {})


def _shown_delivery(job: Job) -> Any:
    found = job.client.get_delivery(id=job.physical_id)["delivery"]
    given = found.get("s3DeliveryConfiguration", {})
    return [found, {ours: given[theirs] for ours, theirs in _S3.items() if theirs in given}]


RECIPES = (
    Recipe(
        "AWS::Logs::LogGroup",
        "logs",
        "create_log_group",
        "=logGroupName",
        "delete_log_group",
        "logGroupName",
        name="logGroupName",
        late=("RetentionInDays",),
        after=_retention,
        describe=_arn,
        show=("describe_log_groups:logGroupNamePrefix", "list_tags_log_group:logGroupName"),
    ),
    Recipe(
        "AWS::Logs::MetricFilter",
        "logs",
        "put_metric_filter",
        "=filterName",
        name="filterName",
        prepare=_metric_filter,
        remove=_delete_metric_filter,
        show=(_metric_filters,),
    ),
    Recipe(
        "AWS::Logs::ResourcePolicy",
        "logs",
        "put_resource_policy",
        "=policyName",
        "delete_resource_policy",
        "policyName",
        show=(_resource_policies,),
    ),
    Recipe(
        "AWS::Logs::DeliverySource",
        "logs",
        "put_delivery_source",
        "=name",
        "delete_delivery_source",
        "name",
        attributes={"Arn": "deliverySource.arn", "Service": "deliverySource.service"},
        show=("get_delivery_source:name",),
    ),
    Recipe(
        "AWS::Logs::DeliveryDestination",
        "logs",
        "put_delivery_destination",
        "=name",
        "delete_delivery_destination",
        "name",
        prepare=_destination,
        attributes={"Arn": "deliveryDestination.arn"},
        show=("get_delivery_destination:name",),
    ),
    Recipe(
        "AWS::Logs::Delivery",
        "logs",
        "create_delivery",
        "delivery.id",
        "delete_delivery",
        "id",
        prepare=_delivery,
        attributes={"Arn": "delivery.arn", "DeliveryId": "delivery.id"},
        show=(_shown_delivery,),
    ),
)
