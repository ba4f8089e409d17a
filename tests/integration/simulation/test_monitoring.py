"""Who hears of what: topics, escalation, budget, alarms, overview, as a tester finds them in the console."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from .conftest import Simulated

SEVERITIES = ("critical", "warning", "information")
BUDGETS = {
    "caja-dev": "200",
    "caja-staging": "900",
    "caja-prod": "1200",
    "maticko-dev": "100",
    "maticko-test": "150",
    "maticko-prod": "500",
    "mattilda-staging": "150",
    "mattilda-prod": "250",
    "muejam-dev": "250",
    "muejam-staging": "550",
    "muejam-prod": "2000",
}


def _alarms(simulated: Simulated) -> list[dict[str, Any]]:
    """Return all alarms that stacks made; target tracking makes more of them."""
    pages = (
        simulated.client("cloudwatch")
        .get_paginator("describe_alarms")
        .paginate(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    )
    found = [alarm for page in pages for alarm in (*page["MetricAlarms"], *page["CompositeAlarms"])]
    return [alarm for alarm in found if not alarm["AlarmName"].startswith("TargetTracking-")]


def _told(alarm: dict[str, Any]) -> set[str]:
    """Return the topics that an alarm tells."""
    actions = [*alarm["AlarmActions"], *alarm["OKActions"]]
    return {action for action in actions if action.startswith("arn:aws:sns:")}


@pytest.mark.promise("CJ-07", "MT-23")
def test_there_is_a_topic_of_each_severity(simulated: Simulated) -> None:
    """The account has three topics, and the stack exports their ARNs."""
    found = {topic["TopicArn"] for topic in simulated.client("sns").list_topics()["Topics"]}
    outputs = simulated.outputs("monitoring")
    assert found == {simulated.topic(severity) for severity in SEVERITIES}
    assert found == {outputs[f"{severity.capitalize()}TopicArn"] for severity in SEVERITIES}


@pytest.mark.promise("CJ-07", "CJ-09")
@pytest.mark.parametrize("severity", SEVERITIES)
def test_topic_is_encrypted_with_a_key_that_rotates(simulated: Simulated, severity: str) -> None:
    """Messages are encrypted with monitoring's own key, whose policy lets alarms in."""
    attributes = simulated.client("sns").get_topic_attributes(TopicArn=simulated.topic(severity))["Attributes"]
    kms, key = simulated.client("kms"), simulated.key_arn("monitoring", "TopicKey")
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    services = {
        service for statement in policy["Statement"] for service in _listed(statement["Principal"].get("Service", []))
    }
    assert attributes["KmsMasterKeyId"] == key
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
    assert services == {"cloudwatch.amazonaws.com", "budgets.amazonaws.com", "events.amazonaws.com"}


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@pytest.mark.promise("CJ-07")
def test_critical_messages_escalate_in_staging_and_prod_of_caja(simulated: Simulated) -> None:
    """The one subscription hands critical messages to the endpoint that the secret names; elsewhere there is none."""
    found = simulated.client("sns").list_subscriptions()["Subscriptions"]
    escalates = simulated.prefix in ("caja-staging", "caja-prod")
    endpoint = (
        json.loads(simulated.secret(f"{simulated.system}/{simulated.environment}/escalation"))["url"]
        if escalates
        else ""
    )
    expected = [(simulated.topic("critical"), "https", endpoint)] if escalates else []
    assert [(entry["TopicArn"], entry["Protocol"], entry["Endpoint"]) for entry in found] == expected


def _budget(simulated: Simulated) -> tuple[str, dict[str, Any]]:
    """Return the account's id and the stack's budget."""
    name = simulated.id_of("monitoring", "Budget")
    found = simulated.client("budgets").describe_budget(AccountId=simulated.account_id, BudgetName=name)["Budget"]
    return simulated.account_id, dict(found)


@pytest.mark.promise("CJ-11")
def test_budget_is_that_of_the_environment(simulated: Simulated) -> None:
    """There is one budget a month, of the amount that the environment may cost."""
    _, found = _budget(simulated)
    assert (found["BudgetType"], found["TimeUnit"]) == ("COST", "MONTHLY")
    assert found["BudgetLimit"] == {"Amount": BUDGETS[simulated.prefix], "Unit": "USD"}


