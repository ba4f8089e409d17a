"""EventBridge Scheduler: groups that are not there, or are there already."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stackproof.simulate.additions.keeping import Item, Method, Refused, Response


def _group(response: Response, request: Item) -> None:
    name = request.get("GroupName") or "default"
    if name not in response.scheduler_backend.schedule_groups:
        raise Refused("ResourceNotFoundException", f"Schedule group {name} does not exist.")


def _create_schedule(response: Response, request: Item) -> Any:
    _group(response, request)
    answer = json.loads(response.create_schedule())
    groups = response.scheduler_backend.schedule_groups
    schedule = groups[request.get("GroupName") or "default"].schedules[request["Name"]]
    schedule.action_after_completion = request.get("ActionAfterCompletion", "NONE")
    return answer


def _create_group(response: Response, request: Item) -> Any:
    if request["Name"] in response.scheduler_backend.schedule_groups:
        raise Refused("ConflictException", f"Schedule group {request['Name']} already exists.")
    return json.loads(response.create_schedule_group())


METHODS: Mapping[tuple[str, str], Method] = {
    ("scheduler", "CreateSchedule"): _create_schedule,
    ("scheduler", "CreateScheduleGroup"): _create_group,
}
