"""CloudWatch Logs: log groups, their filters, resource policies, and deliveries of other services' logs."""

from __future__ import annotations

import json
from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.existing import AlreadyExistsError, exists
from stackproof.simulate.recipe import Job, Recipe, Tagging


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


# --- Log groups. ---


def _settle_group(job: Job) -> None:
    """Tell the group what is not said when it is made, or is now otherwise."""
    name, wanted, client = job.physical_id, job.wanted.properties, job.client
    if job.touched("RetentionInDays"):
        if wanted.get("RetentionInDays") is None:
            client.delete_retention_policy(logGroupName=name)
        else:
            client.put_retention_policy(logGroupName=name, retentionInDays=int(wanted["RetentionInDays"]))
    if job.touched("BearerTokenAuthenticationEnabled"):
        enabled = _is_true(job, "BearerTokenAuthenticationEnabled")
        client.put_bearer_token_authentication(logGroupIdentifier=name, bearerTokenAuthenticationEnabled=enabled)
    if job.touched("DataProtectionPolicy"):
        if wanted.get("DataProtectionPolicy"):
            text = _text(wanted["DataProtectionPolicy"])
            client.put_data_protection_policy(logGroupIdentifier=name, policyDocument=text)
        else:
            client.delete_data_protection_policy(logGroupIdentifier=name)
    if job.touched("FieldIndexPolicies"):
        if wanted.get("FieldIndexPolicies"):
            text = _text(wanted["FieldIndexPolicies"][0])
            client.put_index_policy(logGroupIdentifier=name, policyDocument=text)
        else:
            client.delete_index_policy(logGroupIdentifier=name)


def _is_true(job: Job, name: str) -> bool:
    return as_text(job.wanted.properties.get(name, False)).lower() == "true"


def _change_group(job: Job) -> None:
    name, wanted = job.physical_id, job.wanted.properties
    if job.touched("KmsKeyId"):
        if wanted.get("KmsKeyId"):
            job.client.associate_kms_key(logGroupName=name, kmsKeyId=wanted["KmsKeyId"])
        else:
            job.client.disassociate_kms_key(logGroupName=name)
    if job.touched("DeletionProtectionEnabled"):
        enabled = _is_true(job, "DeletionProtectionEnabled")
        job.client.put_log_group_deletion_protection(logGroupIdentifier=name, deletionProtectionEnabled=enabled)
    _settle_group(job)


def _is_new(job: Job) -> None:
    name = job.wanted.properties.get("LogGroupName")
    if name and exists(lambda: _groups(job, name)):
        raise AlreadyExistsError(job.wanted.type, LogGroupName=name)


def _groups(job: Job, name: str) -> list[dict[str, Any]]:
    groups = job.client.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return [group for group in groups if group["logGroupName"] == name]


def _arn(job: Job, name: str) -> Any:
    return _groups(job, job.physical_id)[0][{"Arn": "arn"}[name]]


def _shown_group(job: Job) -> Any:
    wanted, own = job.wanted.properties, {"logGroupIdentifier": job.physical_id}
    # A group that is not protected, or asks for no token, says nothing about it.
    unsaid = {"deletionProtectionEnabled": False, "bearerTokenAuthenticationEnabled": False}
    shown: list[Any] = [unsaid | group for group in _groups(job, job.physical_id)]
    if "DataProtectionPolicy" in wanted:
        shown.append(job.client.get_data_protection_policy(**own))
    if "FieldIndexPolicies" in wanted:
        shown.append(job.client.describe_index_policies(logGroupIdentifiers=[job.physical_id])["indexPolicies"])
    return [*shown, _tags_of(job, _group_arn(job))]


def _group_arn(job: Job) -> str:
    """Return the ARN under which a group is tagged, which has no star at its end."""
    return str(_arn(job, "Arn")).removesuffix(":*")


# --- What belongs to a log group. ---


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
    found = job.client.describe_metric_filters(logGroupName=group, filterNamePrefix=name)["metricFilters"]
    return [entry for entry in found if entry["filterName"] == name]


def _delete_metric_filter(job: Job, _snapshot: bool) -> None:
    if exists(lambda: _metric_filters(job)):
        job.client.delete_metric_filter(**{name: job.request[name] for name in ("logGroupName", "filterName")})


def _stream(job: Job) -> None:
    if exists(lambda: _streams(job)):
        names = {"LogGroupName": job.request["logGroupName"], "LogStreamName": job.physical_id}
        job.client.delete_log_stream(**{f"l{name[1:]}": value for name, value in names.items()})


def _streams(job: Job) -> Any:
    group, name = job.wanted.properties["LogGroupName"], job.physical_id
    found = job.client.describe_log_streams(logGroupName=group, logStreamNamePrefix=name)["logStreams"]
    return [{"logGroupName": group, **entry} for entry in found if entry["logStreamName"] == name]


def _subscription_filters(job: Job) -> Any:
    group, name = job.request["logGroupName"], job.request["filterName"]
    found = job.client.describe_subscription_filters(logGroupName=group, filterNamePrefix=name)
    return [entry for entry in found["subscriptionFilters"] if entry["filterName"] == name]


def _delete_subscription_filter(job: Job, _snapshot: bool) -> None:
    if exists(lambda: _subscription_filters(job)):
        job.client.delete_subscription_filter(**{name: job.request[name] for name in ("logGroupName", "filterName")})


def _resource_policies(job: Job) -> Any:
    found = job.client.describe_resource_policies()["resourcePolicies"]
    return [policy for policy in found if policy["policyName"] == job.physical_id]


# --- Deliveries. ---