@pytest.mark.promise("CJ-11")
def test_budget_tells_topics_that_exist(simulated: Simulated) -> None:
    """At 80 % and a forecast of 100 % it warns, at 100 % it is critical."""
    account, budget = _budget(simulated)
    client, told = simulated.client("budgets"), {}
    where = {"AccountId": account, "BudgetName": budget["BudgetName"]}
    for notification in client.describe_notifications_for_budget(**where)["Notifications"]:
        found = client.describe_subscribers_for_notification(**where, Notification=notification)
        (subscriber,) = found["Subscribers"]
        told[(notification["NotificationType"], notification["Threshold"])] = subscriber["Address"]
    assert told == {
        ("ACTUAL", 80.0): simulated.topic("warning"),
        ("FORECASTED", 100.0): simulated.topic("warning"),
        ("ACTUAL", 100.0): simulated.topic("critical"),
    }


@pytest.mark.promise("CJ-07", "MT-18", "MJ-07")
def test_every_alarm_tells_a_topic_that_exists(simulated: Simulated) -> None:
    """Each alarm tells one topic, when it goes off and when it is over; only that of little CPU tells nobody."""
    topics = {simulated.topic(severity) for severity in SEVERITIES}
    silent = {alarm["AlarmName"] for alarm in _alarms(simulated) if not _told(alarm)}
    assert set().union(*(_told(alarm) for alarm in _alarms(simulated))) <= topics
    assert [alarm["AlarmName"] for alarm in _alarms(simulated) if len(_told(alarm)) > 1] == []
    scales_down = "LowCpuAlarm" in simulated.deployment["application"].resources
    assert silent == ({simulated.id_of("application", "LowCpuAlarm")} if scales_down else set())


@pytest.mark.promise("CJ-07")
def test_alarms_have_severities(simulated: Simulated) -> None:
    """Some alarms are critical, some warn, and Caja's edge has one that only informs."""
    told = set().union(*(_told(alarm) for alarm in _alarms(simulated)))
    severities = {severity for severity in SEVERITIES if simulated.topic(severity) in told}
    assert severities == {"critical", "warning"} | ({"information"} if simulated.system == "caja" else set())


@pytest.mark.promise("CJ-07")
def test_every_alarm_says_what_it_means(simulated: Simulated) -> None:
    """Whoever gets the message reads which system and environment it is about."""
    name = f"{simulated.system} {simulated.environment}"
    assert [alarm["AlarmName"] for alarm in _alarms(simulated) if name not in alarm["AlarmDescription"]] == []


def _news(simulated: Simulated) -> dict[str, dict[str, Any]]:
    """Return the patterns of the rules that tell the information topic, by their sources."""
    events, found = simulated.client("events"), {}
    for rule in events.list_rules()["Rules"]:
        targets = [target["Arn"] for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]]
        pattern = json.loads(rule["EventPattern"])
        assert (rule["State"], targets) == ("ENABLED", [simulated.topic("information")])
        found[pattern["source"][0]] = pattern
    return found


@pytest.mark.promise("CJ-07", "MT-23")
def test_news_grow_with_the_environment(simulated: Simulated) -> None:
    """Dev hears of alarms only; the others hear of deployments, instances, services and their capacity too."""
    expected = {"aws.cloudformation", "aws.autoscaling", "aws.ecs", "aws.application-autoscaling"}
    assert _news(simulated).keys() == (set() if simulated.environment == "dev" else expected)


@pytest.mark.environments("test", "staging", "prod")
@pytest.mark.promise("CJ-07", "MT-23")
@pytest.mark.own_stacks_only("the root of nested stacks is no layer")
def test_news_are_of_the_stacks_that_exist(simulated: Simulated) -> None:
    """The rule about deployments matches the id of every stack of its region."""
    stacks = simulated.client("cloudformation").describe_stacks()["Stacks"]
    (begin,) = _news(simulated)["aws.cloudformation"]["detail"]["stack-id"]
    assert [stack["StackName"] for stack in stacks if not stack["StackId"].startswith(begin["prefix"])] == []


