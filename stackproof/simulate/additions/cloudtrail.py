"""CloudTrail: selectors that take the place of those before them, and a trail that does not mention what it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.cloudtrail import models as _models

from stackproof.simulate.additions.keeping import Item, Method, Response

# moto is typed in parts; its internals are what the contract test says, not what its annotations say.
models: Any = _models

_describe = models.Trail.description


def _description(trail: Any, include_region: bool = False) -> Item:
    found = _describe(trail, include_region)
    flags = {
        "HasCustomEventSelectors": bool(trail.event_selectors or trail.advanced_event_selectors),
        "HasInsightSelectors": bool(trail.insight_selectors),
    }
    return {name: value for name, value in {**found, **flags}.items() if value not in ("", None)}


def _put_event_selectors(response: Response, request: Item) -> Any:
    """Set the selectors of one kind, which ends those of the other; moto keeps both."""
    trail = response.cloudtrail_backend.get_trail(request["TrailName"])
    trail.event_selectors = request.get("EventSelectors", [])
    trail.advanced_event_selectors = request.get("AdvancedEventSelectors", [])
    return {"TrailARN": trail.arn, **{name: value for name, value in request.items() if name != "TrailName"}}


def _put_insight_selectors(response: Response, request: Item) -> Any:
    """Set the selectors; moto adds them to those it has."""
    trail = response.cloudtrail_backend.get_trail(request["TrailName"])
    trail.insight_selectors = request.get("InsightSelectors", [])
    return {"TrailARN": trail.arn, "InsightSelectors": trail.insight_selectors}


METHODS: Mapping[tuple[str, str], Method] = {
    ("cloudtrail", "PutEventSelectors"): _put_event_selectors,
    ("cloudtrail", "PutInsightSelectors"): _put_insight_selectors,
}

PATCHES = ((models.Trail, "description", _description),)
