"""Logs that services deliver through CloudWatch Logs: a source names the resource, a delivery names the source.

Source: "Enable logging from AWS services" in the Amazon CloudWatch Logs user guide.
"""

from __future__ import annotations

from stackproof.compose.deployment import Deployment
from stackproof.policy.alternatives import unknown
from stackproof.policy.reading import may_be_any, mentions
from stackproof.resolve.stack import Resource


def is_delivered(resource: Resource, deployment: Deployment) -> bool:
    """Return whether logs of a resource are delivered somewhere, by resources of whichever stack.

    Raises:
        Undecidable: there is a source or a delivery of which no template shows what it is for.
    """
    unsure = None
    for source in deployment.of_type("AWS::Logs::DeliverySource"):
        logged = source.get("ResourceArn")
        if mentions(logged, resource, deployment):
            if _delivers(source, deployment):
                return True
        elif may_be_any(logged):
            unsure = unsure or unknown(source, "ResourceArn", logged)
    if unsure is not None:
        raise unsure
    return False


def _delivers(source: Resource, deployment: Deployment) -> bool:
    for delivery in deployment.of_type("AWS::Logs::Delivery"):
        named = delivery.get("DeliverySourceName")
        if deployment.follow(named) is source or (named is not None and named == source.get("Name")):
            return True
    return False