@pytest.mark.systems("caja", "mattilda")
@pytest.mark.environments("staging", "prod")
@pytest.mark.promise("CJ-07")
def test_news_are_of_the_service_that_exists(simulated: Simulated) -> None:
    """The rules about services match the ARN and the scalable target of the one that there is."""
    ecs, scaling = simulated.client("ecs"), simulated.client("application-autoscaling")
    (service,) = ecs.list_services(cluster=simulated.id_of("application", "Cluster"))["serviceArns"]
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    (arn,) = _news(simulated)["aws.ecs"]["resources"]
    (resource,) = _news(simulated)["aws.application-autoscaling"]["detail"]["resourceId"]
    assert service.startswith(arn["prefix"])
    assert target["ResourceId"].startswith(resource["prefix"])


@pytest.mark.promise("CJ-07")
def test_dashboard_stands_where_monitoring_is_full(simulated: Simulated) -> None:
    """Systems with an overview have one dashboard, called after system and environment; dev of Caja has none."""
    entries = simulated.client("cloudwatch").list_dashboards()["DashboardEntries"]
    expected = [simulated.prefix] if "overview" in simulated.deployment.stacks else []
    assert [entry["DashboardName"] for entry in entries] == expected
    assert expected or simulated.prefix == "caja-dev" or simulated.system == "maticko"


OVERVIEW = pytest.mark.systems("caja", "muejam", "mattilda")


@OVERVIEW
@pytest.mark.environments("staging", "prod")
@pytest.mark.promise("CJ-07")
def test_dashboard_shows_what_exists(simulated: Simulated) -> None:
    """Every alarm that a widget names exists, and so do load balancer and database."""
    body = simulated.client("cloudwatch").get_dashboard(DashboardName=simulated.prefix)["DashboardBody"]
    named = set(re.findall(r'arn:aws:cloudwatch:[^"]+', body))
    widgets = json.loads(body)["widgets"]
    values = {value for widget in widgets for metric in widget["properties"].get("metrics", []) for value in metric}
    assert named <= {alarm["AlarmArn"] for alarm in _alarms(simulated)}
    assert simulated.id_of("application", "LoadBalancer").partition("loadbalancer/")[2] in values
    assert simulated.id_of("database", "Database") in values


# What each alarm of alarms joins, and whom it tells.
COMPOSITES = [
    (
        "ServiceDownAlarm",
        {
            ("application", "UnhealthyTargetsAlarm"),
            ("application", "SlowResponseAlarm"),
            ("database", "ManyConnectionsAlarm"),
        },
        "critical",
    ),
    ("DataInDangerAlarm", {("database", "LittleStorageAlarm"), ("database", "ManyConnectionsAlarm")}, "critical"),
    (
        "OverloadedAlarm",
        {
            ("application", "SlowResponseAlarm"),
            ("application", "HighCpuAlarm"),
            ("database", "HighCpuAlarm"),
            ("cache", "HighCpuAlarm"),
            ("cache", "HighMemoryAlarm"),
        },
        "warning",
    ),
]


@OVERVIEW
@pytest.mark.environments("staging", "prod")
@pytest.mark.promise("CJ-07")
@pytest.mark.parametrize(("name", "joined", "severity"), COMPOSITES)
def test_alarm_of_alarms_joins_alarms_that_exist(
    simulated: Simulated, name: str, joined: set[tuple[str, str]], severity: str
) -> None:
    """The rule names the alarms by the ARNs under which CloudWatch knows them."""
    alarm = simulated.id_of("overview", name)
    answer = simulated.client("cloudwatch").describe_alarms(AlarmNames=[alarm], AlarmTypes=["CompositeAlarm"])
    (found,) = answer["CompositeAlarms"]
    expected = {
        simulated.alarm(layer, logical_id)["AlarmArn"]
        for layer, logical_id in joined
        if layer in simulated.deployment.stacks
    }
    assert set(re.findall(r'ALARM\("([^"]+)"\)', found["AlarmRule"])) == expected
    assert (found["AlarmActions"], found["OKActions"]) == ([simulated.topic(severity)], [simulated.topic(severity)])


@pytest.mark.promise("CJ-07")
def test_alarms_of_alarms_come_with_the_overview(simulated: Simulated) -> None:
    """Where there is an overview there are its three alarms of alarms; Caja has none in dev."""
    found = simulated.client("cloudwatch").describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    names = [name for name, _, _ in COMPOSITES] if "overview" in simulated.deployment.stacks else []
    assert {alarm["AlarmName"] for alarm in found} == {simulated.id_of("overview", name) for name in names}
    assert names or simulated.prefix == "caja-dev" or simulated.system == "maticko"
