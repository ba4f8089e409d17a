"""CloudWatch: composite alarms, the tags of dashboards, and what moto forgets of alarms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores

from stackproof.simulate.additions.keeping import Item, Method, Response

_OF_ALARM = (
    "ActionConfiguration",
    "ActionsSuppressor",
    "ActionsSuppressorExtensionPeriod",
    "ActionsSuppressorWaitPeriod",
    "EvaluationCriteria",
    "EvaluationInterval",
    "EvaluationWindow",
    "WarmUpConfiguration",
)

_STATE = (
    "state_value",
    "state_reason",
    "state_reason_data",
    "state_updated_timestamp",
    "state_transitioned_timestamp",
)


def _put_alarm(response: Response, request: Item) -> Any:
    """Put an alarm; moto's may have a rule too, so only the operation is missing for composite ones.

    Tags are given to an alarm that is new, and left alone where there is one already; nothing is said of state anew.
    """
    name = request["AlarmName"]
    before = response.cloudwatch_backend.alarms.get(name)
    if before is not None:
        response.params.pop("Tags", None)
    response.put_metric_alarm()
    alarm = response.cloudwatch_backend.alarms[name]
    alarm.actions_enabled = request.get("ActionsEnabled", True)
    for key in _OF_ALARM:
        # moto's serializer finds a member under its name in lower case.
        setattr(alarm, camelcase_to_underscores(key), request.get(key))
    if before is None:
        # Nothing is known of the metric yet.
        alarm.state_value, alarm.state_reason_data = "INSUFFICIENT_DATA", None
        alarm.state_transitioned_timestamp = alarm.state_updated_timestamp
    else:
        for state in _STATE:
            setattr(alarm, state, getattr(before, state))
    return {}


def _describe_alarms(response: Response, request: Item) -> Any:
    """Describe alarms; metric alarms only, unless the others are asked for."""
    found = response.describe_alarms().result
    kinds = request.get("AlarmTypes") or ["MetricAlarm"]
    return ActionResult({name: alarms if name.removesuffix("s") in kinds else [] for name, alarms in found.items()})


def _put_dashboard(response: Response, request: Item) -> Any:
    """Keep the tags of a dashboard with those of alarms."""
    answer = response.put_dashboard()
    arn = response.cloudwatch_backend.dashboards[request["DashboardName"]].arn
    response.cloudwatch_backend.tagger.tag_resource(arn, request.get("Tags", []))
    return answer


def _tag_resource(response: Response, request: Item) -> Any:
    response.cloudwatch_backend.tagger.tag_resource(request["ResourceARN"], request["Tags"])
    return {}


def _untag_resource(response: Response, request: Item) -> Any:
    response.cloudwatch_backend.tagger.untag_resource_using_names(request["ResourceARN"], request["TagKeys"])
    return {}


METHODS: Mapping[tuple[str, str], Method] = {
    ("cloudwatch", "PutMetricAlarm"): _put_alarm,
    ("cloudwatch", "PutCompositeAlarm"): _put_alarm,
    ("cloudwatch", "DescribeAlarms"): _describe_alarms,
    ("cloudwatch", "PutDashboard"): _put_dashboard,
    ("cloudwatch", "TagResource"): _tag_resource,
    ("cloudwatch", "UntagResource"): _untag_resource,
}
