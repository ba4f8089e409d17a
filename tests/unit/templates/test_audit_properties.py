"""What holds of the audit layer for every value that it permits."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from stackproof import Stack, load_system
from stackproof.resolve.values import plain_value
from stackproof.strategies import stacks

TEMPLATE = load_system("caja").templates["audit"]
EVERY = settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.promise("CJ-10")
@pytest.mark.promise("MJ-10")
@EVERY
@given(stacks(TEMPLATE, UseMonitoring="false"))
def test_trail_is_never_weak(stack: Stack) -> None:
    """No value stops it, leaves out a region or management events, or lets its files be changed unseen."""
    trail = stack["Trail"]
    flags = ("IsLogging", "IsMultiRegionTrail", "IncludeGlobalServiceEvents", "EnableLogFileValidation")
    assert {trail.boolean(flag) for flag in flags} == {True}
    management, *others = plain_value(trail["AdvancedEventSelectors"])
    assert management["FieldSelectors"] == [{"Field": "eventCategory", "Equals": ["Management"]}]
    assert len(others) == (1 if stack.values["RecordObjectEvents"] == "true" else 0)


@pytest.mark.promise("CJ-10")
@EVERY
@given(stacks(TEMPLATE, UseMonitoring="false", RecordObjectEvents="true"))
def test_the_trail_does_not_record_itself(stack: Stack) -> None:
    """Each of its files would be an event, and each event a file."""
    _, objects = plain_value(stack["Trail"]["AdvancedEventSelectors"])
    (left_out,) = [item["NotStartsWith"] for item in objects["FieldSelectors"] if "NotStartsWith" in item]
    assert [str(one) for one in left_out] == ["${TrailBucket.Arn}/", "${AccessLogsBucket.Arn}/"]


@pytest.mark.promise("CJ-10")
@EVERY
@given(stacks(TEMPLATE, UseMonitoring="false"))
def test_no_administrator_without_a_second_factor(stack: Stack) -> None:
    """Whatever the age that is permitted, and that is twelve hours at most."""
    (statement,) = stack["AdministratorRole"].block("AssumeRolePolicyDocument").items_of("Statement")
    condition = plain_value(statement["Condition"])
    assert condition["Bool"] == {"aws:MultiFactorAuthPresent": "true"}
    assert 900 <= int(condition["NumericLessThan"]["aws:MultiFactorAuthAge"]) <= 43200


@pytest.mark.promise("CJ-10")
@EVERY
@given(stacks(TEMPLATE, UseMonitoring="false"))
def test_files_move_before_they_expire(stack: Stack) -> None:
    """S3 refuses a rule by which they would not."""
    (rule,) = stack["TrailBucket"].block("LifecycleConfiguration").items_of("Rules")
    (move,) = rule.items_of("Transitions")
    assert move.integer("TransitionInDays") < rule.integer("ExpirationInDays")


@EVERY
@given(stacks(TEMPLATE, UseMonitoring="false"))
def test_alarms_stand_without_monitoring(stack: Stack) -> None:
    """They notify nobody then, and need nothing."""
    alarms = stack.of_type("AWS::CloudWatch::Alarm")
    assert len(alarms) == 4
    assert [alarm.logical_id for alarm in alarms if "AlarmActions" in alarm or "OKActions" in alarm] == []
