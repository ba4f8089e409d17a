"""The operations about drift."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stackproof.simulate.cloudformation.region import Region

OPERATIONS: dict[str, Callable[[Region, Mapping[str, Any]], dict[str, Any]]] = {}
"""What answers each request."""
