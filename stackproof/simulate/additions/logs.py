"""CloudWatch Logs: what log groups, metric filters and deliveries have beside what moto keeps of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.core.utils import unix_time_millis
from moto.logs import models as _models

from stackproof.simulate.additions.keeping import Item, Method, Refused, Response

# moto is typed in parts; its internals are what the contract test says, not what its annotations say.
models: Any = _models

_MISSING = "The specified log group does not exist."


def _more(thing: Any) -> Item:
    """Return what is kept of a thing beside what moto keeps."""
    found: Item = vars(thing).setdefault("more", {})
    return found


def _group(response: Response, request: Item) -> Any:
    """Return the log group that a request names, by its name or ARN."""
    named = str(request.get("logGroupName") or request.get("logGroupIdentifier") or request.get("resourceIdentifier"))
    name = named.partition(":log-group:")[2].removesuffix(":*") if named.startswith("arn:") else named
    group = response.logs_backend.groups.get(name)
    if group is None:
        raise Refused("ResourceNotFoundException", _MISSING)
    return group


_describe = models.LogGroup.to_describe_dict


def _described(group: Any) -> Item:
    """Describe a group with its class and protection; a group is of the standard class unless it says otherwise."""
    more = _more(group)
    shown = {name: more[name] for name in _OF_GROUP if name in more}
    if "dataProtectionPolicy" in more:
        shown["dataProtectionStatus"] = "ACTIVATED"
    return {**_describe(group), "logGroupClass": "STANDARD", **shown}


_OF_GROUP = ("logGroupClass", "deletionProtectionEnabled", "bearerTokenAuthenticationEnabled")


def _create_log_group(response: Response, request: Item) -> Any:
    response.create_log_group()
    _more(_group(response, request)).update({name: request[name] for name in _OF_GROUP if name in request})
    return {}


def _delete_log_group(response: Response, request: Item) -> Any:
    """Delete a group with its filters, unless it is protected."""
    group = _group(response, request)
    if _more(group).get("deletionProtectionEnabled"):
        raise Refused("ValidationException", f"Log group {group.name} is protected from deletion.")
    response.delete_log_group()
    kept = response.logs_backend.filters.metric_filters
    kept[:] = [found for found in kept if found["logGroupName"] != group.name]
    return {}


def _describe_log_groups(response: Response, _request: Item) -> Any:
    """Count the filters of groups; moto counts none."""
    answer = json.loads(response.describe_log_groups())
    kept = response.logs_backend.filters.metric_filters
    for shown in answer["logGroups"]:
        shown["metricFilterCount"] = sum(found["logGroupName"] == shown["logGroupName"] for found in kept)
    return answer


def _set(change: Callable[[Any, Item], Item | None]) -> Method:
    """Return an operation on one log group; what it gives back is the answer."""

    def call(response: Response, request: Item) -> Any:
        return change(_group(response, request), request) or {}

    return call


def _associate(group: Any, request: Item) -> None:
    group.kms_key_id = request["kmsKeyId"]


def _disassociate(group: Any, _request: Item) -> None:
    group.kms_key_id = None


def _protect(group: Any, request: Item) -> None:
    _more(group)["deletionProtectionEnabled"] = request["deletionProtectionEnabled"]


def _authenticate(group: Any, request: Item) -> None:
    _more(group)["bearerTokenAuthenticationEnabled"] = request["bearerTokenAuthenticationEnabled"]


def _put_protection(group: Any, request: Item) -> Item:
    _more(group)["dataProtectionPolicy"] = request["policyDocument"]
    return request


def _get_protection(group: Any, request: Item) -> Item:
    text = _more(group).get("dataProtectionPolicy")
    return {"logGroupIdentifier": request["logGroupIdentifier"], **({"policyDocument": text} if text else {})}


def _delete_protection(group: Any, _request: Item) -> None:
    _more(group).pop("dataProtectionPolicy", None)


def _put_index(group: Any, request: Item) -> Item:
    shown = {"logGroupIdentifier": group.arn, "policyDocument": request["policyDocument"], "source": "LOG_GROUP"}
    _more(group)["indexPolicy"] = {**shown, "lastUpdateTime": int(unix_time_millis())}
    return {"indexPolicy": _more(group)["indexPolicy"]}


def _delete_index(group: Any, _request: Item) -> None:
    _more(group).pop("indexPolicy", None)


def _describe_indexes(response: Response, request: Item) -> Any:
    groups = [_group(response, {"logGroupIdentifier": name}) for name in request["logGroupIdentifiers"]]
    return {"indexPolicies": [_more(group)["indexPolicy"] for group in groups if "indexPolicy" in _more(group)]}


_OF_FILTER = ("applyOnTransformedLogs", "fieldSelectionCriteria", "emitSystemFieldDimensions")


def _put_metric_filter(response: Response, request: Item) -> Any:
    """Put a filter in the place of the one with its name; moto would keep both."""
    group, name = _group(response, request), request["filterName"]
    kept = response.logs_backend.filters.metric_filters
    others = [found for found in kept if (found["logGroupName"], found["filterName"]) != (group.name, name)]
    response.put_metric_filter()
    added = {**kept[-1], "creationTime": int(unix_time_millis())}
    kept[:] = [*others, added | {name: request[name] for name in _OF_FILTER if name in request}]
    return {}


_OF_DELIVERY = {
    "recordFields": "record_fields",
    "fieldDelimiter": "field_delimiter",
    "s3DeliveryConfiguration": "s3_delivery_configuration",
}


def _update_delivery(response: Response, request: Item) -> Any:
    delivery = response.logs_backend.deliveries.get(request["id"])
    if delivery is None:
        raise Refused("ResourceNotFoundException", f"Requested Delivery {request['id']} does not exist.")
    for name, attribute in _OF_DELIVERY.items():
        if name in request:
            setattr(delivery, attribute, request[name])
    return {}


_OF_SUBSCRIPTION = ("distribution", "applyOnTransformedLogs", "fieldSelectionCriteria", "emitSystemFields")


def _put_subscription_filter(response: Response, request: Item) -> Any:
    """Put a filter in the place of the one with its name, also where a group has as many as it may have."""
    filters = _group(response, request).subscription_filters
    before = filters.pop(request["filterName"], None)
    try:
        response.put_subscription_filter()
    except Exception:
        filters.update({} if before is None else {request["filterName"]: before})
        raise
    more = {name: request[name] for name in _OF_SUBSCRIPTION if name in request}
    _more(filters[request["filterName"]]).update({"distribution": "ByLogStream", **more})
    return {}


def _describe_subscription_filters(response: Response, request: Item) -> Any:
    answer = json.loads(response.describe_subscription_filters())
    filters = _group(response, request).subscription_filters
    for shown in answer["subscriptionFilters"]:
        shown |= _more(filters[shown["filterName"]])
    return answer


METHODS: Mapping[tuple[str, str], Method] = {
    ("logs", name): method
    for name, method in {
        "CreateLogGroup": _create_log_group,
        "DeleteLogGroup": _delete_log_group,
        "DescribeLogGroups": _describe_log_groups,
        "AssociateKmsKey": _set(_associate),
        "DisassociateKmsKey": _set(_disassociate),
        "PutLogGroupDeletionProtection": _set(_protect),
        "PutBearerTokenAuthentication": _set(_authenticate),
        "PutDataProtectionPolicy": _set(_put_protection),
        "GetDataProtectionPolicy": _set(_get_protection),
        "DeleteDataProtectionPolicy": _set(_delete_protection),
        "PutIndexPolicy": _set(_put_index),
        "DeleteIndexPolicy": _set(_delete_index),
        "DescribeIndexPolicies": _describe_indexes,
        "PutMetricFilter": _put_metric_filter,
        "UpdateDeliveryConfiguration": _update_delivery,
        "PutSubscriptionFilter": _put_subscription_filter,
        "DescribeSubscriptionFilters": _describe_subscription_filters,
    }.items()
}

PATCHES = ((models.LogGroup, "to_describe_dict", _described),)
