"""The overview layer of Caja, MueJam and Mattilda, asked where there is one."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from stackproof import Deployment, Resource
from stackproof.symbols import Reference

pytestmark = [pytest.mark.systems("caja", "muejam", "mattilda"), pytest.mark.environments("staging", "prod")]

CACHED = {"muejam", "mattilda"}


def _rule(deployment: Deployment, name: str) -> tuple[str, set[tuple[str, str]]]:
    """Return an alarm's rule with its alarms left out, and those alarms by layer and logical id."""
    value = deployment["overview"][name]["AlarmRule"]
    parts = [part for part in getattr(value, "parts", ()) if isinstance(part, Reference)]
    alarms = {(part.stack, part.logical_id) for part in parts}
    return re.sub(r'"[^"]*"', "", str(value)), alarms


UNHEALTHY, SLOW, CPU = (("application", f"{name}Alarm") for name in ("UnhealthyTargets", "SlowResponse", "HighCpu"))
CONNECTIONS, STORAGE = ("database", "ManyConnectionsAlarm"), ("database", "LittleStorageAlarm")


@pytest.mark.promise("CJ-07")
def test_service_down(deployment: Deployment) -> None:
    """No answers, or late ones because the database takes no more clients."""
    rule, alarms = _rule(deployment, "ServiceDownAlarm")
    assert rule == "ALARM() OR (ALARM() AND ALARM())"
    assert alarms == {UNHEALTHY, SLOW, CONNECTIONS}


@pytest.mark.promise("CJ-07")
def test_data_in_danger(deployment: Deployment) -> None:
    """The database runs out of storage or of connections."""
    rule, alarms = _rule(deployment, "DataInDangerAlarm")
    assert (rule, alarms) == ("ALARM() OR ALARM()", {STORAGE, CONNECTIONS})


@pytest.mark.promise("CJ-07")
def test_overloaded(deployment: Deployment) -> None:
    """Late answers while a machine is busy; the cache's too where there is one."""
    rule, alarms = _rule(deployment, "OverloadedAlarm")
    machines = {CPU, ("database", "HighCpuAlarm")}
    if deployment.system in CACHED:
        machines |= {("cache", "HighCpuAlarm"), ("cache", "HighMemoryAlarm")}
    assert alarms == {SLOW, *machines}
    assert rule == f"ALARM() AND ({' OR '.join(['ALARM()'] * len(machines))})"


@pytest.mark.promise("CJ-07")
def test_who_hears_of_it(deployment: Deployment) -> None:
    """What is down or in danger is critical; what is overloaded a warning."""
    found = {
        alarm.logical_id: [getattr(deployment.follow(topic), "logical_id", None) for topic in alarm.items_of(key)]
        for alarm in deployment["overview"].of_type("AWS::CloudWatch::CompositeAlarm")
        for key in ("AlarmActions", "OKActions")
    }
    assert found == {
        "ServiceDownAlarm": ["CriticalTopic"],
        "DataInDangerAlarm": ["CriticalTopic"],
        "OverloadedAlarm": ["WarningTopic"],
    }


def _widgets(dashboard: Resource) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(str(dashboard["DashboardBody"]))["widgets"]
    return found


@pytest.mark.promise("CJ-07")
def test_dashboard(deployment: Deployment) -> None:
    """Named after system and environment; what users notice comes first."""
    dashboard = deployment["overview"]["Dashboard"]
    assert dashboard.text("DashboardName") == f"{deployment.system}-{deployment.environment.name}"
    titles = [widget["properties"].get("title", widget["type"]) for widget in _widgets(dashboard)]
    assert titles == [
        "text",
        "Alarms",
        "Requests",
        "Errors",
        "Response time, 95 %",
        "Application: CPU",
        "Application: unhealthy targets",
        "Database: latency",
        "Database: CPU",
        "Database: connections",
        "Database: free storage",
        *(["Cache: CPU", "Cache: memory", "Cache: evictions"] if deployment.system in CACHED else []),
    ]


@pytest.mark.promise("CJ-07")
def test_widgets_do_not_overlap(deployment: Deployment) -> None:
    """Each stands in the grid of 24 columns, on no place of another."""
    places = [
        (widget["x"] + column, widget["y"] + row)
        for widget in _widgets(deployment["overview"]["Dashboard"])
        for column in range(widget["width"])
        for row in range(widget["height"])
    ]
    assert len(places) == len(set(places))
    assert max(column for column, _ in places) == 23


@pytest.mark.promise("CJ-07")
def test_every_joined_alarm_is_shown(deployment: Deployment) -> None:
    """The widget of alarms holds those of this layer and all that they look at."""
    dashboard = deployment["overview"]["Dashboard"]
    parts = [part for part in getattr(dashboard["DashboardBody"], "parts", ()) if isinstance(part, Reference)]
    shown = {(part.stack, part.logical_id) for part in parts if part.logical_id.endswith("Alarm")}
    names = ("ServiceDownAlarm", "DataInDangerAlarm", "OverloadedAlarm")
    joined = set().union(*(_rule(deployment, name)[1] for name in names))
    evictions = {("cache", "EvictionsAlarm")} if deployment.system in CACHED else set()
    assert shown == joined | evictions | {("overview", name) for name in names}


def test_comes_last(deployment: Deployment) -> None:
    """CloudWatch joins only alarms that exist, and no alarm needs this layer."""
    importers = {layer for layer, taken in deployment.imports.items() for one in taken if one.exporter == "overview"}
    assert importers == set()
    exporters = {one.exporter for one in deployment.imports["overview"]}
    cache = {"cache"} if deployment.system in CACHED else set()
    assert exporters == {"monitoring", "application", "database", *cache}


@pytest.mark.promise("CJ-13")
def test_names_and_tags(deployment: Deployment) -> None:
    """Every resource carries the cost-allocation tags and a name of system and environment."""
    name = f"{deployment.system}-{deployment.environment.name}"
    found = {
        resource.logical_id: {tag["Key"]: str(tag["Value"]) for tag in resource.items_of("Tags")}
        for resource in deployment["overview"].resources.values()
    }
    names = {"Dashboard": "", "ServiceDownAlarm": "-service-down", "DataInDangerAlarm": "-data-in-danger"}
    assert found == {
        logical_id: {
            "Name": name + end,
            "System": deployment.system,
            "Environment": deployment.environment.name,
            "Layer": "overview",
        }
        for logical_id, end in {**names, "OverloadedAlarm": "-overloaded"}.items()
    }
