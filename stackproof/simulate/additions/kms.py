"""KMS: how often a key is rotated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stackproof.simulate.additions.keeping import Item, Method, Response

_YEAR = 365


def _key(response: Response, request: Item) -> Any:
    backend = response.kms_backend
    return backend.keys[backend.get_key_id(request["KeyId"])]


def _enable_key_rotation(response: Response, request: Item) -> Any:
    response.enable_key_rotation()
    _key(response, request).rotation_period = int(request.get("RotationPeriodInDays", _YEAR))
    return {}


def _get_key_rotation_status(response: Response, request: Item) -> Any:
    answer = json.loads(response.get_key_rotation_status())
    key = _key(response, request)
    period = {"RotationPeriodInDays": getattr(key, "rotation_period", _YEAR)} if answer["KeyRotationEnabled"] else {}
    return {**answer, "KeyId": key.id, **period}


METHODS: Mapping[tuple[str, str], Method] = {
    ("kms", "EnableKeyRotation"): _enable_key_rotation,
    ("kms", "GetKeyRotationStatus"): _get_key_rotation_status,
}
