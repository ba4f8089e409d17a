"""What holds of the overview layer for every value that it permits."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings

from stackproof import Stack, load_system
from stackproof.strategies import stacks

TEMPLATE = load_system("muejam").templates["overview"]
EVERY = settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.promise("CJ-07")
@EVERY
@given(stacks(TEMPLATE))
def test_dashboard_is_json(stack: Stack) -> None:
    """CloudWatch takes what is not for an error, and the stack fails."""
    widgets = json.loads(str(stack["Dashboard"]["DashboardBody"]))["widgets"]
    titles = [widget["properties"].get("title", "") for widget in widgets]
    cached = [title for title in titles if title.startswith("Cache: ")]
    assert len(cached) == (3 if stack.values["UseCache"] == "true" else 0)


@pytest.mark.promise("CJ-07")
@EVERY
@given(stacks(TEMPLATE))
def test_alarms_are_heard_where_there_is_monitoring(stack: Stack) -> None:
    """And need no topic where there is none."""
    alarms = stack.of_type("AWS::CloudWatch::CompositeAlarm")
    assert len(alarms) == 3
    heard = [alarm for alarm in alarms if "AlarmActions" in alarm and "OKActions" in alarm]
    assert len(heard) == (3 if stack.values["UseMonitoring"] == "true" else 0)


@pytest.mark.promise("CJ-07")
@EVERY
@given(stacks(TEMPLATE))
def test_rules_are_well_formed(stack: Stack) -> None:
    """Brackets are closed, and nothing of a cache is asked where there is none."""
    for alarm in stack.of_type("AWS::CloudWatch::CompositeAlarm"):
        rule = str(alarm["AlarmRule"])
        assert (rule.count("("), rule.count('"')) == (rule.count(")"), 2 * rule.count("ALARM("))
        assert ("Cache" in rule) is (stack.values["UseCache"] == "true" and alarm.logical_id == "OverloadedAlarm")