def _destination(properties: dict[str, Any]) -> dict[str, Any]:
    """Return a destination with its ARN where the API has it."""
    arn = properties.pop("DestinationResourceArn", None)
    return properties | ({"deliveryDestinationConfiguration": {"destinationResourceArn": arn}} if arn else {})


def _settle_destination(job: Job) -> None:
    if not job.touched("DeliveryDestinationPolicy"):
        return
    name, policy = job.physical_id, job.wanted.properties.get("DeliveryDestinationPolicy")
    if policy:
        text = _text(policy.get("DeliveryDestinationPolicy", policy))
        job.client.put_delivery_destination_policy(deliveryDestinationName=name, deliveryDestinationPolicy=text)
    else:
        job.client.delete_delivery_destination_policy(deliveryDestinationName=name)


def _change_source(job: Job) -> None:
    """Put a source again; its tags may be given only when it is new."""
    if job.touched("LogType", "ResourceArn", "DeliverySourceConfiguration"):
        rest = {name: value for name, value in job.wanted.properties.items() if name != "Tags"}
        job.call("put_delivery_source", rest)


_S3 = {"S3SuffixPath": "suffixPath", "S3EnableHiveCompatiblePath": "enableHiveCompatiblePath"}
_OF_DELIVERY = ("RecordFields", "FieldDelimiter", *_S3)


def _delivery(properties: dict[str, Any]) -> dict[str, Any]:
    """Return a delivery with what concerns S3 where the API has it."""
    given = {theirs: properties.pop(ours) for ours, theirs in _S3.items() if ours in properties}
    return properties | ({"s3DeliveryConfiguration": given} if given else {})


def _change_delivery(job: Job) -> None:
    if job.touched(*_OF_DELIVERY):
        wanted = {name: value for name, value in job.wanted.properties.items() if name in _OF_DELIVERY}
        job.call("update_delivery_configuration", _delivery(wanted), id=job.physical_id)


def _shown_delivery(job: Job) -> Any:
    found = job.client.get_delivery(id=job.physical_id)["delivery"]
    given = found.get("s3DeliveryConfiguration", {})
    return [found, {ours: given[theirs] for ours, theirs in _S3.items() if theirs in given}]


def _tagging(*, of_group: bool = False) -> Tagging:
    return Tagging(
        "tag_resource",
        "untag_resource",
        "resourceArn",
        tags="tags",
        keys="tagKeys",
        id=_group_arn if of_group else _delivery_arn,
    )


def _delivery_arn(job: Job) -> Any:
    return next(iter(job.answer.values()))["arn"]


def _tags(job: Job) -> Any:
    return _tags_of(job, _delivery_arn(job))


def _tags_of(job: Job, arn: str) -> list[dict[str, str]]:
    tags = job.client.list_tags_for_resource(resourceArn=arn)["tags"]
    return [{"Key": key, "Value": value} for key, value in tags.items()]


RECIPES = (
    Recipe(
        "AWS::Logs::LogGroup",
        "logs",
        "create_log_group",
        "=logGroupName",
        "delete_log_group",
        "logGroupName",
        name="logGroupName",
        late=("RetentionInDays", "BearerTokenAuthenticationEnabled", "DataProtectionPolicy", "FieldIndexPolicies"),
        before=_is_new,
        after=_settle_group,
        describe=_arn,
        show=(_shown_group,),
        tagging=_tagging(of_group=True),
        change=_change_group,
    ),
    Recipe(
        "AWS::Logs::LogStream",
        "logs",
        "create_log_stream",
        "=logStreamName",
        name="logStreamName",
        remove=lambda job, _snapshot: _stream(job),
        show=(_streams,),
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
        put=True,
    ),
    Recipe(
        "AWS::Logs::SubscriptionFilter",
        "logs",
        "put_subscription_filter",
        "=filterName",
        name="filterName",
        remove=_delete_subscription_filter,
        show=(_subscription_filters,),
        put=True,
    ),
    Recipe(
        "AWS::Logs::ResourcePolicy",
        "logs",
        "put_resource_policy",
        "=policyName",
        "delete_resource_policy",
        "policyName",
        show=(_resource_policies,),
        put=True,
    ),
    Recipe(
        "AWS::Logs::DeliverySource",
        "logs",
        "put_delivery_source",
        "=name",
        "delete_delivery_source",
        "name",
        attributes={
            "Arn": "deliverySource.arn",
            "Service": "deliverySource.service",
            "ResourceArns": "deliverySource.resourceArns",
        },
        show=("get_delivery_source:name", _tags),
        tagging=_tagging(),
        change=_change_source,
    ),
    Recipe(
        "AWS::Logs::DeliveryDestination",
        "logs",
        "put_delivery_destination",
        "=name",
        "delete_delivery_destination",
        "name",
        prepare=_destination,
        late=("DeliveryDestinationPolicy",),
        after=_settle_destination,
        attributes={"Arn": "deliveryDestination.arn"},
        show=("get_delivery_destination:name", _tags),
        hidden=("DeliveryDestinationPolicy",),
        tagging=_tagging(),
        change=_settle_destination,
    ),
    Recipe(
        "AWS::Logs::Delivery",
        "logs",
        "create_delivery",
        "delivery.id",
        "delete_delivery",
        "id",
        prepare=_delivery,
        attributes={
            "Arn": "delivery.arn",
            "DeliveryId": "delivery.id",
            "DeliveryDestinationType": "delivery.deliveryDestinationType",
        },
        show=(_shown_delivery, _tags),
        tagging=_tagging(),
        change=_change_delivery,
    ),
)
