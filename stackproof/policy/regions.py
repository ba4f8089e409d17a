"""Facts about regions for policies: where a resource stands, and which region an ARN names."""

from __future__ import annotations

from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.policy.documents import pattern_text
from stackproof.resolve.stack import Resource


def region_of(resource: Resource, deployment: Deployment) -> str | None:
    """Return the region in which a resource is deployed; None where nobody says."""
    return deployment.stacks[resource.stack].context.region


def region_named(value: Any, deployment: Deployment) -> str | None:
    """Return the region of what a value names, a resource or the text of an ARN; None where that is not known."""
    found = deployment.follow(value)
    if found is not None:
        return region_of(found, deployment)
    parts = pattern_text(value).split(":")
    named = parts[3] if parts[0] == "arn" and len(parts) > 5 else ""
    return named if named.isprintable() and named else None
